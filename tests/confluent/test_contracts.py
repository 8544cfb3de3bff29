"""Metadata and rules: kept, merged, inherited, and refused where they do not have their form."""

from typing import Any

import pytest

from tests.confluent.api import JSON_OBJECT, PROTO, Api, case_id, draft, record


def rule(name: str = "check", **more: Any) -> dict[str, Any]:
    return {"name": name, "kind": "CONDITION", "mode": "WRITE", "type": "CEL", "expr": "true", **more}


METADATA = {"tags": {"shop.Order.id": ["PII"]}, "properties": {"owner": "orders"}, "sensitive": ["key"]}
RULES = {
    "migrationRules": [rule("up", kind="TRANSFORM", mode="UPGRADE", type="JSONATA")],
    "domainRules": [rule(doc="why", tags=["PII"], params={"p": "1"}, onFailure="DLQ", disabled=True)],
    "encodingRules": [rule("encrypt", kind="TRANSFORM", mode="WRITEREAD", type="ENCRYPT", onFailure="ERROR,NONE")],
    "enableAt": "CLIENT",
}


def test_metadata_and_rules_are_shown_as_they_were_sent(api: Api) -> None:
    answer = api.register("s", record("id"), metadata=METADATA, ruleSet=RULES)
    assert (answer["metadata"], answer["ruleSet"]) == (METADATA, RULES)
    by_id = api.get("/schemas/ids/1").json
    assert (by_id["metadata"], by_id["ruleSet"]) == (METADATA, RULES)


def test_metadata_and_rules_are_part_of_the_identity_of_a_schema(api: Api) -> None:
    plain = api.register("s", record("id"))
    owned = api.register("s", record("id"), metadata=METADATA)
    ruled = api.register("s", record("id"), metadata=METADATA, ruleSet=RULES)
    assert [one["version"] for one in (plain, owned, ruled)] == [1, 2, 3]
    assert len({one["guid"] for one in (plain, owned, ruled)}) == 3
    assert api.register("t", record("id"), metadata=METADATA)["id"] == owned["id"]


def test_null_and_empty_metadata_and_rules_mean_none(api: Api) -> None:
    silent = {"tags": None, "properties": {}, "sensitive": [], "more": 1}
    answer = api.register("s", record("id"), metadata=silent, ruleSet={"domainRules": [], "migrationRules": None})
    assert {"metadata", "ruleSet"}.isdisjoint(answer)
    assert api.register("s", record("id"))["guid"] == answer["guid"]


@pytest.mark.parametrize(
    "metadata",
    [
        [],
        "x",
        {"tags": ["PII"]},
        {"tags": {"p": "PII"}},
        {"tags": {"p": [1]}},
        {"properties": ["a"]},
        {"properties": {"a": 1}},
        {"sensitive": "key"},
        {"sensitive": [None]},
    ],
    ids=case_id,
)
def test_invalid_metadata_is_refused(api: Api, metadata: object) -> None:
    reply = api.post("/subjects/s/versions", draft(record("id"), metadata=metadata))
    assert reply.code == 42210
    assert "metadata" in reply.json["message"]


@pytest.mark.parametrize(
    "rules",
    [
        [],
        {"domainRules": {"name": "check"}},
        {"domainRules": [1]},
        {"domainRules": [rule("")]},
        {"domainRules": [rule("1st")]},
        {"domainRules": [rule("a b")]},
        {"domainRules": [rule(kind="WISH")]},
        {"domainRules": [rule(mode="UPGRADE")]},
        {"migrationRules": [rule(mode="WRITE")]},
        {"domainRules": [rule(mode=None)]},
        {"domainRules": [rule(type=" ")]},
        {"domainRules": [rule(type=None)]},
        {"domainRules": [rule(expr=1)]},
        {"domainRules": [rule(tags="PII")]},
        {"domainRules": [rule(params={"p": 1})]},
        {"domainRules": [rule(disabled="no")]},
        {"domainRules": [rule(onFailure="DLQ,NONE")]},
        {"encodingRules": [rule(mode="WRITEREAD", onFailure="A,B,C")]},
        {"domainRules": [rule(onSuccess=[])]},
        {"domainRules": [rule(), rule()]},
        {"domainRules": [rule()], "encodingRules": [rule()]},
        {"enableAt": "HOME"},
    ],
    ids=case_id,
)
def test_invalid_rules_are_refused(api: Api, rules: object) -> None:
    reply = api.post("/subjects/s/versions", draft(record("id"), ruleSet=rules))
    assert (reply.status, reply.code) == (422, 42210)


def test_a_version_inherits_metadata_and_rules_that_it_does_not_bring(api: Api) -> None:
    api.register("s", record("id"), metadata=METADATA, ruleSet=RULES)
    heir = api.register("s", record("id", note=""))
    assert (heir["metadata"], heir["ruleSet"]) == (METADATA, RULES)
    other = api.register("s", record("id", more=""), metadata={"properties": {"owner": "new"}})
    assert other["metadata"] == {"properties": {"owner": "new"}}
    assert other["ruleSet"] == RULES


def test_empty_metadata_and_rules_end_what_the_version_before_has(api: Api) -> None:
    api.register("s", record("id"), metadata=METADATA, ruleSet=RULES)
    bare = api.register("s", record("id"), ruleSet={"domainRules": []})
    assert (bare["version"], bare["metadata"], "ruleSet" in bare) == (2, METADATA, False)
    assert api.register("s", record("id"), metadata={}, ruleSet={})["version"] == 3
    again = api.register("s", "", metadata={"tags": {}}, ruleSet={})
    assert (again["version"], "metadata" in again) == (3, False)
    found = api.post("/subjects/s", draft(record("id"), metadata={}, ruleSet={})).json
    assert (found["version"], api.post("/subjects/s", draft(record("id"), ruleSet={})).json["version"]) == (3, 3)
    assert api.post("/subjects/s", draft(record("id"), metadata=METADATA, ruleSet={})).json["version"] == 2


def test_the_other_api_ends_metadata_and_rules_alike(api: Api) -> None:
    api.register("s", record("id"), metadata=METADATA, ruleSet=RULES)
    sent = {"schema": record("id"), "rule_set": {}}
    assert api.post("/v1/events/s/versions", sent).json["version"] == 2
    latest = api.get("/subjects/s/versions/latest").json
    assert (latest["version"], latest["metadata"], "ruleSet" in latest) == (2, METADATA, False)
    assert api.post("/v1/events/s/versions", {"schema": record("id")}).json["version"] == 2


def test_empty_settings_of_metadata_and_rules_clear_them(api: Api) -> None:
    api.put("/config/s", {"defaultMetadata": METADATA, "defaultRuleSet": RULES})
    api.put("/config/s", {"defaultMetadata": {}, "compatibility": "FULL"})
    assert api.get("/config/s").json == {"compatibilityLevel": "FULL", "defaultRuleSet": RULES}
    assert api.register("s", record("id"), ruleSet={})["ruleSet"] == RULES


def test_an_empty_schema_text_means_that_of_the_latest_version(api: Api) -> None:
    first = api.register("s", record("id"))
    second = api.register("s", "", metadata={"properties": {"owner": "new"}})
    assert (second["version"], second["schema"]) == (2, first["schema"])
    assert api.register("s", "", ruleSet=RULES)["version"] == 3
    assert api.post("/subjects/s/versions", draft("")).code == 42201
    assert api.post("/subjects/none/versions", draft("", metadata=METADATA)).code == 42201


def test_default_metadata_is_below_and_override_metadata_above_that_of_a_version(api: Api) -> None:
    api.put("/config", {"defaultMetadata": {"properties": {"team": "none", "region": "eu"}}})
    api.put("/config/s", {"overrideMetadata": {"properties": {"region": "us"}, "tags": {"a": ["X"]}}})
    answer = api.register("s", record("id"), metadata={"properties": {"team": "orders"}, "tags": {"a": ["Y"]}})
    assert answer["metadata"] == {
        "properties": {"team": "orders", "region": "us"},
        "tags": {"a": ["Y", "X"]},
    }
    again = api.register("s", record("id"), metadata={"properties": {"team": "orders"}, "tags": {"a": ["Y"]}})
    assert again == answer


def test_an_override_rule_replaces_the_rule_of_the_same_name(api: Api) -> None:
    api.put("/config/s", {"defaultRuleSet": {"domainRules": [rule("a", doc="default"), rule("b")]}})
    api.put("/config/s", {"overrideRuleSet": {"domainRules": [rule("c", doc="override")], "enableAt": "ALL"}})
    answer = api.register("s", record("id"), ruleSet={"domainRules": [rule("a", doc="own"), rule("c")]})
    shown = {one["name"]: one.get("doc") for one in answer["ruleSet"]["domainRules"]}
    assert shown == {"a": "own", "b": None, "c": "override"}
    assert answer["ruleSet"]["enableAt"] == "ALL"


SAME = [
    ("AVRO", '{"type":"record","name":"a.B","fields":[{"name":"x","type":{"type":"string"}}]}'),
    ("JSON", '{"type":"object","properties":{"a":{"type":"string"},"b":{"type":"string"}}}'),
    ("PROTOBUF", 'syntax = "proto3";\nmessage M {\n  string b = 2;\n  string a = 1;\n}\n'),
]
OTHER = {
    "AVRO": '{"name":"B","namespace":"a","type":"record","fields":[{"type":"string","name":"x"}]}',
    "JSON": '{"properties":{"b":{"type":"string"},"a":{"type":"string"}},"type":"object"}',
    "PROTOBUF": 'syntax="proto3"; message M { string a = 1; /* a note */ string b = 2; }',
}


class TestNormalizing:
    @pytest.mark.parametrize(("kind", "text"), SAME, ids=[case[0] for case in SAME])
    def test_normalized_texts_with_one_meaning_share_an_id(self, api: Api, kind: str, text: str) -> None:
        first = api.post("/subjects/s/versions?normalize=true", draft(text, schemaType=kind)).json
        second = api.post("/subjects/s/versions?normalize=True", draft(OTHER[kind], schemaType=kind)).json
        assert first == second
        third = api.post("/subjects/s/versions?normalize=true", draft(first["schema"], schemaType=kind)).json
        assert third == first

    @pytest.mark.parametrize(("kind", "text"), SAME, ids=[case[0] for case in SAME])
    def test_the_normalize_setting_has_the_effect_of_the_parameter(self, api: Api, kind: str, text: str) -> None:
        api.put("/config", {"normalize": True})
        first = api.register("s", text, schemaType=kind)
        assert api.register("s", OTHER[kind], schemaType=kind) == first

    @pytest.mark.parametrize(("kind", "text"), SAME, ids=[case[0] for case in SAME])
    def test_a_lookup_finds_a_schema_registered_with_or_without_normalize(self, api: Api, kind: str, text: str) -> None:
        api.register("raw", text, schemaType=kind)
        api.post("/subjects/normal/versions?normalize=true", draft(text, schemaType=kind))
        for subject in ("raw", "normal"):
            for sent in (text, OTHER[kind]):
                reply = api.post(f"/subjects/{subject}?normalize=true", draft(sent, schemaType=kind))
                assert reply.status == 200, (subject, sent)
        assert api.post("/subjects/raw", draft(text, schemaType=kind)).status == 200

    def test_normalizing_keeps_the_order_of_fields(self, api: Api) -> None:
        api.put("/config", {"normalize": True, "compatibility": "NONE"})
        assert api.register("s", record("a", "b"))["version"] == 1
        assert api.register("s", record("b", "a"))["version"] == 2


def test_a_schema_with_its_references_inlined_is_found_by_lookup(api: Api) -> None:
    api.register("line", record("sku", name="Line"))
    using = record(name="Order") | {"fields": [{"name": "a", "type": "Line"}]}
    references = [{"name": "shop.Line", "subject": "line", "version": 1}]
    registered = api.register("order", using, references=references)
    expanded = using | {"fields": [{"name": "a", "type": record("sku", name="Line")}]}
    assert api.post("/subjects/order", draft(expanded)).json == registered
    assert api.register("order", expanded) == registered


class TestReservedFields:
    RESERVED = {"properties": {"confluent:reserved": "total, tax"}}  # noqa: RUF012 - a constant

    @pytest.mark.parametrize(
        ("kind", "fine", "used"),
        [
            ("AVRO", record("id"), record("id", total="")),
            ("JSON", JSON_OBJECT, JSON_OBJECT | {"properties": {"id": {"type": "string"}, "total": {}}}),
            ("PROTOBUF", PROTO, PROTO.replace("}", "  string total = 2;\n}")),
        ],
        ids=case_id,
    )
    def test_a_field_with_a_reserved_name_is_refused(self, api: Api, kind: str, fine: object, used: object) -> None:
        api.put("/config/s", {"validateFields": True, "compatibility": "NONE"})
        api.register("s", fine, schemaType=kind, metadata=self.RESERVED)
        reply = api.post("/subjects/s/versions", draft(used, schemaType=kind))
        assert reply.code == 409
        assert "total" in reply.json["message"]
        api.put("/config/s", {"validateFields": None})
        assert api.register("s", used, schemaType=kind)["version"] == 2

    def test_removing_a_reserved_name_is_refused(self, api: Api) -> None:
        api.put("/config/s", {"validateFields": True})
        api.register("s", record("id"), metadata=self.RESERVED)
        fewer = {"properties": {"confluent:reserved": "total"}}
        assert "tax" in api.post("/subjects/s/versions", draft(record("id"), metadata=fewer)).json["message"]


class TestMajors:
    """``compatibilityGroup`` names the property whose values are majors."""

    def test_a_registration_compares_only_versions_of_one_group(self, api: Api) -> None:
        api.put("/config/s", {"compatibilityGroup": "release"})
        one, two = ({"properties": {"release": number}} for number in ("1", "2"))
        assert api.register("s", record("id"), metadata=one)["version"] == 1
        assert api.post("/subjects/s/versions", draft(record("other"), metadata=one)).code == 409
        assert api.register("s", record("other"), metadata=two)["version"] == 2
        assert api.register("s", record("id", note=""), metadata=one)["version"] == 3
        assert api.post("/subjects/s/versions", draft(record("id", "x"), metadata=two)).code == 409

    def test_a_check_compares_only_versions_of_one_group(self, api: Api) -> None:
        api.put("/config/s", {"compatibilityGroup": "release"})
        api.register("s", record("id"), metadata={"properties": {"release": "1"}})
        path = "/compatibility/subjects/s/versions"
        other = draft(record("other"), metadata={"properties": {"release": "2"}})
        assert api.post(path, other).json == {"is_compatible": True}
        assert api.post(path, draft(record("other"))).json == {"is_compatible": False}
