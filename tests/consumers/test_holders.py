"""Whose an application is: who may declare, deploy, withdraw and hand over what others rely on."""

import json
from dataclasses import replace
from typing import Any

import pytest

from moorings_registry.principals import ANONYMOUS, Principal
from tests.registry.asking import record, require_facts_as_described
from tests.registry.calling import Reply
from tests.registry.granting import ANN, BOB, EVE, OPERATOR, Guarded

ORDER = "shop.orders.OrderPlaced"
BILLING = "/v1/consumers/billing"
HOLDERS = f"{BILLING}/holders"
DEPLOYED = "/v1/deployments/production/billing"
READS = {"team": "payments", "reads": [{"event": ORDER, "major": 1, "fields": [{"path": "/a"}]}]}
CAROL = Principal("people:carol", "people", {"sub": "carol"})


@pytest.fixture
def shop() -> Guarded:
    """A registry in which everybody reads the shop, and nobody has declared anything."""
    made = Guarded()
    made.domain("shop.orders", "orders")
    made.domain("payments", "payments")
    made.register(ORDER, record("a", name="OrderPlaced"))
    for one in (ANN, BOB, EVE, CAROL, ANONYMOUS):
        made.grant(one, "shop", "read")
    return made


def declare(shop: Guarded, who: Principal, **change: Any) -> Reply:
    return shop.call(who, "PUT", BILLING, {**READS, **change})


def changes(shop: Guarded, who: Principal) -> dict[str, tuple[int, str]]:
    """How each way to change the application is answered to *who*; the last one that works removes it."""
    asked = {
        "declare": ("PUT", BILLING, {**READS, "contact": f"#{who.name}"}),
        "empty": ("PUT", BILLING, {**READS, "reads": []}),
        "deploy": ("PUT", DEPLOYED, {"version": who.name}),
        "hand over": ("PUT", HOLDERS, {"principals": [who.name]}),
        "withdraw": ("DELETE", BILLING, None),
    }
    replies = {name: shop.call(who, *request) for name, request in asked.items()}
    return {name: (reply.status, reply.code) for name, reply in replies.items()}


def test_a_name_belongs_to_whoever_declares_it_first(shop: Guarded) -> None:
    assert declare(shop, ANN).status == 200
    assert set(changes(shop, EVE).values()) == {(403, "APPLICATION_OF_OTHERS")}
    shown = shop.get(EVE, BILLING).json
    assert (shown["principals"], shown["reads"][0]["event"]) == (["people:ann"], ORDER)
    assert set(changes(shop, ANN).values()) == {(200, "")}


def test_a_name_belongs_to_whoever_deploys_it_first(shop: Guarded) -> None:
    assert shop.call(ANN, "PUT", DEPLOYED, {"version": "1"}).status == 200
    assert declare(shop, EVE).code == "APPLICATION_OF_OTHERS"
    assert declare(shop, ANN).status == 200


def test_a_name_stays_with_its_holder_when_nothing_is_declared_any_more(shop: Guarded) -> None:
    declare(shop, ANN)
    assert shop.call(ANN, "DELETE", BILLING).status == 200
    assert declare(shop, EVE).code == "APPLICATION_OF_OTHERS"
    assert declare(shop, ANN).status == 200


def test_the_refusal_names_the_team_to_ask(shop: Guarded) -> None:
    declare(shop, ANN)
    told = shop.call(EVE, "DELETE", BILLING).json
    assert told["detail"] == "Application 'billing' is held by other callers; ask team payments"
    assert "people:ann" not in str(told)


def test_somebody_who_does_not_see_the_application_learns_no_more_than_that_the_name_is_taken(shop: Guarded) -> None:
    stranger = Principal("people:stranger", "people", {"sub": "stranger"})
    declare(shop, ANN)
    deployed = shop.call(stranger, "PUT", DEPLOYED, {"version": "2"})
    assert (deployed.code, "payments" in str(deployed.json)) == ("APPLICATION_OF_OTHERS", False)
    for method, path, body in (("DELETE", BILLING, None), ("PUT", HOLDERS, {"principals": ["people:stranger"]})):
        assert shop.call(stranger, method, path, body).code == "CONSUMER_NOT_FOUND"


def test_a_holder_names_others_and_hands_over(shop: Guarded) -> None:
    declare(shop, ANN)
    named = shop.call(ANN, "PUT", HOLDERS, {"principals": ["people:bob", "people:ann", "people:bob"]})
    assert named.json == {"application": "billing", "principals": ["people:ann", "people:bob"], "domains": []}
    assert shop.call(BOB, "PUT", DEPLOYED, {"version": "2"}).status == 200
    assert shop.get(BOB, BILLING).json["principals"] == ["people:ann", "people:bob"]
    assert shop.call(BOB, "PUT", HOLDERS, {"principals": ["people:bob"]}).status == 200
    assert declare(shop, ANN).code == "APPLICATION_OF_OTHERS"


def test_whoever_governs_a_domain_that_holds_it_may_change_it(shop: Guarded) -> None:
    declare(shop, ANN)
    shop.grant(CAROL, "payments", "govern")
    assert declare(shop, CAROL, contact="#1").code == "APPLICATION_OF_OTHERS"  # the team's name alone says nothing
    assert shop.call(ANN, "PUT", HOLDERS, {"principals": ["people:ann"], "domains": ["crm"]}).code == "REQUEST_INVALID"
    hidden = shop.call(ANN, "PUT", HOLDERS, {"principals": ["people:ann"], "domains": ["payments"]})
    assert hidden.code == "REQUEST_INVALID"  # a domain that she may not read
    shop.grant(ANN, "payments", "read")
    held = shop.call(ANN, "PUT", HOLDERS, {"principals": ["people:ann"], "domains": ["payments"]})
    assert held.status == 200
    assert declare(shop, CAROL, contact="#2").status == 200
    assert declare(shop, BOB, contact="#3").code == "APPLICATION_OF_OTHERS"
    assert shop.get(BOB, BILLING).json["domains"] == []  # he does not see that there is such a domain


def test_a_domain_that_somebody_gives_the_name_of_the_team_opens_nothing(shop: Guarded) -> None:
    declare(shop, ANN)
    shop.grant(EVE, "evil", "govern")
    shop.domain("evil", "evil")
    made = shop.call(EVE, "PUT", "/v1/domains/evil.payments", {"owner": "payments"})
    assert made.status == 200, made.body
    assert set(changes(shop, EVE).values()) == {(403, "APPLICATION_OF_OTHERS")}


def test_takeover_is_for_those_who_operate(shop: Guarded) -> None:
    declare(shop, ANN)
    shop.grant(CAROL, "*", "operate")
    assert shop.call(CAROL, "PUT", HOLDERS, {"principals": ["people:bob"]}).status == 200
    assert declare(shop, BOB, contact="#1").status == 200
    assert declare(shop, ANN, contact="#2").code == "APPLICATION_OF_OTHERS"
    assert shop.call(OPERATOR, "PUT", HOLDERS, {"principals": ["people:ann"]}).status == 200
    assert declare(shop, ANN, contact="#2").status == 200
    require_facts_as_described(shop.registry.ledger)


def test_what_was_declared_before_sign_in_is_handed_over_by_an_operator(shop: Guarded) -> None:
    assert declare(shop, OPERATOR).status == 200
    assert shop.get(ANN, BILLING).json["principals"] == []
    assert set(changes(shop, ANN).values()) == {(403, "APPLICATION_OF_OTHERS")}
    shop.do("PUT", HOLDERS, {"principals": ["people:ann"]})
    assert set(changes(shop, ANN).values()) == {(200, "")}


def test_a_caller_without_a_credential_declares_nothing(shop: Guarded) -> None:
    assert {status for status, _ in changes(shop, ANONYMOUS).values()} <= {401, 404}
    declare(shop, ANN)
    assert {status for status, _ in changes(shop, ANONYMOUS).values()} == {401}


def test_a_token_that_is_limited_to_reading_changes_nothing(shop: Guarded) -> None:
    declare(shop, ANN)
    reading, writing = (replace(ANN, scope=(one,)) for one in ("read:shop", "register:shop"))
    assert set(changes(shop, reading).values()) == {(403, "NOT_ALLOWED")}
    assert declare(shop, writing, contact="#1").status == 200


@pytest.mark.parametrize("name", ["bob", "people:", "nobody:bob", ""])
def test_a_holder_is_a_caller_of_a_known_issuer(name: str, shop: Guarded) -> None:
    declare(shop, ANN)
    reply = shop.call(ANN, "PUT", HOLDERS, {"principals": ["people:ann", name]})
    assert (reply.status, reply.json["errors"][0]["pointer"]) == (422, "/principals/1")
    assert ("no issuer" in reply.json["errors"][0]["detail"]) == name.startswith("nobody:")
    assert shop.call(ANN, "PUT", HOLDERS, {"principals": []}).status == 422


def test_only_members_of_the_owning_team_read_internal_fields(shop: Guarded) -> None:
    margin = {"name": "margin", "type": "string", "confluent:tags": ["internal"]}
    internal = {"type": "record", "name": "OrderShipped", "fields": [{"name": "a", "type": "string"}, margin]}
    shop.register("shop.orders.OrderShipped", json.dumps(internal))
    reads = [{"event": "shop.orders.OrderShipped", "major": 1, "fields": [{"path": "/margin"}]}]
    claimed = {"team": "orders", "reads": reads}
    assert shop.call(EVE, "PUT", "/v1/consumers/ledger", claimed).code == "CONSUMER_INVALID"
    shop.grant(BOB, "shop.orders", "register")
    assert shop.call(BOB, "PUT", "/v1/consumers/ledger", claimed).status == 200
