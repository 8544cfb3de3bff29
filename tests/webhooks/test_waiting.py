"""Requests that wait for news of the ledger: answered when there is some, and in nobody's way until then."""

import json
import select
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.registry.granting import ANN, OPERATOR, Guarded
from tests.registry.serving import Serving
from tests.waiting import eventually
from tests.webhooks.sending import World


@pytest.fixture(scope="module", params=["gunicorn", "granian"])
def serving(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    served = Serving(tmp_path_factory.mktemp("waiting"), "--workers", "1", "--threads", "4", "--server", request.param)
    yield served
    served.stop()


class Waiter:
    """One connection with a request on it."""

    def __init__(self, port: int, path: str) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=30)
        self._socket.sendall(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n".encode())

    def answer(self) -> tuple[int, Any]:
        received = b""
        while chunk := self._socket.recv(65_536):
            received += chunk
        head, _, body = received.partition(b"\r\n\r\n")
        return int(head.split()[1]), json.loads(body)

    @property
    def is_answered(self) -> bool:
        readable, _, _ = select.select([self._socket], [], [], 0)
        return bool(readable)

    def close(self) -> None:
        self._socket.close()


def put_domain(served: Serving, name: str) -> int:
    reply = served.call("PUT", f"/v1/domains/{name}", {"owner": "team"})
    assert reply.status in (200, 201), reply.body
    return int(reply.headers["moorings-position"])


def test_reads_are_answered_while_fifty_wait(serving: Serving) -> None:
    position = put_domain(serving, "waiting.first")
    waiters = [Waiter(serving.port, f"/v1/ledger?after={position}&wait=25") for _ in range(50)]
    time.sleep(0.5)
    began = time.monotonic()
    for n in range(40):  # ten times as many as there are threads
        assert serving.call("GET", f"/v1/events?q={n}").status == 200
    assert time.monotonic() - began < 20  # the waiters wait for 25
    assert not any(one.is_answered for one in waiters)
    put_domain(serving, "waiting.second")
    began = time.monotonic()
    answers = [one.answer() for one in waiters]
    assert time.monotonic() - began < 20
    assert {status for status, _ in answers} == {200}
    assert {tuple(entry["position"] for entry in one["entries"]) for _, one in answers} == {(position + 1,)}


def test_as_many_wait_as_may_and_those_who_go_make_room(serving: Serving) -> None:
    position = put_domain(serving, "waiting.third")
    path = f"/v1/ledger?after={position}&wait=25"
    waiters = [Waiter(serving.port, path) for _ in range(201)]
    refused: list[Waiter] = []  # whichever came last

    def one_is_refused() -> bool:
        refused[:] = [one for one in waiters if one.is_answered]
        return bool(refused)

    eventually(one_is_refused)
    assert len(refused) == 1
    status, problem = refused[0].answer()
    assert (status, problem["code"], problem["retryable"]) == (503, "TOO_MANY_WAITING", True)
    waiters.remove(refused[0])
    for one in waiters[:50]:
        one.close()

    def one_more() -> bool:
        more = Waiter(serving.port, path)
        time.sleep(0.2)
        refused = more.is_answered
        more.close()
        return not refused

    eventually(one_more)
    put_domain(serving, "waiting.fourth")
    assert waiters[-1].answer()[0] == 200
    for one in waiters:
        one.close()


def test_whoever_waits_for_another_kind_goes_on_waiting(serving: Serving) -> None:
    position = put_domain(serving, "waiting.fifth")
    waiter = Waiter(serving.port, f"/v1/ledger?after={position}&wait=25&kind=SchemaRegistered&domain=waiting")
    time.sleep(0.3)
    put_domain(serving, "waiting.sixth")
    time.sleep(0.5)
    assert not waiter.is_answered
    text = '{"type": "record", "name": "ThingAdded", "fields": []}'
    body = {"format": "AVRO", "schema": text}
    assert serving.call("POST", "/v1/events/waiting.ThingAdded/versions", body).status in (200, 201)
    status, told = waiter.answer()
    assert status == 200
    assert [entry["position"] for entry in told["entries"]] == [position + 2]
    assert told["next"] == position + 2


def test_nothing_new_is_an_answer_in_the_end(serving: Serving) -> None:
    position = put_domain(serving, "waiting.seventh")
    began = time.monotonic()
    status, told = Waiter(serving.port, f"/v1/ledger?after={position}&wait=1").answer()
    assert 0.9 < time.monotonic() - began < 20
    assert (status, told["entries"], told["next"]) == (200, [], position)


def test_a_worker_that_ends_lets_them_go(tmp_path: Path) -> None:
    served = Serving(tmp_path, "--workers", "1")
    position = put_domain(served, "a")
    waiter = Waiter(served.port, f"/v1/ledger?after={position}&wait=30")
    time.sleep(0.3)
    began = time.monotonic()
    served.process.terminate()
    assert waiter.answer()[0] == 200
    served.process.wait(30)
    assert time.monotonic() - began < 18  # it waits for 20 until it ends a worker that does not end by itself
    served.stop()


def test_a_wait_is_asked_for_in_seconds(world: World) -> None:
    for query in ("wait=31", "wait=-1", "wait=soon", "kind=Nothing", "waiting=1"):
        assert world.get(OPERATOR, f"/v1/ledger?{query}").code == "REQUEST_INVALID"


def test_only_whoever_may_read_the_ledger_waits() -> None:
    guarded = Guarded()
    guarded.grant(ANN, "*", "read")
    assert guarded.get(ANN, "/v1/ledger?after=99&wait=30").code == "NOT_ALLOWED"


def test_a_right_that_is_lost_meanwhile_ends_the_wait() -> None:
    guarded = Guarded()
    grant = guarded.grant(ANN, "*", "read", "audit")
    position = guarded.registry.state.position
    found: list[str] = []
    asking = threading.Thread(
        target=lambda: found.append(guarded.get(ANN, f"/v1/ledger?after={position}&wait=20").code)
    )
    asking.start()
    time.sleep(0.2)
    guarded.call(OPERATOR, "DELETE", f"/v1/grants/{grant}")
    asking.join(10)
    assert found == ["NOT_ALLOWED"]


def test_pages_of_a_filter_lead_on(world: World) -> None:
    for name in ("paged.a", "paged.b", "paged.c"):
        world.domain(name)
    first = world.do("GET", "/v1/ledger?domain=paged&limit=2")
    assert [one["facts"][0]["domain"] for one in first["entries"]] == ["paged.a", "paged.b"]
    second = world.do("GET", f"/v1/ledger?domain=paged&limit=2&after={first['next']}")
    assert [one["facts"][0]["domain"] for one in second["entries"]] == ["paged.c"]
    assert world.do("GET", f"/v1/ledger?domain=paged&after={second['next']}")["entries"] == []
