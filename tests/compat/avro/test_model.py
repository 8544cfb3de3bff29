"""What the Avro model tells those who build on it: codecs, typed events, tags, folders of contracts."""

import json
from typing import Any

import pytest

from moorings_compat import Format, Reference, ResolvedReference, SchemaInvalid, parse
from moorings_compat.avro import BranchChooser, Enum, Record, TypeMatcher, TypeName, Union, filled_fields, model_of
from moorings_compat.avro.unresolved import read_unresolved
from moorings_compat.avro.written_definitions import written_definitions
from moorings_compat.limits import Budget
from tests.compat.avro.samples import enum, field, record, schema

MONEY = {
    "type": "record",
    "name": "Money",
    "namespace": "shop.types",
    "doc": "An amount.",
    "owner": "billing",
    "fields": [
        {"name": "cents", "type": "long", "doc": "Never negative.", "confluent:tags": ["AMOUNT"]},
        {
            "name": "currency",
            "type": {"type": "enum", "name": "Currency", "symbols": ["EUR"], "doc": "ISO 4217.", "x": 1},
        },
        {"name": "again", "type": "Currency", "order": "ignore", "default": "EUR"},
    ],
}


def test_the_model_has_the_documentation_and_the_attributes_beyond_the_specification() -> None:
    model = model_of(schema(MONEY))
    money, currency = model.in_order()
    assert isinstance(money, Record)
    assert isinstance(currency, Enum)
    assert (money.doc, dict(money.attributes)) == ("An amount.", {"owner": "billing"})
    assert (currency.full, currency.doc, dict(currency.attributes)) == ("shop.types.Currency", "ISO 4217.", {"x": 1})
    cents, _, again = money.fields
    assert (cents.doc, dict(cents.attributes)) == ("Never negative.", {"confluent:tags": ["AMOUNT"]})
    assert (again.doc, dict(again.attributes), again.default) == ("", {}, "EUR")


def test_documentation_and_attributes_make_no_difference_to_two_references_of_one_type() -> None:
    plain = {**MONEY, "fields": [{**one, "doc": "other"} for one in MONEY["fields"]], "doc": "other", "owner": "us"}
    references = [
        ResolvedReference(Reference(name, name, 1), schema(value)) for name, value in (("one", MONEY), ("two", plain))
    ]
    assert parse('"shop.types.Money"', Format.AVRO, references).model is not None


def test_a_name_resolves_to_its_definition_and_any_other_node_to_itself() -> None:
    model = model_of(schema(MONEY))
    assert isinstance(model.root, TypeName)
    money = model.resolve(model.root)
    assert money is model.definition(model.root) is model.types["shop.types.Money"]
    assert isinstance(money, Record)
    assert model.resolve(money.fields[0].type) is money.fields[0].type
    assert model.definition(money.fields[0].type) is None


@pytest.mark.parametrize(
    ("value", "repeated"),
    [
        pytest.param(record(field("a", enum("A")), field("b", "E")), {"E"}, id="used twice"),
        pytest.param(record(field("next", ["null", "R"])), {"R"}, id="used within itself"),
        pytest.param(record(field("a", enum("A"))), set(), id="used once"),
    ],
)
def test_a_repeated_type_is_used_in_more_than_one_place(value: Any, repeated: set[str]) -> None:
    assert model_of(schema(value)).repeated == repeated


def test_definitions_come_with_the_objects_that_write_them_without_those_of_references() -> None:
    money = ResolvedReference(Reference("shop.types.Money", "money", 1), schema(MONEY))
    order = record(field("paid", ["null", "shop.types.Money"]), field("state", enum("OPEN")), name="shop.Order")
    parsed = parse(json.dumps(order), Format.AVRO, [money])
    content = json.loads(parsed.text)
    found = {definition.full: value for definition, value in written_definitions(parsed, content)}
    assert found == {"shop.Order": content, "shop.E": content["fields"][1]["type"]}


@pytest.mark.parametrize(
    ("value", "name", "undefined"),
    [
        pytest.param(MONEY, "shop.types.Money", (), id="complete in itself"),
        pytest.param(
            record(field("a", "Money"), field("b", "other.Money"), field("c", "Money"), name="shop.Order"),
            "shop.Order",
            ("shop.Money", "other.Money"),
            id="names in the namespace of the record, each once",
        ),
        pytest.param(["null", "shop.Money"], "", ("shop.Money",), id="a union of a reference"),
        pytest.param(
            record(field("early", "E"), field("late", enum("A")), name="shop.Order"),
            "shop.Order",
            (),
            id="used before it is defined: wrong, but not a reference",
        ),
    ],
)
def test_an_unresolved_text_tells_its_name_and_what_it_leaves_to_references(
    value: Any, name: str, undefined: tuple[str, ...]
) -> None:
    found = read_unresolved(json.dumps(value))
    assert (found.name, found.undefined) == (name, undefined)


def test_an_unresolved_text_that_is_not_json_is_refused() -> None:
    with pytest.raises(SchemaInvalid, match="line 1, column 2: not valid JSON"):
        read_unresolved("{")


def test_a_decoder_takes_the_branch_of_the_full_name_before_an_earlier_one_of_the_short_name() -> None:
    writer = model_of(schema(record("x", name="b.P")))
    reader = model_of(schema([record("x", name="a.P"), record("x", name="b.P")]))
    assert isinstance(reader.root, Union)
    choice = BranchChooser(TypeMatcher(reader, writer), Budget()).choose(reader.root, writer.root)
    assert (choice.taken, choice.decoded) == ((0, 1), 1)


def test_a_written_field_fills_the_field_of_its_name_before_one_that_has_it_as_an_alias() -> None:
    writer = model_of(schema(record("a", "b", "c"))).types["R"]
    reader = model_of(schema(record(field("n", "int", aliases=["a"]), "a", field("m", "int", aliases=["b"])))).types[
        "R"
    ]
    assert isinstance(reader, Record)
    assert isinstance(writer, Record)
    assert filled_fields(reader, writer) == {0: 1, 1: 2}
