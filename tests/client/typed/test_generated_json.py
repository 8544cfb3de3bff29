"""Classes generated from JSON Schema: their text, and laws over random schemas."""

from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings

from moorings.codecs.formats import make_writer
from moorings.testing.payloads import PayloadsImpossible
from moorings.testing.payloads.events import EventMaker
from moorings.typed import compare
from moorings.typed.conversion import compile_converter
from moorings_compat import Format, SchemaError
from tests.client.typed.drawn_json import schemas
from tests.client.typed.generated import (
    formatted_differently,
    imported,
    lint_findings,
    module_text,
    schema_of,
    through_bytes,
    typing_errors,
)

LAW = settings(max_examples=60, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck))
TEXT = {"type": "string"}
CARD = {"type": "object", "properties": {"last_four": TEXT}, "required": ["last_four"]}


def text_of(value: Any, *, needed: bool = True, **more: Any) -> str:
    properties = {"value": value}
    schema = {"type": "object", "properties": properties, "required": ["value"] if needed else [], **more}
    return module_text(schema_of(schema, Format.JSON))


FIELDS: list[tuple[Any, bool, str]] = [  # the schema, whether it is required, the line of the class
    (TEXT, True, "value: str"),
    (TEXT, False, "value: str | None = None"),
    ({"type": ["string", "null"]}, True, "value: str | None"),
    ({"type": "string", "format": "date-time"}, True, "value: str"),
    ({"type": "integer", "default": 5}, False, "value: int = 5"),
    ({"type": "integer", "default": "wrong"}, False, "value: int | None = None"),
    ({"type": "number"}, True, "value: float"),
    ({"enum": ["a", "b", None]}, True, 'value: Literal["a", "b"] | None'),
    ({"const": 1}, True, "value: Literal[1]"),
    ({"type": "array", "items": CARD}, True, "value: list[ValueItem]"),
    ({"type": "object", "additionalProperties": {"type": "integer"}}, True, "value: dict[str, int]"),
    ({"oneOf": [TEXT, CARD]}, True, "value: str | Value2"),
    ({"allOf": [CARD, {"properties": {"brand": TEXT}}]}, True, "value: Value"),
    ({"$ref": "#/$defs/card"}, True, "value: Card"),
    ({"$ref": "#"}, False, "value: OrderPlaced | None = None"),
    ({}, True, "# Any: the schema asks for no type\n    value: Any"),
    ({"type": "array", "items": {}}, True, "# Any: the schema asks for no type\n    value: list[Any]"),
    ({"$dynamicRef": "#x"}, True, "# Any: the schema behind a dynamic reference is not fixed\n    value: Any"),
]


@pytest.mark.parametrize(
    ("schema", "needed", "line"), FIELDS, ids=[line.partition("value: ")[2] for *_, line in FIELDS]
)
def test_a_json_property_becomes_a_line(schema: Any, needed: bool, line: str) -> None:
    definitions = {"card": CARD, "x": {"$dynamicAnchor": "x"}}
    assert f"    {line}\n" in text_of(schema, needed=needed, **{"$defs": definitions})


def test_a_field_that_is_none_is_left_out_and_one_that_may_be_null_is_written() -> None:
    properties = {"a": TEXT, "b": {"type": ["string", "null"]}}
    schema = schema_of({"type": "object", "properties": properties, "required": ["b"]}, Format.JSON)
    kind = imported(module_text(schema)).OrderPlaced
    converter = compile_converter(kind, "JSON")
    assert converter.out_of(kind(b=None)) == {"b": None}
    assert converter.into({"b": None}) == kind(a=None, b=None)


def test_further_fields_survive_a_round_trip_and_never_hide_a_named_one() -> None:
    schema = schema_of({"type": "object", "properties": {"a": TEXT}, "additionalProperties": TEXT}, Format.JSON)
    kind = imported(module_text(schema)).OrderPlaced
    converter = compile_converter(kind, "JSON")
    made = converter.into({"a": "1", "b": "2"})
    assert made == kind(a="1", further_fields={"b": "2"})
    assert converter.out_of(made) == {"a": "1", "b": "2"}
    assert make_writer(schema, "", b"").violations(converter.out_of(kind(further_fields={"a": "2"})))


def test_integers_written_as_fractions_are_read_as_integers() -> None:
    schema = schema_of({"type": "object", "properties": {"n": {"type": "integer"}}}, Format.JSON)
    kind = imported(module_text(schema)).OrderPlaced
    assert repr(compile_converter(kind, "JSON").into(through_bytes(schema, {"n": 1.0})).n) == "1"


def test_alternatives_are_distinguished_by_their_fields() -> None:
    kinds = [{"properties": {"kind": {"const": name}, "id": TEXT}, "required": ["kind"]} for name in ("cash", "card")]
    schema = {"oneOf": [{"type": "object", **one} for one in kinds]}
    outer = schema_of({"type": "object", "properties": {"value": schema}, "required": ["value"]}, Format.JSON)
    module = imported(module_text(outer))
    converter = compile_converter(module.OrderPlaced, "JSON")
    assert converter.into({"value": {"kind": "card", "id": "x"}}).value == module.Value2(kind="card", id="x")
    assert converter.into({"value": {"kind": "cash"}}).value == module.Value1(kind="cash")


@given(schemas())
@LAW
def test_an_object_equals_itself_after_json(drawn: dict[str, Any]) -> None:
    try:
        schema = schema_of(drawn, Format.JSON)
    except SchemaError:
        assume(False)
    kind = imported(module_text(schema)).OrderPlaced
    assume(hasattr(kind, "__dataclass_fields__"))
    converter, writer = compile_converter(kind, "JSON"), make_writer(schema, "", b"")
    assert compare(kind, schema) == ()
    making, rng = EventMaker(schema, "shop.orders.OrderPlaced"), Random(1)
    for _ in range(3):
        try:
            event = making.event(rng, writer.violations)
        except PayloadsImpossible:
            assume(False)
        made = converter.into(through_bytes(schema, event))
        written = converter.out_of(made)
        assert list(writer.violations(written)) == []
        assert converter.into(through_bytes(schema, written)) == made


@pytest.mark.parametrize("style", ["dataclass", "typeddict"])
def test_code_for_json_schema_is_formatted_and_passes_mypy(style: str, tmp_path: Path) -> None:
    pytest.importorskip("ruff")
    pytest.importorskip("mypy")

    @given(schemas())
    @settings(LAW, max_examples=40)
    def write(drawn: dict[str, Any]) -> None:
        try:
            text = module_text(schema_of(drawn, Format.JSON), style)
        except SchemaError:
            assume(False)
        (tmp_path / f"module_{len(list(tmp_path.iterdir()))}.py").write_text(text, "utf-8")

    write()
    assert formatted_differently(tmp_path, 88) == ""
    assert lint_findings(tmp_path) == ""
    assert typing_errors(tmp_path, tmp_path.parent / "mypy_cache") == ""
