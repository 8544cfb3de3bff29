"""Associations of several resources in one request."""

from typing import Any

import pytest

from tests.confluent.api import Api, draft, record


def of(name: str, *operations: dict[str, Any]) -> dict[str, Any]:
    """What is asked of one resource."""
    named = {"resourceName": name, "resourceNamespace": "lkc-1", "resourceId": f"id-{name}", "resourceType": "topic"}
    return named | {"associations": list(operations)}


def create(subject: str, **more: Any) -> dict[str, Any]:
    return {"opType": "CREATE", "subject": subject, "associationType": "value", "lifecycle": "STRONG", **more}


def end(kind: str = "value", **more: Any) -> dict[str, Any]:
    return {"opType": "DELETE", "associationType": kind, **more}


def change(api: Api, *requests: dict[str, Any], query: str = "") -> list[dict[str, Any]]:
    reply = api.post(f"/associations:batchMutate{query}", {"requests": list(requests)})
    assert reply.status == 207, reply.text
    return reply.json["results"]


def codes(results: list[dict[str, Any]]) -> list[int]:
    """The error code of each result; 0 for success."""
    return [one.get("error", {}).get("error_code", 0) for one in results]


def listed(api: Api, name: str) -> list[tuple[str, str]]:
    return [(one["subject"], one["lifecycle"]) for one in api.get(f"/associations/resources/-/{name}").json]


def test_each_resource_succeeds_or_fails_on_its_own(api: Api) -> None:
    api.register("s", record("id"))
    results = change(
        api,
        of("orders", create("orders-value", schema=draft(record("id")))),
        of("payments", create("missing", lifecycle="WEAK")),
        of("refunds", create("s", lifecycle="WEAK")),
    )
    assert codes(results) == [0, 40401, 0]
    assert results[0]["result"]["resourceId"] == "id-orders"
    assert results[0]["result"]["associations"][0]["schema"]["schemaType"] == "AVRO"
    assert [listed(api, one) for one in ("orders", "payments", "refunds")] == [
        [("orders-value", "STRONG")],
        [],
        [("s", "WEAK")],
    ]


def test_operations_on_one_resource_are_all_or_nothing(api: Api) -> None:
    key = create("k", associationType="key", schema=draft('"string"'))
    assert codes(change(api, of("orders", key, create("missing")))) == [40401]
    assert listed(api, "orders") == []
    assert api.get("/subjects/k/versions").status == 404
    value = create("v", schema=draft(record("id")))
    assert codes(change(api, of("orders", key, value))) == [0]
    swap = create("w", schema=draft(record("id")))
    assert codes(change(api, of("orders", end(), swap, end("key")))) == [0]
    assert listed(api, "orders") == [("w", "STRONG")]


def test_a_refused_operation_undoes_a_registration_of_the_same_request(api: Api) -> None:
    first = create("v", schema=draft(record("id")))
    broken = create("v", opType="UPSERT", schema=draft(record("id", "new")))
    before = api.application.registry.state.position
    assert codes(change(api, of("orders", first, broken))) == [409]
    assert api.application.registry.state.position == before
    assert codes(change(api, of("orders", first))) == [0]


def test_an_existing_association_is_changed_by_upsert_and_refused_by_create(api: Api) -> None:
    api.register("s", record("id"))
    assert codes(change(api, of("orders", create("s", lifecycle="WEAK")))) == [0]
    assert codes(change(api, of("orders", create("s")))) == [40903]
    assert codes(change(api, of("orders", create("s", opType="UPSERT")))) == [0]
    assert listed(api, "orders") == [("s", "STRONG")]


def test_deleting_associations_with_cascade_deletes_their_subjects(api: Api) -> None:
    change(api, of("orders", create("v", schema=draft(record("id")), frozen=True)))
    assert codes(change(api, of("orders", end()))) == [40908]
    results = change(api, of("orders", end(cascadeLifecycle=True)))
    assert results[0]["result"]["associations"] == []
    assert results[0]["result"]["resourceName"] == "orders"
    assert api.get("/subjects/v/versions").code == 40401
    assert codes(change(api, of("orders", end()))) == [40410]


def test_a_dry_run_sees_its_own_changes_and_stores_nothing(api: Api) -> None:
    position = api.application.registry.state.position
    requests = (of("orders", create("v", schema=draft(record("id")))), of("refunds", create("v")))
    assert codes(change(api, *requests, query="?dryRun=true")) == [0, 40905]
    assert api.application.registry.state.position == position
    assert codes(change(api, *requests)) == [0, 40905]


def test_a_repeated_request_with_its_key_gets_the_first_answers(api: Api) -> None:
    body = {"requests": [of(one, create(f"{one}-value", schema=draft(record("id")))) for one in ("a", "b")]}
    send = {"Idempotency_Key": "k-1"}
    first = api.call("POST", "/associations:batchMutate", body, **send)
    position = api.application.registry.state.position
    again = api.call("POST", "/associations:batchMutate", body, **send)
    assert (first.status, again.status) == (207, 207)
    assert again.json == first.json
    assert codes(first.json["results"]) == [0, 0]
    assert api.application.registry.state.position == position


def test_associations_of_several_resources_are_read_in_one_request(api: Api) -> None:
    key = create("k", associationType="key", schema=draft('"string"'))
    change(api, of("orders", key, create("v", schema=draft(record("id")))))
    asked = [
        {"resourceId": "id-orders"},
        {"resourceName": "orders", "resourceNamespace": "lkc-1", "associationTypes": ["key"]},
        {"resourceName": "orders", "resourceNamespace": "lkc-2"},
        {"resourceId": "id-missing"},
    ]
    reply = api.post("/associations:batchGet", {"requests": asked})
    assert reply.status == 207
    results = reply.json["results"]
    assert codes(results) == [0, 0, 40410, 40410]
    assert [[one["subject"] for one in found["result"]["associations"]] for found in results[:2]] == [["k", "v"], ["k"]]
    assert "schema" not in results[0]["result"]["associations"][0]
    shown = api.post("/associations:batchGet?includeSchemas=true", {"requests": asked[:1]}).json["results"]
    assert shown[0]["result"]["associations"][0]["schema"]["schema"] == '"string"'


@pytest.mark.parametrize("path", ["/associations:batchGet", "/associations:batchMutate", "/associations:batch"])
@pytest.mark.parametrize("body", [{}, {"requests": {}}, {"requests": [1]}, {"requests": [{}] * 1001}])
def test_requests_that_are_not_a_list_of_objects_are_refused(api: Api, path: str, body: Any) -> None:
    assert api.post(path, body).status == 422


@pytest.mark.parametrize(
    "operation",
    [{}, {"opType": "MOVE"}, {"opType": 1}, {"opType": "CREATE", "lifecycle": "NONE", "subject": "s"}, "CREATE"],
)
def test_an_invalid_operation_fails_without_the_others(api: Api, operation: Any) -> None:
    api.register("s", record("id"))
    results = change(api, of("orders", operation), of("refunds", create("s", lifecycle="WEAK")))
    assert codes(results)[0] in (422, 42212)
    assert codes(results)[1] == 0
