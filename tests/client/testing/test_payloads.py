"""Made-up events: all of them valid, by the client's validator and by a second engine, and the same for a seed."""

import io
import json
from collections.abc import Callable
from itertools import islice
from random import Random
from typing import Any

import fastavro
import jsonschema
import pytest
from hypothesis import HealthCheck, assume, given, settings

import moorings
from moorings.codecs.avro.logical import local_nanos_number, nanos_number
from moorings.codecs.formats import make_reader, make_writer
from moorings.testing import payloads
from moorings.testing.payloads.events import EventMaker
from moorings.testing.payloads.varying import Varying
from moorings_compat import Format, Schema, SchemaError, parse
from moorings_compat.avro import fastavro_schema, write_big_decimal
from moorings_compat.json_schema import bundled
from tests.client.typed.drawn_avro import contracts
from tests.client.typed.drawn_json import schemas

TREE = {"type": "record", "name": "Tree", "fields": [{"name": "left", "type": ["null", "Tree"]}]}
AVRO: dict[str, Any] = {
    "type": "record",
    "name": "OrderPlaced",
    "namespace": "shop.orders",
    "fields": [
        {"name": "order_id", "type": "string"},
        {"name": "cents", "type": "long"},
        {"name": "ratio", "type": "float"},
        {"name": "at", "type": {"type": "long", "logicalType": "timestamp-millis"}},
        {"name": "price", "type": {"type": "bytes", "logicalType": "decimal", "precision": 9, "scale": 2}},
        {"name": "kind", "type": {"type": "enum", "name": "Kind", "symbols": ["CARD", "CASH"]}},
        {"name": "digest", "type": {"type": "fixed", "name": "Digest", "size": 4}},
        {"name": "id", "type": {"type": "string", "logicalType": "uuid"}},
        {"name": "exact_at", "type": {"type": "long", "logicalType": "timestamp-nanos"}},
        {"name": "local_at", "type": {"type": "long", "logicalType": "local-timestamp-nanos"}},
        {"name": "amount", "type": {"type": "bytes", "logicalType": "big-decimal"}},
        {"name": "key", "type": {"type": "fixed", "name": "Key", "size": 16, "logicalType": "uuid"}},
        {"name": "value", "type": ["null", "int", "string", {"type": "map", "values": "double"}]},
        {
            "name": "tree",
            "type": {"type": "record", "name": "Tree", "fields": [{"name": "left", "type": ["null", "Tree"]}]},
        },
        {"name": "tags", "type": {"type": "array", "items": "string"}, "default": []},
    ],
}
JSON: dict[str, Any] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "object",
    "properties": {
        "code": {"type": "string", "pattern": "^[A-Z]{3}-[0-9]{4,}$"},
        "email": {"type": "string", "format": "email", "maxLength": 40},
        "quantity": {"type": "integer", "minimum": 10, "exclusiveMaximum": 1000, "multipleOf": 5},
        "rate": {"type": "number", "minimum": 0, "maximum": 1},
        "lines": {
            "type": "array",
            "items": {"$ref": "#/$defs/line"},
            "minItems": 1,
            "maxItems": 5,
            "uniqueItems": True,
        },
        "method": {"oneOf": [{"const": "cash"}, {"$ref": "#/$defs/card"}]},
        "labels": {"type": "object", "additionalProperties": {"type": "string", "maxLength": 5}, "maxProperties": 3},
        "note": {"type": ["string", "null"]},
    },
    "required": ["code", "quantity", "lines", "method"],
    "additionalProperties": False,
    "dependentRequired": {"note": ["email"]},
    "$defs": {
        "line": {"type": "object", "properties": {"sku": {"type": "string", "minLength": 1}}, "required": ["sku"]},
        "card": {
            "type": "object",
            "properties": {"kind": {"const": "card"}, "last_four": {"type": "string", "pattern": "^[0-9]{4}$"}},
            "required": ["kind"],
        },
    },
}
PROTO = """syntax = "proto3";
package shop.payments;
import "google/protobuf/timestamp.proto";
import "google/protobuf/duration.proto";
import "google/protobuf/wrappers.proto";
import "google/protobuf/struct.proto";
message PaymentCaptured {
  string payment_id = 1;
  uint32 cents = 2;
  float ratio = 3;
  bytes digest = 4;
  Kind kind = 5;
  google.protobuf.Timestamp at = 6;
  google.protobuf.Duration took = 7;
  google.protobuf.Int64Value limit = 8;
  google.protobuf.Struct more = 9;
  oneof method { Card card = 10; string iban = 11; }
  repeated Card others = 12;
  map<int32, string> by_number = 13;
  map<bool, Card> by_flag = 14;
}
enum Kind { UNKNOWN = 0; CARD = 1; }
message Card { optional string brand = 1; Card parent = 2; }
"""
TEXTS = {Format.AVRO: json.dumps(AVRO), Format.JSON: json.dumps(JSON), Format.PROTOBUF: PROTO}
SUBJECTS = {
    Format.AVRO: "shop.orders.OrderPlaced",
    Format.JSON: "shop.orders.OrderShipped",
    Format.PROTOBUF: "shop.payments.PaymentCaptured",
}


@pytest.fixture
def contract(registry: moorings.Registry) -> Callable[[Format], moorings.EventContract]:
    def made(format: Format) -> moorings.EventContract:
        registry.api.register(SUBJECTS[format], TEXTS[format], format)
        return registry.event(SUBJECTS[format])

    return made


def by_fastavro(schema: Schema, event: Any) -> bool:
    """Write with the reference library, which takes the event whole; new logical types are bytes and numbers to it."""
    if isinstance(event, dict) and "amount" in event:
        event = {**event, "amount": write_big_decimal(event["amount"]), "key": event["key"].bytes}
        event |= {"exact_at": nanos_number(event["exact_at"]), "local_at": local_nanos_number(event["local_at"])}
    return bool(fastavro.schemaless_writer(io.BytesIO(), fastavro_schema(schema), event) is None)


def by_jsonschema(schema: Schema, event: Any) -> bool:
    checker = jsonschema.FormatChecker()
    return bool(jsonschema.Draft202012Validator(bundled(schema), format_checker=checker).is_valid(event))


SECOND = {Format.AVRO: by_fastavro, Format.JSON: by_jsonschema}
Made = Callable[[Format], moorings.EventContract]


@pytest.mark.parametrize("format", Format)
def test_ordinary_events_are_valid_and_the_same_for_a_seed(contract: Made, format: Format) -> None:
    handle = contract(format)
    events = payloads.valid(handle, 30, seed=7)
    assert events == payloads.valid(handle, 30, seed=7)
    assert events != payloads.valid(handle, 30, seed=8)
    assert len({repr(event) for event in events}) > 20
    for event in events:
        assert handle.validate(event) == []
        assert SECOND.get(format, lambda *_: True)(handle.schema, event)


@pytest.mark.parametrize("format", Format)
def test_adversarial_events_are_valid_and_cover_the_edge_cases(contract: Made, format: Format) -> None:
    handle = contract(format)
    made = payloads.adversarial(handle)
    assert [one.data for one in made] == [one.data for one in payloads.adversarial(handle)]
    for one in made:
        assert handle.validate(one.event) == []
        assert repr(handle.decode(one.data)) == repr(one.event)  # by text: NaN is not equal to itself
        assert SECOND.get(format, lambda *_: True)(handle.schema, one.event)
    assert len(made) == len({one.data for one in made})


EXPECTED = [
    (Format.AVRO, "/order_id", "a null byte"),
    (Format.AVRO, "/order_id", "65536 characters"),
    (Format.AVRO, "/cents", "the least number"),
    (Format.AVRO, "/ratio", "the number nan"),
    (Format.AVRO, "/at", "the last moment"),
    (Format.AVRO, "/price", "the decimal -9999999.99"),
    (Format.AVRO, "/kind", "the symbol 'CASH'"),
    (Format.AVRO, "/value", "alternative 4"),
    (Format.AVRO, "/tags", "1000 items"),
    (Format.JSON, "/quantity", "the number 995"),
    (Format.JSON, "/rate", "the number 1"),
    (Format.JSON, "/lines/0/sku", "right to left"),
    (Format.JSON, "/method", "alternative 1"),
    (Format.JSON, "/method/last_four", "a value that the pattern allows"),
    (Format.JSON, "/labels", "no entries"),
    (Format.JSON, "", "every field left out that may be"),
    (Format.PROTOBUF, "/cents", "the greatest number"),
    (Format.PROTOBUF, "/took", "a span of 315576000000.0 s"),
    (Format.PROTOBUF, "/iban", "a null byte"),
    (Format.PROTOBUF, "/card", "a field that may be left out"),
    (Format.PROTOBUF, "/by_number", "a key: the least number"),
    (Format.PROTOBUF, "/by_flag", "a key: false"),
]


@pytest.mark.parametrize("format", Format)
def test_every_documented_kind_of_edge_case_is_present(contract: Made, format: Format) -> None:
    found = {(one.path, one.shows) for one in payloads.adversarial(contract(format))}
    assert [(path, shows) for one, path, shows in EXPECTED if one is format and (path, shows) not in found] == []


def test_older_revisions_are_read_as_the_newest(registry: moorings.Registry, contract: Made) -> None:
    contract(Format.AVRO)
    added = {"name": "note", "type": ["null", "string"], "default": None}
    newer = {**AVRO, "fields": [*AVRO["fields"], added]}
    registry.api.register(SUBJECTS[Format.AVRO], json.dumps(newer), Format.AVRO)
    registry.refresh()
    handle = registry.event(SUBJECTS[Format.AVRO])
    made = payloads.older(registry, handle, n=2)
    assert [(one.revision, one.event["note"]) for one in made] == [("1.0", None)] * 2
    assert all(handle.decode(one.data) == one.event for one in made)


def test_a_contract_without_valid_events_is_an_error(registry: moorings.Registry) -> None:
    schema = {"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"], "not": {"required": ["n"]}}
    registry.api.register("shop.orders.NothingMade", json.dumps(schema), Format.JSON)
    with pytest.raises(payloads.PayloadsImpossible, match="by hand"):
        payloads.valid(registry.event("shop.orders.NothingMade"))


@pytest.mark.parametrize("format", Format)
def test_a_strategy_gives_valid_events(contract: Made, format: Format) -> None:
    handle = contract(format)

    @given(payloads.strategy(handle))
    @settings(max_examples=20, derandomize=True, deadline=None)
    def law(event: Any) -> None:
        assert handle.validate(event) == []

    law()


BOUNDED = settings(max_examples=25, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck))


def checked(schema: Schema, second: Callable[[Any], bool]) -> None:
    """Make events of a random schema, and change them: whatever the client's validator takes, the other one does."""
    writer, making, rng = make_writer(schema, "", b""), EventMaker(schema, "shop.orders.OrderPlaced"), Random(1)
    try:
        event = making.event(rng, writer.violations)
    except payloads.PayloadsImpossible:
        return
    assert second(event)
    for variant in islice(Varying(making.builder, rng).variants(event), 200):
        assert writer.violations(variant.event) or second(variant.event)


@given(contracts())
@BOUNDED
def test_events_of_any_avro_contract_are_written_by_the_reference_library(drawn: tuple[Any, Any]) -> None:
    schema = parse(json.dumps(drawn[0]), Format.AVRO)
    read, write = make_reader(schema, schema, "", 0), make_writer(schema, "", b"")
    checked(schema, lambda event: by_fastavro(schema, read.at_once(write.at_once(event))))


@given(schemas())
@BOUNDED
def test_events_of_any_json_schema_are_valid_for_the_other_validator(drawn: dict[str, Any]) -> None:
    try:
        schema = parse(json.dumps(drawn), Format.JSON)
    except SchemaError:
        assume(False)
    validator = jsonschema.Draft202012Validator(bundled(schema), format_checker=jsonschema.FormatChecker())
    checked(schema, validator.is_valid)
