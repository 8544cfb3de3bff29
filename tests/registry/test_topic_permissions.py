"""Who may do what under the names of topics: what counts is where a name leads, and only who may see that learns it."""

import json
from typing import Any

import pytest

from tests.registry.asking import record
from tests.registry.calling import Reply
from tests.registry.granting import ANN, EVE, Guarded

ORDERS = "shop.orders.OrderPlaced"
BOUND = {"kind": "fact", "topics": ["orders"]}
VALUE = "/subjects/orders-value"


@pytest.fixture
def shop() -> Guarded:
    guarded = Guarded()
    guarded.domain("shop.orders")
    guarded.do("PUT", f"/v1/events/{ORDERS}", BOUND)
    guarded.register("orders-value", record("a"))
    return guarded


def secret(reply: Reply) -> bool:
    """Whether an answer says nothing of the event."""
    return b"shop" not in reply.body


def test_whoever_may_register_the_event_does_so_by_its_topic(shop: Guarded) -> None:
    shop.grant(ANN, "shop.orders", "read", "register")
    answered = shop.call(ANN, "POST", f"{VALUE}/versions", {"schema": record("a", note=0)})
    assert (answered.status, answered.json["subject"]) == (200, "orders-value")


WRITES: list[tuple[str, str, Any]] = [
    ("POST", f"{VALUE}/versions", {"schema": record("a", note=0)}),
    ("POST", "/v1/events/orders-value/versions", {"schema": record("a", note=0)}),
    ("PUT", "/config/orders-value", {"compatibility": "FULL_TRANSITIVE"}),
    ("DELETE", VALUE, None),
    ("PUT", "/v1/events/orders-value", {"kind": "fact"}),
    (
        "POST",
        "/associations",
        {
            "resourceName": "orders",
            "resourceNamespace": "kafka",
            "resourceId": "id-orders",
            "associations": [{"associationType": "value"}],
        },
    ),
]


@pytest.mark.parametrize(("method", "path", "body"), WRITES, ids=[f"{one[0]} {one[1]}" for one in WRITES])
def test_a_grant_for_the_name_is_not_one_for_the_event(shop: Guarded, method: str, path: str, body: Any) -> None:
    shop.grant(EVE, "orders*", "read", "register", "govern")
    before = shop.registry.state.position
    refused = shop.call(EVE, method, path, body)
    assert refused.status in (403, 404)
    assert shop.registry.state.position == before


def test_who_may_not_see_the_event_learns_nothing_of_it(shop: Guarded) -> None:
    shop.grant(EVE, "orders*", "read", "register")
    refused = shop.call(EVE, "POST", f"{VALUE}/versions", {"schema": record("b")})
    assert (refused.status, secret(refused)) == (403, True)
    assert "'orders-value'" in refused.json["message"]
    for path in (f"{VALUE}/versions", f"{VALUE}/versions/latest", "/v1/events/orders-value"):
        answered = shop.get(EVE, path)
        assert (answered.status, secret(answered)) == (404, True)
    assert shop.get(EVE, "/subjects").json == []


def test_the_events_of_a_topic_are_named_to_those_who_may_read_them(shop: Guarded) -> None:
    shop.do("PUT", "/v1/events/shop.orders.OrderShipped", {"kind": "fact", "topics": ["orders"]})
    shop.grant(EVE, "orders*", "read", "register")
    refused = shop.call(EVE, "POST", f"{VALUE}/versions", {"schema": record("a")})
    assert (refused.status, secret(refused)) == (422, True)
    shop.grant(ANN, "shop.orders", "read", "register")
    shop.grant(ANN, "orders*", "read", "register")
    told = shop.call(ANN, "POST", f"{VALUE}/versions", {"schema": record("a")})
    assert (told.status, ORDERS in told.json["message"]) == (422, True)


def test_a_reference_by_a_topic_does_not_lead_to_a_hidden_event(shop: Guarded) -> None:
    shop.grant(EVE, "bills*", "read", "register")
    reference = {"name": "OrderPlaced", "subject": "orders-value", "version": 1}
    using = {"type": "record", "name": "Bill", "fields": [{"name": "order", "type": "OrderPlaced"}]}
    refused = shop.call(
        EVE, "POST", "/subjects/bills-value/versions", {"schema": json.dumps(using), "references": [reference]}
    )
    assert refused.status == 422
    assert secret(refused)


def test_binding_a_topic_needs_the_name_of_the_topic_too(shop: Guarded) -> None:
    shop.grant(ANN, "shop.orders", "read", "register", "govern")
    bound = {"kind": "fact", "topics": ["parcels"]}
    path = "/v1/events/shop.orders.OrderShipped"
    contracts = {"events": [{"subject": "shop.orders.OrderShipped", "event": bound}]}
    assert shop.call(ANN, "PUT", path, bound).status == 403
    assert shop.call(ANN, "PUT", "/v1/domains/shop.orders/contracts", contracts).status == 403
    shop.grant(ANN, "parcels", "govern")
    assert shop.call(ANN, "PUT", "/v1/domains/shop.orders/contracts", contracts).status == 200
    assert shop.call(ANN, "PUT", path, bound).status == 200


def test_a_kept_answer_of_a_view_does_not_outlive_the_binding(shop: Guarded) -> None:
    shop.do("PUT", f"/v1/events/{ORDERS}", {"kind": "fact"})
    shop.register("orders-value", record("a"))
    shop.grant(ANN, "shop.orders", "read")
    shop.grant(ANN, "orders*", "read")
    path = f"{VALUE}/versions/latest"
    assert [shop.get(ANN, path).json["id"] for _ in range(2)] == [1, 1]
    shop.do("PUT", f"/v1/events/{ORDERS}", BOUND)
    shop.register(ORDERS, record("a", note=0))
    assert shop.get(ANN, path).json["version"] == 2
