"""Associations of topics with subjects."""

from typing import Any

import pytest

from tests.confluent.api import Api, draft, record


def asked(*associations: dict[str, Any], name: str = "orders", **more: Any) -> dict[str, Any]:
    named = {"resourceName": name, "resourceNamespace": "lkc-1", "resourceId": f"id-{name}", "resourceType": "topic"}
    return named | {"associations": list(associations)} | more


def strong(subject: str = "s", **more: Any) -> dict[str, Any]:
    return {"subject": subject, "associationType": "value", "lifecycle": "STRONG", **more}


def weak(subject: str = "s", **more: Any) -> dict[str, Any]:
    return {"subject": subject, "associationType": "value", "lifecycle": "WEAK", **more}


def subjects(api: Api, path: str) -> list[str]:
    return [one["subject"] for one in api.get(path).json]


def test_a_topic_without_associations_has_an_empty_list(api: Api) -> None:
    probe = "/associations/resources/-/orders?resourceType=topic&associationType=value&offset=0&limit=-1"
    assert api.get(probe).text == "[]"


def test_a_strong_association_registers_its_schema(api: Api) -> None:
    reply = api.post("/associations", asked(strong(schema=draft(record("id")))))
    assert reply.status == 200, reply.text
    told = reply.json
    assert told["resourceId"] == "id-orders"
    assert told["associations"][0]["schema"]["schemaType"] == "AVRO"
    shown = api.get("/associations/resources/lkc-1/orders").json[0]
    assert shown["subject"] == "s"
    assert (shown["lifecycle"], shown["frozen"], shown["associationType"]) == ("STRONG", False, "value")
    assert shown["createTs"] == shown["updateTs"] > 1_600_000_000_000
    assert api.get("/subjects/s/versions").json == [1]


def test_keys_and_values_are_associated_in_one_request(api: Api) -> None:
    key = strong("k", associationType="key", schema=draft('"string"'))
    reply = api.post("/associations", asked(key, strong("v", schema=draft(record("id")))))
    assert [one["subject"] for one in reply.json["associations"]] == ["k", "v"]
    assert [api.get(f"/subjects/{one}/versions/1").json["id"] for one in "kv"] == [1, 2]
    assert subjects(api, "/associations/resources/-/orders?associationType=key") == ["k"]
    assert subjects(api, "/associations/resources/-/orders?associationType=key&associationType=value") == ["k", "v"]
    assert subjects(api, "/associations/resources/id-orders") == ["k", "v"]
    assert subjects(api, "/associations/subjects/v") == ["v"]
    assert subjects(api, "/associations/resources/lkc-2/orders") == []
    assert subjects(api, "/associations/resources/-/orders?lifecycle=WEAK") == []
    assert subjects(api, "/associations/resources/-/orders?offset=1&limit=1") == ["v"]


def test_a_cached_list_of_associations_is_never_stale(api: Api) -> None:
    api.register("s", record("id"))
    for _ in range(2):
        assert subjects(api, "/associations/resources/-/orders") == []
    api.post("/associations", asked(weak()))
    for _ in range(2):
        assert subjects(api, "/associations/resources/-/orders") == ["s"]
    api.delete("/associations/resources/id-orders")
    assert subjects(api, "/associations/resources/-/orders") == []


def test_repeating_an_association_writes_nothing(api: Api) -> None:
    body = asked(strong(schema=draft(record("id"))))
    first = api.post("/associations", body).json
    position = api.application.registry.state.position
    assert api.post("/associations", body).json == first
    assert api.put("/associations", body).json == first
    assert api.application.registry.state.position == position


def test_an_association_has_a_default_subject_lifecycle_and_type(api: Api) -> None:
    api.register("orders-value", record("id"))
    told = api.post("/associations", asked({})).json["associations"][0]
    assert (told["subject"], told["lifecycle"], told["associationType"]) == ("orders-value", "WEAK", "value")
    told = api.post("/associations", asked({"schema": draft('"int"'), "associationType": "key"})).json
    assert (told["associations"][0]["subject"], told["associations"][0]["lifecycle"]) == ("orders-key", "STRONG")
    told = api.post("/associations?context=.eu", asked({"schema": draft('"int"')}, name="other")).json
    assert told["associations"][0]["subject"] == ":.eu:other-value"


REFUSED = [
    ("a missing resource", {"associations": [weak()]}, 42212),
    ("an unknown resource type", asked(weak(), resourceType="queue"), 42212),
    ("an unknown association type", asked(weak(associationType="header")), 42212),
    ("an unknown lifecycle", asked(weak(lifecycle="NONE")), 42212),
    ("a frozen weak association", asked(weak(frozen=True)), 42212),
    ("an empty list of associations", asked(), 42212),
    ("associations that are not a list", asked() | {"associations": {}}, 422),
    ("an association that is not an object", asked() | {"associations": [1]}, 422),
    ("an unknown subject", asked(weak("none")), 40401),
    ("two associations of one type", asked(weak(), weak("t")), 40902),
    ("another subject", asked(weak("t"), name="taken"), 40903),
    ("a subject that belongs to another topic", asked(weak("owned")), 40905),
    ("a subject that another topic uses", asked(strong("t2")), 40904),
    ("a subject that something refers to", asked(strong("line")), 42206),
    ("another name of the resource", asked(weak(), resourceId="id-taken"), 42212),
    ("an invalid schema", asked(strong("new", schema=draft("{}"))), 42201),
    ("a schema that breaks", asked(weak("s", schema=draft(record("x")))), 409),
    ("a change of a frozen association", asked(strong("frozen"), name="ice"), 40908),
]


@pytest.mark.parametrize(("shows", "body", "code"), REFUSED, ids=[row[0] for row in REFUSED])
def test_an_association_is_refused(api: Api, shows: str, body: dict[str, Any], code: int) -> None:
    for name in ("s", "t", "t2"):
        api.register(name, record("id"))
    api.register("line", record("sku", name="Line"))
    using = record(name="Using") | {"fields": [{"name": "a", "type": "Line"}]}
    api.register("using", using, references=[{"name": "shop.Line", "subject": "line", "version": 1}])
    for ready in (
        asked(weak("s"), name="taken"),
        asked(strong("owned", schema=draft('"int"')), name="owner"),
        asked(weak("t2"), name="user"),
        asked(strong("frozen", schema=draft('"int"'), frozen=True), name="ice"),
    ):
        assert api.post("/associations", ready).status == 200
    before = sorted(str(one) for one in api.application.registry.state.resources.values())
    if shows == "a change of a frozen association":
        assert api.put("/associations", asked(weak("frozen", frozen=False), name="ice")).code == code
    else:
        assert api.post("/associations", body).code == code
    assert sorted(str(one) for one in api.application.registry.state.resources.values()) == before


def test_an_update_changes_the_lifecycle_of_an_association(api: Api) -> None:
    api.register("s", record("id"))
    api.post("/associations", asked(weak()))
    assert api.post("/associations", asked(strong())).code == 40903
    update = {"associations": [strong()]}
    assert api.put("/associations/resources/id-orders", update).json["associations"][0]["lifecycle"] == "STRONG"
    shown = api.get("/associations/resources/id-orders").json
    assert [one["lifecycle"] for one in shown] == ["STRONG"]


def test_a_subject_that_belongs_to_a_topic_cannot_be_referred_to(api: Api) -> None:
    api.post("/associations", asked(strong("line", schema=draft(record("sku", name="Line")))))
    using = record(name="Using") | {"fields": [{"name": "a", "type": "Line"}]}
    body = draft(using, references=[{"name": "shop.Line", "subject": "line", "version": 1}])
    assert api.post("/subjects/using/versions", body).code == 42201


def test_an_associated_subject_keeps_an_active_version(api: Api) -> None:
    api.register("s", record("id"))
    api.register("s", record("id", note=""))
    api.post("/associations", asked(weak()))
    assert api.delete("/subjects/s/versions/1").json == 1
    assert api.delete("/subjects/s/versions/2").code == 40907
    assert api.delete("/subjects/s").code == 40907
    assert api.delete("/associations/resources/id-orders").status == 204
    assert api.delete("/subjects/s").json == [2]


def test_deleting_an_association_deletes_its_subject_with_cascade_alone(api: Api) -> None:
    api.post("/associations", asked(strong(schema=draft(record("id")), frozen=True)))
    path = "/associations/resources/id-orders"
    assert api.delete(path).code == 40908
    assert api.delete(f"{path}?associationType=key").code == 40410
    assert api.delete(f"{path}?cascadeLifecycle=true&dryRun=true").status == 204
    assert subjects(api, path) == ["s"]
    reply = api.delete(f"{path}?cascadeLifecycle=true")
    assert (reply.status, reply.text) == (204, "")
    assert api.get("/subjects").json == []
    assert api.get("/subjects?deleted=true").json == ["s"]
    assert api.delete(path).code == 40410


def test_a_dry_run_of_an_association_writes_nothing(api: Api) -> None:
    body = asked(strong(schema=draft(record("id"))))
    assert api.post("/associations?dryRun=true", body).json["associations"][0]["subject"] == "s"
    assert api.post("/associations?dryRun=true", asked(weak("none"))).code == 40401
    assert api.application.registry.state.position == 0
    assert api.get("/subjects").json == []


def test_schemas_are_listed_by_their_associations(api: Api) -> None:
    api.register("alone", record("id"))
    api.register("used", record("id"))
    api.post("/associations", asked(weak("used")))
    shown = api.get("/schemas?lifecycle=WEAK").json
    assert [(one["subject"], one["associations"][0]["resourceName"]) for one in shown] == [("used", "orders")]
    assert [one["subject"] for one in api.get("/schemas?lifecycle=NONE").json] == ["alone"]
    assert [one["subject"] for one in api.get("/schemas?resourceType=topic").json] == ["used"]
    assert api.get("/schemas?associationType=key").json == []
