"""Reading a registry that shows a part of itself, stops answering, or is interrupted."""

import threading
import time
from collections.abc import Callable

import httpx2
import pytest

from moorings_registry.app import build_application
from moorings_registry.ledger.memory import MemoryLedger
from moorings_registry.migration import Peer, SourceAway
from moorings_registry.migration.assessing import assess_registry, read_as_far_as_possible
from moorings_registry.migration.assessing.reading import CONCURRENCY
from moorings_registry.migration.peer import TRIES

SUBJECTS = [f"s{number:03}" for number in range(120)]
Answers = Callable[[str], httpx2.Response | None]


def registry(refusal: Answers) -> Peer:
    """A registry with a version of each subject; *refusal* answers a path in its place."""

    def handle(request: httpx2.Request) -> httpx2.Response:
        path = request.url.path
        return refusal(path) or _response(path)

    return Peer("http://user:secret@old:8081", transport=httpx2.MockTransport(handle), pause=lambda _: None)


def _response(path: str) -> httpx2.Response:
    parts = path.strip("/").split("/")
    if parts == ["subjects"]:
        return httpx2.Response(200, json=SUBJECTS)
    if parts[0] == "subjects" and len(parts) == 3:
        return httpx2.Response(200, json=[1])
    if parts[0] == "subjects":
        return httpx2.Response(200, json={"subject": parts[1], "version": 1, "id": 1, "schema": '"int"'})
    if parts == ["config"]:
        return httpx2.Response(200, json={"compatibilityLevel": "FULL"})
    return httpx2.Response(404, json={})


def test_what_the_caller_may_not_see_is_said_and_the_rest_is_read() -> None:
    read = read_as_far_as_possible(
        registry(lambda path: httpx2.Response(403) if path.startswith("/subjects/s007/") else None)
    )
    assert len(read.registry.versions) == len(SUBJECTS) - 1
    assert [one.partition(":")[0] for one in read.unread] == ["subject s007"]
    assert "denied access (403)" in read.unread[0]
    assert "secret" not in str(read.unread) + read.source
    assert read.registry.configs == {"": {"compatibility": "FULL"}}


def test_an_assessment_of_a_part_says_so() -> None:
    read = read_as_far_as_possible(
        registry(lambda path: httpx2.Response(500) if path.endswith("s007/versions/1") else None)
    )
    empty = build_application(MemoryLedger()).registry
    assessed = assess_registry(read, empty.state, empty.dependencies)
    assert len(assessed.subjects) == len(SUBJECTS) - 1
    assert [one.partition(":")[0] for one in assessed.incomplete] == ["s007 version 1"]


def test_a_registry_that_goes_away_is_left_alone_soon() -> None:
    shown: list[str] = []

    def gone_after_a_while(path: str) -> httpx2.Response | None:
        if path.endswith("/versions/1"):
            shown.append(path)
        return httpx2.Response(503) if len(shown) > 50 else None

    read = read_as_far_as_possible(registry(gone_after_a_while))
    assert 0 < len(read.registry.versions) < len(SUBJECTS)
    assert len(shown) < 50 + TRIES * (5 + CONCURRENCY)
    assert read.unread[-1].endswith("had stopped answering")


def test_one_that_never_answers_is_an_error() -> None:
    with pytest.raises(SourceAway, match="does not answer"):
        read_as_far_as_possible(registry(lambda _: httpx2.Response(503)))


def test_requests_at_a_time_are_bounded() -> None:
    at_once, most, lock = 0, 0, threading.Lock()

    def slow(path: str) -> httpx2.Response | None:
        nonlocal at_once, most
        with lock:
            at_once += 1
            most = max(most, at_once)
        time.sleep(0.001)
        with lock:
            at_once -= 1
        return None

    assert not read_as_far_as_possible(registry(slow)).unread
    assert 1 < most <= CONCURRENCY


def test_an_interrupted_reading_is_assessed_as_far_as_it_came() -> None:
    def interrupted(what: str, done: int, _of: int) -> None:
        if what == "versions read" and done == 30:
            raise KeyboardInterrupt

    read = read_as_far_as_possible(registry(lambda _: None), interrupted)
    assert 20 < len(read.registry.versions) < 60
    assert read.unread[0].startswith("interrupted")
    assert not [one for one in threading.enumerate() if one.name.startswith("read")]


def test_an_interrupted_check_keeps_what_was_checked() -> None:
    read = read_as_far_as_possible(registry(lambda _: None))
    empty = build_application(MemoryLedger()).registry

    def interrupted(what: str, done: int, _of: int) -> None:
        if what == "versions checked" and done == 10:
            raise KeyboardInterrupt

    assessed = assess_registry(read, empty.state, empty.dependencies, interrupted)
    assert len(assessed.subjects) == 10
    assert assessed.incomplete == ("interrupted: 110 of 120 subjects were not assessed",)
