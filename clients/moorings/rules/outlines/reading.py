"""The outline of a schema, of whatever format; a format's libraries are imported when its first outline is made."""

import json
from collections.abc import Mapping
from importlib import import_module
from typing import Any

from moorings.rules.outlines.model import Outline, Tags
from moorings_compat import Format, Schema


def outline_of(schema: Schema, event: str, metadata: Mapping[str, Any] | None) -> Outline:
    """Return the outline of an event; *event* is its name, by which Protobuf finds the message."""
    tags = Tags(metadata)
    if schema.format is Format.AVRO:
        text = import_module("moorings_compat.avro").resolved_text(schema)
        return import_module("moorings.rules.outlines.avro").avro_outline(json.loads(text), tags)  # type: ignore[no-any-return]  # a module loaded by name
    if schema.format is Format.JSON:
        return import_module("moorings.rules.outlines.json_schema").json_outline(schema, tags)  # type: ignore[no-any-return]
    return import_module("moorings.rules.outlines.protobuf").protobuf_outline(schema, event, tags)  # type: ignore[no-any-return]
