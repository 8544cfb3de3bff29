"""The fields of an event by the full names that tags are given to: ``shop.orders.OrderPlaced.email``, ``$.email``."""

from collections.abc import Iterator

from moorings.event_model.model import RecordType, ValueType, inner
from moorings.rules.tagged_fields import ROOT, TaggedField, TaggedModel

_MOST_FIELDS = 5_000
"""Of a schema that contains itself, paths have no end."""


def fields_by_full_name(model: TaggedModel) -> dict[str, TaggedField]:
    """Return every field that an event may have, those of records inside it too, in the order of the schema."""
    found: dict[str, TaggedField] = {}
    for record, path in records_with_paths(model):
        for field in model.tagged_fields(record, path):
            found.setdefault(field.full_name, field)
    return found


def records_with_paths(model: TaggedModel) -> Iterator[tuple[RecordType, str]]:
    """Yield every record that is in an event, and the full name of the field that holds it, outer ones first."""
    seen: set[str] = set()
    waiting: list[tuple[ValueType | RecordType, str]] = [(model.root, ROOT)]
    while waiting and len(seen) < _MOST_FIELDS:
        type, path = waiting.pop()
        inside: list[tuple[ValueType | RecordType, str]] = []
        for record in _records(model, type):
            yield record, path
            for field in model.tagged_fields(record, path):
                if field.full_name not in seen:
                    seen.add(field.full_name)
                    inside.append((field.type, field.full_name))
        waiting.extend(reversed(inside))


def _records(model: TaggedModel, type: ValueType | RecordType) -> Iterator[RecordType]:
    """Yield the records that a value of *type* may be, in lists, maps and unions too."""
    meant = model.resolve(type)
    if isinstance(meant, RecordType):
        yield meant
        return
    for one in inner(meant):
        yield from _records(model, one)
