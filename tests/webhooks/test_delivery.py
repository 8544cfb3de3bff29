"""Events reach receivers at least once, in order, signed, whatever receivers and workers do."""

import contextlib
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import httpx2
import pytest
from cloudevents.core.bindings.http import HTTPMessage, from_http_event
from http_message_signatures import HTTPMessageVerifier, HTTPSignatureKeyResolver, algorithms

from moorings import SignatureInvalid
from moorings.integrations.registry_events import RegistryEvents
from moorings_registry.engines import open_ledger
from moorings_registry.export_statuses import FileStatuses
from moorings_registry.migration import WsgiTransport
from moorings_registry.receiver_addresses import read_networks
from moorings_registry.settings import Settings
from moorings_registry.webhook_progress import MOST_DEAD_LETTERS, DeadLetter, Progress, WebhookProgress
from moorings_registry.webhooks.pace import Pace
from tests.registry.granting import ANN, OPERATOR
from tests.webhooks.receivers import Received, Receiver, Reply, listening
from tests.webhooks.sending import PUBLIC_URL, SharedLease, World

LOCAL = Settings(webhook_networks=read_networks(["127.0.0.0/8"]))


def reader(world: World) -> RegistryEvents:
    return RegistryEvents(PUBLIC_URL, http=WsgiTransport(world.application.middleware))


@pytest.mark.parametrize("mode", ["structured", "binary"])
def test_events_are_signed_and_in_order(mode: str) -> None:
    world = World()
    with listening() as receiver:
        world.subscribe(receiver.url, mode=mode)
        world.domain("shop.orders")
        world.version()
        world.version(b=1)
        assert world.call(OPERATOR, "POST", "/subjects/shop.orders.OrderPlaced/versions", {"schema": '"int"'}).status
        world.turn()
        events = [reader(world).read(receiver.url, one.headers, one.body) for one in receiver.received]
    assert [one.kind for one in receiver.received] == [
        "WebhookCreated", "DomainRegistered", "SchemaRegistered", "SchemaRegistered", "SchemaRefused",
    ]  # fmt: skip
    assert [one["sequence"] for one in events] == sorted(one["sequence"] for one in events)
    assert (
        events[2].attributes.items()
        >= {
            "type": "moorings.registry.SchemaRegistered.v1",
            "source": PUBLIC_URL,
            "subject": "shop.orders.OrderPlaced",
            "domain": "shop.orders",
        }.items()
    )
    assert events[2]["correlationid"]
    assert "record" not in str(receiver.received[2].body)  # no text of a schema


def second_opinion(received: Received) -> str:
    """The kind that the CloudEvents project reads."""
    message = HTTPMessage(headers={name.lower(): value for name, value in received.headers.items()}, body=received.body)
    return str(from_http_event(message).get_type())


@pytest.mark.parametrize("mode", ["structured", "binary"])
def test_others_read_the_events_too(mode: str) -> None:
    world = World()
    with listening() as receiver:
        world.subscribe(receiver.url, mode=mode)
        world.turn()
    assert second_opinion(receiver.received[0]) == "moorings.registry.WebhookCreated.v1"


def test_a_signature_holds_for_one_url_one_body_and_five_minutes() -> None:
    now = [time.time()]
    world = World(wall_clock=lambda: now[0])
    with listening() as receiver:
        world.subscribe(receiver.url, mode="binary")
        world.turn()
        now[0] -= 400
        world.domain("shop")
        world.turn()
    first, late = receiver.received
    read = reader(world).read
    assert read(receiver.url, first.headers, first.body)["id"] == "1.0"
    broken = [
        (receiver.url + "/elsewhere", first.headers, first.body),
        (receiver.url, first.headers, first.body + b" "),
        (receiver.url, {**first.headers, "ce-type": "moorings.registry.SchemaRefused.v1"}, first.body),
        (receiver.url, {**first.headers, "ce-more": "1"}, first.body),
        (receiver.url, {**first.headers, "Content-Type": "text/plain"}, first.body),
        (receiver.url, {name: value for name, value in first.headers.items() if name != "Signature"}, first.body),
        (receiver.url, {**first.headers, "Content-Digest": "sha-256=:AA==:"}, first.body),
        (receiver.url, {**first.headers, "Signature-Input": first.headers["Signature-Input"] + "x"}, first.body),
        (receiver.url, late.headers, late.body),
        (receiver.url, {**first.headers, "Signature": late.headers["Signature"]}, first.body),
    ]
    for url, headers, body in broken:
        with pytest.raises(SignatureInvalid):
            read(url, headers, body)
    stranger = World()
    with pytest.raises(SignatureInvalid, match="does not publish the key"):
        reader(stranger).read(receiver.url, first.headers, first.body)


def test_only_what_is_asked_for_is_sent() -> None:
    world = World()
    with listening() as receiver:
        world.subscribe(receiver.url, "shop.orders", kinds=["SchemaRegistered"])
        world.domain("shop.orders")
        world.version()
        world.version("shop.stock.StockCounted")
        world.turn()
    assert [one.data["subject"] for one in receiver.received] == ["shop.orders.OrderPlaced"]


def test_what_precedes_a_webhook_is_sent_where_it_asks() -> None:
    world = World()
    world.domain("shop")
    with listening() as receiver:
        world.subscribe(receiver.url, after=0)
        world.turn()
    assert [one.kind for one in receiver.received] == ["DomainRegistered", "WebhookCreated"]


def test_a_webhook_stops_with_the_right_of_its_author_and_goes_on_with_it() -> None:
    world = World(sign_in=True, settings=LOCAL)
    grant = world.grant(ANN, "shop", "govern")
    with listening() as receiver:
        id = world.subscribe(receiver.url, "shop", ANN)
        world.domain("shop")
        world.domain("crm")
        world.turn()
        world.call(OPERATOR, "DELETE", f"/v1/grants/{grant}")
        world.domain("shop.orders")
        world.turn()
        assert [one.kind for one in receiver.received] == ["WebhookCreated", "DomainRegistered"]
        assert world.do("GET", f"/v1/webhooks/{id}")["state"] == "stopped"
        world.grant(ANN, "shop", "govern")
        time.sleep(1.05)  # a right that was lost is looked for every second
        world.turn()
        assert receiver.received[-2].data["domain"] == "shop.orders"
        assert world.do("GET", f"/v1/webhooks/{id}")["state"] == "current"


def test_the_registry_as_a_whole_is_for_those_who_read_its_ledger() -> None:
    world = World(sign_in=True, settings=LOCAL)
    world.grant(ANN, "*", "govern")
    with listening() as governor, listening() as operator:
        world.subscribe(governor.url, "*", ANN, kinds=["ExporterCreated", "AccessRevoked", "AccessGranted"])
        world.subscribe(operator.url, "*", kinds=["ExporterCreated", "AccessRevoked", "AccessGranted"])
        target = {"name": "eu", "config": {"schema.registry.url": "http://127.0.0.1:9"}}
        assert world.call(OPERATOR, "POST", "/exporters", target).status == 200
        grant = world.grant(ANN, "shop", "read")
        world.call(OPERATOR, "DELETE", f"/v1/grants/{grant}")
        world.turn()
    assert [one.kind for one in governor.received] == ["AccessGranted"]
    assert [one.kind for one in operator.received] == ["ExporterCreated", "AccessGranted", "AccessRevoked"]


# What receivers do.


def test_a_receiver_that_was_away_gets_everything_in_order() -> None:
    world = World()
    with listening() as receiver:
        id = world.subscribe(receiver.url)
        receiver.stop()
        for name in ("a", "b", "c"):
            world.domain(name)
        for _ in range(5):
            world.turn()
            time.sleep(0.1)
        progress = world.progress(id)
        assert progress.failures >= 3
        assert progress.dead == ()  # whoever was not reached knows of nothing, so nothing is given up
        assert world.do("GET", f"/v1/webhooks/{id}")["state"] == "failing"
        receiver.start()
        time.sleep(0.12)
        world.turn()
    assert [one.kind for one in receiver.received] == ["WebhookCreated", *["DomainRegistered"] * 3]
    assert [one.data["domain"] for one in receiver.received[1:]] == ["a", "b", "c"]
    assert world.progress(id).failures == 0


def test_an_event_that_is_never_taken_is_set_aside_and_can_be_sent_again() -> None:
    world = World()
    refused = ["2.0"]

    def answer(_count: int, received: Received) -> Reply:
        return Reply(500 if received.id in refused else 204)

    with listening(answer) as receiver:
        id = world.subscribe(receiver.url)
        world.domain("a")
        world.domain("b")
        for _ in range(6):
            world.turn()
            time.sleep(0.11)
        assert receiver.ids == ["1.0", "2.0", "2.0", "2.0", "3.0"]
        (letter,) = world.do("GET", f"/v1/webhooks/{id}")["dead_letters"]
        assert (letter["position"], letter["kind"], letter["attempts"]) == (2, "DomainRegistered", 3)
        assert letter["reason"] == "the receiver answered 500"
        refused.clear()
        world.do("POST", f"/v1/webhooks/{id}/replay", {"dead_letters": True})
        world.turn(2)
        assert receiver.ids[5:] == ["2.0"]
        assert world.do("GET", f"/v1/webhooks/{id}")["dead_letters"] == []


def test_how_often_an_event_is_tried() -> None:
    world = World()
    attempts = {302: 2, 400: 2, 404: 2, 429: 3, 503: 3}
    with contextlib.ExitStack() as stack:
        receivers = {status: stack.enter_context(listening(failing(status, attempts[status]))) for status in attempts}
        for receiver in receivers.values():
            world.subscribe(receiver.url, kinds=["DomainRegistered"])
        world.domain("a")
        world.domain("b")
        for _ in range(6):
            world.turn()
            time.sleep(0.11)
    assert {status: len(one.received) - 1 for status, one in receivers.items()} == attempts
    assert {one.ids[-1] for one in receivers.values()} == {"7.0"}


def failing(status: int, times: int) -> Callable[[int, Received], Reply]:
    headers = (("Location", "http://127.0.0.1:1/"),) if status == 302 else ()
    return lambda count, _received: Reply(status, headers=headers) if count < times else Reply()


def test_a_receiver_may_ask_for_time() -> None:
    world = World(pace=Pace(first_pause_s=0.02, longest_pause_s=2, attempts=3, attempts_refused=2))
    with listening(lambda count, _: Reply(503, headers=(("Retry-After", "60"),)) if not count else Reply()) as receiver:
        world.subscribe(receiver.url)
        world.turn()
        time.sleep(0.06)
        world.turn()
        assert len(receiver.received) == 1
        time.sleep(2)  # no more than the longest pause
        world.turn()
        assert len(receiver.received) == 2


def test_a_slow_receiver_holds_up_nobody_else() -> None:
    world = World(timeout_s=0.5)
    with listening(lambda _count, _received: Reply(delay_s=20)) as slow, listening() as other:
        id = world.subscribe(slow.url)
        world.subscribe(other.url)
        began = time.monotonic()
        world.turn()
        assert time.monotonic() - began < 15  # as against as long as the receiver takes
    assert other.ids == ["2.0"]
    assert world.progress(id).error == "no answer in 0.5 s"


def test_bytes_that_come_one_by_one_end_with_the_deadline() -> None:
    world = World(timeout_s=0.5)
    with listening() as receiver:
        id = world.subscribe(receiver.url)
        receiver.stop()
        drip = DrippingServer(receiver.port)
        began = time.monotonic()
        world.turn()
        assert time.monotonic() - began < 15  # as against as long as the receiver takes
        drip.stop()
    assert world.progress(id).failures == 1


def test_a_status_is_the_whole_answer() -> None:
    large = b"x" * 10_000_000

    def answer(count: int, _received: Received) -> Reply:
        return (Reply(200, body=large), Reply(200, body=b"x" * 4_000, cut=True), Reply())[min(count, 2)]

    world = World()
    with listening(answer) as receiver:
        id = world.subscribe(receiver.url)
        world.domain("a")
        world.domain("b")
        world.turn()
    assert receiver.ids == ["1.0", "2.0", "3.0"]
    assert world.progress(id).delivered == 3


def test_an_event_whose_answer_was_lost_comes_again_with_the_same_id() -> None:
    world = World()
    with listening(lambda count, _received: Reply(dead=count == 0)) as receiver:
        world.subscribe(receiver.url)
        world.domain("a")
        world.turn()
        time.sleep(0.06)
        world.turn()
    assert receiver.ids == ["1.0", "1.0", "2.0"]


def test_a_receiver_that_is_gone_ends_its_webhook() -> None:
    world = World()
    with listening(lambda _count, _received: Reply(410)) as receiver:
        id = world.subscribe(receiver.url)
        world.domain("a")
        world.turn(2)
        assert receiver.ids == ["1.0"]
        assert world.call(OPERATOR, "GET", f"/v1/webhooks/{id}").code == "WEBHOOK_NOT_FOUND"
    (told,) = list(world.registry.entries(2))
    assert told.facts[0] == {
        "fact": "WebhookRemoved", "v": 1, "webhook": id, "node": "*", "because": "the receiver answered 410",
    }  # fmt: skip


# What the registry does.


def test_a_replay_sends_what_followed_a_position() -> None:
    world = World()
    with listening() as receiver:
        id = world.subscribe(receiver.url)
        world.domain("a")
        world.turn()
        world.do("POST", f"/v1/webhooks/{id}/replay", {"after": 0})
        world.turn()
    assert receiver.ids == ["1.0", "2.0", "1.0", "2.0"]


def test_no_clock_that_jumps_holds_up_or_loses_anything() -> None:
    now = [time.time()]
    world = World(wall_clock=lambda: now[0])
    with listening() as receiver:
        verify = reader(world)

        def answer(_count: int, received: Received) -> Reply:
            try:
                verify.read(receiver.url, received.headers, received.body)
            except SignatureInvalid:
                return Reply(401)
            return Reply()

        receiver.answers = answer
        id = world.subscribe(receiver.url)
        now[0] += timedelta(days=365).total_seconds()
        world.turn()
        assert world.progress(id).error == "the receiver answered 401"
        now[0] -= timedelta(days=365).total_seconds()
        time.sleep(0.06)
        world.turn()
    assert receiver.ids == ["1.0", "1.0"]
    assert world.progress(id).delivered == 1


def test_a_worker_that_takes_over_begins_where_the_other_one_was() -> None:
    ledger, progress, lease = open_ledger("memory:"), WebhookProgress(), SharedLease()
    first = World(ledger=ledger, progress=progress, lease=lease)
    second = World(ledger=ledger, progress=progress, lease=lease, keys=first.keys)
    with listening() as receiver:
        first.subscribe(receiver.url)
        first.domain("a")
        first.turn()
        second.domain("b")
        second.turn()
        assert receiver.ids == ["1.0", "2.0"]  # one at a time
        lease.holder = None
        second.turn()
        first.turn()
    assert receiver.ids == ["1.0", "2.0", "3.0"]


def test_a_record_that_was_lost_means_again_and_not_never(tmp_path: Path) -> None:
    store = FileStatuses(tmp_path / "webhooks")
    ledger = open_ledger("memory:")
    world = World(ledger=ledger, progress=WebhookProgress(store))
    with listening() as receiver:
        id = world.subscribe(receiver.url)
        world.turn()
        webhook = world.registry.state.webhooks[id]
        (file,) = (tmp_path / "webhooks").iterdir()
        for left in (b"", b"{", b"{}", b"[1]"):  # what a crash may leave
            file.write_bytes(left)
            assert WebhookProgress(store).of(webhook).position == 0
        file.unlink()
        world.domain("a")
        World(ledger=ledger, progress=WebhookProgress(store)).turn()
    assert receiver.ids == ["1.0", "1.0", "2.0"]


def test_a_position_is_recorded_in_the_ledger_now_and_then(monkeypatch: pytest.MonkeyPatch) -> None:
    ledger = open_ledger("memory:")
    world = World(ledger=ledger)
    monkeypatch.setattr("moorings_registry.webhooks.delivery.RECORDED_EVERY", 5)
    with listening() as receiver:
        id = world.subscribe(receiver.url)
        for name in "abcdef":
            world.domain(name)
        world.turn(2)
        assert world.registry.state.webhooks[id].advanced == 7
        world.domain("g")
        world.turn()
        fresh = World(ledger=ledger)  # with nothing beside the ledger
        fresh.turn()
    assert receiver.ids == [f"{n}.0" for n in range(1, 8)] + ["9.0", "9.0"]


def test_dead_letters_are_bounded() -> None:
    progress = Progress(0)
    for at in range(MOST_DEAD_LETTERS + 3):
        progress = progress.with_dead(DeadLetter(at, 0, "SchemaRefused", "no", 1, ""))
    assert (len(progress.dead), progress.dead[0].position, progress.dropped) == (MOST_DEAD_LETTERS, 3, 3)


class KeysOf(HTTPSignatureKeyResolver):
    def __init__(self, world: World) -> None:
        self._world = world

    def resolve_public_key(self, key_id: str) -> bytes:
        from joserfc.jwk import KeySet

        keys = httpx2.Client(transport=WsgiTransport(self._world.application.middleware)).get(
            f"{PUBLIC_URL}/.well-known/jwks.json"
        )
        key = KeySet.import_key_set(keys.json()).get_by_kid(key_id)
        return bytes(key.as_pem(private=False))


def test_a_library_of_rfc_9421_verifies_the_signature_of_every_header() -> None:
    world = World()
    with listening() as receiver:
        world.subscribe(receiver.url, mode="binary")
        world.turn()
    sent = httpx2.Request("POST", receiver.url, headers=dict(receiver.received[0].headers))
    verifier = HTTPMessageVerifier(signature_algorithm=algorithms.ECDSA_P256_SHA256, key_resolver=KeysOf(world))
    (result,) = verifier.verify(sent, expect_tag="moorings-webhook", body=receiver.received[0].body)
    assert {'"@method"', '"@target-uri"', '"content-digest"', '"ce-id"'} <= set(result.covered_components)


class DrippingServer(Receiver):
    """Answers with one byte every tenth of a second, without an end."""

    def __init__(self, port: int) -> None:
        import socket
        import threading

        self._socket = socket.create_server(("127.0.0.1", port))
        self._stopped = threading.Event()
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        try:
            connection, _ = self._socket.accept()
            connection.sendall(b"HTTP/1.1 ")
            while not self._stopped.wait(0.1):
                connection.sendall(b"2")
        except OSError:
            return

    def stop(self) -> None:
        self._stopped.set()
        self._socket.close()
