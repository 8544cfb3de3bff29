"""Corrections of `.proto` texts: statements are taken out, put in and written again, with their lines."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from moorings_compat.changes.change import Change, WayKind
from moorings_compat.changes.corrections.port import Texts
from moorings_compat.changes.edit import Edit, EditKind, FacetChange, Place, SymbolChange
from moorings_compat.findings import Suggestion
from moorings_compat.protobuf.compiled import compiled
from moorings_compat.protobuf.source_positions import PACKAGE, SourceText, source_of
from moorings_compat.protobuf.types import Message

_NUMBER = re.compile(r"=\s*(\d+)")
_LINE = re.compile(r"line (\d+)")
_STRUCTURAL = (EditKind.ADDED, EditKind.REMOVED, EditKind.REPLACED, EditKind.MOVED, EditKind.SPLIT, EditKind.MERGED)
_EMPTY_ONEOF = re.compile(r"^[ \t]*oneof\s+\w+\s*\{\s*\}[ \t]*\n?", re.MULTILINE)
_RESERVED = re.compile(r"^([ \t]*)reserved\s+([^;]*);", re.MULTILINE)


def editor(texts: Texts) -> "ProtobufEditor":
    """Return what edits a candidate in Protobuf."""
    return ProtobufEditor(texts)


@dataclass(frozen=True, slots=True)
class _Cut:
    """A stretch of the text, and what comes in its place."""

    start: int
    end: int
    text: str


class ProtobufEditor:
    """Edits one candidate; see `Editor`."""

    def __init__(self, texts: Texts) -> None:
        self._texts = texts
        self._source = source_of(texts.candidate.text, texts.candidate)
        self._old_source = source_of(texts.newest.text, texts.newest)
        self._types = compiled(texts.candidate).types
        self._used: set[int] = set()

    def corrected(self, chosen: Sequence[tuple[Change, WayKind]]) -> str | None:
        self._used = set()
        cuts: list[_Cut] = []
        try:
            for change, kind in chosen:
                cuts += self._cuts(change, kind)
        except LookupError:
            return None
        text = _cut(self._texts.candidate.text, cuts)
        return None if text is None else _EMPTY_ONEOF.sub("", text)

    def _cuts(self, change: Change, kind: WayKind) -> Iterator[_Cut]:
        if kind is WayKind.ADJUST:
            yield from self._suggested(change)
            return
        edit = change.edit
        if edit is None:
            raise LookupError("no edit to undo")
        if kind is WayKind.BESIDE:
            yield from self._beside(edit)
        elif edit.kind in _STRUCTURAL:
            yield from self._exchanged(edit)
        else:
            yield from self._undone(edit)

    def _suggested(self, change: Change) -> Iterator[_Cut]:
        """Write the lines that findings suggest.

        Raises:
            LookupError: one has no suggestion, or two want the same line to be different.
        """
        lines: dict[int, str] = {}
        for one in change.findings:
            if one.weighs:
                number, text = _line_of(one.finding.suggestion)
                if lines.setdefault(number, text) != text:
                    raise LookupError("two texts for one line")
        if not lines:
            raise LookupError("nothing is suggested")
        for number, text in lines.items():
            start = self._source.offset(number - 1, 0)
            yield _Cut(start, start + len(self._source.lines[number - 1]), text)

    def _exchanged(self, edit: Edit) -> Iterator[_Cut]:
        """Take the new fields out, and put the old ones in: in their place, if it is one for one."""
        if len(edit.old) == len(edit.new) == 1:
            yield self._rewritten(edit.new[0], self._old_statement(edit.old[0]))
            return
        for place in edit.new:
            yield self._removed(place.part.pointer)
        for place in edit.old:
            holder = edit.holders[1] if place.holder == edit.holders[0] else place.holder
            yield from self._restored(place, holder)

    def _beside(self, edit: Edit) -> Iterator[_Cut]:
        """Put the old field in its place, and the new one beside it under a number of its own."""
        if len(edit.old) != 1 or len(edit.new) != 1:
            raise LookupError("only one field can be kept beside one")
        was, now = edit.old[0], edit.new[0]
        message = self._message(now.holder)
        text = self._statement(now.part.pointer)
        if was.part.step == now.part.step:
            if edit.type_change is None:
                raise LookupError("only a type can be kept beside the old one")
            name = f"{now.part.step}_{re.sub('[^a-z0-9]+', '_', now.part.label.lower()).strip('_')}"
            text = re.sub(rf"\b{re.escape(now.part.step)}\b(?=\s*=)", name, text, count=1)
        text = _NUMBER.sub(f"= {self._free_number(message)}", text, count=1)
        span = self._span(now.part.pointer)
        indent = self._indent(span[0])
        yield _Cut(span[0], span[1], f"{self._old_statement(was)}\n{indent}{text}")

    def _undone(self, edit: Edit) -> Iterator[_Cut]:
        if any(one.keyword == "oneof" and one.before is None for one in edit.facets):
            yield self._removed(edit.new[0].part.pointer)
            yield self._at_the_end(edit.new[0].holder, [self._old_statement(edit.old[0])])
        elif edit.old and edit.new and edit.new[0].part.step:
            yield self._rewritten(edit.new[0], self._old_statement(edit.old[0]))
        for facet in edit.facets:
            if facet.keyword == "package":
                yield self._package()
            elif facet.keyword == "message":
                yield self._message_name(facet)
        for change in edit.symbols:
            yield from self._symbols(change)

    def _package(self) -> _Cut:
        package = compiled(self._texts.newest).types.package
        start, end = self._extent(self._source, PACKAGE)
        return _Cut(start, end, f"package {package};")

    def _message_name(self, facet: FacetChange) -> _Cut:
        start, end = self._span(facet.new_pointer)
        head = self._texts.candidate.text[start:end]
        again = re.sub(rf"\b{facet.after}\b", str(facet.before), head, count=1)
        return _Cut(start, end, again)

    def _symbols(self, change: SymbolChange) -> Iterator[_Cut]:
        for name in change.added:
            yield self._removed(f"{change.new_pointer}/{name}")
        for before, after in change.renamed:
            start, end = self._span(f"{change.new_pointer}/{after}")
            yield _Cut(start, end, self._old_statement_at(f"{change.old_pointer}/{before}"))
        for name, _, _ in change.renumbered:
            start, end = self._span(f"{change.new_pointer}/{name}")
            yield _Cut(start, end, self._old_statement_at(f"{change.old_pointer}/{name}"))
        if change.removed:
            texts = [self._old_statement_at(f"{change.old_pointer}/{name}") for name in change.removed]
            yield self._at_the_end(change.new_pointer, texts)
            yield from self._unreserved(change.new_pointer, change.removed, texts)

    def _restored(self, place: Place, holder: str) -> Iterator[_Cut]:
        text = self._old_statement(place)
        yield self._at_the_end(holder, [text])
        yield from self._unreserved(holder, (place.part.step,), [text])

    def _at_the_end(self, holder: str, texts: Sequence[str]) -> _Cut:
        """Put statements in before the brace that closes a declaration."""
        start, end = self._span(holder) if holder else (0, len(self._texts.candidate.text))
        if not holder:
            return _Cut(end, end, "\n" + "\n".join(texts) + "\n")
        closing = end - 1
        indent = self._indent(start) + "  "
        text = self._texts.candidate.text
        line = text.rfind("\n", 0, closing) + 1
        if text[line:closing].strip():
            return _Cut(closing, closing, " ".join(texts) + " ")
        return _Cut(line, line, "".join(f"{indent}{one}\n" for one in texts))

    def _unreserved(self, holder: str, names: Sequence[str], texts: Sequence[str]) -> Iterator[_Cut]:
        """Take what is declared again out of the reservations of a message or enum."""
        start, end = self._span(holder)
        numbers = {found.group(1) for found in map(_NUMBER.search, texts) if found}
        unwanted = numbers | {f'"{one}"' for one in names} | {f"'{one}'" for one in names} | set(names)
        for found in _RESERVED.finditer(self._texts.candidate.text, start, end):
            held = [one.strip() for one in found.group(2).split(",")]
            left = [one for one in held if one not in unwanted]
            if len(left) < len(held):
                again = f"{found.group(1)}reserved {', '.join(left)};" if left else ""
                stop = found.end() + (1 if not left and self._texts.candidate.text[found.end() :][:1] == "\n" else 0)
                yield _Cut(found.start(), stop, again)

    def _rewritten(self, place: Place, text: str) -> _Cut:
        start, end = self._span(place.part.pointer)
        return _Cut(start, end, text)

    def _removed(self, pointer: str) -> _Cut:
        """Take a statement out, with its line if nothing else is on it."""
        start, end = self._span(pointer)
        text = self._texts.candidate.text
        line, stop = text.rfind("\n", 0, start) + 1, text.find("\n", end)
        stop = len(text) if stop < 0 else stop
        rest = text[end:stop].strip()
        if not text[line:start].strip() and (not rest or rest.startswith("//")):
            return _Cut(line, min(stop + 1, len(text)), "")
        return _Cut(start, end, "")

    def _free_number(self, message: Message) -> int:
        number = max([0, *message.by_number, *(end - 1 for _, end in message.reserved)], default=0) + 1
        while number in self._used or message.reserves(number) or 19_000 <= number < 20_000:
            number += 1
        if number >= 1 << 29:
            raise LookupError("no number is free")
        self._used.add(number)
        return number

    def _message(self, path: str) -> Message:
        found = next((one for one in self._types.messages.values() if one.path == path), None)
        if found is None:
            raise LookupError(path)
        return found

    def _statement(self, pointer: str) -> str:
        start, end = self._span(pointer)
        return self._texts.candidate.text[start:end]

    def _old_statement(self, place: Place) -> str:
        return self._old_statement_at(place.part.pointer)

    def _old_statement_at(self, pointer: str) -> str:
        steps = self._old_source.steps(pointer)
        if steps is None:
            raise LookupError(pointer)
        start, end = self._extent(self._old_source, steps)
        return self._texts.newest.text[start:end]

    def _span(self, pointer: str) -> tuple[int, int]:
        steps = self._source.steps(pointer)
        if steps is None:
            raise LookupError(pointer)
        return self._extent(self._source, steps)

    def _extent(self, source: SourceText, steps: tuple[int, ...]) -> tuple[int, int]:
        found = source.extent(steps)
        if found is None:
            raise LookupError("not declared in the text")
        return found

    def _indent(self, start: int) -> str:
        text = self._texts.candidate.text
        line = text[text.rfind("\n", 0, start) + 1 : start]
        return line[: len(line) - len(line.lstrip())]


def _line_of(suggestion: Suggestion | None) -> tuple[int, str]:
    """Return the line that a suggestion writes again.

    Raises:
        LookupError: there is no suggestion, or it is not about a line.
    """
    found = _LINE.fullmatch(suggestion.path) if suggestion is not None and suggestion.action == "text" else None
    if suggestion is None or found is None:
        raise LookupError("not about a line")
    return int(found.group(1)), suggestion.value


def _cut(text: str, cuts: Sequence[_Cut]) -> str | None:
    """Make every cut; None if two of them overlap."""
    ordered = sorted(dict.fromkeys((one.start, one.end, one.text) for one in cuts))
    pieces, at = [], 0
    for start, end, written in ordered:
        if start < at:
            return None
        pieces += [text[at:start], written]
        at = end
    return "".join([*pieces, text[at:]])
