"""The API and the command for webhooks: who may create, see and end one."""

import json
from dataclasses import replace

import pytest

from moorings.cli.commands import run
from moorings.cli.session import Session
from moorings_registry import facts
from moorings_registry.migration import WsgiTransport
from moorings_registry.receiver_addresses import read_networks
from moorings_registry.registry_events import EVENT_KINDS
from moorings_registry.registry_events.kinds import NOT_TOLD, TOLD
from moorings_registry.settings import Settings
from tests.registry.granting import ANN, BOB, EVE, OPERATOR, grant_body, in_days
from tests.webhooks.receivers import Reply, listening
from tests.webhooks.sending import World

HOOK = {"url": "https://hooks.example/m"}


@pytest.fixture(scope="module")
def guarded() -> World:
    world = World(sign_in=True, settings=Settings(webhook_networks=read_networks(["127.0.0.0/8"])))
    world.domain("shop")
    world.grant(ANN, "shop", "govern")
    world.grant(BOB, "shop", "register")
    world.grant(EVE, "*", "audit", "read")
    return world


def test_every_fact_becomes_an_event_or_not() -> None:
    assert set(facts.Fact.__args__) == TOLD | set(NOT_TOLD)
    assert not TOLD & set(NOT_TOLD)
    assert {"ContractDeprecated", "SchemaRefused", "WaiverGranted"} <= set(EVENT_KINDS)


def test_an_unknown_kind_is_answered_with_the_nearest_one_and_where_they_are(guarded: World) -> None:
    asked = {**HOOK, "node": "shop", "kinds": ["contractdepricated", "SchemaRefused", "\x00zzz"]}
    first, second = guarded.call(ANN, "POST", "/v1/webhooks", asked).json["errors"]
    assert (first["pointer"], second["pointer"]) == ("/kinds/0", "/kinds/2")
    assert "did you mean ContractDeprecated?" in first["detail"]
    assert "did you mean" not in second["detail"]
    assert "\x00" not in second["detail"]
    assert len(first["detail"]) < 200
    assert first["detail"].endswith("/admin/webhooks#kinds lists them")
    assert "did you mean WaiverGranted?" in guarded.get(EVE, "/v1/ledger?kind=WaiverGrantd").body.decode()
    shown = guarded.get(ANN, "/admin/webhooks").body.decode()
    assert 'id="kinds"' in shown
    assert all(f"<code>{kind}</code>" in shown for kind in EVENT_KINDS)


def test_a_token_that_leaves_out_what_is_granted_is_named_as_what_lacks_it(guarded: World) -> None:
    narrow = replace(ANN, scope=("govern:shop.orders", "read:shop"))
    for node, is_granted in (("shop.billing", True), ("shop", True), ("crm", False)):
        refused = guarded.call(narrow, "POST", "/v1/webhooks", {**HOOK, "node": node})
        assert refused.code == "NOT_ALLOWED", node
        assert ("the token does not carry it" in refused.json["detail"]) is is_granted, node
    body = grant_body(BOB, "shop.billing", "read")
    refused = guarded.call(narrow, "POST", "/v1/grants", body)
    assert (refused.code, "the token does not carry it" in refused.json["detail"]) == ("NOT_ALLOWED", True)
    assert guarded.call(BOB, "POST", "/v1/grants", body).json["detail"].startswith("Permission 'govern' is missing")


def test_a_webhook_is_for_those_who_govern_or_audit(guarded: World) -> None:
    asked = {**HOOK, "node": "shop.orders"}
    assert guarded.call(BOB, "POST", "/v1/webhooks", asked).code == "NOT_ALLOWED"
    assert guarded.call(ANN, "POST", "/v1/webhooks", {**HOOK, "node": "*"}).code == "NOT_ALLOWED"
    assert guarded.call(ANN, "POST", "/v1/webhooks", {**HOOK, "node": "crm"}).code == "NOT_ALLOWED"
    ids = [guarded.subscribe(HOOK["url"], node, who) for who, node in ((ANN, "shop.orders"), (EVE, "*"))]

    def shown(who: object) -> list[int]:
        return [one["id"] for one in guarded.get(who, "/v1/webhooks").json["webhooks"]]  # type: ignore[arg-type]

    assert (shown(ANN), shown(BOB), shown(EVE)) == ([ids[0]], [], ids[::-1])
    for method, path in (("GET", ""), ("DELETE", ""), ("POST", "/test"), ("POST", "/replay")):
        body = {"after": 0} if path == "/replay" else None
        assert guarded.call(BOB, method, f"/v1/webhooks/{ids[0]}{path}", body).code == "WEBHOOK_NOT_FOUND"
        assert guarded.call(ANN, method, f"/v1/webhooks/{ids[1]}{path}", body).code == "WEBHOOK_NOT_FOUND"
    assert guarded.call(ANN, "DELETE", f"/v1/webhooks/{ids[0]}?because=done").status == 204
    assert shown(EVE) == [ids[1]]


@pytest.mark.parametrize(("node", "scope"), [("*", "*"), ("crm*", "crm*"), (".eu/shop", ".eu/shop"), ("crm", "crm")])
def test_a_refusal_names_the_permission_as_a_token_has_it(guarded: World, node: str, scope: str) -> None:
    reply = guarded.call(ANN, "POST", "/v1/webhooks", {**HOOK, "node": node})
    assert reply.headers["www-authenticate"].endswith(f'scope="govern:{scope}"')
    grant = {"issuer": "people", "principal": "people:bob", "verbs": ["read"], "node": node, "because": "b"}
    reply = guarded.call(ANN, "POST", "/v1/grants", {**grant, "expires": in_days(9)})
    assert reply.headers["www-authenticate"].endswith(f'scope="govern:{scope}"')


def test_names_of_this_machine_are_refused_where_callers_sign_in() -> None:
    world = World(sign_in=True)
    for url in ("http://localhost/", "https://localhost.:8443/", "http://127.0.0.1/"):
        reply = world.call(OPERATOR, "POST", "/v1/webhooks", {"url": url, "node": "*"})
        assert [one["pointer"] for one in reply.json["errors"]] == ["/url"]


@pytest.mark.parametrize(
    ("more", "pointer"),
    [
        ({"node": "a*b"}, "/node"),
        ({"kinds": ["SchemaRefused", "schemarefused"]}, "/kinds/1"),
        ({"mode": "batch"}, "/mode"),
        ({"after": 10**6}, "/after"),
        ({"after": -1}, "/after"),
        ({"secret": "x"}, "/secret"),
        *(
            ({"url": f"https://{host}/"}, "/url")
            for host in ("2130706433", "0x7f.1", "127.1", "127.0.0.1.", "a.0x7F", "%31.example", "a..example")
        ),
    ],
)
def test_what_cannot_be_is_refused(world: World, more: dict[str, object], pointer: str) -> None:
    reply = world.call(OPERATOR, "POST", "/v1/webhooks", {**HOOK, "node": "*", **more})
    assert reply.code == "REQUEST_INVALID"
    assert [one["pointer"] for one in reply.json["errors"]] == [pointer]


def test_without_a_public_url_nothing_is_signed() -> None:
    from tests.registry.granting import Guarded

    plain = Guarded()
    assert plain.call(OPERATOR, "POST", "/v1/webhooks", {**HOOK, "node": "*"}).code == "SIGNING_NOT_SET_UP"
    assert plain.get(OPERATOR, "/v1/feed.atom").status == 200


def test_a_replay_is_from_a_position_or_of_dead_letters(world: World) -> None:
    id = world.subscribe(HOOK["url"])
    for body in ({}, {"after": 0, "dead_letters": True}, {"after": 10**6}):
        assert world.call(OPERATOR, "POST", f"/v1/webhooks/{id}/replay", body).code == "REQUEST_INVALID"
    assert world.call(OPERATOR, "POST", f"/v1/webhooks/{id}/replay", {"after": 0}).json["lag"] == id + 1


def test_the_command(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    http = WsgiTransport(world.application.middleware)
    world.everybody_is(OPERATOR)

    def webhooks(*arguments: str) -> tuple[int, str]:
        code = run(["webhooks", *arguments], Session(url="http://127.0.0.1", http=http))
        return code, capsys.readouterr().out

    answers = {"status": 204}
    with listening(lambda _count, _received: Reply(answers["status"])) as receiver:
        code, said = webhooks("add", receiver.url, "--node", "shop", "--kind", "SchemaRefused", "--format", "json")
        id = json.loads(said)["id"]
        assert (code, json.loads(said)["kinds"]) == (0, ["SchemaRefused"])
        assert webhooks("test", str(id)) == (0, "delivered (status 204)\n")
        answers["status"] = 500
        assert webhooks("test", str(id)) == (1, "failed (the receiver answered 500)\n")
        code, said = webhooks("list")
        assert f"{id}  delivering  {receiver.url}  SchemaRefused of shop; at position" in said
        assert webhooks("replay", str(id), "--after", "0")[0] == 0
        assert webhooks("replay", str(id), "--dead-letters")[0] == 0
        assert webhooks("replay", str(id))[0] == 2
        assert webhooks("remove", str(id), "--because", "It moved") == (0, f"webhook {id} was removed\n")
        assert webhooks("remove", str(id))[0] == 1
    assert [one.kind for one in receiver.received] == ["WebhookTested"] * 2


def test_the_page_shows_what_failed(world: World) -> None:
    with listening(lambda _count, _received: Reply(400)) as receiver:
        id = world.subscribe(receiver.url, "shop")
        for _ in range(4):
            world.turn()
        page = world.get(OPERATOR, "/admin/webhooks")
    assert page.status == 200
    text = page.body.decode()
    assert f"Webhook {id}: " in text
    assert receiver.url in text


@pytest.mark.parametrize("path", ["/metrics"])
def test_deliveries_are_counted(world: World, path: str) -> None:
    with listening() as receiver:
        world.subscribe(receiver.url, "shop")
        world.turn()
        told = world.get(OPERATOR, path).body.decode()
    assert 'moorings_webhook_deliveries_total{fate="delivered"}' in told
    assert "moorings_webhook_lag_entries" in told
