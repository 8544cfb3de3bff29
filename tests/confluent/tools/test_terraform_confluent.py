"""Terraform's provider of Confluent: its resources of a registry, by a generated client in Go.

`application/json` both ways, with the id of a cluster in a header that no other registry has to know. A plan checks the
schema; a schema that is there is looked up as sent, then normalised, and 404 and 422 both mean that it is not. Creating
checks once more, registers, and reads back: the newest version, then `/schemas` by a prefix, of which the one with that
id and that very subject counts. What is read and was not planned is a drift, so rules and metadata have to come back as
they were sent. Whatever fails is shown by its status and message. It signs in by Basic (`schema_registry_api_key`,
`schema_registry_api_secret`).
"""

import json
from collections.abc import Mapping
from typing import Any, ClassVar
from urllib.parse import quote

import pytest

from tests.confluent.tools.calling import JSON, Refused, Tool, read
from tests.confluent.tools.conftest import Pointed, Target
from tests.confluent.tools.content import ADDRESS, CUSTOMER, METADATA, ODD, record
from tests.confluent.tools.java_client import METADATA as METADATA_SHAPE
from tests.confluent.tools.java_client import REFERENCE, RULE_SET

SCHEMA = {
    "subject": str,
    "version": int,
    "id": int,
    "schema": str,
    "schemaType?": str,
    "references?": [REFERENCE],
    "metadata?": METADATA_SHAPE,
    "ruleSet?": RULE_SET,
}
NO_RULES: dict[str, Any] = {"domainRules": []}


class Confluent(Tool):
    on_page: ClassVar[str] = "Terraform, Confluent's provider"
    headers: ClassVar[Mapping[str, str]] = {
        "Accept": JSON,
        "target-sr-cluster": "lsrc-moorings",
        "User-Agent": "terraform-provider-confluent/2.0",
        "Accept-Encoding": "gzip",
    }
    body_type: ClassVar[str] = JSON
    signs_in_by: ClassVar[str] = "basic"

    def plan(self, subject: str, body: Mapping[str, Any]) -> list[str]:
        """The reasons why the schema cannot be registered."""
        path = f"/compatibility/subjects/{_escaped(subject)}/versions?verbose=true"
        answer = read(self.call("POST", path, dict(body)), {"is_compatible": bool, "messages?": [str]})
        return [] if answer["is_compatible"] else answer.get("messages") or ["a reason that the provider has itself"]

    def is_known(self, subject: str, body: Mapping[str, Any]) -> bool:
        """Whether the schema of the plan is there in another spelling, so that nothing has to be changed."""
        for normalize in ("false", "true"):
            answer = self.ask("POST", f"/subjects/{_escaped(subject)}?normalize={normalize}", dict(body))
            if answer.status == 200:
                read(answer.json, SCHEMA)
                return True
            assert answer.status in (404, 422)
        return False

    def apply(self, subject: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """Create or change `confluent_schema`."""
        assert self.plan(subject, body) == []
        added = read(self.call("POST", f"/subjects/{_escaped(subject)}/versions", dict(body)), {"id": int})
        found = self.state(subject)
        assert found["id"] == added["id"]
        return found

    def state(self, subject: str) -> dict[str, Any]:
        """What is there, as the provider reads it; a schema that is not found leaves the state."""
        newest = read(self.get(f"/subjects/{_escaped(subject)}/versions/latest"), SCHEMA)
        listed = read(self.get(f"/schemas?subjectPrefix={quote(subject, safe='')}"), [SCHEMA])
        return dict(next(one for one in listed if (one["id"], one["subject"]) == (newest["id"], subject)))

    def destroy(self, subject: str, version: int, *, hard: bool = False) -> None:
        path = f"/subjects/{_escaped(subject)}/versions/{version}"
        assert read(self.call("DELETE", f"{path}?permanent=false"), int) == version
        if hard:
            assert read(self.call("DELETE", f"{path}?permanent=true"), int) == version


def _escaped(subject: str) -> str:
    return quote(subject, safe=":+$&=@")


def _body(schema: Any, kind: str = "AVRO", **more: Any) -> dict[str, Any]:
    return {"schema": json.dumps(schema), "schemaType": kind, "references": [], **more}


def _rule(name: str, **more: Any) -> dict[str, Any]:
    """A rule as the provider sends it: what a configuration leaves out is an empty text."""
    left_out: dict[str, Any] = {"doc": "", "expr": "", "onSuccess": "", "onFailure": "", "tags": [], "params": {}}
    return {**left_out, "name": name, "kind": "CONDITION", "mode": "WRITE", "type": "CEL", **more}


@pytest.mark.parametrize("subject", ["tf-value", "tf/größe-value", ":.tf:x-value"])
def test_a_schema_is_planned_applied_changed_and_destroyed(pointed: Pointed, subject: str) -> None:
    terraform = pointed.at(Confluent)
    first = terraform.apply(subject, _body(record("Tf", "id")))
    assert (first["subject"], first["version"]) == (subject, 1)
    assert json.loads(first["schema"]) == record("Tf", "id")
    second = terraform.apply(subject, _body(record("Tf", "id", note="")))
    assert second["version"] == 2
    assert "must" in " ".join(terraform.plan(subject, _body(record("Tf", "id", "must"))))
    terraform.destroy(subject, 2, hard=True)
    terraform.destroy(subject, 1)
    with pytest.raises(Refused) as refused:
        terraform.state(subject)
    assert refused.value.status == 404


def test_another_spelling_of_the_schema_is_no_change(pointed: Pointed) -> None:
    terraform, subject = pointed.at(Confluent), "tf-spelling-value"
    terraform.apply(subject, _body({**record("Tf", "id"), "doc": "x"}))
    spelled = {"name": "shop.Tf", "type": "record", "doc": "x", "fields": [{"type": {"type": "string"}, "name": "id"}]}
    assert terraform.is_known(subject, _body(spelled))
    assert terraform.is_known(
        subject, {**_body({}), "schema": json.dumps({**record("Tf", "id"), "doc": "x"}, indent=4)}
    )
    assert not terraform.is_known(subject, _body(record("Tf", "other")))
    assert not terraform.is_known(subject, _body({"type": "record"}))
    assert not terraform.is_known("tf-never-value", _body(spelled))


def test_rules_and_metadata_come_back_as_they_were_sent_and_end_when_they_are_left_empty(pointed: Pointed) -> None:
    terraform, subject = pointed.at(Confluent), "tf-contract-value"
    payment = {**record("Payment", "id"), "fields": [{"name": "amount", "type": "double"}]}
    rules = [
        _rule("positive", expr="message.amount > 0", onFailure="ERROR"),
        _rule("pii", kind="TRANSFORM", mode="WRITEREAD", type="ENCRYPT", tags=["PII"], params={"encrypt.kek.name": "k"},
              onSuccess="NONE,NONE", onFailure="ERROR,ERROR"),
    ]  # fmt: skip
    metadata = {**METADATA, "sensitive": []}
    planned = _body(payment, ruleSet={"domainRules": rules}, metadata=metadata)
    found = terraform.apply(subject, planned)
    assert [{**_rule(""), **one} for one in found["ruleSet"]["domainRules"]] == rules
    assert found["metadata"] == METADATA
    assert terraform.apply(subject, planned)["version"] == 1
    bare = terraform.apply(subject, _body(payment, ruleSet=NO_RULES, metadata=metadata))
    assert (bare["version"], bare.get("ruleSet", NO_RULES), bare["metadata"]) == (2, NO_RULES, METADATA)
    assert "metadata" not in terraform.apply(subject, _body(payment, metadata={"tags": {}, "properties": {}}))


def test_a_schema_with_references_is_applied(pointed: Pointed) -> None:
    terraform = pointed.at(Confluent)
    terraform.apply("tf-address", _body(ADDRESS, "JSON"))
    references = [{"name": "address.json", "subject": "tf-address", "version": 1}]
    found = terraform.apply("tf-customer", {**_body(CUSTOMER, "JSON"), "references": references})
    assert found["references"] == references
    with pytest.raises(Refused) as refused:
        terraform.destroy("tf-address", 1)
    assert (refused.value.status, refused.value.code) == (422, 42206)


def test_every_schema_of_a_registry_can_be_imported(pointed: Pointed) -> None:
    terraform = pointed.at(Confluent)
    subjects = [one for one in read(terraform.get("/subjects"), [str]) if not one.startswith("tf")]
    found = {name: terraform.state(name) for name in subjects}
    assert {ODD, "common/money.proto", ":.eu:orders-value"} <= found.keys()
    assert found["half-value"]["version"] == 2


@pytest.mark.parametrize(
    "query", ["", "?subjectPrefix=orders", "?latestOnly=true", "?subjectPrefix=:.eu:&deleted=true"]
)
def test_the_data_source_of_schemas_lists_them(pointed: Pointed, query: str) -> None:
    listed = read(pointed.at(Confluent).get(f"/schemas{query}"), [SCHEMA])
    names = [one["subject"].rpartition(":")[2] for one in listed]
    assert "orders-value" in names
    assert ("latestOnly" not in query) or len(listed) == len({one["subject"] for one in listed})


def test_pages_of_schemas_follow_each_other(pointed: Pointed) -> None:
    terraform = pointed.at(Confluent)
    pages = [read(terraform.get(f"/schemas?subjectPrefix=orders&offset={one}&limit=2"), [SCHEMA]) for one in (0, 2)]
    found = [(one["subject"], one["version"]) for page in pages for one in page]
    assert found == [("orders-key", 1), ("orders-value", 1), ("orders-value", 2)]


def test_a_wrapped_data_encryption_key_is_applied_and_destroyed(pointed: Pointed) -> None:
    terraform, keks = pointed.at(Confluent), "/dek-registry/v1/keks"
    kek = {"name": "tf-dek", "kmsType": "aws-kms", "kmsKeyId": "arn:aws:kms:y", "shared": False}
    terraform.call("POST", keks, kek)
    deks = f"{keks}/tf-dek/deks"
    sent = {"subject": "tf-dek-value", "version": 1, "algorithm": "AES256_GCM", "encryptedKeyMaterial": "AAAA"}
    shape = {"kekName": str, "subject": str, "version": int, "algorithm": str, "encryptedKeyMaterial": str, "ts": int}
    read(terraform.call("POST", deks, sent), shape)
    one = f"{deks}/tf-dek-value/versions/1?algorithm=AES256_GCM"
    assert read(terraform.get(one), shape)["encryptedKeyMaterial"] == "AAAA"
    for permanent in ("false", "true"):
        assert terraform.ask("DELETE", f"{one}&permanent={permanent}").status == 204
    generated = {"subject": "tf-dek-value", "version": 1, "algorithm": "AES256_GCM"}
    with pytest.raises(Refused) as refused:
        terraform.call("POST", deks, generated)
    assert (refused.value.status, refused.value.code) == (403, 40370)


def test_settings_of_a_subject_are_applied_and_destroyed(pointed: Pointed) -> None:
    terraform, config = pointed.at(Confluent), "/config/tf-settings-value"
    shape = {"compatibilityLevel": str, "compatibilityGroup?": str}
    for level, group in (("FULL", ""), ("BACKWARD", "app.major"), ("BACKWARD", "")):
        answer = terraform.call("PUT", config, {"compatibility": level, "compatibilityGroup": group})
        assert read(answer, {"compatibility": str})["compatibility"] == level
        found = read(terraform.get(f"{config}?defaultToGlobal=true"), shape)
        assert (found["compatibilityLevel"], found.get("compatibilityGroup", "")) == (level, group)
    assert read(terraform.call("DELETE", config), shape)
    assert read(terraform.get(f"{config}?defaultToGlobal=true"), shape) == {"compatibilityLevel": "BACKWARD"}
    mode = "/mode/tf-settings-value"
    assert read(terraform.call("PUT", f"{mode}?force=false", {"mode": "READONLY"}), {"mode": str})["mode"] == "READONLY"
    assert read(terraform.get(f"{mode}?defaultToGlobal=true"), {"mode": str})["mode"] == "READONLY"
    assert read(terraform.call("DELETE", mode), {"mode": str})
    assert read(terraform.get(f"{mode}?defaultToGlobal=true"), {"mode": str})["mode"] == "READWRITE"


def test_a_key_encryption_key_is_applied_and_destroyed(pointed: Pointed) -> None:
    terraform, path = pointed.at(Confluent), "/dek-registry/v1/keks"
    sent = {
        "name": "tf-kek",
        "kmsType": "aws-kms",
        "kmsKeyId": "arn:aws:kms:x",
        "kmsProps": {},
        "doc": "",
        "shared": False,
    }
    shape = {"name": str, "kmsType": str, "kmsKeyId": str, "shared": bool, "kmsProps?": dict, "doc?": str, "ts": int}
    read(terraform.call("POST", path, sent), shape)
    assert read(terraform.get(f"{path}/tf-kek"), shape)["shared"] is False
    assert read(terraform.call("PUT", f"{path}/tf-kek", {"doc": "why", "kmsProps": {}}), shape)["doc"] == "why"
    assert terraform.ask("DELETE", f"{path}/tf-kek?permanent=false").status == 204
    assert terraform.ask("DELETE", f"{path}/tf-kek?permanent=true").status == 204
    with pytest.raises(Refused) as refused:
        terraform.get(f"{path}/tf-kek")
    assert refused.value.status == 404


def test_a_registry_without_sign_in_refuses_the_key_that_it_always_sends(open_registry: Target) -> None:
    terraform = Confluent(open_registry.url, "a secret")
    with pytest.raises(Refused, match="no sign-in is configured") as refused:
        terraform.state("orders-value")
    assert (refused.value.status, refused.value.code) == (401, 40101)
    terraform.close()
