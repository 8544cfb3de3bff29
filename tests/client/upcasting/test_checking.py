"""The static check: what a mapping would yield, held against the next major."""

import pytest

from moorings.event_model.event_formats import shape_of
from moorings.upcasting import check_mapping, read_mapping
from moorings_compat import Schema
from tests.client.upcasting.contracts import (
    AVRO_1,
    AVRO_2,
    AVRO_MAPPING,
    JSON_1,
    JSON_2,
    PROTO_1,
    PROTO_2,
    SUBJECT,
    avro,
    field,
    json_schema,
)

STRING, INT, LONG = "string", "int", "long"
TREE = {
    "type": "record",
    "name": "Tree",
    "fields": [field("name", "string"), field("children", {"type": "array", "items": "Tree"})],
}


def found(before: Schema, after: Schema, *steps: str) -> list[str]:
    text = "".join(f"[[step]]\n{one}\n" for one in steps)
    mapping = read_mapping(text, about=(SUBJECT, 1, 2))
    return [str(one) for one in check_mapping(mapping, shape_of(before, "OrderPlaced"), shape_of(after, "OrderPlaced"))]


CASES = [
    ("a field that is gone", avro(field("a", INT)), avro(), [], "/a: the next major does not declare"),
    ("a new field", avro(), avro(field("a", INT)), [], "/a: the next major requires this field, and nothing fills it"),
    (
        "an optional field that is needed",
        json_schema([], a={"type": "string"}),
        json_schema(["a"], a={"type": "string"}),
        [],
        "/a: the next major requires this field, and it may be absent",
    ),
    ("a wider number", avro(field("a", INT)), avro(field("a", LONG)), [], ""),
    (
        "a narrower number",
        avro(field("a", LONG)),
        avro(field("a", INT)),
        [],
        "/a: it may be int64, and the next major takes int32",
    ),
    ("null where none may be", avro(field("a", ["null", INT])), avro(field("a", INT)), [], "/a: it may be null"),
    (
        "null filled",
        avro(field("a", ["null", INT])),
        avro(field("a", INT)),
        ['default = "/a"\nvalue = 0\nor_null = true'],
        "",
    ),
    (
        "null kept",
        avro(field("a", ["null", INT])),
        avro(field("a", INT)),
        ['default = "/a"\nvalue = 0'],
        "/a: it may be null",
    ),
    (
        "a default of another kind",
        avro(),
        avro(field("a", INT)),
        ['default = "/a"\nvalue = "x"'],
        "/a: it may be string",
    ),
    (
        "a symbol too many",
        avro(field("a", {"type": "enum", "name": "E", "symbols": ["A", "B"]})),
        avro(field("a", {"type": "enum", "name": "E", "symbols": ["A"]})),
        [],
        "the symbols B",
    ),
    (
        "any text for a symbol",
        avro(field("a", STRING)),
        avro(field("a", {"type": "enum", "name": "E", "symbols": ["A"]})),
        [],
        "it may be any text",
    ),
    (
        "a path that leads nowhere",
        avro(field("a", INT)),
        avro(field("a", INT)),
        ['drop = "/b"'],
        "step 1, /b: unknown field 'b'",
    ),
    (
        "a name that is taken",
        avro(field("a", INT), field("b", INT)),
        avro(field("b", INT)),
        ['rename = "/a"\nto = "b"'],
        "step 1, /a: field 'b' exists already",
    ),
    ("a field used after it is gone", avro(field("a", INT)), avro(), ['drop = "/a"', 'drop = "/a"'], "step 2, /a"),
    (
        "items of what has none",
        avro(field("a", INT)),
        avro(field("a", INT)),
        ['drop = "/a/*/b"'],
        "step 1, /a/*/b: * needs an array or a map",
    ),
    (
        "a conversion of another kind",
        avro(field("a", STRING)),
        avro(field("a", STRING)),
        ['convert = "/a"\nwith = "integer_to_text"'],
        "integer_to_text takes",
    ),
    (
        "a move out of what may be null",
        avro(field("a", ["null", {"type": "record", "name": "A", "fields": [field("b", INT)]}])),
        avro(field("b", INT)),
        ['move = "/a/b"\nto = "/b"', 'drop = "/a"'],
        "/b: the next major requires this field, and it may be absent",
    ),
    (
        "a move into what may be null",
        avro(field("b", INT), field("a", ["null", {"type": "record", "name": "A", "fields": [field("c", INT)]}])),
        avro(field("a", {"type": "record", "name": "A", "fields": [field("b", INT), field("c", INT)]})),
        ['move = "/b"\nto = "/a/b"'],
        "'a' may be null",
    ),
    (
        "a table that lacks a symbol",
        avro(field("a", {"type": "enum", "name": "E", "symbols": ["A", "B"]})),
        avro(field("a", STRING)),
        ['convert = "/a"\nsymbols = {A = "x"}'],
        "the table lacks B",
    ),
    ("a recursive type", avro(field("t", TREE)), avro(field("t", TREE)), [], ""),
    (
        "a step inside a recursive type",
        avro(field("t", TREE)),
        avro(field("t", TREE)),
        ['drop = "/t/children/*/name"'],
        "/t/children/*/name: the next major requires",
    ),
    ("json that asks for more", JSON_1, JSON_2, [], "/amount: the next major requires this field"),
    ("protobuf needs nothing", PROTO_1, PROTO_2, ['drop = "/customer"', 'drop = "/cents"', 'drop = "/old"'], ""),
    ("protobuf takes no strangers", PROTO_1, PROTO_2, [], "/cents: the next major does not declare"),
]


@pytest.mark.parametrize(
    ("before", "after", "steps", "message"), [one[1:] for one in CASES], ids=[one[0] for one in CASES]
)
def test_the_check_finds_each_misfit_at_its_path(before: Schema, after: Schema, steps: list[str], message: str) -> None:
    told = found(before, after, *steps)
    if message:
        assert any(message in one for one in told), told
    else:
        assert told == []


def test_a_missing_step_is_found_at_its_path() -> None:
    steps = [one for one in AVRO_MAPPING.split("[[step]]") if one.strip()]
    assert found(AVRO_1, AVRO_2, *steps) == []
    for number in range(len(steps)):
        assert found(AVRO_1, AVRO_2, *(steps[:number] + steps[number + 1 :])) != []
