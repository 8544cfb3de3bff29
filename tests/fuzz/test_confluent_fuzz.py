"""Requests of every operation of the Confluent API, made from its description, from right to absurd.

Each gets an answer that /openapi/confluent.json describes for that operation: its status, its `error_code`, its form.
"""

import re
from collections.abc import Mapping
from functools import cache
from typing import Any
from urllib.parse import quote, urlencode

import pytest
import schemathesis
from hypothesis import given, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.schemas import APIOperation
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from moorings_registry.http.confluent.openapi import ERROR_CODES, PATH
from moorings_registry.state import State, apply
from tests.confluent.api import JSON_OBJECT, PROTO, Api, draft, new_api, record
from tests.confluent.described import Operation, operations, require_described, resolved
from tests.fuzz.bounds import BOUNDED, EXAMPLES
from tests.fuzz.described_operations import described_operations, require_described_answers


@cache
def registry() -> Api:
    """One registry for all that is made from the description alone."""
    api = new_api()
    api.register("orders-value", record("id"))
    return api


described = schemathesis.openapi.from_wsgi(PATH, registry().application.middleware)


def error_code_conformance(_ctx: Any, response: Any, case: schemathesis.Case) -> None:
    """Fail on an `error_code` that the description does not list for the operation."""
    if response.status_code >= 400 and response.status_code != 405:  # that belongs to another path
        assert response.json()["error_code"] in case.operation.definition.raw[ERROR_CODES]


@pytest.mark.parametrize("operation", described_operations(described), ids=lambda one: one.label)
def test_requests_made_from_the_description_get_described_answers(operation: APIOperation) -> None:
    checks = [
        not_a_server_error,
        status_code_conformance,
        content_type_conformance,
        response_schema_conformance,
        error_code_conformance,
    ]
    require_described_answers(operation, BOUNDED, checks)


names = st.sampled_from(["a", "b", "shop.OrderPlaced", ":.eu:a", ":.eu:", "a/b", "%", ":*:", "__GLOBAL"])
SEGMENTS = {
    "subject": names,
    "version": st.sampled_from(["1", "2", "latest", "-1", "0", "x", "99999999999", "2147483647"]),
    "id": st.sampled_from(["1", "2", "0", "-1", "x", "99999999999999999999"]),
    "guid": st.sampled_from(["6547f995-698f-840f-aba1-6fd590a7c001", "x", ""]),
    "context": st.sampled_from([".", ".eu", "eu", "no"]),
    "name": st.sampled_from(["orders", "x"]),
    "namespace": st.sampled_from(["-", "lkc-1"]),
    "resource": st.sampled_from(["id-orders", "x"]),
    "kek": st.sampled_from(["pii", "x"]),
}
STOCKED = {
    **SEGMENTS,
    "subject": st.sampled_from(["a", "b", ":.eu:a"]) | names,
    "version": st.sampled_from(["1", "latest"]) | SEGMENTS["version"],
    "id": st.just("1") | SEGMENTS["id"],
    "name": st.just("orders"),
}
"""Mostly names of what is there (see `stocked_api`)."""
odd = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), st.text(max_size=8), st.just([]), st.just({}),
    st.lists(st.none(), min_size=1, max_size=2), st.dictionaries(st.text(max_size=3), st.integers(), max_size=2),
)  # fmt: skip
values = st.one_of(
    st.sampled_from(["true", "FALSE", "1", "-1", "0", "x", "", "resolved", "serialized", "*", "STRONG", "a", ":.eu:"]),
    st.text(max_size=6),
)

SCHEMAS = [
    (record("id"), "AVRO"),
    (record("id", note=""), "AVRO"),
    ('"int"', "AVRO"),
    (JSON_OBJECT, "JSON"),
    ({"type": "object", "properties": {"a": {"$ref": "other.json"}}}, "JSON"),
    (PROTO, "PROTOBUF"),
    ({"type": "array", "items": "shop.Order"}, "AVRO"),
    ("{", "AVRO"),
]
RULES = {"domainRules": [{"name": "r", "kind": "CONDITION", "mode": "WRITE", "type": "CEL", "expr": "true"}]}
TAGS = [{"schemaEntity": {"entityPath": "shop.Order.id", "entityType": "sr_field"}, "tags": ["PII"]}]
MEANINGFUL: dict[str, st.SearchStrategy[Any]] = {
    "references": st.sampled_from([[], [{"name": "shop.Order", "subject": "a", "version": 1}], [{"name": "x"}]]),
    "metadata": st.sampled_from([{}, {"properties": {"major": "2"}}, {"tags": {"**.id": ["PII"]}, "sensitive": ["k"]}]),
    "ruleSet": st.sampled_from([{}, RULES, {"domainRules": [{}]}]),
    "id": st.integers(-2, 5),
    "version": st.integers(-2, 5),
    "schemaTagsToAdd": st.just(TAGS),
    "schemaTagsToRemove": st.just(TAGS),
    "propagateSchemaTags": st.booleans(),
    "compatibility": st.sampled_from(["NONE", "full", "BACKWARD_TRANSITIVE", "x"]),
    "compatibilityPolicy": st.sampled_from(["STRICT", "LENIENT", "LOGICAL", "x"]),
    "compatibilityGroup": st.sampled_from(["major", "other"]),
    "alias": names,
    "normalize": st.booleans(),
    "validateFields": st.booleans(),
    "defaultMetadata": st.just({"properties": {"owner": "x"}}),
    "overrideRuleSet": st.just(RULES),
    "mode": st.sampled_from(["READWRITE", "READONLY", "IMPORT", "FORWARD", "READONLY_OVERRIDE", "x"]),
    "tagsToAdd": st.just(TAGS),
    "tagsToRemove": st.just(TAGS),
    "rulesToMerge": st.just(RULES),
    "rulesToRemove": st.just(["r"]),
    "newVersion": st.integers(-1, 3),
    "resourceName": st.just("orders"),
    "resourceNamespace": st.just("lkc-1"),
    "resourceId": st.just("id-orders"),
    "resourceType": st.sampled_from(["topic", "x"]),
    "associations": st.lists(
        st.fixed_dictionaries(
            {"subject": names, "associationType": st.sampled_from(["key", "value"])},
            optional={
                "opType": st.sampled_from(["CREATE", "UPSERT", "DELETE"]),
                "lifecycle": st.sampled_from(["STRONG", "WEAK"]),
                "frozen": st.booleans(),
                "schema": st.just(draft(record("id"))),
            },
        ),
        max_size=2,
    ),
    "requests": st.just([{"resourceId": "id-orders"}]),
    "contextType": st.sampled_from(["AUTO", "CUSTOM", "NONE"]),
    "subjects": st.just(["*"]),
    "subjectRenameFormat": st.sampled_from(["x-${subject}", "${"]),
    "config": st.just({"schema.registry.url": "http://127.0.0.1:9"}),
}
"""Values that mean something somewhere, by the name of the member."""


def from_schema(schema: Mapping[str, Any]) -> st.SearchStrategy[Any]:
    """What a schema of the description allows, as far as such schemas use JSON Schema."""
    schema = resolved(dict(schema))
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    if "anyOf" in schema:
        return st.one_of([from_schema(one) for one in schema["anyOf"]])
    kinds = schema.get("type", ["null"])
    return st.one_of([_of_type(kind, schema) for kind in ([kinds] if isinstance(kinds, str) else kinds)])


def _of_type(kind: str, schema: Mapping[str, Any]) -> st.SearchStrategy[Any]:
    if kind == "object":
        return objects(schema)
    if kind == "array":
        return st.lists(from_schema(schema["items"]), min_size=schema.get("minItems", 0), max_size=2)
    if kind == "integer":
        return st.integers(schema.get("minimum", -(2**31)), schema.get("maximum", 2**31))
    return {"string": st.text(max_size=6), "boolean": st.booleans(), "null": st.none()}[kind]


@st.composite
def objects(draw: st.DrawFn, schema: Mapping[str, Any]) -> dict[str, Any]:
    """An object with the members that it must have and a few more, of which now and then one does not fit."""
    if not schema.get("properties"):
        others = schema.get("additionalProperties", True)
        return draw(st.dictionaries(st.text(max_size=4), odd if others is True else from_schema(others), max_size=2))
    described: dict[str, Any] = schema["properties"]
    chosen = draw(st.lists(st.sampled_from(sorted(described)), max_size=3, unique=True))
    names = [*schema.get("required", ()), *chosen]
    found = {name: draw(MEANINGFUL.get(name, from_schema(described[name]))) for name in dict.fromkeys(names)}
    if names and draw(st.integers(0, 5)) == 0:
        found[draw(st.sampled_from(names))] = draw(odd)
    return found


BODIES = {one.id: from_schema(one.body) for one in operations() if one.body is not None}


@st.composite
def bodies(draw: st.DrawFn, operation: Operation) -> Any:
    """Mostly an object as the description has it, now and then something else."""
    if draw(st.integers(0, 9)) == 0:
        return draw(st.one_of(odd, st.binary(max_size=8)))
    body = draw(BODIES[operation.id])
    if "schemaType" in resolved(operation.body or {}).get("properties", {}) and draw(st.integers(0, 3)):
        text, kind = draw(st.sampled_from(SCHEMAS))
        body |= draft(text, schemaType=kind)
    return body


def paths(operation: Operation, segments: Mapping[str, st.SearchStrategy[str]]) -> st.SearchStrategy[str]:
    """Paths of an operation, their arguments drawn from *segments*."""
    names = re.findall(r"{(\w+)}", operation.path)
    drawn = st.fixed_dictionaries({name: segments[name].map(lambda value: quote(value, safe="")) for name in names})
    return drawn.map(lambda arguments: operation.path.format(**arguments))


@st.composite
def requests(
    draw: st.DrawFn, operation: Operation, segments: Mapping[str, st.SearchStrategy[str]]
) -> tuple[Operation, str, Any]:
    path = draw(paths(operation, segments))
    if draw(st.integers(0, 5)) == 0:
        path = f"/contexts/{draw(SEGMENTS['context'])}{path}"
    query = urlencode([(name, draw(values)) for name in operation.query_names if draw(st.booleans())])
    body = draw(bodies(operation)) if operation.body is not None else None
    return operation, f"{path}?{query}" if query else path, body


def stocked_api() -> Api:
    """A registry with something of each kind to be found."""
    api = new_api()
    api.register("a", record("id"), metadata={"properties": {"major": "1"}})
    api.register("a", record("id", note=""), metadata={"properties": {"major": "1"}}, ruleSet=RULES)
    api.register("b", JSON_OBJECT, schemaType="JSON")
    api.register(":.eu:a", record("id"))
    resource = {"resourceName": "orders", "resourceNamespace": "lkc-1", "resourceId": "id-orders"}
    answers = (
        api.put("/config/a", {"compatibility": "FULL"}),
        api.put("/mode/b", {"mode": "READWRITE"}),
        api.post("/associations", {**resource, "associations": [{"subject": "b", "lifecycle": "WEAK"}]}),
        api.post("/exporters", {"name": "orders", "config": {"schema.registry.url": "http://127.0.0.1:9"}}),
    )
    assert {one.status for one in answers} == {200}
    return api


def ask(api: Api, request: tuple[Operation, str, Any]) -> None:
    """Make a request, whose answer has to be described and no fault."""
    operation, path, body = request
    reply = api.call(operation.method, path, body)
    if reply.status == 405:  # an empty segment makes it another path
        return
    require_described(operation, reply, f"{operation.method} {path} {body!r}")
    assert reply.status != 500, (operation.method, path, body)


class Stock:
    """A registry with something of each kind to be found, for one request after another that changes nothing."""

    def __init__(self) -> None:
        self._api: Api | None = None
        self._position = 0

    def api(self) -> Api:
        """The registry; another one after something was written."""
        if self._api is None or self._api.application.registry.state.position != self._position:
            self._api = stocked_api()
            self._position = self._api.application.registry.state.position
        return self._api


STOCK = Stock()


@pytest.mark.parametrize("operation", operations(), ids=lambda one: one.id)
def test_an_operation_on_a_stocked_registry_gives_described_answers(operation: Operation) -> None:
    @settings(BOUNDED, max_examples=EXAMPLES if operation.body is None else EXAMPLES * 6)
    @given(requests(operation, STOCKED))
    def ask_once(request: tuple[Operation, str, Any]) -> None:
        ask(STOCK.api(), request)

    ask_once()


@settings(BOUNDED, max_examples=EXAMPLES * 20)
@given(st.lists(st.sampled_from(operations()).flatmap(lambda one: requests(one, SEGMENTS)), min_size=1, max_size=12))
def test_a_history_of_requests_gives_described_answers_and_a_ledger_that_leads_to_the_state(
    history: list[tuple[Operation, str, Any]],
) -> None:
    api = STOCK.api()
    for request in history:
        ask(api, request)
    assert apply(State(), api.application.registry.ledger.read(0)) == api.application.registry.state
