"""What holds for every valid event: upcast, it is a valid event of the next major."""

import copy
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from moorings.codecs.formats import make_reader, make_writer
from moorings.event_model.event_formats import shape_of
from moorings.upcasting import Mapping, Target, UpcastingReader, check_mapping, read_mapping, upcast
from moorings_compat import Schema
from tests.client.upcasting.contracts import (
    AVRO_1,
    AVRO_2,
    AVRO_EVENTS,
    AVRO_MAPPING,
    JSON_1,
    JSON_2,
    JSON_EVENTS,
    JSON_MAPPING,
    PROTO_1,
    PROTO_2,
    PROTO_EVENTS,
    PROTO_MAPPING,
    SUBJECT,
    avro,
    field,
    json_schema,
)

EVENT = "OrderPlaced"
FORMATS = {
    "avro": (AVRO_1, AVRO_2, AVRO_MAPPING, AVRO_EVENTS),
    "json": (JSON_1, JSON_2, JSON_MAPPING, JSON_EVENTS),
    "protobuf": (PROTO_1, PROTO_2, PROTO_MAPPING, PROTO_EVENTS),
}
QUICK = settings(max_examples=60, derandomize=True, deadline=None)


def mapping(text: str, before: int = 1) -> Mapping:
    return read_mapping(text, about=(SUBJECT, before, before + 1))


def reader(before: Schema, *targets: tuple[Mapping, Schema]) -> UpcastingReader:
    made = [Target(one, f"{one.after}.0", schema) for one, schema in targets]
    return UpcastingReader(make_reader(before, before, EVENT, 0), made, EVENT)


@pytest.mark.parametrize("name", FORMATS)
def test_a_mapping_that_checks_clean_makes_valid_events_of_valid_ones(name: str) -> None:
    before, after, text, events = FORMATS[name]
    declared = mapping(text)
    assert check_mapping(declared, shape_of(before, EVENT), shape_of(after, EVENT)) == []
    writer, next_writer = make_writer(before, EVENT, b""), make_writer(after, EVENT, b"")
    upcasting = reader(before, (declared, after))

    @QUICK
    @given(events)
    def law(event: Any) -> None:
        as_it_was = copy.deepcopy(event)
        data = writer.encode(event)
        read = upcasting.at_once(data)
        assert not next_writer.violations(read)
        assert event == as_it_was

    law()


@pytest.mark.parametrize("name", FORMATS)
def test_a_mapping_without_steps_changes_nothing(name: str) -> None:
    before, _, _, events = FORMATS[name]
    identity = Mapping(SUBJECT, 1, 2)
    assert check_mapping(identity, shape_of(before, EVENT), shape_of(before, EVENT)) == []
    writer, plain = make_writer(before, EVENT, b""), make_reader(before, before, EVENT, 0)
    upcasting = reader(before, (identity, before))

    @QUICK
    @given(events)
    def law(event: Any) -> None:
        data = writer.encode(event)
        assert upcasting.at_once(data) == plain.at_once(data)
        assert upcast(identity, event) == event

    law()


AVRO_3 = avro(
    field("customer", "string"),
    field("placed", "string"),
    field("first_line", ["null", "string"], default=None),
    field("colours", {"type": "array", "items": "string"}),
    field("money", {"type": "map", "values": "string"}),
)
TO_3 = """
[[step]]
rename = "/customer_id"
to = "customer"

[[step]]
convert = "/placed_at"
with = "moment_to_text"

[[step]]
rename = "/placed_at"
to = "placed"

[[step]]
drop = "/lines"

[[step]]
drop = "/address"

[[step]]
drop = "/note"

[[step]]
convert = "/colour"
with = "to_array"

[[step]]
rename = "/colour"
to = "colours"

[[step]]
default = "/money"
value = {}

[[step]]
move = "/currency"
to = "/money/currency"
"""


def test_two_chained_mappings_equal_applying_one_after_the_other() -> None:
    one, two = mapping(AVRO_MAPPING), mapping(TO_3, before=2)
    writer, second_writer = make_writer(AVRO_1, EVENT, b""), make_writer(AVRO_2, EVENT, b"")
    both, first, second = (
        reader(AVRO_1, (one, AVRO_2), (two, AVRO_3)),
        reader(AVRO_1, (one, AVRO_2)),
        reader(AVRO_2, (two, AVRO_3)),
    )

    @QUICK
    @given(AVRO_EVENTS)
    def law(event: Any) -> None:
        data = writer.encode(event)
        middle = first.at_once(data)
        assert both.at_once(data) == second.at_once(second_writer.encode(middle))

    law()


SCALARS = ("int", "long", "double", "string", "boolean")


@settings(max_examples=120, derandomize=True, deadline=None)
@given(st.data())
def test_a_mapping_checks_clean_exactly_if_it_never_fails(data: st.DataObject) -> None:
    """Random flat records, random steps: where the check says nothing, every event is read."""
    names = ("a", "b", "c", "d")
    kinds_1 = data.draw(st.dictionaries(st.sampled_from(names), st.sampled_from(SCALARS), min_size=1, max_size=3))
    kinds_2 = data.draw(st.dictionaries(st.sampled_from(names), st.sampled_from(SCALARS), min_size=1, max_size=3))
    before = avro(*(field(name, kind) for name, kind in kinds_1.items()))
    after = avro(*(field(name, kind) for name, kind in kinds_2.items()))
    lines = []
    for _ in range(data.draw(st.integers(0, 3))):
        name, other = data.draw(st.sampled_from(names)), data.draw(st.sampled_from(names))
        lines.append(data.draw(st.sampled_from([
            f'drop = "/{name}"', f'default = "/{name}"\nvalue = 1', f'convert = "/{name}"\nwith = "integer_to_text"',
            f'default = "/{name}"\nvalue = "x"', f'rename = "/{name}"\nto = "{other if other != name else "e"}"',
        ])))  # fmt: skip
    for name in kinds_1:
        if name not in kinds_2:
            lines.append(f'drop = "/{name}"')
    declared = mapping("".join(f"[[step]]\n{line}\n" for line in lines))
    found = check_mapping(declared, shape_of(before, EVENT), shape_of(after, EVENT))
    values = {"int": 1, "long": 2**40, "double": 1.5, "string": "x", "boolean": True}
    event = {name: values[kind] for name, kind in kinds_1.items()}
    if not found:
        read = reader(before, (declared, after)).at_once(make_writer(before, EVENT, b"").encode(event))
        assert not make_writer(after, EVENT, b"").violations(read)


JSON_KINDS: dict[str, tuple[Any, Any]] = {
    "string": ({"type": "string"}, "x"),
    "integer": ({"type": "integer"}, 7),
    "number": ({"type": "number"}, 2.5),
    "list": ({"type": "array", "items": {"type": "integer"}}, [1, 2]),
    "symbol": ({"enum": ["A", "B"]}, "A"),
    "nullable": ({"type": ["string", "null"]}, None),
    "object": ({"type": "object", "properties": {"in": {"type": "integer"}}, "required": ["in"]}, {"in": 1}),
}
JSON_STEPS = (
    'drop = "/{0}"',
    'default = "/{0}"\nvalue = 1',
    'default = "/{0}"\nvalue = "A"',
    'default = "/{0}"\nvalue = "x"\nor_null = true',
    'rename = "/{0}"\nto = "{1}"',
    'move = "/{0}"\nto = "/{1}/in"',
    'move = "/{0}/in"\nto = "/{1}"',
    'convert = "/{0}"\nwith = "integer_to_text"',
    'convert = "/{0}"\nwith = "to_array"',
    'convert = "/{0}"\nsymbols = {{ A = "B", B = "A" }}\notherwise = "A"',
)


@settings(max_examples=300, derandomize=True, deadline=None)
@given(st.data())
def test_a_json_mapping_that_checks_clean_makes_valid_events(data: st.DataObject) -> None:
    """Random objects with optional fields, random steps, and every way of leaving optional fields out."""
    names = ("a", "b", "c")
    fields = st.dictionaries(st.sampled_from(names), st.sampled_from(sorted(JSON_KINDS)), min_size=1, max_size=3)
    before, after = data.draw(fields), data.draw(fields)
    needed = data.draw(st.sets(st.sampled_from(sorted(before))))
    needed_after = data.draw(st.sets(st.sampled_from(sorted(after))))
    steps = []
    for _ in range(data.draw(st.integers(0, 3))):
        one, other = data.draw(st.permutations(names))[:2]
        steps.append(data.draw(st.sampled_from(JSON_STEPS)).format(one, other))
    steps += [f'drop = "/{name}"' for name in before.keys() - after.keys() if data.draw(st.booleans())]
    for name in sorted(needed_after - needed):
        steps.append(f'default = "/{name}"\nvalue = {json.dumps(JSON_KINDS[after[name]][1] or "x")}'.replace(":", " ="))
    declared = mapping("".join(f"[[step]]\n{one}\n" for one in steps))
    old = json_schema(sorted(needed), **{name: JSON_KINDS[kind][0] for name, kind in before.items()})
    new = json_schema(sorted(needed_after), **{name: JSON_KINDS[kind][0] for name, kind in after.items()})
    if check_mapping(declared, shape_of(old, EVENT), shape_of(new, EVENT)):
        return
    left_out = data.draw(st.sets(st.sampled_from(sorted(before))))
    event = {name: JSON_KINDS[kind][1] for name, kind in before.items() if name in needed or name not in left_out}
    read = reader(old, (declared, new)).at_once(make_writer(old, EVENT, b"").encode(event))
    assert not make_writer(new, EVENT, b"").violations(read)
