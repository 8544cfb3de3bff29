"""What `compare` says is held against events: a class that is said to fit does, over random contracts and changes.

A class is generated from one contract and compared with a changed one. Where nothing stands between them to produce,
whatever objects of the class hold is valid under the changed contract; to consume, whatever events the changed contract
allows become objects whose fields are of the class's own types.
"""

import copy
from collections.abc import Sequence
from random import Random
from typing import Any

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from moorings.codecs.formats import Writer, make_writer
from moorings.testing.payloads import PayloadsImpossible
from moorings.testing.payloads.events import EventMaker
from moorings.typed import compare
from moorings.typed.conversion import compile_converter
from moorings.violations import Broken, Violation
from moorings_compat import Format, Schema, SchemaError
from tests.client.typed.drawn_avro import contracts
from tests.client.typed.drawn_json import any_schema, schemas
from tests.client.typed.generated import imported, module_text, schema_of, through_bytes

LAW = settings(max_examples=60, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck))
NOT_TYPES = (
    Broken.NUMBER_OUT_OF_RANGE,
    Broken.SIZE_WRONG,
    Broken.PRECISION_LOST,
    Broken.TEXT_INVALID,
    Broken.DATE_TIME_INVALID,
    Broken.KEYWORD,
)
"""What narrows a type: not compared."""
AVRO_TYPES: list[Any] = [
    *("int", "long", "double", "string", "bytes", ["null", "string"], ["null", "long", "string"]),
    {"type": "array", "items": "int"},
    {"type": "map", "values": "string"},
    {"type": "long", "logicalType": "timestamp-millis"},
]


@st.composite
def avro_changes(draw: st.DrawFn) -> tuple[Any, Any]:
    """Draw a contract, and the same with one field changed."""
    before, _ = draw(contracts())
    after = copy.deepcopy(before)
    field = draw(st.sampled_from(after["fields"]))
    change = draw(st.sampled_from(["drop", "type", "nullable", "no default", "add", "none"]))
    if change == "drop":
        after["fields"].remove(field)
    elif change == "type":
        field["type"] = draw(st.sampled_from(AVRO_TYPES))
    elif change == "nullable" and not isinstance(field["type"], list) and field["type"] != "null":
        field["type"] = ["null", field["type"]]
    elif change == "add":
        default = {"default": 0} if draw(st.booleans()) else {}
        after["fields"].append({"name": "added", "type": "int", **default})
    if change in ("type", "nullable", "no default"):
        field.pop("default", None)
    return before, after


@st.composite
def json_changes(draw: st.DrawFn) -> tuple[Any, Any]:
    before = draw(schemas())
    after = copy.deepcopy(before)
    change = draw(st.sampled_from(["drop", "type", "require", "loosen", "add", "close", "none"]))
    names = list(after["properties"])
    name = draw(st.sampled_from(names)) if names else ""
    required = set(after["required"])
    if change in ("drop", "loosen"):
        required.discard(name)
    if change == "drop" and names:
        del after["properties"][name]
    elif change == "type" and names:
        after["properties"][name] = draw(any_schema(1))
    elif change == "require" and names:
        required.add(name)
    elif change == "add":
        after["properties"]["added"] = draw(any_schema(1))
        required |= {"added"} if draw(st.booleans()) else set()
    elif change == "close":
        after["additionalProperties"] = False
    return before, {**after, "required": sorted(required)}


def events(schema: Schema, writer: Writer) -> list[Any]:
    making, rng = EventMaker(schema, "shop.orders.OrderPlaced"), Random(5)
    try:
        return [through_bytes(schema, making.event(rng, writer.violations)) for _ in range(5)]
    except PayloadsImpossible:
        return []


def wrong_types(found: Sequence[Violation]) -> list[Violation]:
    return [one for one in found if one.rule not in NOT_TYPES]


def check(before: Schema, after: Schema) -> None:
    text = module_text(before)
    kind = imported(text).OrderPlaced
    assume(hasattr(kind, "__dataclass_fields__"))
    converter = compile_converter(kind, str(before.format))
    own, changed = (make_writer(schema, "OrderPlaced", b"") for schema in (before, after))
    looked_after = "# Any" in text or "dict[str, Any]" in text  # by the author of the class, and not by us
    if not looked_after and not compare(kind, after, "produce"):
        for event in events(before, own):
            assert wrong_types(changed.violations(converter.out_of(converter.into(event)))) == []
    if not compare(kind, after, "consume"):
        for event in events(after, changed):
            assert wrong_types(own.violations(converter.out_of(converter.into(event)))) == []


@given(avro_changes())
@LAW
def test_avro(drawn: tuple[Any, Any]) -> None:
    before, after = drawn
    assume(after["fields"])
    check(schema_of(before), schema_of(after))


@given(json_changes())
@LAW
def test_json_schema(drawn: tuple[Any, Any]) -> None:
    try:
        before, after = (schema_of(one, Format.JSON) for one in drawn)
    except SchemaError:
        assume(False)
    check(before, after)
