"""The description at /openapi/confluent.json: a valid document, of every route and of nothing else."""

from collections import Counter

import pytest
from openapi_spec_validator import validate

from moorings_registry.configuration import SETTINGS
from moorings_registry.http.confluent.blueprint import ROUTES
from moorings_registry.http.confluent.body_shapes import ConfigBody
from moorings_registry.http.confluent.openapi import PATH
from moorings_registry.http.confluent.route import EVERYWHERE, Route
from moorings_registry.http.statuses import STATUSES
from tests.confluent.api import PROTO, Api, draft, record
from tests.confluent.described import Operation, document, operations, require_described

OPERATIONS = {one.id: one for one in operations()}


def test_the_document_is_valid_openapi() -> None:
    validate(document())


def test_the_document_is_served_as_json_whatever_is_accepted(api: Api) -> None:
    for accept in ("application/json", "text/html", "*/*"):
        reply = api.get(PATH, Accept=accept)
        assert (reply.status, reply.headers["content-type"]) == (200, "application/json")


def test_every_operation_has_an_id_of_its_own() -> None:
    assert Counter(one.operation for one in ROUTES).most_common(1)[0][1] == 1


def test_the_document_describes_every_route_and_nothing_else() -> None:
    described = [(one.method, one.path, one.id) for one in operations()]
    assert sorted(described) == sorted((one.method, one.shown_path, one.operation) for one in ROUTES)


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.operation)
def test_an_operation_lists_the_error_codes_that_its_route_declares(route: Route) -> None:
    operation = OPERATIONS[route.operation]
    declared = {STATUSES[one].error_code for one in (*EVERYWHERE, *route.errors)}
    of_http = {406, 415} if route.method in ("POST", "PUT") else {406}
    assert operation.error_codes == declared | of_http
    by_status = [code for status in operation.content["responses"] for code in _codes(operation, status)]
    assert sorted(by_status) == sorted(operation.error_codes)


def _codes(operation: Operation, status: str) -> list[int]:
    codes: list[int] = operation.response(int(status)).get("x-error-codes", [])
    return codes


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.operation)
def test_an_operation_has_a_parameter_for_everything_that_its_route_reads(route: Route) -> None:
    operation = OPERATIONS[route.operation]
    assert operation.query_names == [one.data_key for one in route.parameters]
    in_path = [one["name"] for one in operation.content["parameters"] if one["in"] == "path"]
    assert in_path == [name for name, _ in route.arguments]
    assert (operation.body is None) == (route.body is None)


def test_every_setting_may_be_changed_by_its_name() -> None:
    assert {str(one.data_key) for one in ConfigBody().fields.values()} == set(SETTINGS)


@pytest.mark.parametrize(
    ("operation", "path", "body"),
    [
        ("lookUpSchema", "/subjects/plain?findTags=*", draft(record("id"))),
        ("checkCompatibility", "/compatibility/subjects/s/versions?verbose=true", draft('"int"')),
        ("getVersion", "/subjects/s/versions/1?referenceFormat=qualified&findTags=PII", None),
        ("getSchemaById", "/schemas/ids/1?subject=s&fetchMaxId=true&findTags=*", None),
        ("listSchemas", "/schemas?aliases=true&associationType=value", None),
        ("getVersionText", "/subjects/proto/versions/1/schema", None),
        ("getSubjectConfig", "/config/s?defaultToGlobal=true", None),
        ("listAssociationsOfSubject", "/associations/subjects/s", None),
    ],
    ids=lambda value: value if isinstance(value, str) and not value.startswith("/") else "",
)
def test_an_answer_with_everything_in_it_is_described(api: Api, operation: str, path: str, body: object) -> None:
    tag = {"schemaEntity": {"entityPath": "shop.Order.id", "entityType": "sr_field"}, "tags": ["PII"]}
    rules = {"domainRules": [{"name": "r", "kind": "CONDITION", "mode": "WRITE", "type": "CEL", "expr": "true"}]}
    metadata = {"properties": {"owner": "x"}, "tags": {"**.id": ["PII"]}, "sensitive": ["token"]}
    api.register("s", record("id"), schemaTagsToAdd=[tag], ruleSet=rules, metadata=metadata)
    api.register("plain", record("id"))
    api.register("proto", PROTO, schemaType="PROTOBUF")
    api.put("/config/other", {"alias": "s"})
    api.put("/config/s", {"compatibility": "FULL", "normalize": True, "defaultRuleSet": rules})
    resource = {"resourceName": "t", "resourceNamespace": "-", "resourceId": "t-1"}
    api.post("/associations", {**resource, "associations": [{"subject": "s", "lifecycle": "WEAK"}]})
    reply = api.call(OPERATIONS[operation].method, path, body)
    assert reply.status == 200, reply.text
    require_described(OPERATIONS[operation], reply, path)
