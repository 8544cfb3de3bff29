"""Edits of the candidate's text that remove a finding, if a change of one line does so.

An edit replaces a whole line: `path` says which one, `value` is the new line. A rule names only the kind of its
repair; this module finds the edit in the text.
"""

from moorings_compat.findings import Suggestion
from moorings_compat.protobuf.compiled import compiled
from moorings_compat.protobuf.differences import Difference
from moorings_compat.protobuf.source_positions import (
    LABEL,
    NAME,
    NUMBER,
    PACKAGE,
    SYMBOL_NUMBER,
    TYPE,
    DescriptorPath,
    Span,
    source_of,
)
from moorings_compat.protobuf.types import EnumType, Field, Message, TypeTable
from moorings_compat.schema import Schema

LONGEST_LINE = 2_000
"""Characters of the longest line that is edited: a file without line breaks would be repeated in every finding."""


class Editor:
    """Edits the candidate's text by what the older schema declares."""

    def __init__(self, candidate: Schema, older: Schema, *, candidate_reads: bool) -> None:
        self._candidate = compiled(candidate).types
        self._older = compiled(older).types
        self._source = source_of(candidate.text, candidate)
        self._candidate_reads = candidate_reads

    def suggestion(self, found: Difference) -> Suggestion | None:
        """Return the edit for a finding; None if it needs more than one line, or a decision."""
        ours, theirs = found.reader_path, found.writer_path
        if not self._candidate_reads:
            ours, theirs = theirs, ours
        match found.repair:
            case "number" | "type" | "optional" | "repeated":
                return self._field_edit(found.repair, ours, theirs)
            case "symbol_number" | "symbol":
                return self._symbol_edit(found.repair, ours, theirs)
            case "reserve" | "reserve number" | "reserve name":
                return self._reservation(found.repair, ours, theirs)
            case "package" if self._older.package:
                return self._replace(PACKAGE, f"package {self._older.package};", "keep the package")
        return None

    def _field_edit(self, repair: str, ours: str, theirs: str) -> Suggestion | None:
        field, older, steps = _field_at(self._candidate, ours), _field_at(self._older, theirs), self._source.steps(ours)
        if field is None or steps is None:
            return None
        if repair == "optional":
            return self._relabel_required(steps, field)
        if older is None or (repair != "number" and self._has_options(steps)):
            return None
        if repair == "number" and self._is_free(ours, older.number):
            title = f"restore number {older.number} of `{field.name}`"
            return self._replace((*steps, *NUMBER), str(older.number), title)
        if repair == "type" and not older.type_name and not field.type_name and field.type != older.type:
            return self._replace((*steps, *TYPE), older.type, f"keep the type {older.type} of {field.name}")
        if repair == "repeated" and older.repeated and not (field.repeated or field.oneof or older.is_map):
            return self._relabel(steps, field)
        return None

    def _relabel_required(self, steps: DescriptorPath, field: Field) -> Suggestion | None:
        """Make a field optional for a candidate that reads; required, in proto2 only, for one that writes."""
        label = "optional" if self._candidate_reads else "required"
        if label == "required" and self._declares(("edition", 'syntax = "proto3"', "syntax = 'proto3'")):
            return None
        return self._replace((*steps, *LABEL), label, f"make `{field.name}` {label}")

    def _has_options(self, steps: DescriptorPath) -> bool:
        """Say whether a field has options, which depend on type and label, or continues on another line."""
        span = self._span(steps)
        text = "" if span is None else self._source.lines[span.line][span.start : span.end].rstrip()
        return "[" in text or not text.endswith(";")

    def _relabel(self, steps: DescriptorPath, field: Field) -> Suggestion | None:
        title = f"keep `{field.name}` repeated"
        if self._span((*steps, *LABEL)) is not None:
            return self._replace((*steps, *LABEL), "repeated", title)
        span = self._span(steps)
        return None if span is None else self._line(Span(span.line, span.start, span.start), "repeated ", title)

    def _symbol_edit(self, repair: str, ours: str, theirs: str) -> Suggestion | None:
        older_enum, _, name = theirs.rpartition("/")
        older = _enum_at(self._older, older_enum)
        if older is None or name not in older.by_name:
            return None
        number = older.by_name[name]
        enum_path = ours.rpartition("/")[0] if repair == "symbol_number" else ours
        enum = _enum_at(self._candidate, enum_path)
        if enum is None or number in enum.numbers or enum.reserves(number):
            return None
        if repair == "symbol_number":
            if not enum.closed and enum.symbols[0][0] == name:
                return None  # the first symbol of an open enum is zero
            steps = self._source.steps(ours)
            title = f"restore number {number} of {name}"
            return None if steps is None else self._replace((*steps, *SYMBOL_NUMBER), str(number), title)
        if name in enum.by_name or name in enum.reserved_names or not self._candidate_reads:
            return None
        return self._after_last_symbol(enum, f" {name} = {number};", f"keep `{name}`")

    def _after_last_symbol(self, enum: EnumType, text: str, title: str) -> Suggestion | None:
        """Write after the first symbol, which stays the default."""
        steps = self._source.steps(f"{enum.path}/{enum.symbols[0][0]}")
        span = None if steps is None else self._span(steps)
        if span is None or self._source.lines[span.line][span.end - 1 : span.end] != ";":
            return None
        return self._line(Span(span.line, span.end, span.end), text, title)

    def _reservation(self, repair: str, ours: str, theirs: str) -> Suggestion | None:
        older, _, name = theirs.rpartition("/")
        number = self._number(older, name)
        steps = self._source.steps(ours)
        span = None if steps is None else self._span((*steps, *NAME))
        if number is None or span is None:
            return None
        line = self._source.lines[span.line]
        brace = line.find("{", span.end)
        if brace < 0:
            return None
        numbers = f" reserved {number};" if repair != "reserve name" else ""
        names = f" reserved {self._name_literal(name)};" if repair != "reserve number" else ""
        return self._line(
            Span(span.line, brace + 1, brace + 1),
            numbers + names,
            f"reserve the number and name of {name}" if repair == "reserve" else f"{repair} of {name}",
        )

    def _name_literal(self, name: str) -> str:
        return name if self._declares(("edition",)) else f'"{name}"'

    def _declares(self, beginnings: tuple[str, ...]) -> bool:
        """Say whether the line with the syntax or the edition begins with one of these."""
        lines = (line.lstrip() for line in self._source.lines)
        return next((line for line in lines if line.startswith(("edition", "syntax"))), "").startswith(beginnings)

    def _number(self, older_path: str, name: str) -> int | None:
        message = _message_at(self._older, older_path)
        if message is not None and name in message.by_name:
            return message.by_name[name].number
        enum = _enum_at(self._older, older_path)
        return None if enum is None else enum.by_name.get(name)

    def _is_free(self, path: str, number: int) -> bool:
        message = _message_at(self._candidate, path.rpartition("/")[0])
        return message is not None and number not in message.by_number and not message.reserves(number)

    def _replace(self, steps: DescriptorPath, text: str, title: str) -> Suggestion | None:
        span = self._span(steps)
        return None if span is None else self._line(span, text, title)

    def _span(self, steps: DescriptorPath) -> Span | None:
        line = self._source.line(steps)
        return None if line is None or len(line) > LONGEST_LINE else self._source.span(steps)

    def _line(self, span: Span, text: str, title: str) -> Suggestion:
        line = self._source.lines[span.line]
        return Suggestion("text", f"line {span.line + 1}", line[: span.start] + text + line[span.end :], title)


def _field_at(types: TypeTable, path: str) -> Field | None:
    above, _, name = path.rpartition("/")
    message = _message_at(types, above)
    return None if message is None else message.by_name.get(name)


def _message_at(types: TypeTable, path: str) -> Message | None:
    found = types.messages.get(_full_name(types, path))
    return found if found is not None and found.own else None


def _enum_at(types: TypeTable, path: str) -> EnumType | None:
    found = types.enums.get(_full_name(types, path))
    return found if found is not None and found.own else None


def _full_name(types: TypeTable, path: str) -> str:
    return (f"{types.package}{path}" if types.package else path[1:]).replace("/", ".")
