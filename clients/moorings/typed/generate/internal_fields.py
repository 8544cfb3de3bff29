"""What applications of other domains get of an event's types: those without the fields that are internal to its domain.

The client takes internal fields out of each event that such an application reads; a class with them would name what
never arrives.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from moorings.event_model.event_formats import EVENT_FORMATS
from moorings.event_model.model import EventField, EventModel, NamedType, RecordType
from moorings.layout.field_names import records_with_paths
from moorings.rules.tagged_fields import TaggedModel
from moorings_compat import Schema
from moorings_compat.field_tags import Tags
from moorings_compat.fields.internal import INTERNAL

STRIP = "strip"
"""What a domain says that wants them left out; ``flag``: they are kept."""


def is_own(domain: str, own: Iterable[str]) -> bool:
    """Whether *domain*, or a domain above it, is among those of the application."""
    return any(domain == one or domain.startswith(f"{one}.") for one in own)


def without_internal(model: EventModel, schema: Schema, metadata: Mapping[str, Any] | None) -> EventModel:
    """Return *model* without its internal fields.

    A type that has one in some places of a JSON Schema, and not in others, keeps it as one that may be absent.
    """
    tagged = TaggedModel(model, Tags(metadata), EVENT_FORMATS[schema.format])
    found: dict[tuple[str, str], set[bool]] = {}
    for record, path in records_with_paths(tagged):
        for field in tagged.tagged_fields(record, path):
            is_internal = any(tag.casefold() == INTERNAL for tag in field.tags)
            found.setdefault((record.name, field.name), set()).add(is_internal)
    if not any(True in seen for seen in found.values()):
        return model
    named = {name: _reduced(type, found) for name, type in model.named.items()}
    return EventModel(model.root, named)


def _reduced(type: NamedType, found: Mapping[tuple[str, str], set[bool]]) -> NamedType:
    if not isinstance(type, RecordType):
        return type
    seen = {field.name: found.get((type.name, field.name), {False}) for field in type.fields}
    kept = tuple(_kept(field, seen[field.name]) for field in type.fields if seen[field.name] != {True})
    return replace(type, fields=kept)


def _kept(field: EventField, seen: set[bool]) -> EventField:
    return replace(field, required=False, present=False) if True in seen else field
