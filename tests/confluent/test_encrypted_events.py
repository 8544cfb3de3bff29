"""Events that the official clients encrypt, by field or whole, with keys of a registry that has two workers."""

import json
import urllib.request
from typing import Any

import pytest
from confluent_kafka.schema_registry import SchemaRegistryClient
from confluent_kafka.serialization import SerializationError

import moorings
from moorings.rules import RuleBook
from moorings.rules.encryption import Encryption, LocalKms
from tests.confluent.encrypting import EVENT, PAYMENT, PLAIN, SECRET, Encrypting, rules, schema
from tests.confluent.node_clients import run_script
from tests.confluent.served import ServedRegistry

DAY_MS = 24 * 60 * 60 * 1_000


def ask(url: str, path: str, method: str = "GET") -> Any:
    with urllib.request.urlopen(urllib.request.Request(f"{url}{path}", method=method)) as answer:
        return json.loads(answer.read() or "null")


def prepared(url: str, topic: str, kind: str, rule_type: str, **params: str) -> str:
    """Register a schema with a rule that encrypts, under a KEK of the topic's own; the path of the topic's keys."""
    rule_set = rules(rule_type, encrypt_kek_name=f"kek-{topic}", **params)
    SchemaRegistryClient({"url": url}).register_schema(f"{topic}-value", schema(kind, rule_set))
    return f"/dek-registry/v1/keks/kek-{topic}/deks/{topic}-value"


@pytest.mark.parametrize(
    ("kind", "rule_type", "algorithm"),
    [
        ("AVRO", "ENCRYPT", "AES128_GCM"),
        ("AVRO", "ENCRYPT", "AES256_SIV"),
        ("AVRO", "ENCRYPT_PAYLOAD", "AES256_GCM"),
        ("JSON", "ENCRYPT", "AES256_GCM"),
        ("JSON", "ENCRYPT_PAYLOAD", "AES256_SIV"),
    ],
)
def test_what_one_client_encrypts_another_decrypts(
    served: ServedRegistry, kind: str, algorithm: str, rule_type: str
) -> None:
    topic = f"encrypted-{kind}-{rule_type}-{algorithm}"
    keys = prepared(served.url, topic, kind, rule_type, encrypt_dek_algorithm=algorithm)
    written = Encrypting(served.url, kind).write(topic, EVENT)
    assert PLAIN.encode() not in written
    assert Encrypting(served.url, kind).read(topic, written) == EVENT
    key = ask(served.url, f"{keys}?algorithm={algorithm}")
    assert (key["version"], key["algorithm"]) == (1, algorithm)


def test_a_payload_of_protobuf_is_encrypted_and_decrypted(served: ServedRegistry) -> None:
    prepared(served.url, "encrypted-protobuf", "PROTOBUF", "ENCRYPT_PAYLOAD")
    written = Encrypting(served.url, "PROTOBUF").write("encrypted-protobuf", PAYMENT(id=PLAIN))
    assert PLAIN.encode() not in written
    assert Encrypting(served.url, "PROTOBUF").read("encrypted-protobuf", written).id == PLAIN


def test_a_rotated_key_decrypts_what_it_encrypted(served: ServedRegistry) -> None:
    topic = "encrypted-rotated"
    keys = prepared(served.url, topic, "AVRO", "ENCRYPT", encrypt_dek_expiry_days="1")
    first = Encrypting(served.url).write(topic, EVENT)
    later = Encrypting(served.url, ahead_ms=2 * DAY_MS).write(topic, EVENT)
    assert ask(served.url, f"{keys}/versions") == [1, 2]
    for written in (first, later):
        assert Encrypting(served.url).read(topic, written) == EVENT


def test_events_are_readable_until_their_key_is_permanently_deleted(served: ServedRegistry) -> None:
    topic = "encrypted-deleted"
    keys = prepared(served.url, topic, "AVRO", "ENCRYPT")
    written = Encrypting(served.url).write(topic, EVENT)
    ask(served.url, keys, "DELETE")
    assert Encrypting(served.url).read(topic, written) == EVENT, "readers ask for soft-deleted keys, too"
    with pytest.raises(SerializationError):
        Encrypting(served.url).write(topic, EVENT)
    ask(served.url, f"{keys}/undelete", "POST")
    assert Encrypting(served.url).read(topic, Encrypting(served.url).write(topic, EVENT)) == EVENT
    ask(served.url, keys, "DELETE")
    ask(served.url, f"{keys}?permanent=true", "DELETE")
    with pytest.raises(SerializationError):
        Encrypting(served.url).read(topic, written)


@pytest.mark.timeout(400)  # the packages may have to be installed first
def test_the_node_client_reads_what_the_python_client_encrypts_and_the_other_way_round(served: ServedRegistry) -> None:
    for kind in ("AVRO", "JSON"):
        topic = f"encrypted-node-{kind}"
        prepared(served.url, topic, kind, "ENCRYPT")
        written = Encrypting(served.url, kind).write(topic, EVENT)
        seen = run_script("encrypted.mjs", served.url, topic, kind, written.hex())
        assert seen["read"] == EVENT
        there = bytes.fromhex(seen["written"])
        assert PLAIN.encode() not in there
        assert Encrypting(served.url, kind).read(topic, there) == EVENT


@pytest.mark.parametrize(
    ("kind", "algorithm", "days"),
    [("AVRO", "AES128_GCM", ""), ("AVRO", "AES256_GCM", "1"), ("AVRO", "AES256_SIV", ""), ("JSON", "AES256_GCM", "")],
)
def test_our_own_client_reads_what_the_official_one_encrypts_and_the_other_way_round(
    served: ServedRegistry, kind: str, algorithm: str, days: str
) -> None:
    topic = f"encrypted-ours-{kind}-{algorithm}"
    expiring = {"encrypt_dek_expiry_days": days} if days else {}
    prepared(served.url, topic, kind, "ENCRYPT", encrypt_dek_algorithm=algorithm, **expiring)
    rules = RuleBook(encryption=Encryption({"local-kms": LocalKms(SECRET)}))
    ours = moorings.connect(served.url, rules=rules, drift=False).event(f"{topic}-value")
    first = ours.encode(EVENT)
    assert PLAIN.encode() not in first
    assert Encrypting(served.url, kind).read(topic, first) == EVENT
    written = Encrypting(served.url, kind).write(topic, EVENT)
    assert ours.decode(written) == EVENT
    assert moorings.connect(served.url, rules=rules, drift=False).event(f"{topic}-value").decode(first) == EVENT
    plain = moorings.connect(served.url, drift=False).event(f"{topic}-value")
    with pytest.raises(moorings.EventInvalid, match="encrypted"):
        plain.encode(EVENT)
