"""Node's clients, unmodified, against a served registry."""

import pytest

from tests.confluent.node_clients import run_script
from tests.confluent.served import ServedRegistry

pytestmark = pytest.mark.timeout(400)  # the packages may have to be installed first


def test_the_kafkajs_client_works_unmodified(served: ServedRegistry) -> None:
    seen = run_script("kafkajs.mjs", served.url)
    refused = seen.pop("refused")
    assert refused["status"] == 409
    assert "incompatible with an earlier schema" in refused["message"]
    assert "NONE != FULL" in seen.pop("level")
    assert "not found" in seen.pop("unknown")
    assert seen == {
        "avro": {"id": "o-1"},
        "again": True,
        "latest": True,
        "byVersion": True,
        "byText": True,
        "evolved": True,
        "olderReader": {"id": "o-2", "note": "n"},
        "json": {"id": "o-3"},
        "protobuf": {"id": "o-4"},
        "reference": "p-1",
    }


def test_the_official_node_client_works_unmodified(served: ServedRegistry) -> None:
    assert run_script("official.mjs", served.url) == {
        "avro": {"id": "o-1"},
        "again": True,
        "lookup": True,
        "versions": [1, 2],
        "metadata": 2,
        "compatible": False,
        "refused": {"status": 409, "code": 409},
        "level": "FULL",
        "json": {"id": "o-2"},
        "protobuf": "o-3",
        "avroReference": {"id": "o-4", "line": {"sku": "s"}},
        "jsonReference": {"home": {"city": "London"}},
        "jsonRefused": "SerializationError",
        "header": {"names": ["__value_schema_id"], "value": {"id": "o-5"}},
        "deleted": [1, 2],
        "purged": [1, 2],
    }
