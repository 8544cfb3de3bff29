"""Defaults of fields that are left out, in events that only the slow look takes."""

import json
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from moorings.codecs.formats import make_reader, make_writer
from moorings_compat import Format, parse


class Count(int):
    """Not the plain type that the generated encoder looks for."""


FIELDS: list[tuple[str, Any, Any, Any]] = [  # what it shows, type, default, what is read
    ("bytes", "bytes", "\u00ff", b"\xff"),
    ("a decimal", {"type": "bytes", "logicalType": "decimal", "precision": 4, "scale": 2}, "\u0001", Decimal("0.01")),
    ("fixed", {"type": "fixed", "name": "F", "size": 2}, "ab", b"ab"),
    ("a union", ["bytes", "null"], "a", b"a"),
    ("a record", {"type": "record", "name": "R", "fields": [{"name": "b", "type": "bytes"}]}, {"b": "x"}, {"b": b"x"}),
    ("a list", {"type": "array", "items": "bytes"}, ["x", "y"], [b"x", b"y"]),
    ("an uuid", {"type": "string", "logicalType": "uuid"}, str(UUID(int=1)), UUID(int=1)),
    ("null", ["null", "string"], None, None),
]


@pytest.mark.parametrize(("shows", "type", "default", "read"), FIELDS, ids=[row[0] for row in FIELDS])
def test_a_field_that_is_left_out_gets_its_default(shows: str, type: Any, default: Any, read: Any) -> None:
    fields = [{"name": "n", "type": "int"}, {"name": "late", "type": type, "default": default}]
    schema = parse(json.dumps({"type": "record", "name": "E", "fields": fields}), Format.AVRO)
    prefix = b"\0\0\0\0\1"
    writer = make_writer(schema, "E", prefix)
    plain = writer.at_once({"n": 3})
    assert writer.encode({"n": Count(3)}) == plain
    assert make_reader(schema, schema, "E", len(prefix)).at_once(plain) == {"n": 3, "late": read}
