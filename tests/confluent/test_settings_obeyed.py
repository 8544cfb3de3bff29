"""Every setting of `PUT /config` does what its description says, on both APIs, or is refused with the reason."""

import json
from typing import Any

import pytest

from tests.registry.asking import record
from tests.registry.calling import Http, Reply

SPACED = '{ "type": "record", "fields": [ {"type": "int", "name": "a"} ], "name": "Order" }'
"""The same as `record("a", name="Order")`, and another text."""
APIS = ("native", "confluent")


@pytest.fixture
def http() -> Http:
    return Http()


def register(http: Http, api: str, subject: str, text: str, **more: Any) -> Reply:
    if api == "native":
        named = {"metadata": more.get("metadata"), "rule_set": more.get("ruleSet"), "format": more.get("schemaType")}
        body = {"schema": text, **{name: value for name, value in named.items() if value is not None}}
        return http.post(f"/v1/events/{subject}/versions", body)
    return http.post(f"/subjects/{subject}/versions", {"schema": text, **more})


def look_up(http: Http, api: str, subject: str, text: str) -> int:
    path = f"/v1/events/{subject}/lookup" if api == "native" else f"/subjects/{subject}"
    return http.post(path, {"schema": text}).status


def settings(http: Http, scope: str = "/s", **changes: Any) -> None:
    assert http.put(f"/config{scope}", changes).status == 200


def stored(http: Http, subject: str = "s") -> dict[str, Any]:
    answer: dict[str, Any] = http.get(f"/subjects/{subject}/versions/latest").json
    return answer


@pytest.mark.parametrize("api", APIS)
@pytest.mark.parametrize("scope", ["", "/s"])
def test_compatibility_is_the_level(http: Http, api: str, scope: str) -> None:
    register(http, api, "s", record("a"))
    assert register(http, api, "s", record("a", "b")).status == 409
    settings(http, scope, compatibility="NONE")
    assert register(http, api, "s", record("a", "b")).status in (200, 201)


@pytest.mark.parametrize("api", APIS)
def test_compatibility_policy_tolerates_what_the_content_model_leaves_open(http: Http, api: str) -> None:
    def schema(**properties: Any) -> str:
        return json.dumps({"type": "object", "properties": properties})

    open_, wider = schema(a={"type": "string"}), schema(a={"type": "string"}, b={"type": "string"})
    register(http, api, "s", open_, schemaType="JSON")
    assert register(http, api, "s", wider, schemaType="JSON").status == 409
    settings(http, compatibilityPolicy="LENIENT")
    assert register(http, api, "s", wider, schemaType="JSON").status in (200, 201)


@pytest.mark.parametrize("api", APIS)
def test_compatibility_group_names_the_property_of_majors(http: Http, api: str) -> None:
    settings(http, compatibilityGroup="generation")
    register(http, api, "s", record("a"), metadata={"properties": {"generation": "1"}})
    other = register(http, api, "s", record("a", "b"), metadata={"properties": {"generation": "2"}})
    assert other.status in (200, 201)
    assert [one["major"] for one in http.get("/v1/events/s").json["majors"]] == [1, 2]


@pytest.mark.parametrize("api", APIS)
def test_normalize_compares_and_keeps_the_normal_form(http: Http, api: str) -> None:
    register(http, api, "t", SPACED)
    assert register(http, api, "t", record("a", name="Order")).status in (200, 201)
    settings(http, "", normalize=True)
    assert register(http, api, "s", SPACED).status in (200, 201)
    assert " " not in stored(http)["schema"]
    assert register(http, api, "s", record("a", name="Order")).status == 200
    assert stored(http)["version"] == 1
    assert [look_up(http, api, "s", text) for text in (SPACED, record("a", name="Order"))] == [200, 200]
    settings(http, normalize=False)
    assert http.get("/config/s?defaultToGlobal=true").json["normalize"] is False


@pytest.mark.parametrize("api", APIS)
def test_validate_fields_refuses_reserved_names(http: Http, api: str) -> None:
    reserved = {"properties": {"confluent:reserved": "tax"}}
    assert register(http, api, "t", record("tax"), metadata=reserved).status in (200, 201)
    settings(http, validateFields=True)
    assert register(http, api, "s", record("tax"), metadata=reserved).status == 409
    assert register(http, api, "s", record("a"), metadata=reserved).status in (200, 201)


UNREADABLE = {"domainRules": [{"name": "r", "kind": "CONDITION", "mode": "WRITE", "type": "CEL", "expr": "message. >"}]}


@pytest.mark.parametrize("api", APIS)
def test_validate_rules_compiles_conditions_outside_domains_too(http: Http, api: str) -> None:
    assert register(http, api, "t", record("a"), ruleSet=UNREADABLE).status in (200, 201)
    settings(http, "", validateRules=True)
    refused = register(http, api, "s", record("a"), ruleSet=UNREADABLE)
    assert refused.status == 422
    assert "domainRules" in json.dumps(refused.json)
    settings(http, validateRules=False)
    assert register(http, api, "s", record("a"), ruleSet=UNREADABLE).status in (200, 201)


def test_a_domain_compiles_its_conditions_whatever_is_set(http: Http) -> None:
    http.put("/v1/domains/shop", {"owner": "team"})
    event = "shop.OrderPlaced"
    refused = http.put(f"/config/{event}", {"validateRules": False})
    assert (refused.status, refused.json["error_code"]) == (422, 42203)
    settings(http, "", validateRules=False)
    for api in APIS:
        assert register(http, api, event, record("a"), ruleSet=UNREADABLE).status == 422


@pytest.mark.parametrize("api", APIS)
def test_validate_new_schemas_cannot_be_turned_off(http: Http, api: str) -> None:
    refused = http.put("/config/s", {"validateNewSchemas": False})
    assert (refused.status, refused.json["error_code"]) == (422, 422)
    assert "validates every new schema" in refused.json["message"]
    settings(http, validateNewSchemas=True)
    wrong = '{"type": "record", "name": "R", "fields": [{"name": "a", "type": "int", "default": "x"}]}'
    assert register(http, api, "s", wrong).status == 422


def test_an_alias_for_keys_leads_to_the_keys_of_the_other_subject_until_it_is_cleared(http: Http) -> None:
    http.post("/dek-registry/v1/keks", {"name": "k", "kmsType": "local-kms", "kmsKeyId": "m"})
    http.post("/dek-registry/v1/keks/k/deks/t", {"encryptedKeyMaterial": "aGVsbG8="})
    for alias, status in (("t", 200), (None, 404)):
        assert http.put("/config/s", {"aliasForDeks": alias}).status == 200
        assert http.get("/dek-registry/v1/keks/k/deks/s").status == status


@pytest.mark.parametrize("api", APIS)
def test_defaults_lie_under_what_a_version_brings_and_overrides_over_it(http: Http, api: str) -> None:
    def rules(name: str, expr: str) -> dict[str, Any]:
        rule = {"name": name, "kind": "CONDITION", "mode": "WRITE", "type": "CEL", "expr": expr}
        return {"domainRules": [rule]}

    settings(
        http,
        defaultMetadata={"properties": {"team": "default", "tier": "1"}},
        overrideMetadata={"properties": {"region": "eu"}},
        defaultRuleSet=rules("least", "message.a > 0"),
        overrideRuleSet=rules("most", "message.a < 9"),
    )
    brought = {"properties": {"team": "orders", "region": "us"}}
    register(http, api, "s", record("a"), metadata=brought, ruleSet=rules("least", "message.a > 1"))
    kept = stored(http)
    assert kept["metadata"]["properties"] == {"team": "orders", "tier": "1", "region": "eu"}
    assert {one["name"]: one["expr"] for one in kept["ruleSet"]["domainRules"]} == {
        "least": "message.a > 1",
        "most": "message.a < 9",
    }


@pytest.mark.parametrize("api", APIS)
def test_an_alias_leads_to_its_subject(http: Http, api: str) -> None:
    register(http, api, "s", record("a"))
    settings(http, "/old", alias="s")
    assert register(http, api, "old", record("a", b=1)).status in (200, 201)
    assert stored(http)["version"] == 2
    assert look_up(http, api, "old", record("a", b=1)) == 200
    assert http.get("/subjects").json == ["s"]
