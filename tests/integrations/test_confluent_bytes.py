"""The same bytes as Confluent's serialisers, both ways: all formats, prefix and header, with references."""

import json
from collections.abc import Callable
from operator import attrgetter
from typing import Any

import pytest
from confluent_kafka.schema_registry import (
    Schema,
    SchemaReference,
    SchemaRegistryClient,
    header_schema_id_serializer,
    prefix_schema_id_serializer,
)
from confluent_kafka.schema_registry.avro import AvroDeserializer, AvroSerializer
from confluent_kafka.schema_registry.json_schema import JSONDeserializer, JSONSerializer
from confluent_kafka.schema_registry.protobuf import ProtobufDeserializer, ProtobufSerializer
from confluent_kafka.serialization import MessageField, SerializationContext
from google.protobuf.json_format import MessageToDict, ParseDict

import moorings
from moorings.codecs.framing import HEADER_NAME, KEY_HEADER_NAME
from moorings.integrations.kafka import EventDeserializer, EventSerializer
from moorings.integrations.records import encode_unframed
from moorings_compat import Format
from moorings_compat.protobuf import message_class
from tests.confluent.served import ServedRegistry
from tests.integrations.shop import CAPTURED, CARRIED, PLACED, SHIPPED, ShopEvent

FRAMINGS = ["prefix", "header"]
FIELDS = [MessageField.VALUE, MessageField.KEY]


@pytest.fixture(scope="module")
def client(served: ServedRegistry) -> SchemaRegistryClient:
    return SchemaRegistryClient({"url": served.url})


def context(field: MessageField = MessageField.VALUE, headers: Any = None) -> SerializationContext:
    return SerializationContext("orders", field, [] if headers is None else headers)


def settings(event: ShopEvent, framing: str) -> dict[str, Any]:
    place = header_schema_id_serializer if framing == "header" else prefix_schema_id_serializer
    return {
        "auto.register.schemas": False,
        "subject.name.strategy": lambda *_: event.subject,
        "schema.id.serializer": place,
    }


def schema(event: ShopEvent) -> Schema:
    references = [SchemaReference(one.name, one.subject, one.version) for one in event.references]
    return Schema(json.dumps(event.schema), event.format, references)


def their_message(shop: moorings.Registry) -> Any:
    return message_class(shop.event(CAPTURED.subject).schema, "shop.payments.PaymentCaptured")


def their_serializer(
    shop: moorings.Registry, client: SchemaRegistryClient, event: ShopEvent, framing: str
) -> Callable[[Any, Any], bytes]:
    conf = settings(event, framing)
    if event is PLACED:
        return AvroSerializer(client, schema(event), conf=conf)  # type: ignore[no-any-return]  # no types
    if event is SHIPPED:
        return JSONSerializer(schema(event), client, conf=conf)  # type: ignore[no-any-return]
    conf |= {"use.latest.version": True, "skip.known.types": True}
    write = ProtobufSerializer(their_message(shop), client, conf=conf)
    return lambda value, where: write(ParseDict(value, their_message(shop)()), where)  # type: ignore[no-any-return]


def their_deserializer(
    shop: moorings.Registry, client: SchemaRegistryClient, event: ShopEvent
) -> Callable[[bytes, Any], Any]:
    if event is PLACED:
        return AvroDeserializer(client)  # type: ignore[no-any-return]
    if event is SHIPPED:
        return JSONDeserializer(schema(event), schema_registry_client=client)  # type: ignore[no-any-return]
    read = ProtobufDeserializer(their_message(shop), schema_registry_client=client)
    return lambda data, where: {
        **MessageToDict(read(data, where), preserving_proto_field_name=True),
        "cents": read(data, where).cents,
    }


@pytest.mark.parametrize("event", CARRIED, ids=attrgetter("format"))
@pytest.mark.parametrize("framing", FRAMINGS)
@pytest.mark.parametrize("field", FIELDS)
def test_events_of_confluents_serializers_are_read(
    shop: moorings.Registry, client: SchemaRegistryClient, event: ShopEvent, framing: str, field: MessageField
) -> None:
    where = context(field)
    data = their_serializer(shop, client, event, framing)(event.value, where)
    assert EventDeserializer(shop.event(event.subject))(data, where) == event.value


@pytest.mark.parametrize("event", CARRIED, ids=attrgetter("format"))
@pytest.mark.parametrize("framing", FRAMINGS)
@pytest.mark.parametrize("field", FIELDS)
def test_confluents_deserializers_read_our_events(
    shop: moorings.Registry, client: SchemaRegistryClient, event: ShopEvent, framing: str, field: MessageField
) -> None:
    where = context(field)
    data = EventSerializer(shop.event(event.subject), framing=framing)(event.value, where)
    assert data is not None
    assert their_deserializer(shop, client, event)(data, where) == event.value


@pytest.mark.parametrize("event", CARRIED, ids=attrgetter("format"))
@pytest.mark.parametrize("framing", FRAMINGS)
@pytest.mark.parametrize("field", FIELDS)
def test_bytes_and_headers_are_the_same(
    shop: moorings.Registry, client: SchemaRegistryClient, event: ShopEvent, framing: str, field: MessageField
) -> None:
    ours, theirs = context(field), context(field)
    written = EventSerializer(shop.event(event.subject), framing=framing)(event.value, ours)
    expected = their_serializer(shop, client, event, framing)(event.value, theirs)
    if event is SHIPPED:  # the white space of JSON is everybody's own
        assert written is not None
        start = 5 if framing == "prefix" else 0
        assert (written[:start], json.loads(written[start:])) == (expected[:start], json.loads(expected[start:]))
    else:
        assert written == expected
    assert ours.headers == theirs.headers


@pytest.mark.parametrize("field", FIELDS)
@pytest.mark.parametrize("kind", [list, dict])
def test_the_header_goes_into_what_the_producer_gave(shop: moorings.Registry, field: MessageField, kind: Any) -> None:
    contract = shop.event(PLACED.subject)
    headers = kind([("trace", b"t")])
    payload = EventSerializer(contract, framing="header")(PLACED.value, context(field, headers))
    name = KEY_HEADER_NAME if field is MessageField.KEY else HEADER_NAME
    assert dict(headers) == {"trace": b"t", name: b"\x01" + contract.latest.guid.bytes}
    assert contract.encode(PLACED.value)[5:] == payload


def test_the_guid_prefix_is_read_by_theirs_too(shop: moorings.Registry, client: SchemaRegistryClient) -> None:
    data = EventSerializer(shop.event(PLACED.subject, framing="guid"))(PLACED.value, context())
    assert data is not None
    assert data[0] == 1
    assert AvroDeserializer(client)(data, context()) == PLACED.value


@pytest.mark.parametrize("event", CARRIED, ids=attrgetter("format"))
def test_labels_are_read_too(shop: moorings.Registry, event: ShopEvent) -> None:
    contract = shop.event(event.subject)
    bare = encode_unframed(contract, event.value)
    headers = [("trace", None), *((name, text.encode()) for name, text in bare.labels.items())]
    assert EventDeserializer(contract)(bare.payload, context(headers=headers)) == event.value


def test_their_null_is_a_tombstone_of_ours(shop: moorings.Registry) -> None:
    contract = shop.event(PLACED.subject)
    assert EventSerializer(contract)(None, context()) is None
    assert EventDeserializer(contract)(None, context()) is None


def test_the_header_framing_without_headers_says_what_to_do(shop: moorings.Registry) -> None:
    write = EventSerializer(shop.event(PLACED.subject), framing="header")
    with pytest.raises(moorings.SettingInvalid, match=r"produce\(..., headers=\[\]\)"):
        write(PLACED.value, SerializationContext("orders", MessageField.VALUE))


def test_an_unknown_framing_is_refused(shop: moorings.Registry) -> None:
    with pytest.raises(moorings.SettingInvalid, match="neither 'prefix' nor 'header'"):
        EventSerializer(shop.event(PLACED.subject), framing="guid")


@pytest.mark.parametrize("event", CARRIED, ids=attrgetter("format"))
def test_an_invalid_event_is_refused_before_it_is_produced(shop: moorings.Registry, event: ShopEvent) -> None:
    with pytest.raises(moorings.EventInvalid) as caught:
        EventSerializer(shop.event(event.subject))(event.wrong, context())
    assert caught.value.violations


@pytest.fixture(scope="module")
def scanned(shop: moorings.Registry) -> ShopEvent:
    """An event that is bytes alone."""
    event = ShopEvent("shop.types.LabelScanned", "AVRO", {"type": "bytes"}, bytes(range(256)) * 3, "no bytes")
    shop.api.register(event.subject, json.dumps(event.schema), Format.AVRO)
    return event


@pytest.mark.parametrize("framing", FRAMINGS)
@pytest.mark.parametrize("value", [b"", b"\x06abc", bytes(range(256)) * 3])
def test_bytes_alone_have_no_length(
    shop: moorings.Registry, client: SchemaRegistryClient, scanned: ShopEvent, framing: str, value: bytes
) -> None:
    contract = shop.event(scanned.subject)
    ours, theirs = context(), context()
    write = AvroSerializer(client, schema(scanned), conf=settings(scanned, framing))
    data = EventSerializer(contract, framing=framing)(value, ours)
    assert data is not None
    assert data.endswith(value)
    assert len(data) == len(value) + (5 if framing == "prefix" else 0)
    assert data == write(value, theirs)
    assert EventDeserializer(contract)(data, theirs) == value
    if framing == "prefix" and value:  # theirs refuses fewer than 6 bytes, in the header form too
        assert AvroDeserializer(client)(data, ours) == value


def test_a_value_that_is_not_bytes_is_refused(shop: moorings.Registry, scanned: ShopEvent) -> None:
    contract = shop.event(scanned.subject)
    with pytest.raises(moorings.EventInvalid, match="TYPE_WRONG, expected bytes"):
        contract.encode(scanned.wrong)
    assert [str(one.rule) for one in contract.validate(7)] == ["TYPE_WRONG"]
    assert contract.decode(contract.encode(bytearray(b"x"))) == b"x"


def test_a_reader_that_takes_text_reads_bytes(shop: moorings.Registry, served: ServedRegistry) -> None:
    subject = "shop.types.LabelPrinted"
    shop.api.register(subject, '"bytes"', Format.AVRO)
    data = shop.event(subject).encode("Gänt".encode())
    shop.api.register(subject, '"string"', Format.AVRO)
    with moorings.connect(served.url, refresh_s=None) as later:
        contract = later.event(subject)
        assert contract.decode(data) == "Gänt"
        with pytest.raises(moorings.EventUnreadable, match="not UTF-8"):
            contract.decode(data[:5] + b"\xff")
