"""`compare` is checked with events: a class without differences fits, over random contracts and changes.

A class is generated from one contract and compared with a changed one. Where they have no differences to produce,
whatever objects of the class hold is valid under the changed contract; to consume, whatever events the changed contract
allows become objects whose fields are of the class's own types.
"""

import copy
import json
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


NARROWING = ("format", "pattern", "minimum")


def wrong_types(found: Sequence[Violation], schema: Schema) -> list[Violation]:
    """Return the violations of types. What only narrows a type fails as a whole branch where it is in alternatives."""
    narrowing = {*NOT_TYPES, Broken.BRANCH_WRONG} if narrows_by_branches(json.loads(schema.text)) else NOT_TYPES
    return [one for one in found if one.rule not in narrowing]


def narrows_by_branches(schema: Any, *, in_branch: bool = False) -> bool:
    """Say whether alternatives narrow types: `oneOf`, of which only one may fit, or bounds and formats in branches."""
    if isinstance(schema, list):
        return any(narrows_by_branches(one, in_branch=in_branch) for one in schema)
    if not isinstance(schema, dict):
        return False
    if "oneOf" in schema or (in_branch and not schema.keys().isdisjoint(NARROWING)):
        return True
    return any(narrows_by_branches(one, in_branch=in_branch or key == "anyOf") for key, one in schema.items())


def check(before: Schema, after: Schema) -> None:
    text = module_text(before)
    kind = imported(text).OrderPlaced
    assume(hasattr(kind, "__dataclass_fields__"))
    converter = compile_converter(kind, str(before.format))
    own, changed = (make_writer(schema, "OrderPlaced", b"") for schema in (before, after))
    looked_after = "# Any" in text or "dict[str, Any]" in text  # by the author of the class, and not by us
    if not looked_after and not compare(kind, after, "produce"):
        for event in events(before, own):
            assert wrong_types(changed.violations(converter.out_of(converter.into(event))), after) == []
    if not compare(kind, after, "consume"):
        for event in events(after, changed):
            assert wrong_types(own.violations(converter.out_of(converter.into(event))), before) == []


@given(avro_changes())
@LAW
def test_avro_classes_without_differences_write_and_read_every_event(drawn: tuple[Any, Any]) -> None:
    before, after = drawn
    assume(after["fields"])
    check(schema_of(before), schema_of(after))


@given(json_changes())
@LAW
def test_json_schema_classes_without_differences_write_and_read_every_event(drawn: tuple[Any, Any]) -> None:
    try:
        before, after = (schema_of(one, Format.JSON) for one in drawn)
    except SchemaError:
        assume(False)
    check(before, after)
