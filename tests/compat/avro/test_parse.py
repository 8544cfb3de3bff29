"""What is an Avro schema and what is not, and where the complaint points."""

import json
from dataclasses import dataclass
from operator import attrgetter
from typing import Any

import pytest

from moorings_compat import Format, Limits, ReferenceMissing, SchemaError, SchemaInvalid, SchemaLimitExceeded, parse
from tests.compat.avro.samples import array, enum, field, fixed, logical, mapping, record, schema


@dataclass(frozen=True)
class Refused:
    shows: str
    value: Any
    where: tuple[str, ...]
    """The places of all problems, in their order."""
    says: str = ""
    error: type[SchemaError] = SchemaInvalid


REFUSED = [
    Refused("a number is not a type", 5, ("",), "5 is not a type"),
    Refused("nor is null", None, ("",)),
    Refused("an object needs a type", {"name": "R"}, ("",), 'no "type"'),
    Refused("a type within a type is a name", {"type": {"type": "string"}}, ("/type",)),
    Refused("a union in the place of a name", array({"type": ["null", "int"]}), ("/items/type",)),
    Refused("an unknown name", "Money", ("",), "Money is not defined", ReferenceMissing),
    Refused("an unknown name in a field", record(field("a", "x.Y")), ("/fields/0/type",), "x.Y", ReferenceMissing),
    Refused(
        "a name is used after it is defined",
        record(field("a", "F"), field("b", fixed(1))),
        ("/fields/0/type",),
        "",
        ReferenceMissing,
    ),
    Refused(
        "a name is looked up in the enclosing namespace",
        [fixed(1), record(field("a", "F"), namespace="x")],
        ("/1/fields/0/type",),
        "F is defined without a namespace",
        ReferenceMissing,
    ),
    Refused("array as a bare word", record(field("a", "array", items="int")), ("/fields/0/type",), '"items"'),
    Refused("a record without fields", {"type": "record", "name": "R"}, ("",), '"fields"'),
    Refused("fields that are an object", {"type": "record", "name": "R", "fields": {}}, ("",)),
    Refused("a field that is a string", {"type": "record", "name": "R", "fields": ["a"]}, ("/fields/0",)),
    Refused("a field without a type", {"type": "record", "name": "R", "fields": [{"name": "a"}]}, ("/fields/0",)),
    Refused("a field without a name", {"type": "record", "name": "R", "fields": [{"type": "int"}]}, ("/fields/0",)),
    Refused("a field twice", record("a", "a"), ("/fields/1",), "duplicate field a"),
    Refused("a field name with a dash", record("a-b"), ("/fields/0/name",)),
    Refused("a field name with a newline at its end", record("a\n"), ("/fields/0/name",)),
    Refused("a field name beyond ASCII", record("é"), ("/fields/0/name",)),
    Refused("an order of its own", record(field("a", "int", order="up")), ("/fields/0/order",)),
    Refused("aliases that are a string", record(field("a", "int", aliases="b")), ("/fields/0/aliases",)),
    Refused("an alias that is a number", record(aliases=["b", 1]), ("/aliases/1",)),
    Refused("a name that starts with a digit", record(name="1A"), ("/name",)),
    Refused("a namespace with an empty part", record(namespace="a..b"), ("/namespace",)),
    Refused("a primitive's name", record(name="x.string"), ("/name",), "primitive"),
    Refused(
        "a type twice", record(field("a", fixed(1)), field("b", fixed(1))), ("/fields/1/type/name",), "/fields/0/type"
    ),
    Refused("an enum without symbols", {"type": "enum", "name": "E"}, ("",)),
    Refused("a symbol twice", enum("A", "B", "A"), ("/symbols/2",)),
    Refused("a symbol that is not a name", enum("A-B"), ("/symbols/0",)),
    Refused("an enum's default that is not a symbol", enum("A", default="B"), ("/default",)),
    Refused("a fixed without a size", {"type": "fixed", "name": "F"}, ("",)),
    Refused("a negative size", fixed(-1), ("/size",)),
    Refused("a size in quotes", fixed("1"), ("/size",)),  # type: ignore[arg-type]
    Refused("a size that is true", fixed(True), ("/size",)),
    Refused("an array without items", {"type": "array"}, ("",), '"items"'),
    Refused("a map without values", {"type": "map"}, ("",), '"values"'),
    Refused("a union in a union", ["null", ["int"]], ("/1",)),
    Refused("a branch twice", ["int", "string", "int"], ("/2",), "int"),
    Refused("two arrays", [array("int"), array("string")], ("/1",), "array"),
    Refused("a primitive twice, once with a logical type", ["int", logical("int", "date")], ("/1",)),
    Refused("one named type twice", [fixed(1), "F"], ("/1",)),
    Refused(
        "several problems in one text",
        record("1", field("b", "Nope"), "c", "c", name="R-"),
        ("/name", "/fields/0/name", "/fields/3", "/fields/1/type"),
    ),
]


@pytest.mark.parametrize("case", REFUSED, ids=attrgetter("shows"))
def test_an_invalid_schema_is_refused_with_the_location_of_each_problem(case: Refused) -> None:
    with pytest.raises(case.error) as caught:
        schema(case.value)
    assert tuple(problem.where for problem in caught.value.problems) == case.where
    assert case.says in str(caught.value)


DEFAULTS = [  # type, a default that fits, one that does not
    ("null", None, 0),
    ("boolean", True, 0),
    ("int", -(2**31), 2**31),
    ("int", 0, 1.0),
    ("int", 0, True),
    ("long", 2**63 - 1, 2**63),
    ("float", 1, "NaN"),
    ("double", 1.5, None),
    ("bytes", "\u00ff", "\u0100"),
    ("string", "", None),
    (array("int"), [1, 2], [1, "2"]),
    (mapping("int"), {"k": 1}, {"k": None}),
    (enum("A", "B"), "B", "C"),
    (fixed(2), "ab", "a"),
    (record("a"), {"a": 1}, {}),
    (record(field("a", "int", default=1)), {}, {"a": "x"}),
    (["null", "int"], 1, "x"),
    (["int", "null"], None, "x"),
]


@pytest.mark.parametrize(("type", "good", "bad"), DEFAULTS, ids=str)
def test_a_default_that_does_not_fit_its_type_is_refused(type: Any, good: Any, bad: Any) -> None:
    assert schema(record(field("f", type, default=good), name="Outer"))
    with pytest.raises(SchemaInvalid) as caught:
        schema(record(field("f", type, default=bad), name="Outer"))
    assert caught.value.problems[0].where.startswith("/fields/0/default")


def test_a_default_of_a_recursive_type_is_refused_when_it_never_ends() -> None:
    node = record(field("next", ["null", "R"], default=None))
    assert schema(record(field("head", node, default={}), name="Outer"))
    with pytest.raises(SchemaInvalid, match="the default of next in R needs itself"):
        schema(record(field("next", "R", default={})))


ACCEPTED = [
    ("string", '"string"'),
    ({"type": "string"}, '"string"'),
    ([], "[]"),
    (enum(), None),
    (fixed(0), None),
    (record(name="x.record"), None),
    (record(name="R", namespace=""), None),
    (record(name="a.R", namespace="not a namespace"), None),
    ({"type": "error", "name": "Oops", "fields": []}, None),
    (record(field("a", "int", doc=None, custom={"x": [1]})), None),
    (record("a", aliases=["not a name"]), None),
    ([fixed(1), {"type": "F"}][:1], None),
    (record(field("a", fixed(1)), field("b", {"type": "F", "doc": "by name"})), None),
    (record(field("next", ["null", "R"])), None),
    (record(field("next", "R")), None),
    (logical("bytes", "decimal", precision=2, scale=3), None),
    (logical("bytes", "decimal"), None),
    (fixed(1, logicalType="decimal", precision=9), None),
    (logical("string", "no-such-type"), None),
]


@pytest.mark.parametrize(("value", "text"), ACCEPTED, ids=str)
def test_a_valid_schema_is_accepted_and_stored_on_one_line(value: Any, text: str | None) -> None:
    made = schema(value)
    assert made.text == (text or json.dumps(value, separators=(",", ":")))


def test_an_invalid_logical_type_is_ignored() -> None:
    assert schema(logical("bytes", "decimal", precision=2, scale=3)).model == schema("bytes").model
    assert schema(logical("long", "date")).model == schema("long").model


TEXTS = [
    ("string", "line 1, column 1", "quotes"),
    ("shop.Money", "line 1, column 1", '"shop.Money"'),
    ("", "line 1, column 1", "not valid JSON: the text is empty"),
    ('{"type": "int",}', "line 1, column 16", "not valid JSON"),
    ('{"type": "int", "type": "long"}', "", "duplicate key"),
    ('{"type": "int", "x": NaN}', "", "NaN"),
    ('{"type": "int", "x": 1e399}', "", "range"),
    ('"\\ud800"', "", "surrogate"),
]


@pytest.mark.parametrize(("text", "where", "says"), TEXTS, ids=repr)
def test_a_text_that_is_not_json_is_refused_with_line_and_column(text: str, where: str, says: str) -> None:
    with pytest.raises(SchemaInvalid, match=says) as caught:
        parse(text, Format.AVRO)
    assert caught.value.problems[0].where.startswith(where)


HOSTILE = [
    ("[" * 10_000 + "]" * 10_000, "depth"),
    ('{"type":"array","items":' * 10_000 + '"int"' + "}" * 10_000, "depth"),
    (json.dumps(["x" * 2_000_000]), "size"),
    ('{"type":"fixed","name":"F","size":' + "9" * 100_000 + "}", "digits"),
]


@pytest.mark.parametrize(("text", "what"), HOSTILE, ids=[what for _, what in HOSTILE])
def test_a_text_beyond_a_limit_is_refused(text: str, what: str) -> None:
    with pytest.raises(SchemaLimitExceeded, match=what):
        parse(text, Format.AVRO)


def test_checking_defaults_takes_a_bounded_number_of_steps() -> None:
    names = [f"N{index}" for index in range(2_000)]
    union = record(*(field(name.lower(), record("a", name=name)) for name in names), name="All")
    bomb = field("bomb", array(names), default=[{"b": 0}] * 2_000)
    with pytest.raises(SchemaError):
        schema([union, record(bomb)])
    with pytest.raises(SchemaLimitExceeded, match="defaults"):
        schema([union, record(field("bomb", array([*names[:-1], "int"]), default=[1] * 2_000))])


def test_at_most_fifty_problems_are_reported() -> None:
    with pytest.raises(SchemaInvalid) as caught:
        schema([fixed(-1, name="1")] * 1_000)
    assert len(caught.value.problems) == 50


def test_a_caller_sets_the_limits_of_parsing() -> None:
    with pytest.raises(SchemaLimitExceeded):
        parse(json.dumps(array(array("int"))), Format.AVRO, (), Limits(depth=1))


def test_a_namespace_of_null_says_nothing() -> None:
    inner = record("a", name="Inner", namespace=None)
    outer = schema(record(field("inner", inner), name="Outer", namespace="shop"))
    assert outer.canonical == schema(record(field("inner", record("a", name="Inner")), name="shop.Outer")).canonical
    assert schema(record("a", namespace=None)).canonical == schema(record("a")).canonical
