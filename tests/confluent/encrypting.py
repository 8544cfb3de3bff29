"""The official Python client with its executors of encryption, unmodified, and rules for them.

Its local key driver imports `hkdf`, a module of two functions that comes without a wheel; here they are made of
`cryptography`'s.
"""

import json
import sys
from types import ModuleType
from typing import Any

from confluent_kafka.schema_registry import Schema, SchemaRegistryClient
from confluent_kafka.schema_registry.avro import AvroDeserializer, AvroSerializer
from confluent_kafka.schema_registry.json_schema import JSONDeserializer, JSONSerializer
from confluent_kafka.schema_registry.protobuf import ProtobufDeserializer, ProtobufSerializer
from confluent_kafka.schema_registry.rule_registry import RuleRegistry
from confluent_kafka.schema_registry.schema_registry_client import (
    Rule,
    RuleKind,
    RuleMode,
    RuleParams,
    RuleSet,
)
from confluent_kafka.serialization import MessageField, SerializationContext
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF, HKDFExpand

from tests.confluent.protos import payment_class

SECRET = "a secret of this test"
PLAIN = "ann@example.com"
EVENT = {"id": "o-1", "email": PLAIN}
PARAMS = {"encrypt.kek.name": "pii", "encrypt.kms.type": "local-kms", "encrypt.kms.key.id": "mykey"}


def _hkdf() -> ModuleType:
    module = ModuleType("hkdf")

    def extract(salt: bytes | None, key: bytes, hash: Any = None) -> bytes:
        return HKDF.extract(SHA256(), salt, key)

    def expand(key: bytes, info: bytes = b"", length: int = 32, hash: Any = None) -> bytes:
        return HKDFExpand(SHA256(), length, info).derive(key)

    vars(module).update(hkdf_extract=extract, hkdf_expand=expand)
    return module


sys.modules.setdefault("hkdf", _hkdf())

from confluent_kafka.schema_registry.rules.encryption.encrypt_executor import (  # noqa: E402
    Clock,
    EncryptionExecutor,
    FieldEncryptionExecutor,
)
from confluent_kafka.schema_registry.rules.encryption.localkms.local_driver import LocalKmsDriver  # noqa: E402

LocalKmsDriver.register()

AVRO = {
    "type": "record",
    "name": "Order",
    "namespace": "shop",
    "fields": [
        {"name": "id", "type": "string"},
        {"name": "email", "type": ["null", "string"], "confluent:tags": ["PII"]},
    ],
}
JSON = {
    "type": "object",
    "title": "Order",
    "properties": {"id": {"type": "string"}, "email": {"type": "string", "confluent:tags": ["PII"]}},
}

PROTOBUF = 'syntax = "proto3"; package shop; message Refund { string id = 1; } message Payment { string id = 1; }'
PAYMENT = payment_class()


def rules(rule_type: str = "ENCRYPT", **params: str) -> dict[str, Any]:
    """A rule set with one rule that encrypts, as the API has it."""
    rule = {
        "name": "encrypted", "kind": "TRANSFORM", "mode": "WRITEREAD", "type": rule_type,
        "params": {**PARAMS, **{name.replace("_", "."): value for name, value in params.items()}},
    }  # fmt: skip
    if rule_type == "ENCRYPT":
        return {"domainRules": [{**rule, "tags": ["PII"]}]}
    return {"encodingRules": [rule]}


def schema(kind: str, rule_set: dict[str, Any]) -> Schema:
    """The schema of an order, or in Protobuf of a payment, with the rules."""
    listed = {
        phase: [
            Rule(
                one["name"], None, RuleKind[one["kind"]], RuleMode[one["mode"]], one["type"],
                one.get("tags"), RuleParams(one["params"]), None, None, None, False,
            )
            for one in rule_set.get(phase, [])
        ]
        for phase in ("domainRules", "encodingRules")
    }  # fmt: skip
    with_rules = RuleSet(None, listed["domainRules"], listed["encodingRules"])
    text = {"AVRO": json.dumps(AVRO), "JSON": json.dumps(JSON), "PROTOBUF": PROTOBUF}[kind]
    return Schema(text, kind, [], rule_set=with_rules)


class Ahead(Clock):
    """A clock that is ahead, for keys that expire."""

    def __init__(self, by_ms: int) -> None:
        self._by_ms = by_ms

    def now(self) -> int:
        return int(super().now()) + self._by_ms


class Encrypting:
    """A serializer and a deserializer of the official client, each with a client and executors of its own."""

    def __init__(self, url: str, kind: str = "AVRO", ahead_ms: int = 0) -> None:
        """*ahead_ms* is by how much its clock is ahead."""
        self._url, self._kind, self._clock = url, kind, Ahead(ahead_ms)

    def write(self, topic: str, event: Any) -> bytes:
        conf = {"auto.register.schemas": False, "use.latest.version": True}
        if self._kind == "PROTOBUF":
            conf["use.deprecated.format"] = False
        made = {
            "AVRO": lambda **how: AvroSerializer(self._client(), None, conf=conf, **how),
            "JSON": lambda **how: JSONSerializer(None, self._client(), conf=conf, **how),
            "PROTOBUF": lambda **how: ProtobufSerializer(PAYMENT, self._client(), conf=conf, **how),
        }[self._kind](**self._executors())
        given = dict(event) if isinstance(event, dict) else event  # it is changed in its place
        return bytes(made(given, SerializationContext(topic, MessageField.VALUE)))

    def read(self, topic: str, written: bytes) -> Any:
        made = {
            "AVRO": lambda **how: AvroDeserializer(self._client(), **how),
            "JSON": lambda **how: JSONDeserializer(None, schema_registry_client=self._client(), **how),
            "PROTOBUF": lambda **how: ProtobufDeserializer(
                PAYMENT, {"use.deprecated.format": False}, self._client(), **how
            ),
        }[self._kind](**self._executors())
        return made(written, SerializationContext(topic, MessageField.VALUE))

    def _client(self) -> SchemaRegistryClient:
        return SchemaRegistryClient({"url": self._url})

    def _executors(self) -> dict[str, Any]:
        registry = RuleRegistry()
        registry.register_executor(FieldEncryptionExecutor(self._clock))
        registry.register_executor(EncryptionExecutor(self._clock))
        return {"rule_conf": {"secret": SECRET}, "rule_registry": registry}
