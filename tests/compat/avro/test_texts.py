"""The forms of a schema: stored, identified, canonical, resolved, and as fastavro takes it."""

import io
import json
from functools import reduce
from typing import Any

import fastavro
import pytest

from moorings_compat import (
    Format,
    Limits,
    Reference,
    ReferenceMissing,
    ResolvedReference,
    Schema,
    SchemaInvalid,
    SchemaLimitExceeded,
    can_read,
    parse,
)
from moorings_compat.avro import (
    fastavro_schema,
    parsing_canonical_form,
    rabin_fingerprint,
    resolved_text,
    sha256_fingerprint,
)
from moorings_compat.avro.canonical import identity_text, in_order
from tests.compat.avro import apache
from tests.compat.avro.samples import array, decimal, enum, field, fixed, mapping, record, schema


def refer(name: str, to: Schema, version: int = 1) -> ResolvedReference:
    return ResolvedReference(Reference(name, f"{name}-value", version), to)


def test_the_stored_text_is_what_was_sent_on_one_line() -> None:
    sent = '{ "name": "R",\n  "doc": "two  spaces, é and \\u00e9",\n  "type": "record", "fields": [ ] }'
    assert (
        parse(sent, Format.AVRO).text == '{"name":"R","doc":"two  spaces, é and \\u00e9","type":"record","fields":[]}'
    )


AS_SENT = [  # members of a field, each of which could be written in another way
    '"default":-0',
    '"default":0,"doc":"\\u0041\\/ \\\\ \\" b"',
    '"default":0,"x":[1e2,1.50,-0.0]',
    '"default":0,"x":123456789012345678901234567890,"y":{"z":[ ],"a":"caf\u00e9 \u2028"}',
]


@pytest.mark.parametrize("members", AS_SENT)
def test_the_stored_text_keeps_each_value_as_it_was_written(members: str) -> None:
    sent = f'{{ "type": "record", "name": "R",\n"fields": [ {{"name" :"a","type":"int",{members} }} ] }}\n'
    stored = f'{{"type":"record","name":"R","fields":[{{"name":"a","type":"int",{members.replace("[ ]", "[]")}}}]}}'
    assert parse(sent, Format.AVRO).text == stored


@pytest.mark.parametrize("text", ['"int"', '{"type": "int"}', ' {"type":"int"} '])
def test_a_primitive_written_as_an_object_is_stored_as_its_name(text: str) -> None:
    made = parse(text, Format.AVRO)
    assert (made.text, made.identity, made.canonical) == ('"int"',) * 3


def test_identity_orders_keys_and_changes_nothing_else() -> None:
    made = parse('{"symbols":["B","A"],"z":{"b":1,"a":1.0},"name":"E","type":"enum","doc":"d"}', Format.AVRO)
    assert made.identity == '{"type":"enum","name":"E","doc":"d","symbols":["B","A"],"z":{"a":1.0,"b":1}}'


EVERY_CHARACTER = "".join(map(chr, [*range(0x180), 0x2028, 0x2029, 0xFFFD, 0xFFFF, 0x1F600]))
WITHOUT_FRACTIONS = [
    EVERY_CHARACTER,
    {EVERY_CHARACTER: [True, False, None, {"a": []}]},
    [0, -1, 2**53 + 1, 2**63, -(2**63), 2**64, 10**300],
    reduce(lambda inner, _: [inner], range(300), "deep"),
]


@pytest.mark.parametrize("value", WITHOUT_FRACTIONS, ids=["text", "keys", "whole numbers", "deep"])
def test_both_encoders_write_the_same_text(value: Any) -> None:
    ordered = in_order(value)
    assert identity_text(ordered, has_fractions=False) == identity_text(ordered, has_fractions=True)


@pytest.mark.parametrize("number", ["1e22", "1E-7", "0.5", "-0.0"])
def test_a_fraction_anywhere_is_written_as_it_always_was(number: str) -> None:
    text = '{"type":"record","name":"R","fields":[{"name":"a","type":"int","x":[{"y":%s}]}]}'
    expected = text.replace('"name":"a","type":"int"', '"type":"int","name":"a"') % float(number)
    assert parse(text % number, Format.AVRO).identity == expected


def test_a_member_that_only_records_have_is_left_out_of_the_canonical_form_of_others() -> None:
    made = parse('{"type":"enum","name":"E","symbols":["A"],"fields":["x"],"aliases":[]}', Format.AVRO)
    assert made.canonical == '{"type":"enum","name":"E","symbols":["A"]}'


ONE_MEANING = [  # two texts of one canonical form
    (record("a", name="x.R"), record("a", name="R", namespace="x")),
    (record("a", name="x.R"), record("a", name="x.R", namespace="ignored")),
    (record("a", aliases=["S", "T"], namespace="x"), record("a", aliases=["x.T", "S"], namespace="x")),
    (
        record(field("f", fixed(1)), field("g", "F"), namespace="x"),
        record(field("f", fixed(1, name="x.F")), field("g", {"type": "x.F"}), namespace="x"),
    ),
    (array({"type": "string"}), array("string")),
]


@pytest.mark.parametrize(("one", "other"), ONE_MEANING, ids=str)
def test_schemas_of_one_meaning_share_the_canonical_form(one: Any, other: Any) -> None:
    first, second = schema(one), schema(other)
    assert first.canonical == second.canonical
    assert first.fingerprint == second.fingerprint
    assert first.identity != second.identity
    assert can_read(first, second) == can_read(second, first) == ()


KEPT = [
    record("a", doc="d"),
    record(field("a", "int", default=1)),
    record("b", aliases=["S"]),
    record(field("a", "int", pii=True)),
    record("b", "a"),
    record(field("a", decimal(4, 2))),
    record("a", "b", owner={"team": "orders"}),
]


def test_the_canonical_form_keeps_docs_defaults_aliases_and_attributes() -> None:
    forms = [schema(value).canonical for value in KEPT]
    assert len(set(forms)) == len(KEPT)
    assert [schema(json.loads(form)).canonical for form in forms] == forms


def test_parsing_canonical_form_and_fingerprints_are_those_of_the_specification() -> None:
    value = record(field("e", enum("A", doc="x")), field("again", "E"), namespace="x", doc="d")
    made = schema(value)
    assert parsing_canonical_form(made) == (
        '{"name":"x.R","type":"record","fields":[{"name":"e","type":{"name":"x.E","type":"enum","symbols":["A"]}},'
        '{"name":"again","type":"x.E"}]}'
    )
    theirs = apache.parsed(made.text)
    assert parsing_canonical_form(schema(record("a", name="x.R"))) == apache.parsed(
        json.dumps(record("a", name="x.R"))
    ).canonical_form.replace(": ", ":")
    assert json.loads(theirs.canonical_form)["name"] == "x.R"
    form = fastavro.schema.to_parsing_canonical_form(value)
    assert form == parsing_canonical_form(made)
    assert rabin_fingerprint(made).hex() == fastavro.schema.fingerprint(form, "CRC-64-AVRO")
    assert sha256_fingerprint(made).hex() == fastavro.schema.fingerprint(form, "SHA-256")


@pytest.fixture
def money() -> Schema:
    currency = field("currency", enum("EUR", "USD", name="Currency"))
    return schema(record(field("amount", decimal(9, 2)), currency, name="shop.Money"))


@pytest.fixture
def order(money: Schema) -> Schema:
    paid = field("paid", ["null", "shop.Currency"], default=None)
    return schema(record(paid, field("total", "shop.Money"), name="shop.Order"), refer("shop.Money", money))


def test_a_schema_may_name_every_type_of_a_reference(order: Schema) -> None:
    basket = schema(array("shop.Order"), refer("shop.Order", order))
    deeper = schema(mapping("shop.Currency"), refer("shop.Order", order))
    assert json.loads(resolved_text(deeper))["values"]["symbols"] == ["EUR", "USD"]
    assert json.loads(resolved_text(basket))["items"]["name"] == "shop.Order"


def test_resolved_text_defines_each_type_where_it_is_used_first(order: Schema) -> None:
    alone = parse(resolved_text(order), Format.AVRO)
    assert alone.references == ()
    assert parsing_canonical_form(alone) == parsing_canonical_form(order)
    assert can_read(alone, order) == can_read(order, alone) == ()
    paid, total = json.loads(resolved_text(order))["fields"]
    assert paid["type"][1]["symbols"] == ["EUR", "USD"]
    assert total["type"]["fields"][1]["type"] == "shop.Currency"


def test_a_finding_in_a_reference_points_into_its_text(money: Schema, order: Schema) -> None:
    poorer = schema(json.loads(money.text.replace('"EUR","USD"', '"EUR"')))
    reader = schema(json.loads(order.text), refer("shop.Money", poorer, 2))
    (finding,) = can_read(reader, order)
    assert finding.reader_path == "shop.Money#/fields/1/type/symbols"
    assert finding.writer_path == "shop.Money#/fields/1/type/symbols"
    assert finding.suggestion is None
    assert finding.witness is not None


def test_a_type_that_two_references_bring_is_one_type(money: Schema, order: Schema) -> None:
    assert schema(["shop.Order", "shop.Money"], refer("shop.Order", order), refer("shop.Money", money))


def test_a_second_type_of_the_name_of_a_referenced_one_is_refused(money: Schema) -> None:
    other = schema(record("a", name="shop.Money"))
    with pytest.raises(SchemaInvalid, match="differently"):
        schema("shop.Money", refer("one", money), refer("two", other))
    with pytest.raises(SchemaInvalid, match="already defined"):
        schema(record("a", name="shop.Money"), refer("one", money))


def test_a_reference_that_is_not_avro_or_does_not_define_what_is_used_is_refused(money: Schema) -> None:
    with pytest.raises(ReferenceMissing, match=r"shop\.Purse"):
        schema("shop.Purse", refer("shop.Purse", money))
    with pytest.raises(SchemaInvalid, match="not an Avro schema, but JSON"):
        schema("shop.Money", refer("shop.Money", parse('{"type":"object"}', Format.JSON)))


def nested_by_references(money: Schema, times: int) -> Schema:
    below, inner = money, "shop.Money"
    for index in range(times):
        below = schema(record(field("in", inner), name=f"shop.L{index}"), refer(inner, below))
        inner = f"shop.L{index}"
    return below


def test_the_number_and_depth_of_references_are_bounded(money: Schema) -> None:
    assert nested_by_references(money, 50)
    with pytest.raises(SchemaLimitExceeded, match="types within each other"):
        nested_by_references(money, 70)
    with pytest.raises(SchemaLimitExceeded, match="number of references"):
        parse('"int"', Format.AVRO, [refer("a", money)], Limits(references=0))


def written_and_read(writer: Schema, reader: Schema, value: Any) -> Any:
    stream = io.BytesIO()
    fastavro.schemaless_writer(stream, fastavro_schema(writer), value)
    stream.seek(0)
    return fastavro.schemaless_reader(stream, fastavro_schema(writer), fastavro_schema(reader))


P = record("x", name="P")

RESOLVED = [  # fastavro, given the texts as they are, raises TypeError for each of these
    (
        record(field("a", P), field("b", "P")),
        record(field("b", ["null", P])),
        {"a": {"x": 1}, "b": {"x": 2}},
        {"b": {"x": 2}},
    ),
    (
        record(field("b", P)),
        record(field("a", ["null", P], default=None), field("b", ["null", "P"])),
        {"b": {"x": 2}},
        {"a": None, "b": {"x": 2}},
    ),
    (
        record(field("a", P), field("b", array("P"))),
        record(field("b", array(["null", P]))),
        {"a": {"x": 1}, "b": [{"x": 2}]},
        {"b": [{"x": 2}]},
    ),
]


@pytest.mark.parametrize(("writer", "reader", "value", "read"), RESOLVED, ids=lambda one: "")
def test_fastavros_form_resolves_names_in_unions(writer: Any, reader: Any, value: Any, read: Any) -> None:
    assert can_read(schema(reader), schema(writer)) == ()
    assert written_and_read(schema(writer), schema(reader), value) == read


SHAPES = [
    ("int", 1),
    (array(P), [{"x": 1}]),
    (mapping(enum("A")), {"k": "A"}),
    ([enum("A"), array("E"), P], ["A"]),
    (["null", P, mapping("P")], {"k": {"x": 1}}),
    (record("v", field("next", ["null", "R"])), {"v": 1, "next": {"v": 2, "next": None}}),
    (record(field("a", record("x", name="N", namespace="")), name="x.R"), {"a": {"x": 1}}),
    (record(field("a", fixed(2, logicalType="decimal", precision=99))), {"a": b"ab"}),
]


@pytest.mark.parametrize(("value", "datum"), SHAPES, ids=str)
def test_fastavros_form_of_a_schema_reads_what_it_writes(value: Any, datum: Any) -> None:
    made = schema(value)
    assert written_and_read(made, made, datum) == datum
    assert written_and_read(made, schema(value), datum) == datum
