"""Every kind of type read as every other: the verdict is what fastavro makes of every telling value.

Where the specification and fastavro differ, `PARTING` gives the reason, and Apache's library has to refuse.
"""

import io
import itertools
from collections.abc import Iterator
from functools import cache
from typing import Any

import fastavro
import pytest

from moorings_compat import Schema, Severity, Verdict, can_read
from moorings_compat.findings import verdict_of
from tests.compat.avro import apache
from tests.compat.avro.samples import array, enum, field, fixed, mapping, record, schema

PRIMITIVES = ("null", "boolean", "int", "long", "float", "double", "bytes", "string")
TYPES: dict[str, Any] = {
    **{kind: kind for kind in PRIMITIVES},
    "fixed": fixed(2),
    "longer fixed": fixed(3),
    "another fixed": fixed(2, name="G"),
    "fixed elsewhere": fixed(2, name="x.F"),
    "enum": enum("A", "B"),
    "shorter enum": enum("A"),
    "shorter enum with a default": enum("A", default="A"),
    "another enum": enum("A", "B", name="D"),
    "another enum by alias": enum("A", "B", name="D", aliases=["E"]),
    "enum elsewhere": enum("A", "B", name="x.E"),
    "record": record(field("a", "int"), name="R"),
    "wider record": record(field("a", "long"), name="R"),
    "other field": record(field("b", "int"), name="R"),
    "other field with a default": record(field("b", "int", default=3), name="R"),
    "another record": record(field("a", "int"), name="S"),
    "another record by alias": record(field("a", "int"), name="S", aliases=["R"]),
    "record elsewhere": record(field("a", "int"), name="x.R"),
    "empty record": record(name="R"),
    "error": record(field("a", "int"), name="R") | {"type": "error"},
    "ints": array("int"),
    "longs": array("long"),
    "texts": array("string"),
    "records": array(record(field("a", "int"), name="R")),
    "records of another field": array(record(field("b", "int"), name="R")),
    "map of ints": mapping("int"),
    "map of longs": mapping("long"),
}
UNIONS = [
    *[("null", "int"), ("int", "null"), ("int", "string"), ("long", "int"), ("double", "float"), ("int", "float")],
    *[("bytes", "string"), ("string", "bytes"), ("null", "fixed"), ("enum", "another fixed"), ("ints", "map of ints")],
    *[("null", "longs"), ("record", "null"), ("another record", "record elsewhere"), ("null", "shorter enum")],
    *[
        ("other field", "record elsewhere"),
        ("null", "int", "string", "boolean"),
        ("double", "long"),
        ("float", "double"),
    ],
]
TYPES |= {" or ".join(names): [TYPES[name] for name in names] for names in UNIONS}

PARTING = {
    ("enum elsewhere", "another enum by alias"): "the alias is E, and what is written is x.E: fastavro drops the x",
    ("record elsewhere", "another record by alias"): "likewise",
    ("another record or record elsewhere", "another record by alias"): "likewise",
}


@cache
def whole(name: str) -> Schema:
    """A record with the type as its only field: every decoder resolves that."""
    return schema(record(field("v", TYPES[name]), name="Top"))


@cache
def form(name: str) -> Any:
    return fastavro.parse_schema(record(field("v", TYPES[name]), name="Top"), _force=True)


def values(kind: Any) -> Iterator[Any]:
    """Yield telling values of a type, as fastavro takes them; of a union, each branch by its name."""
    if isinstance(kind, list):
        for branch in kind:
            word = branch if isinstance(branch, str) else branch.get("name", branch["type"])
            yield from ((word, value) for value in values(branch))
    elif isinstance(kind, str):
        yield from _PRIMITIVE[kind]
    elif kind["type"] == "fixed":
        yield b"\x01" * kind["size"]
    elif kind["type"] == "enum":
        yield from kind["symbols"]
    elif kind["type"] in ("array", "map"):
        inner = list(values(kind["items" if kind["type"] == "array" else "values"]))
        yield from ([[], inner] if kind["type"] == "array" else [{}, {"k": inner[0]}])
    else:
        names = [one["name"] for one in kind["fields"]]
        yield from (dict(zip(names, some, strict=True)) for some in itertools.product(*map(_of_field, kind["fields"])))


def _of_field(one: Any) -> list[Any]:
    return list(values(one["type"]))


_PRIMITIVE: dict[str, list[Any]] = {
    "null": [None],
    "boolean": [True, False],
    "int": [0, -1, 2**31 - 1],
    "long": [0, -1, 2**40],
    "float": [0.0, 1.5],
    "double": [0.0, 1.5],
    "bytes": [b"", b"ab"],
    "string": ["", "ab"],
}


@cache
def payloads(writer: str) -> list[bytes]:
    written = []
    for value in values(TYPES[writer]):
        stream = io.BytesIO()
        fastavro.schemaless_writer(stream, form(writer), {"v": value})
        written.append(stream.getvalue())
    return written


def fastavro_reads(reader: str, writer: str) -> bool:
    for data in payloads(writer):
        try:
            fastavro.schemaless_reader(io.BytesIO(data), form(writer), form(reader))
        except (fastavro.read.SchemaResolutionError, ValueError, TypeError, KeyError, IndexError, EOFError):
            return False
    return True


@pytest.mark.parametrize("writer", TYPES)
def test_every_pair_of_types_gets_the_verdict_of_fastavro(writer: str) -> None:
    for reader in TYPES:
        findings = can_read(whole(reader), whole(writer))
        where = f"{writer} read as {reader}: {[one.rule for one in findings]}"
        breaks = [one for one in findings if one.severity is Severity.BREAK]
        assert all(one.witness for one in breaks), where
        compatible = verdict_of(findings) is Verdict.COMPATIBLE
        if (writer, reader) in PARTING:
            assert not compatible, where
            assert all(apache.refuses(whole(reader), whole(writer), data) for data in payloads(writer)[-1:]), where
        else:
            assert compatible is (reader == writer or fastavro_reads(reader, writer)), where


def test_the_matrix_has_many_pairs_of_either_verdict() -> None:
    pairs = list(itertools.permutations(TYPES, 2))
    assert len(pairs) > 2_000
    assert sum(fastavro_reads(reader, writer) for writer, reader in pairs) > 100
