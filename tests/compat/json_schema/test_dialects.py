"""Dialects of other parties: read in the draft that was chosen for them, with a warning in every comparison."""

import json
from typing import Any

import pytest

from moorings_compat import Dialect, Format, Schema, SchemaInvalid, Severity, Verdict, can_read, parse
from moorings_compat.findings import verdict_of
from moorings_compat.formats import parse_again
from moorings_compat.json_schema import validator

FOREIGN = "https://dialects.example.com/tracking/self-describing#"
ASSUMED = "JSON_DIALECT_ASSUMED"


def schema(content: Any, dialect: Dialect = Dialect.DRAFT_7) -> Schema:
    return parse(json.dumps(content), Format.JSON, dialect=dialect)


def test_a_dialect_of_another_party_is_draft_7_unless_told_otherwise() -> None:
    made = schema({"$schema": FOREIGN, "definitions": {"a": {"type": "string"}}, "$ref": "#/definitions/a"})
    assert made.dialect == ""
    assert not validator(made).is_valid(1)


@pytest.mark.parametrize("uri", ["/relative", "urn:x", "https://json-schema.example.org/schema"])
def test_any_uri_of_another_party_will_do(uri: str) -> None:
    assert validator(schema({"$schema": uri, "type": "string"})).is_valid("a")


@pytest.mark.parametrize(
    "uri", ["http://json-schema.org/draft-03/schema#", "https://json-schema.org/draft/next/schema", 4]
)
def test_what_the_specification_itself_would_name_is_no_other_party(uri: Any) -> None:
    with pytest.raises(SchemaInvalid, match="unknown dialect"):
        schema({"$schema": uri})


@pytest.mark.parametrize(
    ("uri", "value"),
    [
        ("http://json-schema.org/draft-04/hyper-schema#", {"maximum": 3, "exclusiveMaximum": True}),
        ("http://json-schema.org/draft-07/hyper-schema#", {"exclusiveMaximum": 3}),
        ("https://json-schema.org/draft/2019-09/hyper-schema", {"exclusiveMaximum": 3}),
        ("https://spec.openapis.org/oas/3.1/dialect/base", {"prefixItems": [{}], "exclusiveMaximum": 3}),
    ],
)
def test_official_extensions_are_their_draft_without_a_warning(uri: str, value: Any) -> None:
    one, other = schema({"$schema": uri, **value}), schema({"$schema": uri, **value, "title": "a"})
    assert not validator(one).is_valid(3)
    assert can_read(one, other) == ()


def test_the_chosen_draft_decides_what_is_valid_and_what_it_means() -> None:
    content = {"$schema": FOREIGN, "maximum": 3, "exclusiveMaximum": True}
    with pytest.raises(SchemaInvalid, match="exclusiveMaximum"):
        schema(content)
    older = schema(content, Dialect.DRAFT_4)
    assert older.dialect == "draft-04"
    assert not validator(older).is_valid(3)
    assert parse_again(older, older.text) == older


def test_one_text_in_two_dialects_is_two_schemas() -> None:
    content = {"$schema": FOREIGN, "items": [{"type": "string"}], "type": "array"}
    assert schema(content, Dialect.DRAFT_7) != schema(content, Dialect.DRAFT_2019_09)


def test_a_comparison_warns_of_an_assumed_dialect() -> None:
    old, new = schema({"$schema": FOREIGN, "type": "integer"}), schema({"$schema": FOREIGN, "type": "number"})
    (warned,) = can_read(new, old)
    assert (warned.rule, warned.severity) == (ASSUMED, Severity.WARNING)
    assert (warned.reader_path, warned.writer_path) == ("/$schema", "/$schema")
    assert FOREIGN in warned.message
    assert "draft 7" in warned.message
    breaking = can_read(old, new)
    assert verdict_of(breaking) is Verdict.BREAKING
    assert [one.rule for one in breaking] == ["JSON_TYPE_NARROWED", ASSUMED]


def test_two_dialects_are_two_warnings() -> None:
    found = can_read(schema({"$schema": FOREIGN, "type": "number"}), schema({"$schema": "urn:x", "type": "integer"}))
    assert [one.rule for one in found] == [ASSUMED, ASSUMED]
    assert {(one.reader_path, one.writer_path) for one in found} == {("/$schema", ""), ("", "/$schema")}


def test_a_schema_inside_is_read_in_the_draft_around_it() -> None:
    inner = {"$id": "https://example.com/inner", "$schema": FOREIGN, "items": [{"type": "string"}]}
    outer = schema({"$schema": "http://json-schema.org/draft-07/schema#", "properties": {"a": inner}})
    assert validator(outer).is_valid({"a": ["x"]})
    assert not validator(outer).is_valid({"a": [1]})
