"""A producer and a consumer over a real registry: all three formats, two revisions, every framing."""

import json
import pickle
import warnings
from typing import Any

import httpx2
import pytest

import moorings
from moorings.codecs.framing import HEADER_NAME
from moorings_compat import Format, parse
from moorings_compat.protobuf import message_of_event

AVRO = {
    "type": "record",
    "name": "OrderPlaced",
    "namespace": "shop.orders",
    "fields": [{"name": "order_id", "type": "string"}, {"name": "total_cents", "type": "long"}],
}
AVRO_NEXT = {**AVRO, "fields": [*AVRO["fields"], {"name": "note", "type": ["null", "string"], "default": None}]}
JSON_SCHEMA = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "object",
    "properties": {"order_id": {"type": "string"}, "shipped_at": {"type": "string", "format": "date-time"}},
    "required": ["order_id"],
}
PROTO = """syntax = "proto3";
package shop.payments;
message Ignored { string x = 1; }
message PaymentCaptured { string order_id = 1; int64 cents = 2; Kind kind = 3; }
enum Kind { UNKNOWN = 0; CARD = 1; }
"""
AVRO_SUBJECT, JSON_SUBJECT, PROTO_SUBJECT = (
    "shop.orders.OrderPlaced",
    "shop.orders.OrderShipped",
    "shop.payments.PaymentCaptured",
)
PLACED = {"order_id": "o-1", "total_cents": 4200}


@pytest.fixture
def shop(registry: moorings.Registry) -> moorings.Registry:
    api = registry.api
    api.put_domain("shop.orders", {"owner": "team-orders"})
    api.put_domain("shop.payments", {"owner": "team-payments"})
    api.register(AVRO_SUBJECT, json.dumps(AVRO), Format.AVRO)
    api.register(JSON_SUBJECT, json.dumps(JSON_SCHEMA), Format.JSON)
    api.register(PROTO_SUBJECT, PROTO, Format.PROTOBUF)
    return registry


EVENTS: list[tuple[str, Any]] = [
    (AVRO_SUBJECT, PLACED),
    (JSON_SUBJECT, {"order_id": "o-1", "shipped_at": "2026-01-01T00:00:00Z"}),
    (PROTO_SUBJECT, {"order_id": "o-1", "cents": 4200, "kind": "CARD"}),
]


@pytest.mark.parametrize(("subject", "event"), EVENTS)
@pytest.mark.parametrize("framing", ["id", "guid"])
def test_an_event_is_read_as_it_was_written(shop: moorings.Registry, subject: str, event: Any, framing: str) -> None:
    contract = shop.event(subject, framing=framing)
    data = contract.encode(event)
    assert data[0] == (0 if framing == "id" else 1)
    assert shop.event(subject).decode(data) == event
    assert shop.event(subject).decode(memoryview(data)) == event  # type: ignore[arg-type]  # what brokers may hand over


@pytest.mark.parametrize(("subject", "event"), EVENTS)
def test_the_prefix_may_be_in_the_record_header(shop: moorings.Registry, subject: str, event: Any) -> None:
    data = shop.event(subject, framing="guid").encode(event)
    prefix = 18 if subject == PROTO_SUBJECT else 17
    headers = [("trace", b"x"), (HEADER_NAME, data[:17])]
    assert shop.event(subject).decode(data[17:], headers) == event
    assert shop.event(subject).decode(data[prefix:], {HEADER_NAME: data[:prefix]}) == event


@pytest.mark.parametrize(("subject", "event"), EVENTS)
def test_an_undeclared_field_is_refused_on_produce(shop: moorings.Registry, subject: str, event: Any) -> None:
    with pytest.raises(moorings.EventInvalid) as caught:
        shop.event(subject).encode({**event, "oder_id": "hunter2"})
    (violation,) = caught.value.violations
    assert (violation.pointer, violation.rule) == ("/oder_id", moorings.Broken.FIELD_UNDECLARED)
    assert "hunter2" not in str(caught.value) + repr(caught.value)
    assert (caught.value.subject, caught.value.version) == (subject, "1.0")


@pytest.mark.parametrize(("subject", "event"), EVENTS)
def test_validate_alone_returns_what_encode_would_refuse(shop: moorings.Registry, subject: str, event: Any) -> None:
    contract = shop.event(subject)
    assert contract.validate(event) == []
    assert [one.pointer for one in contract.validate({**event, "order_id": 5, "more": 1})] == ["/order_id", "/more"]


def test_a_consumer_reads_newer_and_older_revisions_as_its_own(shop: moorings.Registry, http: Any) -> None:
    older = shop.event(AVRO_SUBJECT)
    shop.api.register(AVRO_SUBJECT, json.dumps(AVRO_NEXT), Format.AVRO)
    newer = moorings.connect(http=http).event(AVRO_SUBJECT)
    assert newer.latest.label == "1.1"
    assert newer.decode(older.encode(PLACED)) == {**PLACED, "note": None}
    assert older.decode(newer.encode({**PLACED, "note": "x"})) == PLACED


def test_later_messages_of_a_schema_use_no_network(shop: moorings.Registry, http: Any) -> None:
    class Counting(httpx2.BaseTransport):
        requests = 0

        def handle_request(self, request: httpx2.Request) -> httpx2.Response:
            self.requests += 1
            response: httpx2.Response = http.handle_request(request)
            return response

    counting = Counting()
    contract = moorings.connect(http=counting).event(AVRO_SUBJECT)
    data = contract.encode(PLACED)
    contract.decode(data)
    met = counting.requests
    for _ in range(3):
        contract.decode(contract.encode(PLACED))
    assert counting.requests == met


def test_the_handle_is_the_same_on_every_call(shop: moorings.Registry) -> None:
    assert shop.event(AVRO_SUBJECT) is shop.event(AVRO_SUBJECT, 1)


@pytest.mark.parametrize(("subject", "major"), [("shop.orders.OrderLost", 1), (AVRO_SUBJECT, 2)])
def test_an_unregistered_contract_is_an_error(shop: moorings.Registry, subject: str, major: int) -> None:
    with pytest.raises(moorings.ContractUnknown):
        shop.event(subject, major)


def test_an_unknown_writer_is_looked_up_once(shop: moorings.Registry, http: Any) -> None:
    asked: list[str] = []

    class Listening(httpx2.BaseTransport):
        def handle_request(self, request: httpx2.Request) -> httpx2.Response:
            asked.append(request.url.path)
            response: httpx2.Response = http.handle_request(request)
            return response

    contract = moorings.connect(http=Listening()).event(AVRO_SUBJECT)
    for _ in range(5):
        with pytest.raises(moorings.WriterUnknown):
            contract.decode(b"\x00\x00\x00\x03\xe7rest")
    assert asked.count("/v1/schemas/ids/999") == 1


UNREADABLE: list[tuple[str, bytes, str]] = [
    ("cut off", b"\x06o", "/total_cents"),
    ("more bytes than the event", b"\x06o-1\x02\x02", ""),
    ("text that is not UTF-8", b"\x02\xff\x02", "/order_id"),
    ("a negative size", b"\x01\x02", "/order_id"),
    ("a size beyond the bytes", b"\xff\xff\xff\xff\x0f", "/order_id"),
]


@pytest.mark.parametrize(("shows", "payload", "path"), UNREADABLE)
def test_unreadable_bytes_raise_event_unreadable(
    shop: moorings.Registry, shows: str, payload: bytes, path: str
) -> None:
    contract = shop.event(AVRO_SUBJECT)
    with pytest.raises(moorings.EventUnreadable) as caught:
        contract.decode(contract.encode(PLACED)[:5] + payload)
    error = caught.value
    assert (error.subject, error.writer_version, error.reader_version) == (AVRO_SUBJECT, "1.0", "1.0")
    assert error.path == path


def test_another_format_under_the_id_is_unreadable(shop: moorings.Registry) -> None:
    data = shop.event(JSON_SUBJECT).encode({"order_id": "o-1"})
    with pytest.raises(moorings.EventUnreadable, match="JSON"):
        shop.event(AVRO_SUBJECT).decode(data)


def test_json_that_breaks_the_contract_is_unreadable_with_all_violations(shop: moorings.Registry) -> None:
    contract = shop.event(JSON_SUBJECT)
    prefix = contract.encode({"order_id": "o-1"})[:5]
    with pytest.raises(moorings.EventUnreadable) as caught:
        contract.decode(prefix + b'{"shipped_at": "yesterday"}')
    assert {one.pointer for one in caught.value.violations} == {"/order_id", "/shipped_at"}
    assert "yesterday" not in str(caught.value)


def test_another_message_of_the_file_is_unreadable(shop: moorings.Registry) -> None:
    contract = shop.event(PROTO_SUBJECT)
    prefix = contract.encode({})[:5]
    with pytest.raises(moorings.EventUnreadable, match=r"shop\.payments\.Ignored"):
        contract.decode(prefix + b"\x00")


def test_protobuf_messages_are_written_and_read(shop: moorings.Registry) -> None:
    contract = shop.event(PROTO_SUBJECT)
    message = contract.decode_message(contract.encode({"cents": 7}))
    assert message.cents == 7
    assert contract.decode(contract.encode(message))["cents"] == 7


def test_only_protobuf_has_messages(shop: moorings.Registry) -> None:
    contract = shop.event(AVRO_SUBJECT)
    with pytest.raises(TypeError, match="Protobuf"):
        contract.decode_message(contract.encode(PLACED))


def test_the_message_is_the_one_named_as_the_event() -> None:
    schema = parse(PROTO, Format.PROTOBUF)
    assert message_of_event(schema, "PaymentCaptured") == "shop.payments.PaymentCaptured"
    assert message_of_event(schema, "SomethingElse") == "shop.payments.Ignored"
    assert message_of_event(schema, "shop.payments.PaymentCaptured") == "shop.payments.PaymentCaptured"


@pytest.mark.parametrize(
    ("event", "message"),
    [
        ("made.Outer.Second", "made.Outer.Second"),
        ("shop.orders.Outer.Second", "made.Outer.Second"),
        ("made.Other", "made.Other"),
        ("made.Second", "made.Outer"),
        ("Second", "made.Outer"),
    ],
)
def test_a_nested_message_is_named_with_what_it_is_in(event: str, message: str) -> None:
    nested = "message Outer { message First {} message Second { string b = 1; } } message Other {}"
    assert message_of_event(parse(f'syntax = "proto3"; package made; {nested}', Format.PROTOBUF), event) == message


def test_an_event_may_be_a_nested_message(shop: moorings.Registry, http: Any) -> None:
    text = 'syntax = "proto3"; message Outer { string of = 1; message A { string a = 1; } message B { string b = 1; } }'
    put = httpx2.Client(transport=http, base_url="http://localhost").post
    answer = put("/subjects/Outer.B/versions", json={"schema": text, "schemaType": "PROTOBUF"})
    contract = shop.event("Outer.B")
    written = contract.encode({"b": "t"})
    assert (answer.status_code, written[5:]) == (200, b"\x04\x00\x02\x0a\x01t")
    assert contract.decode(written) == {"b": "t"}
    with pytest.raises(moorings.EventUnreadable, match=r"Outer\.A"):
        contract.decode(written[:5] + b"\x04\x00\x00\x0a\x01t")


def test_a_deprecated_major_warns_once_with_its_sunset(shop: moorings.Registry, http: Any) -> None:
    put = httpx2.Client(transport=http, base_url="http://localhost").put
    answer = put(f"/v1/events/{JSON_SUBJECT}/majors/1", json={"state": "deprecated", "sunset": "2099-01-31"})
    assert answer.status_code == 200, answer.text
    with pytest.warns(moorings.ContractDeprecated, match="2099-01-31"):
        contract = moorings.connect(http=http).event(JSON_SUBJECT)
    assert (contract.deprecated, contract.sunset) == (True, "2099-01-31")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        moorings.connect(http=http).event(JSON_SUBJECT)


def test_an_incompatible_schema_is_refused_with_report_and_next_major(shop: moorings.Registry) -> None:
    breaking = {**AVRO, "fields": AVRO["fields"][:1]}
    with pytest.raises(moorings.SchemaIncompatible) as caught:
        shop.api.register(AVRO_SUBJECT, json.dumps(breaking), Format.AVRO)
    assert caught.value.report["verdict"] == "breaking"
    assert caught.value.next_major["body"] == {"major": "next"}
    assert shop.api.register(AVRO_SUBJECT, json.dumps(breaking), Format.AVRO, major="next").version.label == "2.0"


def test_registering_again_creates_nothing(shop: moorings.Registry) -> None:
    again = shop.api.register(AVRO_SUBJECT, json.dumps(AVRO), Format.AVRO)
    assert (again.created, again.version.version) == (False, 1)


def test_errors_can_be_pickled(shop: moorings.Registry) -> None:
    with pytest.raises(moorings.EventInvalid) as caught:
        shop.event(AVRO_SUBJECT).encode({})
    copy = pickle.loads(pickle.dumps(caught.value))
    assert (str(copy), copy.violations) == (str(caught.value), caught.value.violations)
