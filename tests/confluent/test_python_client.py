"""The official Python client, unmodified, against a served registry."""

import asyncio
import json
from typing import Any

import pytest
from confluent_kafka.schema_registry import (
    AsyncSchemaRegistryClient,
    Metadata,
    MetadataProperties,
    Schema,
    SchemaReference,
    SchemaRegistryClient,
    SchemaRegistryError,
    ServerConfig,
)
from confluent_kafka.schema_registry import header_schema_id_serializer as in_header
from confluent_kafka.schema_registry._async.avro import AsyncAvroDeserializer, AsyncAvroSerializer
from confluent_kafka.schema_registry._async.json_schema import AsyncJSONDeserializer, AsyncJSONSerializer
from confluent_kafka.schema_registry._async.protobuf import AsyncProtobufDeserializer, AsyncProtobufSerializer
from confluent_kafka.schema_registry.avro import AvroDeserializer, AvroSerializer
from confluent_kafka.schema_registry.json_schema import JSONDeserializer, JSONSerializer
from confluent_kafka.schema_registry.protobuf import ProtobufDeserializer, ProtobufSerializer
from confluent_kafka.schema_registry.schema_registry_client import (
    AssociationCreateOrUpdateInfo,
    AssociationCreateOrUpdateRequest,
)
from confluent_kafka.serialization import MessageField, SerializationContext

from tests.confluent.api import JSON_OBJECT, record
from tests.confluent.protos import payment_class
from tests.confluent.served import ServedRegistry


@pytest.fixture
def client(served: ServedRegistry) -> SchemaRegistryClient:
    return SchemaRegistryClient({"url": served.url})


def value_of(topic: str, headers: list[Any] | None = None) -> SerializationContext:
    return SerializationContext(topic, MessageField.VALUE, headers)


def avro(*fields: str, **defaults: str) -> Schema:
    return Schema(json.dumps(record(*fields, **defaults)), "AVRO")


class TestSerializers:
    def test_avro_is_encoded_and_decoded(self, client: SchemaRegistryClient) -> None:
        serialize = AvroSerializer(client, json.dumps(record("id")))
        deserialize = AvroDeserializer(client)
        written = serialize({"id": "o-1"}, value_of("avro-topic"))
        assert written[0] == 0
        assert deserialize(written, value_of("avro-topic")) == {"id": "o-1"}
        assert client.get_latest_version("avro-topic-value").version == 1

    def test_json_is_encoded_and_decoded(self, client: SchemaRegistryClient) -> None:
        schema = json.dumps({**JSON_OBJECT, "title": "Order"})
        serialize = JSONSerializer(schema, client)
        written = serialize({"id": "o-1"}, value_of("json-topic"))
        assert JSONDeserializer(schema, schema_registry_client=client)(written, value_of("json-topic")) == {"id": "o-1"}
        assert client.get_latest_version("json-topic-value").schema.schema_type == "JSON"

    def test_protobuf_is_encoded_and_decoded(self, client: SchemaRegistryClient) -> None:
        payment = payment_class()
        serialize = ProtobufSerializer(payment, client)
        message = payment(id="p-1", total={"cents": 4200})
        written = serialize(message, value_of("proto-topic"))
        assert ProtobufDeserializer(payment)(written, value_of("proto-topic")) == message
        registered = client.get_latest_version("proto-topic-value")
        assert registered.schema.schema_type == "PROTOBUF"
        assert [one.name for one in registered.schema.references or ()] == ["shop/money.proto"]
        assert client.get_latest_version("shop/money.proto").version == 1

    def test_an_evolved_protobuf_message_is_registered_as_the_next_version(self, client: SchemaRegistryClient) -> None:
        older = payment_class()
        ProtobufSerializer(older, client)(older(id="p"), value_of("proto-evolved"))
        newer = payment_class(note=True)
        ProtobufSerializer(newer, client)(newer(id="p", note="n"), value_of("proto-evolved"))
        assert client.get_versions("proto-evolved-value") == [1, 2]

    def test_a_header_carries_the_guid(self, client: SchemaRegistryClient, served: ServedRegistry) -> None:
        headers: list[Any] = []
        serialize = AvroSerializer(client, json.dumps(record("id")), conf={"schema.id.serializer": in_header})
        context = value_of("header-topic", headers)
        written = serialize({"id": "a header needs a payload of some length"}, context)
        assert dict(headers)["__value_schema_id"][0] == 1
        fresh = SchemaRegistryClient({"url": served.url})
        assert AvroDeserializer(fresh)(written, context)["id"].startswith("a header")

    def test_use_latest_version_serializes_with_the_latest_schema(self, client: SchemaRegistryClient) -> None:
        client.register_schema("fixed-topic-value", avro("id"))
        conf = {"auto.register.schemas": False, "use.latest.version": True}
        serialize = AvroSerializer(client, json.dumps(record("id")), conf=conf)
        assert serialize({"id": "o-1"}, value_of("fixed-topic"))[0] == 0

    def test_serializing_with_an_unregistered_schema_fails(self, client: SchemaRegistryClient) -> None:
        serialize = AvroSerializer(client, json.dumps(record("id")), conf={"auto.register.schemas": False})
        with pytest.raises(SchemaRegistryError) as caught:
            serialize({"id": "o-1"}, value_of("missing-topic"))
        assert caught.value.http_status_code == 404
        assert caught.value.error_code == 40401


class TestClient:
    def test_the_python_client_registers_reads_and_deletes(self, client: SchemaRegistryClient) -> None:
        first = client.register_schema_full_response("life", avro("id"))
        assert client.register_schema("life", avro("id")) == first.schema_id
        second = client.register_schema("life", avro("id", note=""))
        assert client.get_versions("life") == [1, 2]
        assert client.get_schema(second) == client.get_version("life", 2).schema
        assert client.get_schema_by_guid(first.guid).schema_str == first.schema.schema_str
        assert client.lookup_schema("life", avro("id")).version == 1
        assert "life" in client.get_subjects()
        assert client.get_subjects_by_schema_id(second, subject_name="life") == ["life"]
        assert [one.version for one in client.get_schema_versions(second)] == [2]
        assert client.delete_version("life", 1) == 1
        assert client.get_versions("life", deleted_only=True) == [1]
        assert client.delete_version("life", 1, permanent=True) == 1
        assert client.delete_subject("life") == [2]
        assert client.delete_subject("life", permanent=True) == [2]
        assert "life" not in client.get_subjects(deleted=True)

    def test_an_incompatible_schema_is_refused_with_409(self, client: SchemaRegistryClient) -> None:
        client.register_schema("broken", avro("id"))
        assert client.test_compatibility("broken", avro("id", note="")) is True
        assert client.test_compatibility("broken", avro("id", "total")) is False
        assert client.test_compatibility_all_versions("broken", avro("id", "total")) is False
        with pytest.raises(SchemaRegistryError) as caught:
            client.register_schema("broken", avro("id", "total"))
        assert (caught.value.http_status_code, caught.value.error_code) == (409, 409)

    def test_a_subject_name_may_contain_a_slash(self, client: SchemaRegistryClient) -> None:
        client.register_schema("team/orders value", avro("id"))
        assert client.get_latest_version("team/orders value").subject == "team/orders value"
        assert client.delete_subject("team/orders value") == [1]

    def test_the_python_client_registers_references(self, client: SchemaRegistryClient) -> None:
        client.register_schema("line", Schema(json.dumps(record("sku", name="Line")), "AVRO"))
        order = record(name="Order")
        order["fields"] = [{"name": "line", "type": "shop.Line"}]
        schema = Schema(json.dumps(order), "AVRO", [SchemaReference("shop.Line", "line", 1)])
        id = client.register_schema("uses-line", schema)
        assert client.get_referenced_by("line", 1) == [id]
        serialize = AvroSerializer(client, schema)
        written = serialize({"line": {"sku": "s"}}, value_of("uses-line-topic"))
        assert AvroDeserializer(client)(written, value_of("uses-line-topic")) == {"line": {"sku": "s"}}

    def test_the_python_client_sets_and_reads_settings_and_modes(self, client: SchemaRegistryClient) -> None:
        assert client.set_compatibility("settings", "FULL") == {"compatibility": "FULL"}
        assert client.get_compatibility("settings") == "FULL"
        assert client.get_compatibility() == "BACKWARD"
        client.set_config("settings", ServerConfig(compatibility_group="release"))
        config = client.get_config("settings")
        assert (str(config.compatibility_level), config.compatibility_group) == ("FULL", "release")
        assert str(client.delete_config("settings").compatibility_level) == "FULL"
        assert client.update_mode("settings", "READONLY") == "READONLY"
        assert client.get_mode("settings") == "READONLY"
        assert client.delete_mode("settings") == "READONLY"
        assert client.get_global_mode() == "READWRITE"
        assert "." in client.get_contexts()
        assert set(client.get_schema_types()) == {"AVRO", "JSON", "PROTOBUF"}

    def test_the_python_client_reads_the_metadata_that_it_sent(self, client: SchemaRegistryClient) -> None:
        metadata = Metadata(None, MetadataProperties(properties={"owner": "orders"}), None)
        client.register_schema("with-metadata", Schema('"string"', "AVRO", metadata=metadata))
        found = client.get_latest_version("with-metadata").schema.metadata
        assert found is not None
        assert found.properties == metadata.properties

    def test_the_python_client_creates_and_reads_associations(self, client: SchemaRegistryClient) -> None:
        client.register_schema("owned-by-topic", avro("owned"))
        wish = AssociationCreateOrUpdateInfo("owned-by-topic", "value", "WEAK")
        request = AssociationCreateOrUpdateRequest("associated-topic", "lkc-1", "id-1", "topic", [wish])
        assert client.create_association(request).resource_id == "id-1"
        serialize = AvroSerializer(client, json.dumps(record("owned")))
        serialize({"owned": "o"}, value_of("associated-topic"))
        assert client.get_latest_version("owned-by-topic").version == 1
        assert "associated-topic-value" not in client.get_subjects()
        client.delete_associations("id-1", cascade_lifecycle=False)
        assert client.get_associations_by_resource_name("associated-topic", "-") == []

    def test_the_python_client_finds_the_latest_version_by_metadata(self, client: SchemaRegistryClient) -> None:
        for owner in ("team a/b", "c"):
            metadata = Metadata(None, MetadataProperties(properties={"owner": owner}), None)
            client.register_schema("by-metadata", Schema('"string"', "AVRO", metadata=metadata))
        assert client.get_latest_with_metadata("by-metadata", {"owner": "team a/b"}).version == 1

    def test_the_python_client_reads_the_error_of_an_unknown_path(self, client: SchemaRegistryClient) -> None:
        with pytest.raises(SchemaRegistryError) as caught:
            client.get_schema(999_999)
        assert (caught.value.http_status_code, caught.value.error_code) == (404, 40403)


def test_the_python_client_works_with_a_context_as_its_base_url(served: ServedRegistry) -> None:
    tenant = SchemaRegistryClient({"url": f"{served.url}/contexts/.tenant"})
    serialize = AvroSerializer(tenant, json.dumps(record("tenant")))
    written = serialize({"tenant": "t"}, value_of("topic"))
    assert AvroDeserializer(tenant)(written, value_of("topic")) == {"tenant": "t"}
    assert tenant.get_subjects() == [":.tenant:topic-value"]


def test_the_asynchronous_python_client_works_unmodified(served: ServedRegistry) -> None:
    async def talk() -> tuple[int, list[int]]:
        client = AsyncSchemaRegistryClient({"url": served.url})
        id = await client.register_schema("asynchronous", avro("id"))
        return id, await client.get_versions("asynchronous")

    id, versions = asyncio.run(talk())
    assert id > 0
    assert versions == [1]


def test_the_asynchronous_python_serializers_work_unmodified(served: ServedRegistry) -> None:
    async def there_and_back() -> list[Any]:
        client = AsyncSchemaRegistryClient({"url": served.url})
        json_schema = json.dumps({**JSON_OBJECT, "title": "Order"})
        payment = payment_class()
        pairs = [
            (await AsyncAvroSerializer(client, json.dumps(record("id"))), await AsyncAvroDeserializer(client)),
            (
                await AsyncJSONSerializer(json_schema, client),
                await AsyncJSONDeserializer(json_schema, schema_registry_client=client),
            ),
            (await AsyncProtobufSerializer(payment, client), await AsyncProtobufDeserializer(payment)),
        ]
        values = [{"id": "o-1"}, {"id": "o-2"}, payment(id="p-1", total={"cents": 4200})]
        read = []
        for number, ((serialize, deserialize), value) in enumerate(zip(pairs, values, strict=True)):
            context = value_of(f"asynchronous-{number}")
            read.append(await deserialize(await serialize(value, context), context))
        assert read == values
        return read

    assert len(asyncio.run(there_and_back())) == 3
