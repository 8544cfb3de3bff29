"""Tags inside schemas of the three formats."""

import json
from typing import Any

import pytest

from tests.confluent.api import Api, case_id, record

NESTED = record("id") | {
    "fields": [
        {"name": "id", "type": "string", "confluent:tags": ["ID"]},
        {
            "name": "buyer",
            "type": ["null", {"type": "record", "name": "Buyer", "fields": [{"name": "mail", "type": "string"}]}],
        },
    ]
}
DOCUMENT = {
    "type": "object",
    "properties": {
        "id": {"type": "string", "confluent:tags": ["ID"]},
        "buyer": {"type": "object", "properties": {"mail": {"type": "string"}}},
    },
}
PROTO = """syntax = "proto3";
package shop;

import "confluent/meta.proto";

message Order {
  string id = 1 [(confluent.field_meta).tags = "ID", deprecated = true];
  Buyer buyer = 2;
  map<string, string> more = 3;

  message Buyer {
    string mail = 1;
  }
}
"""
CASES = [
    ("AVRO", json.dumps(NESTED), "shop.Order", "shop.Buyer.mail"),
    ("JSON", json.dumps(DOCUMENT), "object", "object.buyer.mail"),
    ("PROTOBUF", PROTO, "shop.Order", "shop.Order.Buyer.mail"),
]


def tag(path: str, *tags: str, kind: str = "sr_field") -> dict[str, Any]:
    return {"schemaEntity": {"entityPath": path, "entityType": kind}, "tags": list(tags)}


def found(api: Api, query: str = "findTags=*") -> dict[str, list[str]]:
    shown = api.get(f"/subjects/s/versions/latest?{query}").json["schemaTags"]
    return {one["schemaEntity"]["entityPath"]: one["tags"] for one in shown}


@pytest.mark.parametrize(("kind", "text", "whole", "field"), CASES, ids=[case[0] for case in CASES])
def test_tags_inside_a_schema_are_added_and_removed(api: Api, kind: str, text: str, whole: str, field: str) -> None:
    first = api.register("s", text, schemaType=kind)
    assert found(api) == {f"{whole}.id": ["ID"]}
    added = [tag(whole, "OWNED", kind="sr_record"), tag(field, "PII", "MAIL"), tag(f"{whole}.id", "KEY")]
    second = api.post("/subjects/s/versions/latest/tags", {"tagsToAdd": added}).json
    assert (second["version"], second["schemaType"]) == (2, kind)
    assert found(api) == {whole: ["OWNED"], f"{whole}.id": ["ID", "KEY"], field: ["PII", "MAIL"]}
    assert found(api, "findTags=PII&findTags=ID") == {f"{whole}.id": ["ID"], field: ["PII"]}
    removed = [tag(whole, "OWNED", kind="sr_record"), tag(field, "PII", "MAIL"), tag(f"{whole}.id", "KEY")]
    third = api.post("/subjects/s/versions/2/tags", {"tagsToRemove": removed}).json
    assert found(api, "find_tags=*") == {f"{whole}.id": ["ID"]}
    assert (third["version"], third["id"]) == (3, first["id"])


@pytest.mark.parametrize(("kind", "text", "whole", "field"), CASES, ids=[case[0] for case in CASES])
def test_find_tags_shows_the_places_of_tags(api: Api, kind: str, text: str, whole: str, field: str) -> None:
    api.register("s", text, schemaType=kind)
    assert api.get("/schemas/ids/1?findTags=ID").json["schemaTags"] == [tag(f"{whole}.id", "ID")]
    assert api.get("/schemas/ids/1?findTags=NONE").json["schemaTags"] == []
    assert "schemaTags" not in api.get("/schemas/ids/1").json


def test_protobuf_gets_its_import_with_its_first_tag(api: Api) -> None:
    text = 'syntax = "proto3"; message M { string a = 1 [deprecated = true]; }'
    api.register("s", text, schemaType="PROTOBUF")
    tagged = api.post("/subjects/s/versions/1/tags", {"tagsToAdd": [tag("M.a", "PII")]}).json["schema"]
    assert 'import "confluent/meta.proto"' in tagged
    assert "PII" in tagged
    assert "deprecated = true" in tagged


def rule(name: str, doc: str = "") -> dict[str, Any]:
    return {"name": name, "mode": "WRITE", "type": "CEL", **({"doc": doc} if doc else {})}


def test_a_change_of_tags_changes_rules_and_metadata(api: Api) -> None:
    rules = {"domainRules": [rule("a"), rule("b")]}
    api.register("s", NESTED, ruleSet=rules, metadata={"properties": {"owner": "x"}})
    change = {"rulesToMerge": {"domainRules": [rule("b", "new"), rule("c")]}, "rulesToRemove": ["a"], "newVersion": 2}
    told = api.post("/subjects/s/versions/1/tags", change).json
    assert told["ruleSet"] == {"domainRules": [rule("b", "new"), rule("c")]}
    assert told["metadata"] == {"properties": {"owner": "x"}}
    told = api.post("/subjects/s/versions/2/tags", {"ruleSet": rules, "metadata": {"properties": {"k": "v"}}}).json
    assert (told["version"], told["ruleSet"], told["metadata"]) == (3, rules, {"properties": {"k": "v"}})
    bare = api.post("/subjects/s/versions/3/tags", {"rulesToRemove": ["a", "b"]}).json
    assert (bare["version"], "ruleSet" in bare, bare["metadata"]) == (4, False, {"properties": {"k": "v"}})
    bare = api.post("/subjects/s/versions/3/tags", {"metadata": {}}).json
    assert (bare["version"], bare["ruleSet"], "metadata" in bare) == (5, rules, False)


@pytest.mark.parametrize(
    ("path", "body", "code"),
    [
        ("/subjects/none/versions/1/tags", {}, 40401),
        ("/subjects/s/versions/9/tags", {}, 40402),
        ("/subjects/s/versions/x/tags", {}, 42202),
        ("/subjects/s/versions/1/tags", {"tagsToAdd": [tag("shop.Order.none", "X")]}, 422),
        ("/subjects/s/versions/1/tags", {"tagsToAdd": [{"tags": ["X"]}]}, 422),
        ("/subjects/s/versions/1/tags", {"tagsToAdd": [tag("shop.Order", "X", kind="sr_thing")]}, 422),
        ("/subjects/s/versions/1/tags", {"tagsToRemove": {}}, 422),
        ("/subjects/s/versions/1/tags", {"rulesToRemove": ["a"], "ruleSet": {}}, 422),
        ("/subjects/s/versions/1/tags", {"ruleSet": {"domainRules": [1]}}, 42210),
        (
            "/subjects/s/versions/1/tags",
            {"tagsToAdd": [tag("shop.Order", "X", kind="sr_record")], "newVersion": 7},
            42201,
        ),
        ("/subjects/s/versions/1/tags", None, 422),
    ],
    ids=case_id,
)
def test_a_change_of_tags_is_refused(api: Api, path: str, body: object, code: int) -> None:
    api.register("s", NESTED)
    assert api.post(path, body).code == code
    assert api.get("/subjects/s/versions").json == [1]


@pytest.mark.parametrize(("kind", "text", "whole", "field"), CASES, ids=[case[0] for case in CASES])
def test_a_registration_brings_tags_of_its_own(api: Api, kind: str, text: str, whole: str, field: str) -> None:
    changes = {"schemaTagsToAdd": [tag(field, "PII")], "schemaTagsToRemove": [tag(f"{whole}.id", "ID")]}
    first = api.register("s", text, schemaType=kind, **changes)
    assert found(api) == {field: ["PII"]}
    assert "PII" in first["schema"]
    assert api.register("s", text, schemaType=kind, **changes) == first


@pytest.mark.parametrize(("kind", "text", "whole", "field"), CASES, ids=[case[0] for case in CASES])
def test_tags_are_carried_from_the_version_before(api: Api, kind: str, text: str, whole: str, field: str) -> None:
    api.put("/config/s", {"compatibility": "NONE"})
    api.register("s", text, schemaType=kind, schemaTagsToAdd=[tag(field, "PII")])
    plain = text.replace("mail", "post")
    told = api.register("s", plain, schemaType=kind, propagateSchemaTags=True)
    assert told["version"] == 2
    assert found(api) == {f"{whole}.id": ["ID"]}, "the tags of a removed field are removed"
    api.register("s", text, schemaType=kind, schemaTagsToAdd=[tag(field, "MAIL")], propagateSchemaTags=True)
    assert found(api) == {f"{whole}.id": ["ID"], field: ["MAIL"]}
    api.register("s", text.replace("id", "key"), schemaType=kind, propagateSchemaTags=True)
    assert found(api)[f"{whole}.key"] == ["ID"], "its own tags stay"


@pytest.mark.parametrize(
    "body", [{"schemaTagsToAdd": [tag("shop.Order.none", "X")]}, {"schemaTagsToAdd": 1}, {"propagateSchemaTags": "yes"}]
)
def test_a_registration_with_tags_that_fit_nothing_is_refused(api: Api, body: dict[str, Any]) -> None:
    assert api.post("/subjects/s/versions", {"schema": json.dumps(NESTED), **body}).code == 422
    assert api.get("/subjects").json == []
