"""Search: what is found by what, in which order, with typing errors, and never what the caller may not see."""

import json
import threading
from typing import Any

import pytest

from moorings_compat import Format
from moorings_registry.commands import DeleteSubject, Draft, RegisterSchema
from moorings_registry.names import Subject
from moorings_registry.search import HitKind, SearchIndex
from moorings_registry.search.words import spelled_out, words_asked
from moorings_registry.service import Caller
from tests.registry.asking import record
from tests.registry.calling import Http
from tests.registry.granting import ANN, Guarded

PLACED = "shop.orders.OrderPlaced"
PROTO = 'syntax = "proto3";\n// A parcel that leaves the warehouse.\nmessage ParcelSent { string tracking_code = 1; }\n'
SCHEMA = {
    "title": "CustomerMoved", "type": "object", "description": "Somebody has a new address.",
    "properties": {"postalCode": {"type": "string"}, "reason": {"enum": ["WORK", "LOVE"]}},
}  # fmt: skip


@pytest.fixture(scope="module")
def http() -> Http:
    made = Http()
    any_name = {"names": "any", "type_names": "any"}
    made.put("/v1/domains/shop.orders", {"owner": "team-orders", "contacts": ["#orders"], "policy": any_name,
                                         "description": "What customers order."})  # fmt: skip
    made.put("/v1/domains/crm", {"owner": "team-crm", "policy": any_name})
    made.register(record("customer_id", "totalAmount"))
    tagged = {"schema": record("customer_id", "totalAmount", x=1), "metadata": {"tags": {"**.customer_id": ["PII"]}}}
    made.post(f"/v1/events/{PLACED}/versions", tagged)
    declared = {"kind": "fact", "topics": ["orders-eu"], "description": "An order was placed."}
    made.put(f"/v1/events/{PLACED}", declared)
    made.post("/v1/events/crm.CustomerMoved/versions", {"schema": json.dumps(SCHEMA), "format": "JSON"})
    made.post("/v1/events/crm.ParcelSent/versions", {"schema": PROTO, "format": "PROTOBUF"})
    made.put("/v1/events/crm.Planned", {"kind": "fact", "topics": [], "description": "Nothing yet."})
    reads = [{"event": PLACED, "major": 1, "fields": []}]
    made.put("/v1/consumers/billing-service", {"team": "payments", "contact": "", "reads": reads})
    return made


def ask(http: Http, q: str, **more: Any) -> dict[str, Any]:
    query = "&".join(f"{name}={value}" for name, value in {"q": q, **more}.items())
    reply = http.get(f"/v1/search?{query}")
    assert reply.status == 200, reply.body
    return dict(reply.json)


def names(http: Http, q: str, **more: Any) -> list[str]:
    return [one["name"] for one in ask(http, q, **more)["results"]]


@pytest.mark.parametrize(
    ("q", "found", "column"),
    [
        ("OrderPlaced", PLACED, "name"),
        ("placed", PLACED, "name"),
        ("order pla", PLACED, "name"),
        ("customer_id", PLACED, "fields"),
        ("totalAmount", PLACED, "fields"),
        ("amount", PLACED, "fields"),
        ("PII", PLACED, "tags"),
        ("orders-eu", PLACED, "topics"),
        ("postalcode", "crm.CustomerMoved", "fields"),
        ("LOVE", "crm.CustomerMoved", "fields"),
        ("somebody address", "crm.CustomerMoved", "docs"),
        ("tracking", "crm.ParcelSent", "fields"),
        ("warehouse", "crm.ParcelSent", "docs"),
        ("planned", "crm.Planned", "name"),
        ("team-crm", "crm", "people"),
        ("billing", "billing-service", "name"),
        ("payments", "billing-service", "people"),
    ],
)
def test_everything_that_people_remember_is_found(http: Http, q: str, found: str, column: str) -> None:
    told = ask(http, q)
    assert not told["similar"]
    [hit] = [one for one in told["results"] if one["name"] == found]
    assert column in hit["matched"]


@pytest.mark.parametrize(
    ("q", "found"),
    [
        ("orderplcaed", PLACED), ("ordr", PLACED), ("custmer", PLACED), ("warehose", "crm.ParcelSent"),
        ("costumer moved", "crm.CustomerMoved"), ("billling", "billing-service"),
    ],
)  # fmt: skip
def test_typing_errors_are_forgiven_where_nothing_has_the_word(http: Http, q: str, found: str) -> None:
    told = ask(http, q)
    assert told["similar"]
    assert found in [one["name"] for one in told["results"]]


def test_short_words_and_others_that_nothing_resembles_find_nothing(http: Http) -> None:
    for q in ("zz", "xyz", "entirelyunknown", "%22", "*", "NEAR(", "order AND zzzz", "-"):
        told = ask(http, q)
        assert (told["results"], told["total"], told["similar"]) == ([], 0, False), q


def test_what_is_called_so_comes_first_and_counts_are_by_kind(http: Http) -> None:
    told = ask(http, "orders")
    assert told["results"][0]["name"] == "shop.orders"
    assert told["counts"] == {"event": 1, "domain": 1, "application": 0, "schema": 0}
    assert names(http, "orders", kind="event") == [PLACED]
    assert ask(http, "orders", limit=1, offset=1)["results"][0]["name"] == PLACED
    assert ask(http, "orders", offset=9)["results"] == []


def test_ids_and_guids_lead_to_versions(http: Http) -> None:
    version = http.get(f"/v1/events/{PLACED}/versions/2").json
    for q in (str(version["id"]), version["guid"], version["guid"].replace("-", "")):
        [hit] = [one for one in ask(http, q)["results"] if one["kind"] == "schema"]
        assert (hit["name"], hit["version"]) == (PLACED, 2), q
    assert ask(http, "99999999999999999999")["total"] == 0


def test_a_question_that_cannot_be_asked_is_refused(http: Http) -> None:
    for query in ("", "?q=", "?q=a&kind=topic", "?q=" + "a" * 301, "?q=a&limit=0"):
        assert http.get(f"/v1/search{query}").status == 422, query


def test_the_index_follows_what_changes() -> None:
    http = Http()
    http.register()
    assert names(http, "renamed") == []
    http.register(record("a", renamed_field=1))
    assert names(http, "renamed") == [PLACED]
    assert names(http, "renamd") == [PLACED]
    http.application.registry.execute(DeleteSubject(Subject.parse(PLACED)), Caller())
    assert names(http, "renamed") == []


def test_callers_find_what_they_may_read_and_count_nothing_else() -> None:
    guarded = Guarded()
    for domain in ("shop", "crm"):
        guarded.domain(domain, f"team-{domain}")
        guarded.register(f"{domain}.ThingAdded", record(f"{domain}_secret"))
    guarded.grant(ANN, "shop", "read")
    for q, total in (("thing", 1), ("thingg", 1), ("secret", 1), ("crm_secret", 0), ("team-crm", 0), ("secre", 1)):
        told = guarded.get(ANN, f"/v1/search?q={q}").json
        assert told["total"] == total, q
        assert all("crm" not in one["name"] for one in told["results"])
    page = guarded.get(ANN, "/admin/search?q=thing").body.decode()
    assert "shop.ThingAdded" in page
    assert "crm" not in page


def test_an_index_that_is_behind_says_so_and_catches_up_by_itself() -> None:
    http = Http()
    for number in range(120):
        draft = Draft(Format.AVRO, record(f"field{number}", name=f"T{number}"))
        http.application.registry.execute(RegisterSchema(Subject(f"s{number}-value"), draft), Caller())
    registry = http.application.registry
    index = SearchIndex()
    with index._lock:
        assert not index._follow(registry.state, 0.0)
    found = index.search(registry.state, registry.state, "field119")
    assert found.complete
    assert found.counts[HitKind.EVENT] == 1
    behind = SearchIndex()
    with behind._lock:
        behind._follow(registry.state, 0.0)
    behind._start_following(registry.state)
    follower = behind._follower
    assert isinstance(follower, threading.Thread)
    follower.join(20)
    assert behind._state is registry.state
    behind.close()


def test_words_are_those_of_names_and_texts() -> None:
    assert spelled_out(["shop.OrderPlaced", "HTTPServer", "plain"]) == (
        "shop.OrderPlaced Order Placed HTTPServer HTTP Server plain"
    )
    assert words_asked(' Order-placed "x" order ') == ["order", "placed", "x"]
