"""What one failure comes to: places and rules, in names that a schema declares, and nothing else of the event."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from moorings.drift.generalised_pointers import generalised_pointer
from moorings.errors import ContractRetired, FramingInvalid, WriterUnknown
from moorings.event_model.event_formats import shape_of
from moorings.event_model.shapes import Shape
from moorings.notices import EventNotRead, EventRefused, EventUnframed, Notice, RetiredRefused, WriterMissing
from moorings.violations import Broken, Violation
from moorings_compat import Schema

PRODUCE, CONSUME = "produce", "consume"

UNREADABLE = "UNREADABLE"
"""Bytes that the writer's schema does not describe, or that the reader's cannot be filled from."""
OTHER_RULE = "OTHER"
"""What there was no room left to count apart."""

_MOST_VIOLATIONS = 100
"""Of one event; the rest is not looked at."""
_LABEL = re.compile(r"[0-9]{1,6}\.[0-9]{1,6}")


@dataclass(frozen=True, slots=True)
class Observation:
    """What is counted: this happened, there, with these revisions."""

    subject: str
    direction: str
    """``produce`` or ``consume``."""
    revision: str
    """The label of the revision that it was written or read as: ``2.1``."""
    writer: str
    """Of what was read, the label of the revision that wrote it, where it is known; else empty."""
    path: str
    """A JSON Pointer of declared names; ``*`` stands for a place in an array, a key of a map, and any other name."""
    rule: str


def observations_of(notice: Notice, schemas: Sequence[Schema]) -> list[Observation]:
    """Take apart what a contract told; nothing for notices that say nothing of an event.

    *schemas* are those that the event may have been written with or read as: where its names are declared.
    """
    if isinstance(notice, EventRefused):
        like = Observation(notice.subject, PRODUCE, _revision_label(notice.label), "", "", "")
        return _observations(like, notice.violations, schemas)
    if isinstance(notice, RetiredRefused):
        return [Observation(notice.subject, PRODUCE, _revision_label(notice.label), "", "", ContractRetired.code)]
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
    """Return what fields come to that were read and that *reader* does not declare; each by the place around it."""
    revision, writer = _revision_label(revision), _revision_label(writer)
    shapes = _shapes(subject, (reader,))
    rule = str(Broken.FIELD_UNDECLARED)
    places = {generalised_pointer(shapes, _parent(one)) for one in pointers}
    return {Observation(subject, CONSUME, revision, writer, place, rule) for place in places}


def _observations(like: Observation, violations: Sequence[Violation], schemas: Sequence[Schema]) -> list[Observation]:
    """Count each place and rule once an event, however many items of a list break it."""
    shapes = _shapes(like.subject, schemas)
    found: dict[tuple[str, str], None] = {}
    for one in violations[:_MOST_VIOLATIONS]:
        pointer = _parent(one.pointer) if one.rule is Broken.FIELD_UNDECLARED else one.pointer
        found[generalised_pointer(shapes, pointer), str(one.rule)] = None
    return [replace(like, path=path, rule=rule) for path, rule in found]


def _revision_label(name: str) -> str:
    """Return the label of a revision; empty for anything else that a schema is called."""
    return name if _LABEL.fullmatch(name) else ""


def _parent(pointer: str) -> str:
    """The place around an undeclared field: its name is the event's own, and may be anything."""
    return pointer.rpartition("/")[0]


def _shapes(subject: str, schemas: Sequence[Schema]) -> list[Shape]:
    event = subject.removesuffix("-value").removesuffix("-key").rpartition(".")[2]
    return [shape_of(one, event) for one in schemas]
