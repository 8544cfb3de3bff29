"""Redpanda Console: its pages of a registry, by franz-go's client.

The vendor's type both ways, subjects escaped as Go does it (`+` stays), a base URL joined to a clean path. What an
error means is in its `error_code`: 40401 while it lists versions says that all are soft-deleted, 40408 and 40409 are
shown as DEFAULT, and any other code as UNKNOWN. A mode or a level that the client does not know fails the page. Reasons
of a failed check are read as JSON after names got their quotes. It signs in by Basic, by a token that it was started
with, or by a certificate.
"""

import json
import re
from collections.abc import Mapping
from typing import Any, ClassVar
from urllib.parse import quote

import pytest

from tests.confluent.tools.calling import V1, Refused, Tool, read
from tests.confluent.tools.conftest import Pointed
from tests.confluent.tools.content import MONEY_PROTO, ODD, SHIPMENT_PROTO, record
from tests.confluent.tools.java_client import METADATA, REFERENCE, RULE_SET

SCHEMA = {
    "schema": str,
    "schemaType?": ("AVRO", "JSON", "PROTOBUF"),
    "references?": [REFERENCE],
    "metadata?": METADATA,
    "ruleSet?": RULE_SET,
}
SUBJECT_SCHEMA = {"subject": str, "version": int, "id": int, **SCHEMA}
MODES = ("IMPORT", "READONLY", "READWRITE", "FORWARD")
LEVELS = ("NONE", "BACKWARD", "BACKWARD_TRANSITIVE", "FORWARD", "FORWARD_TRANSITIVE", "FULL", "FULL_TRANSITIVE")


class Console(Tool):
    on_page: ClassVar[str] = "Redpanda Console"
    headers: ClassVar[Mapping[str, str]] = {
        "Accept": V1,
        "Content-Type": V1,
        "User-Agent": "redpanda-console",
        "Accept-Encoding": "gzip",
    }
    signs_in_by: ClassVar[str] = "basic"

    def subjects(self, prefix: str = "") -> dict[str, bool]:
        """Every subject, and whether it is soft-deleted: what is in the one list and not in the other."""
        narrowed = f"subjectPrefix={quote(prefix, safe='')}" if prefix else ""
        active = read(self.get(f"/subjects?{narrowed}"), [str])
        every = read(self.get(f"/subjects?deleted=true&{narrowed}"), [str])
        return {name: name not in active for name in every}

    def level(self, subject: str) -> str:
        return self._setting(f"/config{_below(subject)}", "compatibilityLevel", LEVELS, 40408)

    def mode(self, subject: str) -> str:
        return self._setting(f"/mode{_below(subject)}", "mode", MODES, 40409)

    def _setting(self, path: str, member: str, known: tuple[str, ...], unset: int) -> str:
        try:
            return str(read(self.get(path), {member: known})[member])
        except Refused as refused:
            return "DEFAULT" if refused.code == unset else "UNKNOWN"

    def versions(self, subject: str) -> dict[int, bool]:
        """The numbers of the versions, and whether each is soft-deleted."""
        path = f"/subjects/{_escaped(subject)}/versions"
        try:
            active = read(self.get(path), [int])
        except Refused as refused:
            if refused.code != 40401:
                raise
            active = []
        return {number: number not in active for number in read(self.get(f"{path}?deleted=true"), [int])}

    def schema(self, subject: str, version: int | str) -> dict[str, Any]:
        return dict(read(self.get(f"/subjects/{_escaped(subject)}/versions/{version}?deleted=true"), SUBJECT_SCHEMA))

    def referrers(self, subject: str, version: int) -> dict[int, list[str]]:
        """The ids that refer to a version, each with the subjects that use it."""
        ids = read(self.get(f"/subjects/{_escaped(subject)}/versions/{version}/referencedby?deleted=true"), [int])
        return {id: self.usages(id, deleted=True) for id in ids}

    def usages(self, id: int, subject: str = "", *, deleted: bool = False) -> list[str]:
        query = "?deleted=true" if deleted else f"?subject={quote(subject, safe='')}" if subject else ""
        pairs = read(self.get(f"/schemas/ids/{id}/versions{query}"), [{"subject": str, "version": int}])
        return [one["subject"] for one in pairs]

    def create(self, subject: str, schema: Mapping[str, Any], *, normalize: bool = False) -> int:
        """Register; where that fails and metadata came along, again without."""
        path = f"/subjects/{_escaped(subject)}/versions{'?normalize=true' if normalize else ''}"
        try:
            return int(read(self.call("POST", path, dict(schema)), {"id": int})["id"])
        except Refused:
            if "metadata" not in schema:
                raise
            bare = {name: value for name, value in schema.items() if name != "metadata"}
            return int(read(self.call("POST", path, bare), {"id": int})["id"])

    def check(self, subject: str, schema: Mapping[str, Any], version: str = "latest") -> tuple[bool, dict[str, str]]:
        """Whether a schema fits, and the first reason that has a type or a description."""
        path = f"/compatibility/subjects/{_escaped(subject)}/versions/{version}?verbose=true"
        try:
            answer = self.call("POST", path, dict(schema))
        except Refused as refused:
            return refused.code == 40401, {}
        read(answer, {"is_compatible": bool, "messages?": [str]})
        for message in answer.get("messages") or []:
            try:
                reason = json.loads(re.sub(r"(\w+):", r'"\1":', message, flags=re.ASCII))
            except ValueError:
                continue
            if reason.get("errorType") or reason.get("description"):
                return answer["is_compatible"], reason
        return answer["is_compatible"], {}


def _escaped(subject: str) -> str:
    return quote(subject, safe=":+$&=@")


def _below(subject: str) -> str:
    return f"/{_escaped(subject)}" if subject else ""


def test_the_overview_shows_mode_level_and_every_subject(pointed: Pointed) -> None:
    console = pointed.at(Console)
    assert (console.mode(""), console.level("")) == ("READWRITE", "BACKWARD")
    assert sorted(read(console.get("/schemas/types"), [str])) == ["AVRO", "JSON", "PROTOBUF"]
    shown = console.subjects()
    assert (shown["gone-value"], shown["half-value"], shown[ODD]) == (True, False, False)
    assert set(console.subjects(":.eu:")) == {":.eu:audits-value", ":.eu:orders-value"}


def test_contexts_are_listed_with_their_mode_and_level(pointed: Pointed) -> None:
    console = pointed.at(Console)
    contexts = read(console.get("/contexts"), [str])
    assert {".", ".eu"} <= set(contexts)
    qualified = {name: "" if name == "." else f":{name}:" for name in contexts}
    shown = {name: (console.mode(one), console.level(one)) for name, one in qualified.items()}
    assert (shown["."], shown[".eu"]) == (("READWRITE", "BACKWARD"), ("DEFAULT", "DEFAULT"))


@pytest.mark.parametrize(
    ("subject", "versions", "level", "mode"),
    [
        ("orders-value", {1: False, 2: False}, "DEFAULT", "DEFAULT"),
        ("half-value", {1: True, 2: False}, "DEFAULT", "DEFAULT"),
        ("gone-value", {1: True}, "DEFAULT", "DEFAULT"),
        ("fixed-value", {1: False}, "FULL_TRANSITIVE", "READONLY"),
        (ODD, {1: False}, "DEFAULT", "DEFAULT"),
        (":.eu:orders-value", {1: False}, "DEFAULT", "DEFAULT"),
    ],
)
def test_the_page_of_a_subject_shows_deleted_versions_too(
    pointed: Pointed, subject: str, versions: dict[int, bool], level: str, mode: str
) -> None:
    console = pointed.at(Console)
    assert console.versions(subject) == versions
    assert [console.schema(subject, number)["version"] for number in versions] == list(versions)
    assert console.schema(subject, "latest")["version"] == max(versions)
    assert (console.level(subject), console.mode(subject)) == (level, mode)


def test_a_contract_is_shown_with_its_metadata(pointed: Pointed) -> None:
    shown = pointed.at(Console).schema("payments-value", "latest")
    assert shown["metadata"]["properties"]["owner"] == "team-payments"
    assert shown["metadata"]["tags"] == {"Payment.amount": ["PII"]}


def test_references_are_followed_both_ways(pointed: Pointed) -> None:
    console, content = pointed.at(Console), pointed.content
    shown = console.schema("shipments-value", "latest")
    assert [console.schema(one["subject"], one["version"])["schema"] for one in shown["references"]] == [MONEY_PROTO]
    assert "shipments-value" in console.referrers("common/money.proto", 1)[content.id("shipments-value")]
    assert console.referrers("orders-value", 1) == {}
    assert console.usages(content.id("gone-value"), deleted=True) == ["gone-value"]
    assert console.usages(content.id(":.eu:audits-value"), ":.eu:") == [":.eu:audits-value"]


@pytest.mark.parametrize("subject", ["console-value", ":.console:x-value"])
def test_a_schema_is_checked_created_and_deleted_for_good(pointed: Pointed, subject: str) -> None:
    console = pointed.at(Console)
    first = {"schema": json.dumps(record("Console", "id")), "schemaType": "AVRO", "references": []}
    second = {"schema": json.dumps(record("Console", "id", "must")), "schemaType": "AVRO"}
    assert console.check(subject, first) == (True, {})
    metadata = {"properties": {"owner": "console"}}
    assert console.create(subject, {**first, "metadata": metadata}, normalize=True)
    fits, reason = console.check(subject, second)
    assert (fits, reason["errorType"]) == (False, "AVRO_FIELD_MISSING_DEFAULT")
    assert "must" in reason["description"]
    with pytest.raises(Refused) as refused:
        console.create(subject, {**second, "metadata": metadata})
    assert refused.value.code == 409
    path = f"/subjects/{_escaped(subject)}"
    assert console.call("DELETE", f"{path}/versions/1") == 1
    assert console.versions(subject) == {1: True}
    assert read(console.call("DELETE", f"{path}?permanent=true"), [int]) == [1]
    assert subject not in console.subjects()


def test_a_protobuf_schema_is_checked_against_its_references(pointed: Pointed) -> None:
    console = pointed.at(Console)
    money = {"name": "common/money.proto", "subject": "common/money.proto", "version": 1}
    changed = SHIPMENT_PROTO.replace("string id = 1", "int64 id = 1")
    fits, reason = console.check(
        "shipments-value", {"schema": changed, "schemaType": "PROTOBUF", "references": [money]}
    )
    assert (fits, reason["errorType"].startswith("PROTO")) == (False, True)


def test_settings_of_a_subject_are_set_and_reset(pointed: Pointed) -> None:
    console, subject = pointed.at(Console), "console/settings-value"
    path = _below(subject)
    answer = console.call("PUT", f"/config{path}", {"compatibility": "FULL"})
    assert read(answer, {"compatibility": LEVELS})["compatibility"] == "FULL"
    assert console.level(subject) == "FULL"
    assert read(console.call("DELETE", f"/config{path}"), {"compatibilityLevel": LEVELS})
    assert console.level(subject) == "DEFAULT"
    assert read(console.call("PUT", f"/mode{path}", {"mode": "READONLY"}), {"mode": MODES})["mode"] == "READONLY"
    assert console.mode(subject) == "READONLY"
    assert read(console.call("DELETE", f"/mode{path}"), {"mode": MODES})
    assert console.mode(subject) == "DEFAULT"


def test_access_lists_are_found_not_to_be_there(pointed: Pointed) -> None:
    probe = [{"resourceType": "NOT_A_RESOURCE_TYPE", "patternType": "_CONSOLE_TEST"}]
    with pytest.raises(Refused) as refused:
        pointed.at(Console).call("POST", "/security/acls", probe)
    assert refused.value.status == 404


def test_a_base_url_may_lead_into_a_context(pointed: Pointed) -> None:
    inside = pointed.at(Console, "/contexts/.eu")
    assert inside.subjects() == {":.eu:audits-value": False, ":.eu:orders-value": False}
    assert inside.schema("orders-value", 1)["id"] == pointed.content.id(":.eu:orders-value")
