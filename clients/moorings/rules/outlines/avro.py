"""The outline of an Avro schema, read from its JSON: `confluent:tags` stand at the fields."""

from collections.abc import Mapping
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any
from uuid import UUID

from moorings.rules.outlines.model import ABSENT, ANYTHING, Choice, Field, Leaf, Listing, Mapped, Outline, Record, Tags


def _is_int(value: Any) -> bool:
    return isinstance(value, int | date | datetime | time) and not isinstance(value, bool)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_bytes(value: Any) -> bool:
    return isinstance(value, bytes | bytearray | memoryview | Decimal)


_PRIMITIVES = {
    "null": Leaf("NULL", lambda value: value is None),
    "boolean": Leaf("BOOLEAN", lambda value: isinstance(value, bool)),
    "int": Leaf("INT", _is_int),
    "long": Leaf("LONG", _is_int),
    "float": Leaf("FLOAT", _is_number),
    "double": Leaf("DOUBLE", _is_number),
    "bytes": Leaf("BYTES", _is_bytes),
    "string": Leaf("STRING", lambda value: isinstance(value, str | UUID)),
}


def avro_outline(schema: Any, tags: Tags) -> Outline:
    """Return the outline of *schema*, the JSON of a valid schema that is complete in itself."""
    return _Reading(tags).outline(schema, "")


class _Reading:
    def __init__(self, tags: Tags) -> None:
        self._tags = tags
        self._named: dict[str, Outline] = {}

    def outline(self, schema: Any, namespace: str) -> Outline:
        if isinstance(schema, str):
            return _PRIMITIVES.get(schema) or self._by_name(schema, namespace)
        if isinstance(schema, list):
            return Choice(tuple(self.outline(branch, namespace) for branch in schema))
        kind = schema["type"]
        if kind == "array":
            return Listing(self.outline(schema["items"], namespace))
        if kind == "map":
            return Mapped(self.outline(schema["values"], namespace))
        if kind in ("record", "error", "enum", "fixed"):
            return self._definition(kind, schema, namespace)
        return self.outline(kind, namespace)

    def _by_name(self, name: str, namespace: str) -> Outline:
        full = name if "." in name or not namespace else f"{namespace}.{name}"
        return self._named.get(full) or self._named.get(name) or ANYTHING

    def _definition(self, kind: str, schema: Mapping[str, Any], namespace: str) -> Outline:
        name = schema["name"]
        full = name if "." in name else ".".join(filter(None, (schema.get("namespace", namespace), name)))
        if kind == "enum":
            self._named[full] = Leaf("ENUM", frozenset(schema["symbols"]).__contains__)
        elif kind == "fixed":
            self._named[full] = Leaf("FIXED", _is_bytes)
        else:
            fields: dict[str, Field] = {}
            self._named[full] = Record(full, lambda: fields)
            for field in schema["fields"]:
                fields[field["name"]] = self._field(field, full)
        return self._named[full]

    def _field(self, field: Mapping[str, Any], record: str) -> Field:
        full = f"{record}.{field['name']}"
        inline = field.get("confluent:tags")
        return Field(
            field["name"],
            full,
            self._tags.of(full, map(str, inline) if isinstance(inline, list) else ()),
            self.outline(field["type"], record.rpartition(".")[0]),
            field.get("default", ABSENT),
            skips_null=False,
        )
