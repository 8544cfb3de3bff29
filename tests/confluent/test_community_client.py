"""`python-schema-registry-client`, unmodified, against a served registry; it is tested where it is installed."""

from typing import Any

import pytest

from tests.confluent.api import JSON_OBJECT, record
from tests.confluent.served import ServedRegistry

client_package = pytest.importorskip("schema_registry.client")
serializers = pytest.importorskip("schema_registry.serializers")
schemas = client_package.schema


@pytest.fixture
def client(served: ServedRegistry) -> Any:
    return client_package.SchemaRegistryClient(url=served.url)


def test_the_community_client_encodes_and_decodes_avro(client: Any) -> None:
    serializer = serializers.AvroMessageSerializer(client)
    schema = schemas.AvroSchema(record("id"))
    written = serializer.encode_record_with_schema("community-avro", schema, {"id": "o-1"})
    assert serializer.decode_message(written) == {"id": "o-1"}


def test_the_community_client_encodes_and_decodes_json(client: Any) -> None:
    serializer = serializers.JsonMessageSerializer(client)
    written = serializer.encode_record_with_schema("community-json", schemas.JsonSchema(JSON_OBJECT), {"id": "o-1"})
    assert serializer.decode_message(written) == {"id": "o-1"}


def test_the_community_client_registers_checks_and_deletes(client: Any) -> None:
    schema = schemas.AvroSchema(record("id"))
    id = client.register("community-life", schema)
    assert client.register("community-life", schema) == id
    assert client.check_version("community-life", schema).version == 1
    assert client.get_by_id(id).schema["name"] == "shop.Order"
    assert client.get_schema("community-life").schema_id == id
    assert client.test_compatibility("community-life", schemas.AvroSchema(record("id", "total"))) is False
    assert client.update_compatibility("FULL", "community-life") is True
    assert client.get_compatibility("community-life") == "FULL"
    assert client.get_versions("community-life") == [1]
    assert "community-life" in {one.subject for one in client.get_schema_subject_versions(id)}
    assert client.delete_version("community-life", 1) == 1
    assert client.delete_subject("community-life") in ([], None)
    assert client.get_schema("community-life") is None
