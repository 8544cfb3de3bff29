"""Kafbat UI: the pages of its registry by a client of its own, messages by Java's.

Its own client is generated: `application/json` both ways, null members are sent, subjects are escaped as one segment,
and a member of another type than described fails the page. 409 is shown as "incompatible", a 422 with its whole body,
404 as "no such schema". Messages are decoded by Java's client. It signs in by Basic, or by client credentials of an
OpenID provider.
"""

import json
from collections.abc import Mapping
from typing import Any, ClassVar

import pytest

from tests.confluent.tools.calling import JSON, Refused, Tool, escaped, read
from tests.confluent.tools.conftest import Pointed
from tests.confluent.tools.content import ODD, record
from tests.confluent.tools.java_client import REFERENCE, JavaClient

SUBJECT = {
    "subject": str,
    "version": int,
    "id": int,
    "schema": str,
    "schemaType": ("AVRO", "JSON", "PROTOBUF"),
    "references?": [REFERENCE],
}


class KafbatUi(Tool):
    on_page: ClassVar[str] = "Kafbat UI"
    headers: ClassVar[Mapping[str, str]] = {"Accept": JSON, "User-Agent": "ReactorNetty/1.2"}
    body_type: ClassVar[str] = JSON

    def names(self) -> list[str]:
        return list(read(self.get("/subjects?deleted=false"), [str]))

    def version(self, subject: str, version: int | str = "latest") -> tuple[dict[str, Any], str]:
        """A version, and its level: that of the registry where the one of the subject cannot be had."""
        found = read(self.get(f"/subjects/{escaped(subject)}/versions/{version}?deleted=false"), SUBJECT)
        level = read(self.get(f"/config/{escaped(subject)}?defaultToGlobal=true"), {"compatibilityLevel": str})
        return found, level["compatibilityLevel"]

    def versions(self, subject: str) -> list[int]:
        return list(read(self.get(f"/subjects/{escaped(subject)}/versions"), [int]))

    def create(self, subject: str, schema: Any, kind: str = "AVRO") -> dict[str, Any]:
        """Register, read the id alone, and show what is the newest version then."""
        text = schema if isinstance(schema, str) else json.dumps(schema)
        body = {"schema": text, "schemaType": kind, "references": None}
        read(self.call("POST", f"/subjects/{escaped(subject)}/versions", body), {"id": int})
        return self.version(subject)[0]

    def fits(self, subject: str, schema: Any) -> bool:
        path = f"/compatibility/subjects/{escaped(subject)}/versions/latest?verbose=true"
        body = {"schema": json.dumps(schema), "schemaType": "AVRO", "references": []}
        return bool(read(self.call("POST", path, body), {"is_compatible": bool})["is_compatible"])

    def set_level(self, level: str, subject: str = "") -> None:
        path = f"/config/{escaped(subject)}" if subject else "/config"
        assert read(self.call("PUT", path, {"compatibility": level}), {"compatibility": str})["compatibility"] == level


class KafbatMessages(JavaClient):
    """How it reads and writes messages of a topic."""

    on_page: ClassVar[str] = "Kafbat UI"

    def kind_of(self, topic: str) -> str | None:
        """Whether a value of *topic* can be written, and as what; 404 means not with this registry."""
        try:
            newest = self.get_latest(f"{topic}-value")
        except Refused as refused:
            if refused.status != 404:
                raise
            return None
        return str(newest.get("schemaType", "AVRO"))

    def decoded_as(self, id: int) -> str:
        """The format that a message with this id is shown by."""
        return str(self.get_id(id).get("schemaType", "AVRO"))


def test_the_page_of_the_registry_lists_subjects_with_their_newest_versions(pointed: Pointed) -> None:
    kafbat = pointed.at(KafbatUi)
    names = kafbat.names()
    assert "gone-value" not in names
    shown = {name: kafbat.version(name) for name in names}
    assert shown[ODD][0]["subject"] == ODD
    assert shown["customers-value"][0]["schemaType"] == "JSON"
    assert shown["common/money.proto"][0]["schemaType"] == "PROTOBUF"
    assert shown["fixed-value"][1] == "FULL_TRANSITIVE"
    assert {level for name, (_, level) in shown.items() if name.startswith("orders-")} == {"BACKWARD"}


def test_a_subject_is_created_evolved_and_deleted(pointed: Pointed) -> None:
    kafbat, name = pointed.at(KafbatUi), "kafbat/ü-value"
    assert kafbat.create(name, record("Kafbat", "id"))["version"] == 1
    assert kafbat.fits(name, record("Kafbat", "id", note=""))
    assert not kafbat.fits(name, record("Kafbat", "id", "must"))
    assert kafbat.fits("kafbat-new-value", record("Kafbat", "id"))
    with pytest.raises(Refused) as refused:
        kafbat.create(name, record("Kafbat", "id", "must"))
    assert refused.value.status == 409
    with pytest.raises(Refused, match="Invalid schema") as refused:
        kafbat.create(name, "{")
    assert refused.value.status == 422
    assert kafbat.create(name, record("Kafbat", "id", note=""))["version"] == 2
    assert [kafbat.version(name, one)[0]["version"] for one in kafbat.versions(name)] == [1, 2]
    assert kafbat.ask("DELETE", f"/subjects/{escaped(name)}/versions/latest?permanent=false").status == 200
    assert kafbat.versions(name) == [1]
    assert kafbat.ask("DELETE", f"/subjects/{escaped(name)}?permanent=false", Accept="*/*").status == 200
    with pytest.raises(Refused) as refused:
        kafbat.version(name)
    assert refused.value.status == 404


def test_levels_of_a_subject_and_of_the_registry_are_changed(pointed: Pointed) -> None:
    kafbat = pointed.at(KafbatUi)
    kafbat.create("kafbat-level-value", record("Level", "id"))
    kafbat.set_level("FULL", "kafbat-level-value")
    assert kafbat.version("kafbat-level-value")[1] == "FULL"
    before = read(kafbat.get("/config"), {"compatibilityLevel": str})["compatibilityLevel"]
    kafbat.set_level("FORWARD")
    assert kafbat.version("orders-value")[1] == "FORWARD"
    assert kafbat.version("kafbat-level-value")[1] == "FULL"
    kafbat.set_level(before)


def test_messages_are_decoded_and_topics_offer_their_format(pointed: Pointed) -> None:
    messages, content = pointed.at(KafbatMessages), pointed.content
    kinds = {topic: messages.kind_of(topic) for topic in ("orders", "customers", "shipments", "gone", "never")}
    assert kinds == {"orders": "AVRO", "customers": "JSON", "shipments": "PROTOBUF", "gone": None, "never": None}
    assert messages.decoded_as(content.id("shipments-value")) == "PROTOBUF"
    assert messages.decoded_as(content.id("gone-value")) == "AVRO"
    assert messages.get_subjects_of_id(content.id("orders-value", 2)) == ["orders-value"]
    references = messages.get_id(content.id("shipments-value"))["references"]
    assert [messages.get_version(one["subject"], one["version"])["schemaType"] for one in references] == ["PROTOBUF"]
    with pytest.raises(Refused) as refused:
        messages.decoded_as(2_000_000)
    assert refused.value.status == 404
