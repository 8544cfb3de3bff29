"""The fields of an event as rules know them: by full name and tags.

A field has the tags that its schema gives it, and those of the metadata, where patterns match full names:
``shop.Order.id``, in JSON Schema the path from the root, ``$.customer.email``.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from moorings.event_model.event_formats import EVENT_FORMATS, EventFormat, possible_fields_of
from moorings.event_model.model import EventField, EventModel, RecordType, TypeReference, ValueType, inner
from moorings_compat import Schema
from moorings_compat.field_tags import Tags

ROOT = "$"
"""The path of the root."""
_MOST_PATHS = 5_000
"""Records that are distinguished by their paths; of a schema that contains itself, events may have any number."""


@dataclass(frozen=True, slots=True)
class TaggedField:
    """A field of a record, with what rules are chosen by."""

    name: str
    full_name: str
    tags: frozenset[str]
    type: ValueType
    default: Any
    encloses_fields: bool
    """Whether there may be a record, with fields of its own, in its values."""


class TaggedModel:
    """An event's model with the names and tags of its fields; safe from any thread.

    *format* says what the events have in common: whether the full name of a field is its path, whether rules about
    fields run for null, and whether symbols are numbers.
    """

    def __init__(self, event: EventModel, tags: Tags, format: EventFormat) -> None:
        self.root = event.root
        self.null_is_a_value = format.null_is_a_value
        self.numbered_symbols = format.numbered_symbols
        self._by_path = format.fields_by_path
        self._named = event.named
        self._tags = tags
        self._fields: dict[str, dict[str, EventField]] = {}
        self._tagged: dict[tuple[str, str], list[TaggedField]] = {}
        self._first: dict[str, list[TaggedField]] = {}
        """The fields of each record as they were named first."""

    def resolve(self, type: ValueType | RecordType) -> ValueType | RecordType:
        """Return what a reference leads to, or *type* itself."""
        return self._named[type.name] if isinstance(type, TypeReference) else type

    def fields(self, record: RecordType) -> Mapping[str, EventField]:
        """Return the fields of *record* by name."""
        known = self._fields.get(record.name)
        if known is None:
            known = self._fields[record.name] = {one.name: one for one in record.fields}
        return known

    def tagged_fields(self, record: RecordType, path: str) -> list[TaggedField]:
        """Return the fields of *record*, which is at *path*, with their full names and tags."""
        key = (record.name, path if self._by_path else record.name)
        known = self._tagged.get(key)
        if known is not None:
            return known
        if len(self._tagged) >= _MOST_PATHS and record.name in self._first:
            return self._first[record.name]
        found = [self._tagged_field(one, key[1]) for one in record.fields]
        self._first.setdefault(record.name, found)
        return self._tagged.setdefault(key, found)

    def _tagged_field(self, field: EventField, owner: str) -> TaggedField:
        full = f"{owner}.{field.name}"
        tags, encloses_fields = self._tags.of(full, field.tags), self._encloses_fields(field.type)
        return TaggedField(field.name, full, tags, field.type, field.default, encloses_fields)

    def _encloses_fields(self, type: ValueType) -> bool:
        if isinstance(type, TypeReference):
            return isinstance(self._named[type.name], RecordType)
        return any(map(self._encloses_fields, inner(type)))


def tagged_model_of(schema: Schema, subject: str, metadata: Mapping[str, Any] | None) -> TaggedModel:
    """Return the fields that rules see in the events of *schema*; *subject* may be the event's name alone."""
    return TaggedModel(possible_fields_of(schema, subject), Tags(metadata), EVENT_FORMATS[schema.format])
