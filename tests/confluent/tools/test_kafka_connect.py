"""Kafka Connect: what its Avro, JSON Schema and Protobuf converters call, by Java's client.

A source's converter registers each schema once and writes the id into messages. A sink's gets the schema of an id for
its subject, then asks which version of the subject that is, soft-deleted ones included. An error whose code is a 4xx
becomes a wrong configuration, which ends the task; anything else is tried again by Connect. It signs in by a class that
reads a token (`bearer.auth.credentials.source=CUSTOM`), by the agent, or by Basic.
"""

import json
from typing import Any, ClassVar

import pytest

from tests.confluent.tools.calling import Refused
from tests.confluent.tools.conftest import Pointed
from tests.confluent.tools.content import ADDRESS, CUSTOMER, MONEY_PROTO, SHIPMENT_PROTO, record
from tests.confluent.tools.java_client import JavaClient


class Converter(JavaClient):
    on_page: ClassVar[str] = "Kafka Connect"
    """A converter of keys and values."""

    def to_bytes(self, topic: str, body: dict[str, Any], *, register: bool = True, is_key: bool = False) -> bytes:
        """What a message begins with: a zero byte and the id."""
        subject = f"{topic}-{'key' if is_key else 'value'}"
        id = self.register(subject, body) if register else self.look_up(subject, body)["id"]
        return b"\0" + int(id).to_bytes(4, "big")

    def to_connect(self, topic: str, data: bytes) -> tuple[str, int]:
        """The format of a message, and the version that Connect's schema gets."""
        id = int.from_bytes(data[1:5], "big")
        subject = f"{topic}-value"
        found = self.get_id(id, subject)
        body = {name: found[name] for name in ("schema", "schemaType", "references", "metadata") if name in found}
        for one in found.get("references", []):
            assert self.get_version(one["subject"], one["version"], deleted=True)["schema"]
        known = self.look_up(subject, body, deleted=True)
        assert known["id"] == id
        return found.get("schemaType", "AVRO"), known["version"]

    def with_dependencies(self, topic: str, text: str, dependencies: dict[str, str]) -> dict[str, Any]:
        """Register what a Protobuf schema imports, each under its path, and refer to the versions that they have."""
        references = []
        for path, imported in dependencies.items():
            body = {"schema": imported, "schemaType": "PROTOBUF"}
            self.register(path, body)
            references.append({"name": path, "subject": path, "version": self.look_up(path, body)["version"]})
        return {"schema": text, "schemaType": "PROTOBUF", "references": references}


def test_a_source_registers_and_a_sink_reads(pointed: Pointed) -> None:
    source, sink = pointed.at(Converter), pointed.at(Converter)
    connected = {**record("Connect", "id"), "connect.version": 1, "connect.name": "shop.Connect"}
    written = source.to_bytes("connect", {"schema": json.dumps(connected)})
    assert source.to_bytes("connect", {"schema": '"string"'}, is_key=True)[0] == 0
    assert sink.to_connect("connect", written) == ("AVRO", 1)
    assert source.to_bytes("connect", {"schema": json.dumps(connected)}, register=False) == written


def test_json_and_protobuf_converters_bring_their_references(pointed: Pointed) -> None:
    converter = pointed.at(Converter)
    reference = {"name": "address.json", "subject": "address.json", "version": 1}
    body = {"schema": json.dumps(CUSTOMER), "schemaType": "JSON", "references": [reference]}
    assert converter.to_connect("connect-json", converter.to_bytes("connect-json", body)) == ("JSON", 1)
    assert json.loads(converter.get_version("address.json", 1)["schema"]) == ADDRESS
    shipment = converter.with_dependencies("connect-proto", SHIPMENT_PROTO, {"common/money.proto": MONEY_PROTO})
    assert shipment["references"][0]["version"] == 1
    written = converter.to_bytes("connect-proto", shipment)
    assert converter.to_connect("connect-proto", written) == ("PROTOBUF", 1)
    assert converter.to_bytes("connect-proto", shipment, register=False) == written


def test_a_sink_reads_what_was_written_before_it_was_deleted(pointed: Pointed) -> None:
    converter, content = pointed.at(Converter), pointed.content
    for subject, version in (("half-value", 1), ("gone-value", 1)):
        data = b"\0" + content.id(subject, version).to_bytes(4, "big")
        assert converter.to_connect(subject.removesuffix("-value"), data) == ("AVRO", version)


def test_the_latest_version_and_one_by_its_metadata_are_used_without_registering(pointed: Pointed) -> None:
    converter = pointed.at(Converter)
    assert converter.get_latest("orders-value")["version"] == 2
    found = converter.get_with_metadata("payments-value", owner="team-payments", email="payments@example.com")
    assert found["id"] == pointed.content.id("payments-value")
    assert found["ruleSet"]["domainRules"][0]["name"] == "positive"
    with pytest.raises(Refused) as refused:
        converter.get_with_metadata("payments-value", owner="somebody else")
    assert refused.value.code == 40403


@pytest.mark.parametrize(
    ("topic", "schema", "register", "code"),
    [
        ("orders", record("Order", "other"), False, 40403),
        ("connect-none", record("Order", "id"), False, 40401),
        ("orders", record("Order", "id", "must"), True, 409),
        ("fixed", record("Fixed", "id", more=""), True, 42205),
        ("orders", {"type": "record"}, True, 42201),
    ],
)
def test_a_task_ends_with_the_reason(pointed: Pointed, topic: str, schema: Any, register: bool, code: int) -> None:
    with pytest.raises(Refused) as refused:
        pointed.at(Converter).to_bytes(topic, {"schema": json.dumps(schema)}, register=register)
    assert refused.value.code == code
    assert str(refused.value.status) == str(code)[:3]


def test_an_id_that_no_schema_has_ends_a_sink(pointed: Pointed) -> None:
    with pytest.raises(Refused) as refused:
        pointed.at(Converter).to_connect("orders", b"\0\x7f\xff\xff\xff")
    assert (refused.value.status, refused.value.code) == (404, 40403)


def test_releases_that_know_no_newer_members_are_sent_none(pointed: Pointed) -> None:
    oldest, subject = pointed.at(JavaClient), "connect-oldest-value"
    body = {"schema": json.dumps(record("Oldest", "id"))}
    for _ in range(2):  # the second answers come from what is cached
        registered = oldest.call("POST", f"/subjects/{subject}/versions", body)
        assert set(registered) == {"id"}
        assert set(oldest.get(f"/schemas/ids/{registered['id']}")) == {"schema"}
        assert set(oldest.get(f"/subjects/{subject}/versions/latest")) == {"subject", "version", "id", "schema"}
        newer = oldest.ask("GET", f"/subjects/{subject}/versions/latest", Confluent_Accept_Unknown_Properties="true")
        assert {"guid", "ts", "schemaType"} <= set(newer.json)
    assert set(oldest.call("POST", f"/subjects/{subject}", body)) == {"subject", "version", "id", "schema"}
    check = f"/compatibility/subjects/{subject}/versions/latest"
    assert set(oldest.call("POST", check, {"schema": '"string"'})) == {"is_compatible"}
    assert set(oldest.get("/config")) == {"compatibilityLevel"}
    assert set(oldest.get("/mode")) == {"mode"}
    refused = oldest.ask("GET", "/schemas/ids/2000000")
    assert set(refused.json) == {"error_code", "message"}


def test_a_registration_with_a_contract_answers_with_it(pointed: Pointed) -> None:
    """Later releases run the rules of the answer, which may have more of them than what was sent."""
    subject = "connect-contract-value"
    oldest = pointed.at(JavaClient)
    oldest.call("PUT", f"/config/{subject}", {"defaultMetadata": {"properties": {"owner": "x"}}})
    answer = oldest.call("POST", f"/subjects/{subject}/versions", {"schema": json.dumps(record("Ruled", "id"))})
    assert set(answer) == {"subject", "version", "id", "schema", "metadata"}


def test_a_base_url_below_a_context_keeps_to_it(pointed: Pointed) -> None:
    inside = pointed.at(Converter, "/contexts/.eu")
    assert inside.get_all_subjects("") == [":.eu:audits-value", ":.eu:orders-value"]
    written = inside.to_bytes("orders", {"schema": json.dumps(record("Order", "id", eu=""))}, register=False)
    assert inside.to_connect("orders", written) == ("AVRO", 1)
    with pytest.raises(Refused) as refused:
        inside.get_latest("customers-value")
    assert refused.value.code == 40401
