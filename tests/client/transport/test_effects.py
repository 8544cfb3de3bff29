"""Steps and who carries them out: nothing is fetched by two threads or tasks at the same time."""

import asyncio
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx2
import pytest

from moorings.errors import NotFound
from moorings.transport.async_runner import AsyncRunner
from moorings.transport.body_reader import BodyReader
from moorings.transport.effects import Ask, Effects, Lost, Received, Send, SingleFlight, Sleep
from moorings.transport.sync_runner import SyncRunner

SEND = Send("GET", "http://registry.example/v1", {})


class Fetching:
    """Counts how often it is fetched; each time it waits until it is let go."""

    def __init__(self, outcome: Any = "found") -> None:
        self.flights = SingleFlight()
        self.outcome = outcome
        self.fetched = 0
        self.may_go = threading.Event()

    def once(self) -> Effects[Any]:
        return (yield from self.flights.once("key", self.fetch))

    def fetch(self) -> Effects[Any]:
        self.fetched += 1
        while not self.may_go.is_set():
            yield Sleep(0.001)
        if isinstance(self.outcome, Exception):
            raise self.outcome
        return self.outcome


def await_waiting(fetching: Fetching, wanted: int) -> None:
    """Return once so many wait for the one who fetches."""
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        flight = fetching.flights._flights.get("key")
        if flight is not None and len(flight._waiting) == wanted:
            return
        time.sleep(0.002)
    raise AssertionError(f"there are not {wanted} who wait")


def gathered(fetching: Fetching, threads: int) -> list[Any]:
    """Ask from many threads, and from one event loop beside them; return what each got."""
    runner = SyncRunner()

    def blocking() -> Any:
        try:
            return runner.run(fetching.once())
        except NotFound as error:
            return error

    async def awaiting() -> list[Any]:
        return await asyncio.gather(*(AsyncRunner().run(fetching.once()) for _ in range(5)), return_exceptions=True)

    with ThreadPoolExecutor(threads + 1) as pool:
        asked = [pool.submit(blocking) for _ in range(threads)]
        beside = pool.submit(lambda: asyncio.run(awaiting()))
        await_waiting(fetching, threads + 5 - 1)
        fetching.may_go.set()
        return [one.result(20) for one in asked] + beside.result(20)


def test_threads_and_tasks_wait_for_the_first_fetch() -> None:
    fetching = Fetching()
    assert gathered(fetching, 10) == ["found"] * 15
    assert fetching.fetched == 1


def test_waiting_callers_get_copies_of_the_error() -> None:
    found = gathered(Fetching(NotFound(404, {"code": "EVENT_NOT_FOUND"})), 5)
    assert [one.code for one in found] == ["EVENT_NOT_FOUND"] * 10
    assert len({id(one) for one in found}) == 10


def test_a_later_call_fetches_again() -> None:
    fetching = Fetching()
    fetching.may_go.set()
    assert [SyncRunner().run(fetching.once()) for _ in range(2)] == ["found"] * 2
    assert fetching.fetched == 2


def test_a_waiting_caller_takes_over_an_interrupted_fetch() -> None:
    flights = SingleFlight()

    def interrupted() -> Effects[str]:
        yield Sleep(0)
        raise KeyboardInterrupt

    def fetch() -> Effects[str]:
        yield Sleep(0)
        return "found"

    first = flights.once("key", interrupted)
    next(first)
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(lambda: SyncRunner().run(flights.once("key", fetch)))
        time.sleep(0.02)
        with pytest.raises(KeyboardInterrupt):
            next(first)
        assert waiting.result(20) == "found"


def test_a_thread_does_not_wait_for_itself() -> None:
    """Somebody blocks inside an event loop while a task of that loop is fetching."""
    fetching = Fetching()
    task = fetching.once()
    next(task)
    fetching.may_go.set()
    assert SyncRunner().run(fetching.once()) == "found"
    assert fetching.fetched == 2


def test_the_error_of_an_effect_is_thrown_into_the_generator() -> None:
    def asking() -> Effects[str]:
        try:
            yield Ask(lambda: 1 // 0)
        except ZeroDivisionError:
            return "handled"
        return "lost"

    assert SyncRunner().run(asking()) == "handled"
    assert asyncio_run(asking()) == "handled"


def asyncio_run(steps: Effects[Any], http: httpx2.AsyncBaseTransport | None = None) -> Any:
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(lambda: asyncio.run(AsyncRunner(http).run(steps))).result(30)


def sending() -> Effects[Any]:
    return (yield SEND)


ANSWERS: list[tuple[str, Any, Any]] = [
    ("an answer", httpx2.Response(200, headers={"X-A": "1"}, content=b"{}"), {"content-length": "2", "x-a": "1"}),
    ("a time-out", httpx2.ReadTimeout("slow"), Lost("ReadTimeout")),
    ("no connection", httpx2.ConnectError("no"), Lost("ConnectError")),
    ("a broken coding", httpx2.DecodingError("gzip"), Lost("DecodingError")),
    ("a broken protocol", httpx2.RemoteProtocolError("cut"), Lost("RemoteProtocolError")),
]


@pytest.mark.parametrize(("shows", "answer", "expected"), ANSWERS)
def test_both_runners_send_the_same_request(shows: str, answer: Any, expected: Any) -> None:
    def respond(request: httpx2.Request) -> httpx2.Response:
        if isinstance(answer, Exception):
            raise answer
        return httpx2.Response(answer.status_code, headers=answer.headers, content=answer.content)

    http = httpx2.MockTransport(respond)
    both = [SyncRunner(http).run(sending()), asyncio_run(sending(), http)]
    if isinstance(expected, dict):
        expected = Received(200, expected, b"{}")
    assert both == [expected, expected]


def test_an_endless_body_is_cut_off() -> None:
    def pieces() -> Any:
        while True:
            yield b"x" * 1_000_000

    answer = SyncRunner(httpx2.MockTransport(lambda request: httpx2.Response(200, content=pieces()))).run(sending())
    assert answer == Lost("AnswerTooLarge")


def test_a_trickling_body_is_given_up() -> None:
    now = iter([0.0, 5.0, 51.0])
    intake = BodyReader(5.0, clock=lambda: next(now))
    assert [intake.take(b"a"), intake.take(b"b")] == [True, False]
    assert intake.answer(200, {}) == Lost("AnswerTooSlow")


def test_a_forked_process_opens_connections_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    runner = SyncRunner(httpx2.MockTransport(lambda request: httpx2.Response(200)))
    before = runner._connected()
    assert runner._connected() is before
    monkeypatch.setattr("moorings.transport.sync_runner.os.getpid", lambda: 1)
    assert runner._connected() is not before


def test_a_caller_that_waits_too_long_fetches_by_itself() -> None:
    fetching = Fetching()
    fetching.flights = SingleFlight(longest_s=0.01)
    hanging = fetching.once()
    next(hanging)
    fetching.may_go.set()
    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(lambda: SyncRunner().run(fetching.once())).result(20) == "found"
    assert asyncio_run(fetching.once()) == "found"
    assert fetching.fetched == 3
