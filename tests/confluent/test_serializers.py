"""Every serializer of the official Python client: three formats, ids in the payload or in a header, with references."""

import asyncio
import inspect
import json
from collections.abc import Callable
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

LINE = record("sku", name="Line")
ORDER = record("id") | {"fields": [{"name": "id", "type": "string"}, {"name": "line", "type": "shop.Line"}]}
ADDRESS = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
PERSON = {
    "title": "Person",
    "type": "object",
    "properties": {"name": {"type": "string"}, "home": {"$ref": "address.json"}},
    "required": ["name"],
}
CLASSES: dict[tuple[str, str], tuple[Any, Any]] = {
    ("AVRO", "sync"): (AvroSerializer, AvroDeserializer),
    ("AVRO", "async"): (AsyncAvroSerializer, AsyncAvroDeserializer),
    ("JSON", "sync"): (JSONSerializer, JSONDeserializer),
    ("JSON", "async"): (AsyncJSONSerializer, AsyncJSONDeserializer),
    ("PROTOBUF", "sync"): (ProtobufSerializer, ProtobufDeserializer),
    ("PROTOBUF", "async"): (AsyncProtobufSerializer, AsyncProtobufDeserializer),
}
FRAMINGS = {"prefix": prefix_schema_id_serializer, "header": header_schema_id_serializer}


async def settled(value: Any) -> Any:
    """What an asynchronous call comes to; anything else is itself."""
    return await value if inspect.isawaitable(value) else value


async def avro(client: Any, topic: str, conf: dict[str, Any], kind: str) -> tuple[Any, Any, Any]:
    """Writer, reader, and a value for them."""
    await settled(client.register_schema(f"{topic}-line", Schema(json.dumps(LINE), "AVRO")))
    schema = Schema(json.dumps(ORDER), "AVRO", [SchemaReference("shop.Line", f"{topic}-line", 1)])
    writer, reader = {
        "sync": (AvroSerializer, AvroDeserializer),
        "async": (AsyncAvroSerializer, AsyncAvroDeserializer),
    }[kind]
    value = {"id": "o-1", "line": {"sku": "s"}}
    return await settled(writer(client, schema, conf=conf)), await settled(reader(client)), value


async def json_schema(client: Any, topic: str, conf: dict[str, Any], kind: str) -> tuple[Any, Any, Any]:
    await settled(client.register_schema(f"{topic}-address", Schema(json.dumps(ADDRESS), "JSON")))
    schema = Schema(json.dumps(PERSON), "JSON", [SchemaReference("address.json", f"{topic}-address", 1)])
    writer, reader = {
        "sync": (JSONSerializer, JSONDeserializer),
        "async": (AsyncJSONSerializer, AsyncJSONDeserializer),
    }[kind]
    value = {"name": "Ada", "home": {"city": "London"}}
    read = await settled(reader(schema, schema_registry_client=client))
    return await settled(writer(schema, client, conf=conf)), read, value


async def protobuf(client: Any, _topic: str, conf: dict[str, Any], kind: str) -> tuple[Any, Any, Any]:
    payment = payment_class()
    writer, reader = CLASSES["PROTOBUF", kind]
    value = payment(id="p-1", total={"cents": 4200})
    read = await settled(reader(payment, schema_registry_client=client))
    return await settled(writer(payment, client, conf=conf)), read, value


@pytest.mark.parametrize("kind", ["sync", "async"])
@pytest.mark.parametrize("framing", FRAMINGS)
@pytest.mark.parametrize("make", [avro, json_schema, protobuf])
def test_there_and_back(served: ServedRegistry, make: Callable[..., Any], framing: str, kind: str) -> None:
    topic = f"{make.__name__}-{framing}-{kind}"

    async def talk() -> None:
        clients = {"sync": SchemaRegistryClient, "async": AsyncSchemaRegistryClient}
        client = clients[kind]({"url": served.url})
        conf = {"schema.id.serializer": FRAMINGS[framing]}
        serialize, _, value = await make(client, topic, conf, kind)
        headers: list[Any] = []
        context = SerializationContext(topic, MessageField.VALUE, headers)
        written = await settled(serialize(value, context))
        assert [name for name, _ in headers] == (["__value_schema_id"] if framing == "header" else [])
        # A client that has seen nothing yet learns everything from the registry.
        _, deserialize, _ = await make(clients[kind]({"url": served.url}), topic, conf, kind)
        assert str(await settled(deserialize(written, context))) == str(value)
        registered = await settled(client.get_latest_version(f"{topic}-value"))
        assert (registered.version, len(registered.schema.references or ())) == (1, 1)

    asyncio.run(talk())
