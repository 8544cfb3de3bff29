"""Requests of every route of the Confluent API, from right to absurd.

Each gets an answer in the shape that clients read, with a code that the page about the API lists for that route.
"""

import os
import re
from typing import Any
from urllib.parse import quote, urlencode

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from moorings_registry.http.confluent.blueprint import ROUTES
from moorings_registry.http.confluent.documentation import EVERYWHERE
from moorings_registry.http.confluent.route import Route
from moorings_registry.http.statuses import STATUSES
from moorings_registry.state import State, apply
from tests.confluent.api import JSON_OBJECT, PROTO, Reply, draft, new_api, record

EXAMPLES = 20 * int(os.environ.get("MOORINGS_FUZZ_EXAMPLES", "8"))

names = st.sampled_from(["a", "b", "shop.OrderPlaced", ":.eu:a", ":.eu:", "a/b", "%", ":*:", "__GLOBAL"])
segments = {
    "subject": names,
    "version": st.sampled_from(["1", "2", "latest", "-1", "0", "x", "99999999999", "2147483647"]),
    "id": st.sampled_from(["1", "2", "0", "-1", "x", "99999999999999999999"]),
    "guid": st.sampled_from(["6547f995-698f-840f-aba1-6fd590a7c001", "x", ""]),
    "context": st.sampled_from([".", ".eu", "eu", "no"]),
    "name": st.sampled_from(["orders", "x"]),
    "namespace": st.sampled_from(["-", "lkc-1"]),
    "resource": st.sampled_from(["id-orders", "x"]),
    "rest": st.sampled_from(["keks", "keks/a/deks"]),
}
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
members: dict[str, st.SearchStrategy[Any]] = {
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


@st.composite
def bodies(draw: st.DrawFn) -> Any:
    """Mostly an object with members that mean something somewhere, now and then with a value that does not fit."""
    if draw(st.integers(0, 9)) == 0:
        return draw(st.one_of(odd, st.binary(max_size=8)))
    chosen = draw(st.lists(st.sampled_from(sorted(members)), max_size=5, unique=True))
    body = {name: draw(odd if draw(st.integers(0, 7)) == 0 else members[name]) for name in chosen}
    if draw(st.integers(0, 3)):
        text, kind = draw(st.sampled_from(SCHEMAS))
        body |= draft(text, schemaType=kind)
    return body


@st.composite
def calls(draw: st.DrawFn) -> tuple[Route, str, Any]:
    route = draw(st.sampled_from(ROUTES))

    def segment(found: "re.Match[str]") -> str:
        return quote(draw(segments[found[1]]), safe="")

    path = re.sub(r"<(?:\w+:)?(\w+)>", segment, route.path)
    if draw(st.integers(0, 5)) == 0:
        path = f"/contexts/{draw(segments['context'])}{path}"
    asked = [one.name for one in route.parameters if draw(st.booleans())]
    query = urlencode([(name, draw(values)) for name in asked])
    body = draw(bodies()) if route.method in ("POST", "PUT") else None
    return route, f"{path}?{query}" if query else path, body


def require_documented(route: Route, reply: Reply, asked: str) -> None:
    """Fail unless the answer is one that clients of this API can read, and that its page foresees."""
    assert "Traceback" not in reply.text, (asked, reply.text)
    if reply.status < 400:
        return
    content = reply.json
    assert set(content) == {"error_code", "message"}, (asked, reply.text)
    assert str(content["error_code"])[:3] == str(reply.status), (asked, reply.text)
    known = {STATUSES[one].error_code for one in (*EVERYWHERE, *route.errors)}
    assert content["error_code"] in known | {404, 405}, (asked, reply.text)


@settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=True,
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=list(HealthCheck),
)
@given(st.lists(calls(), min_size=1, max_size=12))
def test_every_answer_is_one_that_the_page_foresees(history: list[tuple[Route, str, Any]]) -> None:
    api = new_api()
    for route, path, body in history:
        require_documented(route, api.call(route.method, path, body), f"{route.method} {path} {body!r}")
    assert apply(State(), api.application.registry.ledger.read(0)) == api.application.registry.state
