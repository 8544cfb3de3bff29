"""Observations of one failure: pointers and rules, in names that a schema declares, and nothing else of the event."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from moorings.drift.generalised_pointers import generalised_pointer
from moorings.errors import ContractDraft, ContractRetired, FramingInvalid, WriterUnknown
from moorings.event_model.event_formats import shape_of
from moorings.event_model.shapes import Shape
from moorings.notices import (
    DraftRefused,
    EventNotRead,
    EventRefused,
    EventUnframed,
    Notice,
    RetiredRefused,
    WriterMissing,
)
from moorings.violations import Broken, Violation
from moorings_compat import Schema

PRODUCE, CONSUME = "produce", "consume"

UNREADABLE = "UNREADABLE"
"""Bytes that do not fit the writer's schema, or that the reader's schema cannot read."""
OTHER_RULE = "OTHER"
"""Everything beyond the bound of the table."""

_MOST_VIOLATIONS = 100
"""Of one event; the rest is ignored."""
_LABEL = re.compile(r"[0-9]{1,6}\.[0-9]{1,6}")


@dataclass(frozen=True, slots=True)
class Observation:
    """What is counted: a rule that was broken, where, and with which revisions."""

    subject: str
    direction: str
    """``produce`` or ``consume``."""
    revision: str
    """The label of the revision that the event was written with or read as: ``2.1``."""
    writer: str
    """For an event that was read, the label of the writer's revision, if known; else empty."""
    path: str
    """A JSON Pointer of declared names; ``*`` is an index of an array, a key of a map, or any other name."""
    rule: str


def observations_of(notice: Notice, schemas: Sequence[Schema]) -> list[Observation]:
    """Return the observations of a notice; none for a notice that is not about an event.

    *schemas* are those that the event may have been written with or read as: they declare its names.
    """
    if isinstance(notice, EventRefused):
        like = Observation(notice.subject, PRODUCE, _revision_label(notice.label), "", "", "")
        return _observations(like, notice.violations, schemas)
    if isinstance(notice, RetiredRefused):
        return [Observation(notice.subject, PRODUCE, _revision_label(notice.label), "", "", ContractRetired.code)]
    if isinstance(notice, DraftRefused):
        return [Observation(notice.subject, PRODUCE, _revision_label(notice.label), "", "", ContractDraft.code)]
    if isinstance(notice, WriterMissing):
        return [Observation(notice.subject, CONSUME, "", "", "", WriterUnknown.code)]
    if isinstance(notice, EventUnframed):
        return [Observation(notice.subject, CONSUME, _revision_label(notice.label), "", "", FramingInvalid.code)]
    if not isinstance(notice, EventNotRead):
        return []
    like = Observation(
        notice.subject, CONSUME, _revision_label(notice.reader), _revision_label(notice.writer), "", UNREADABLE
    )
    if notice.violations:
        return _observations(like, notice.violations, schemas)
    return [replace(like, path=generalised_pointer(_shapes(notice.subject, schemas), notice.path))]


def undeclared_at(
    subject: str, revision: str, writer: str, pointers: Iterable[str], reader: Schema
) -> set[Observation]:
    """Return the observations of fields that *reader* does not declare; each by the pointer of its parent."""
    revision, writer = _revision_label(revision), _revision_label(writer)
    shapes = _shapes(subject, (reader,))
    rule = str(Broken.FIELD_UNDECLARED)
    places = {generalised_pointer(shapes, _parent(one)) for one in pointers}
    return {Observation(subject, CONSUME, revision, writer, place, rule) for place in places}


def _observations(like: Observation, violations: Sequence[Violation], schemas: Sequence[Schema]) -> list[Observation]:
    """Count each pointer and rule once per event, however many items of a list break it."""
    shapes = _shapes(like.subject, schemas)
    found: dict[tuple[str, str], None] = {}
    for one in violations[:_MOST_VIOLATIONS]:
        pointer = _parent(one.pointer) if one.rule is Broken.FIELD_UNDECLARED else one.pointer
        found[generalised_pointer(shapes, pointer), str(one.rule)] = None
    return [replace(like, path=path, rule=rule) for path, rule in found]


def _revision_label(name: str) -> str:
    """Return the label of a revision; empty for any other name of a schema."""
    return name if _LABEL.fullmatch(name) else ""


def _parent(pointer: str) -> str:
    """Return the parent of an undeclared field, whose own name comes from the event and may be anything."""
    return pointer.rpartition("/")[0]


def _shapes(subject: str, schemas: Sequence[Schema]) -> list[Shape]:
    return [shape_of(one, subject) for one in schemas]
