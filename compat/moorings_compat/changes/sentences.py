"""What a person did, in one sentence that begins with the field."""

import json
from collections.abc import Callable, Iterator, Sequence

from moorings_compat.changes.edit import Edit, EditKind, FacetChange, Place, SymbolChange
from moorings_compat.schema import Format

_LONGEST_VALUE = 60
_MOST_NAMED = 4
_WHOLE = {Format.AVRO: "the record", Format.JSON: "the event", Format.PROTOBUF: "the file"}
_DOC = ("doc", "description", "title")
_SPEAKS_FOR_ITSELF = ("message ", "record ", "package ")
_QUIET = ("$schema", "$id", "id")
_CHOICES = ("oneOf", "anyOf", "allOf")


def sentence(edit: Edit, format: Format) -> str:
    """Say what was done."""
    subject = f"`{edit.path}`" if edit.path else _WHOLE[format]
    detail = "; ".join(_details(edit))
    said = _deed(edit, format)
    if said is None and not edit.path and detail.startswith(_SPEAKS_FOR_ITSELF):
        return detail
    if said is None:
        return f"{subject}: {detail}" if detail else f"{subject} was changed"
    return f"{said}; {detail}" if detail and edit.kind in (EditKind.RENAMED, EditKind.REPLACED) else said


def _deed(edit: Edit, format: Format) -> str | None:
    """Say what happened to the field as a whole; None where only something about it changed."""
    old, new = edit.old, edit.new
    match edit.kind:
        case EditKind.ADDED:
            return f"`{edit.path}` was added{_manner(new[0], format)}"
        case EditKind.REMOVED:
            return f"`{edit.path}` was removed"
        case EditKind.RENAMED:
            return f"`{old[0].path}` was renamed to `{new[0].path}`"
        case EditKind.REPLACED:
            return f"`{old[0].path}` was replaced by `{new[0].path}`"
        case EditKind.SPLIT:
            return f"`{old[0].path}` was split into {named(new)}"
        case EditKind.MERGED:
            return f"{named(old)} were merged into `{new[0].path}`"
        case EditKind.MOVED:
            return _moved(old, new)
        case EditKind.REORDERED:
            return f"the fields of `{edit.path}` were reordered" if edit.path else "the fields were reordered"
    return None


def _moved(old: tuple[Place, ...], new: tuple[Place, ...]) -> str:
    if len(new) == 1 and len(old) == 1 and old[0].part.step == new[0].part.step:
        return f"`{old[0].path}` was moved to `{new[0].path}`"
    if len(new) == 1:
        return f"{named(old)} {'was' if len(old) == 1 else 'were'} moved into `{new[0].path}`"
    return f"{named(new)} were moved out of `{old[0].path}`"


def named(places: Sequence[Place]) -> str:
    """Name fields in a sentence: ``a``, ``b and c``, ``a, b, c, d and 3 more``."""
    return join_names([one.path for one in places])


def join_names(names: Sequence[str]) -> str:
    """Join names for a sentence, each in backticks."""
    shown = [f"`{one}`" for one in names[:_MOST_NAMED]]
    if len(names) > len(shown):
        shown.append(f"{len(names) - len(shown)} more")
    return shown[0] if len(shown) == 1 else ", ".join(shown[:-1]) + " and " + shown[-1]


def _manner(place: Place, format: Format) -> str:
    if place.part.fillable:
        return ""
    return " without a default" if format is Format.AVRO else " as a required field"


def _details(edit: Edit) -> Iterator[str]:
    if edit.type_change is not None:
        before, after = edit.type_change
        yield f"{before} -> {after}"
    for symbols in edit.symbols:
        yield from _symbols(symbols)
    yield from _branches([one for one in edit.facets if _is_branch(one)])
    facets = [one for one in edit.facets if one.shown and one.keyword not in _QUIET and not _is_branch(one)]
    if any(one.keyword in _DOC for one in facets):
        facets = [one for one in facets if one.keyword not in _DOC]
        yield from (_facet(one) for one in facets)
        yield "documentation changed"
    else:
        yield from (_facet(one) for one in facets)


def _is_branch(change: FacetChange) -> bool:
    """Whether it is a branch without a name of its own, which is there or is not."""
    return change.keyword in _CHOICES and {change.before, change.after} == {None, ""}


def _branches(changes: Sequence[FacetChange]) -> Iterator[str]:
    """Say how many branches of each choice came or went."""
    for keyword in _CHOICES:
        for said, gone in (("removed", True), ("added", False)):
            count = sum(one.keyword == keyword and (one.after is None) is gone for one in changes)
            if count:
                branches = "a branch" if count == 1 else f"{count} branches"
                yield f"{branches} of {keyword} {'was' if count == 1 else 'were'} {said}"


def _facet(change: FacetChange) -> str:
    """Say what happened to a keyword."""
    before, after = change.before, change.after
    if change.keyword == "required" and not change.of_definition:
        return "became required" if after else "became optional"
    if change.keyword in _WORDED:
        return _WORDED[change.keyword](before, after)
    if before is None:
        return " ".join(f"{change.keyword} {_short(after)} was added".split())
    if after is None:
        return " ".join(f"{change.keyword} {_short(before)} was removed".split())
    return f"{change.keyword} {_short(before)} -> {_short(after)}"


def _oneof(before: str | None, after: str | None) -> str:
    if before is None:
        return f"moved into the oneof `{after}`"
    if after is None:
        return f"moved out of the oneof `{before}`"
    return f"moved from the oneof `{before}` into `{after}`"


_WORDED: dict[str, Callable[[str | None, str | None], str]] = {
    "required": lambda before, after: f"required names {_list(before)} -> {_list(after)}",
    "label": lambda before, after: f"{before or 'no label'} -> {after or 'no label'}",
    "message": lambda before, after: f"message `{before}` was renamed to `{after}`",
    "name": lambda before, after: f"record `{before}` was renamed to `{after}`",
    "aliases": lambda before, after: f"aliases {_list(before)} -> {_list(after)}",
    "oneof": _oneof,
}


def _symbols(change: SymbolChange) -> Iterator[str]:
    if change.removed:
        yield f"{_counted(change.removed)} {'was' if len(change.removed) == 1 else 'were'} removed"
    if change.added:
        yield f"{_counted(change.added)} {'was' if len(change.added) == 1 else 'were'} added"
    for before, after in change.renamed:
        yield f"symbol `{before}` was renamed to `{after}`"
    for name, before, after in change.renumbered:
        yield f"number of `{name}` {before} -> {after}"


def _counted(names: Sequence[str]) -> str:
    return f"{'symbol' if len(names) == 1 else 'symbols'} {join_names(names)}"


def _list(text: str | None) -> str:
    if text is None:
        return "none"
    try:
        held = json.loads(text)
    except ValueError:
        return text
    return join_names([str(one) for one in held]) if isinstance(held, list) and held else "none"


def _short(text: str | None) -> str:
    held = text or ""
    return held if len(held) <= _LONGEST_VALUE else held[: _LONGEST_VALUE - 1] + "…"
