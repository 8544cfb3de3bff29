"""Aliases beside types of the same short name: what the verdict says is read, fastavro and our client both read."""

from itertools import permutations, product
from typing import Any

import pytest

from moorings.codecs.formats import make_reader
from moorings_compat import SchemaError, Severity, can_read
from moorings_compat.avro import fastavro_schema
from moorings_compat.avro.codec import decode, encode
from tests.compat.avro.samples import enum, field, record, schema

VALUES: dict[str, Any] = {"record": {"a": 5}, "enum": "S"}


def made(kind: str, name: str, aliases: tuple[str, ...] = ()) -> dict[str, Any]:
    more = {"aliases": list(aliases)} if aliases else {}
    one = record(field("a", "int")) if kind == "record" else enum("S")
    return {**one, "name": name, **more}


@pytest.mark.parametrize(("written", "first", "second"), list(product(VALUES, repeat=3)))
def test_what_is_said_to_be_read_is_read_by_every_engine(written: str, first: str, second: str) -> None:
    read = 0
    for name, (one, other), alias in product(("C", "x.C"), permutations(("C", "x.C", "A"), 2), ("", "C", "x.C")):
        branches = [made(first, one, (alias,) if alias else ()), made(second, other)]
        for order in (branches, branches[::-1]):
            try:
                reader = schema(record(field("v", order), name="E"))
                writer = schema(record(field("v", made(written, name)), name="E"))
            except SchemaError:
                continue  # an alias that is the name of the other type
            if any(finding.severity is Severity.BREAK for finding in can_read(reader, writer)):
                continue
            plain, form = (fastavro_schema(each, logical_types=False) for each in (writer, reader))
            data = encode(plain, {"v": VALUES[written]})
            by_fastavro = decode(data, plain, form)
            assert not by_fastavro.error, (name, order)
            assert make_reader(writer, reader, "E", 0).at_once(data) == by_fastavro.value, (name, order)
            read += 1
    assert read or written not in (first, second)
