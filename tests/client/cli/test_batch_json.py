"""`moorings check --batch` about JSON Schema: references by any name, levels, and text that is not a schema."""

import json
from typing import Any

import pytest

from moorings.cli.batch import answer

STRING, INTEGER = '{"type": "string"}', '{"type": "integer"}'
MAYBE = '{"type": ["string", "null"]}'
ADDRESS = '{"type": "object", "properties": {"zip": {"type": "string"}}, "definitions": {"code": {"type": "string"}}}'
CHANGED = ADDRESS.replace('"string"', '"integer"')
NAMES = [
    "address.json",
    "./address.json",
    "../common/address.json",
    "/schemas/address.json",
    "Address",
    "moorings:address",
    "moorings:com.example.Address",
    "urn:example:address",
    "http://example.com/address.json",
    "http://example.com/address.json#/definitions/code",
]


def ask(**question: Any) -> dict[str, Any]:
    return answer(json.dumps({"format": "JSON", **question}).encode())


def referring(name: str) -> str:
    return json.dumps({"type": "object", "properties": {"a": {"$ref": name}}})


@pytest.mark.parametrize("name", NAMES)
def test_a_reference_is_found_by_the_name_in_the_text(name: str) -> None:
    base = name.split("#")[0]
    shapes = (
        {base: ADDRESS},
        [{"name": base, "subject": "address", "version": 2, "schema": ADDRESS}],
        [{"name": base, "schema": json.loads(ADDRESS)}],
    )
    for shape in shapes:
        same = ask(old=referring(name), new=referring(name), old_refs=shape, new_refs=shape)
        assert (same["compatible"], same["verdict"]) == (True, "compatible")
        changed = ask(old=referring(name), new=referring(name), old_refs=shape, new_refs={base: CHANGED})
        assert (changed["compatible"], changed["verdict"]) == (False, "breaking")


def test_a_reference_is_found_by_its_own_id_too() -> None:
    named = json.dumps({"$id": "http://example.com/schemas/address.json", "type": "string"})
    root = json.dumps({"$id": "http://example.com/schemas/root.json", "properties": {"a": {"$ref": "address.json"}}})
    found = ask(old=root, new='{"properties": {"a": {"type": "string"}}}', old_refs=[{"name": "it", "schema": named}])
    assert found["compatible"]


LEVELS = [
    ("BACKWARD", MAYBE, (), True),
    ("FORWARD", MAYBE, (), False),
    ("FULL", MAYBE, (), False),
    ("NONE", INTEGER, (), True),
    ("BACKWARD", MAYBE, (INTEGER,), True),
    ("BACKWARD_TRANSITIVE", MAYBE, (INTEGER,), False),
    ("FORWARD_TRANSITIVE", STRING, (MAYBE,), True),
    ("FULL_TRANSITIVE", STRING, (MAYBE,), False),
]


@pytest.mark.parametrize(("level", "new", "older", "compatible"), LEVELS)
def test_levels(level: str, new: str, older: tuple[str, ...], compatible: bool) -> None:
    found = ask(old=STRING, new=new, older=list(older), mode=level)
    assert found["compatible"] is compatible
    assert found["compatible"] is (found["verdict"] == ("unchecked" if level == "NONE" else "compatible"))
    assert "error" not in found


@pytest.mark.parametrize("new", ["true", "false", True, False, {}, {"type": "string"}, "{}"])
def test_every_json_schema_gets_a_verdict(new: Any) -> None:
    found = ask(old=STRING, new=new)
    assert "error" not in found
    assert found["compatible"] is (new not in ("false", False))


@pytest.mark.parametrize("new", ["", "1", "null", "[]", '"string"', '{"type":', '{"type": "text"}', 1, None, []])
def test_text_that_is_not_a_schema_is_an_error(new: Any) -> None:
    found = ask(old=STRING, new=new)
    assert found["error"]
    assert (found["compatible"], found["verdict"]) == (False, "invalid")


def test_a_missing_reference_is_an_error() -> None:
    assert "nope.json" in ask(old=referring("nope.json"), new=STRING)["error"]
