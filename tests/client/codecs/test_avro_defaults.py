"""Defaults of fields that are left out, in events that only the slow look takes."""

import json
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from moorings.codecs.avro.decoder import Unreadable
from moorings.codecs.failures import Invalid
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


def doubling(levels: int) -> str:
    """A record with fields of types that each hold the one before twice: a default of the last has 2^levels leaves."""
    fields: list[dict[str, Any]] = []
    for level in range(levels + 1):
        inner: list[dict[str, Any]] = [{"name": name, "type": f"R{level - 1}", "default": {}} for name in "ab"]
        made = {"type": "record", "name": f"R{level}", "fields": inner if level else [{"name": "x", "type": "int"}]}
        if not level:
            made["fields"][0]["default"] = 7
        fields.append({"name": f"f{level}", "type": made, "default": {}})
    return json.dumps({"type": "record", "name": "E", "fields": fields})


def leaves(value: Any) -> int:
    return sum(map(leaves, value.values())) if isinstance(value, dict) else 1


def test_defaults_that_double_with_each_level_compile_in_steps_of_the_schema() -> None:
    schema = parse(doubling(60), Format.AVRO)
    empty = parse('{"type": "record", "name": "E", "fields": []}', Format.AVRO)
    writer = make_writer(schema, "E", b"")
    with pytest.raises(Invalid) as refused:
        writer.encode({})
    missing = [one.pointer for one in refused.value.violations]
    assert "/f60" in missing
    assert "/f5" not in missing
    with pytest.raises(Unreadable, match="default"):
        make_reader(empty, schema, "E", 0).at_once(b"")


def test_a_large_default_is_written_and_read_and_every_event_has_its_own() -> None:
    schema = parse(doubling(10), Format.AVRO)
    empty = parse('{"type": "record", "name": "E", "fields": []}', Format.AVRO)
    data = make_writer(schema, "E", b"").at_once({})
    assert len(data) == sum(2**level for level in range(11))
    written = make_reader(schema, schema, "E", 0).at_once(data)
    reader = make_reader(empty, schema, "E", 0)
    first, second = reader.at_once(b""), reader.at_once(b"")
    assert first == second == written
    assert leaves(first["f10"]) == 2**10
    first["f10"]["a"]["a"]["x"] = 1
    assert "x" not in second["f10"]["a"]["a"]
    assert "x" not in first["f10"]["b"]["a"]


def test_a_default_that_no_event_can_have_makes_its_field_required() -> None:
    fields = [{"name": "id", "type": {"type": "string", "logicalType": "uuid"}, "default": "not one"}]
    schema = parse(json.dumps({"type": "record", "name": "E", "fields": fields}), Format.AVRO)
    with pytest.raises(Invalid) as refused:
        make_writer(schema, "E", b"").encode({})
    assert [one.pointer for one in refused.value.violations] == ["/id"]
