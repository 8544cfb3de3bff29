"""Short ways to write Avro schemas in tests."""

import json
from typing import Any

from moorings_compat import Format, Schema, parse


def schema(value: Any, *references: Any) -> Schema:
    """Parse *value*, JSON as Python writes it."""
    return parse(json.dumps(value), Format.AVRO, references)


def record(*fields: Any, name: str = "R", **attributes: Any) -> dict[str, Any]:
    """Write a record; a bare string is a field of type int."""
    made = [{"name": one, "type": "int"} if isinstance(one, str) else one for one in fields]
    return {"type": "record", "name": name, "fields": made} | attributes


def field(name: str, type: Any, **attributes: Any) -> dict[str, Any]:
    return {"name": name, "type": type} | attributes


def enum(*symbols: str, name: str = "E", **attributes: Any) -> dict[str, Any]:
    return {"type": "enum", "name": name, "symbols": list(symbols)} | attributes


def fixed(size: int, name: str = "F", **attributes: Any) -> dict[str, Any]:
    return {"type": "fixed", "name": name, "size": size} | attributes


def array(items: Any) -> dict[str, Any]:
    return {"type": "array", "items": items}


def mapping(values: Any) -> dict[str, Any]:
    return {"type": "map", "values": values}


def logical(kind: str, name: str, **attributes: Any) -> dict[str, Any]:
    return {"type": kind, "logicalType": name} | attributes


def decimal(precision: int, scale: int) -> dict[str, Any]:
    return logical("bytes", "decimal", precision=precision, scale=scale)
