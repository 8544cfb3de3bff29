"""Every serializer of the official Python client, with references, whichever way the schema is found and named.

Format by format: registered by the serializer or before; the id before the payload or the guid in a header; blocking
and under asyncio; read by a client that has never seen the schema. The registry has two workers.
"""

import asyncio
import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import product
from typing import Any

import pytest
from confluent_kafka.schema_registry import (
    AsyncSchemaRegistryClient,
    Schema,
    SchemaReference,
    SchemaRegistryClient,
    header_schema_id_serializer,
    prefix_schema_id_serializer,
)
from confluent_kafka.schema_registry._async.avro import AsyncAvroDeserializer, AsyncAvroSerializer
from confluent_kafka.schema_registry._async.json_schema import AsyncJSONDeserializer, AsyncJSONSerializer
from confluent_kafka.schema_registry._async.protobuf import AsyncProtobufDeserializer, AsyncProtobufSerializer
from confluent_kafka.schema_registry.avro import AvroDeserializer, AvroSerializer
from confluent_kafka.schema_registry.json_schema import JSONDeserializer, JSONSerializer
from confluent_kafka.schema_registry.protobuf import ProtobufDeserializer, ProtobufSerializer
from confluent_kafka.serialization import MessageField, SerializationContext

from tests.confluent.api import record
from tests.confluent.protos import payment_class
from tests.confluent.served import ServedRegistry

PAYMENT = payment_class()
LINE = record("sku", name="Line")
ORDER = {
    **record("id", name="Order"),
    "fields": [
        {"name": "id", "type": "string"},
        {"name": "line", "type": "shop.Line"},
        {"name": "more", "type": {"type": "array", "items": "shop.Line"}, "default": []},
    ],
}
JSON_LINE = {"type": "object", "title": "Line", "properties": {"sku": {"type": "string"}}, "required": ["sku"]}
JSON_ORDER = {
    "type": "object",
    "title": "Order",
    "properties": {"id": {"type": "string"}, "line": {"$ref": "matrix-line.json"}},
}
VALUE = {"id": "an order with some length", "line": {"sku": "s-1"}}


@dataclass(frozen=True)
class Kind:
    """How one format's serializers are made: of a client, settings, and whether they are for asyncio."""

    value: Any
    serializer: Callable[[Any, Any, bool], Any]
    deserializer: Callable[[Any, bool], Any]
    read: Any = None


def avro_schema() -> Schema:
    return Schema(json.dumps(ORDER), "AVRO", [SchemaReference("shop.Line", "matrix-line", 1)])


def json_schema() -> Schema:
    return Schema(json.dumps(JSON_ORDER), "JSON", [SchemaReference("matrix-line.json", "matrix-json-line", 1)])


KINDS = {
    "AVRO": Kind(
        VALUE,
        lambda client, conf, later: (AsyncAvroSerializer if later else AvroSerializer)(
            client, schema_str=avro_schema(), conf=conf
        ),
        lambda client, later: (AsyncAvroDeserializer if later else AvroDeserializer)(client),
        {**VALUE, "more": []},
    ),
    "JSON": Kind(
        VALUE,
        lambda client, conf, later: (AsyncJSONSerializer if later else JSONSerializer)(
            json_schema(), client, conf={**conf, "validate": True}
        ),
        lambda client, later: (AsyncJSONDeserializer if later else JSONDeserializer)(
            json_schema(), schema_registry_client=client
        ),
        VALUE,
    ),
    "PROTOBUF": Kind(
        PAYMENT(id="a payment with some length", total={"cents": 4200}),
        lambda client, conf, later: (AsyncProtobufSerializer if later else ProtobufSerializer)(
            PAYMENT, client, conf=conf
        ),
        lambda client, later: (AsyncProtobufDeserializer if later else ProtobufDeserializer)(
            PAYMENT, {}, schema_registry_client=client
        ),
        PAYMENT(id="a payment with some length", total={"cents": 4200}),
    ),
}
CASES = list(product(KINDS, ["prefix", "header"], ["registers", "latest", "looks up"], ["blocking", "asyncio"]))


@pytest.fixture(scope="module")
def url(served: ServedRegistry) -> str:
    client = SchemaRegistryClient({"url": served.url})
    client.register_schema("matrix-line", Schema(json.dumps(LINE), "AVRO"))
    client.register_schema("matrix-json-line", Schema(json.dumps(JSON_LINE), "JSON"))
    return served.url


def settings_of(found: str, framing: str) -> dict[str, Any]:
    in_front = prefix_schema_id_serializer if framing == "prefix" else header_schema_id_serializer
    return {
        "schema.id.serializer": in_front,
        "auto.register.schemas": found == "registers",
        "use.latest.version": found == "latest",
    }


@pytest.mark.parametrize(("format", "framing", "found", "how"), CASES, ids=["-".join(case) for case in CASES])
def test_official_serializers_and_deserializers_agree(
    url: str, format: str, framing: str, found: str, how: str
) -> None:
    kind = KINDS[format]
    topic = f"matrix-{format}-{framing}-{found}-{how}".replace(" ", "-")
    headers: list[tuple[str, bytes]] = []
    context = SerializationContext(topic, MessageField.VALUE, headers)
    conf = settings_of(found, framing)
    if found != "registers":
        register_first(url, kind, topic)
    client = SchemaRegistryClient({"url": url})
    if how == "blocking":
        written = kind.serializer(client, conf, False)(kind.value, context)
        read = kind.deserializer(SchemaRegistryClient({"url": url}), False)(written, context)
    else:
        written, read = in_a_loop(url, kind, conf, context)
    assert read == kind.read
    registered = client.get_latest_version(f"{topic}-value")
    assert [one.version for one in registered.schema.references or ()] == [1]
    if framing == "prefix":
        assert written[:5] == b"\0" + registered.schema_id.to_bytes(4, "big")
        assert headers == []
    else:
        ((name, value),) = headers
        assert (name, value[:17].hex()) == ("__value_schema_id", "01" + registered.guid.replace("-", ""))


def register_first(url: str, kind: Kind, topic: str) -> None:
    """Have the schema registered as a job of a build does."""
    conf = {"auto.register.schemas": True}
    kind.serializer(SchemaRegistryClient({"url": url}), conf, False)(
        kind.value, SerializationContext(topic, MessageField.VALUE)
    )


def in_a_loop(url: str, kind: Kind, conf: Any, context: SerializationContext) -> tuple[bytes, Any]:
    async def there_and_back() -> tuple[bytes, Any]:
        serialize = await kind.serializer(AsyncSchemaRegistryClient({"url": url}), conf, True)
        written = await serialize(kind.value, context)
        deserialize = await kind.deserializer(AsyncSchemaRegistryClient({"url": url}), True)
        return written, await deserialize(written, context)

    with ThreadPoolExecutor(1) as pool:  # a thread of its own: another test may have left a loop in this one
        return pool.submit(lambda: asyncio.run(there_and_back())).result(30)
