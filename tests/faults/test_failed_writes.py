"""A store that takes no writes, or is away: the log says so in a few lines, and the metrics count each write."""

import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from redis import Redis

from tests.faults.starting import Starting
from tests.registry.asking import record
from tests.servers import RedisServer

WRITES = 40


@pytest.fixture
def redis() -> Iterator[RedisServer]:
    server = RedisServer()
    yield server
    server.stop()


@pytest.fixture
def serving(redis: RedisServer, tmp_path: Path) -> Iterator[Starting]:
    serving = Starting(tmp_path, f"{redis.url}?timeout_s=1")
    serving.await_ready()
    assert register(serving, 0) == 201
    yield serving
    serving.stop()


def register(serving: Starting, number: int) -> int:
    return serving.call("POST", f"/v1/events/e{number}/versions", {"schema": record("a", name=f"R{number}")}).status


def failed_appends(serving: Starting) -> float:
    text = serving.call("GET", "/metrics").body.decode()
    failed = 'moorings_ledger_failures_total{code="LEDGER_UNAVAILABLE",operation="append"}'
    return float(next(line for line in text.splitlines() if line.startswith(failed)).rpartition(" ")[2])


def test_refused_writes_are_a_line_a_worker_when_it_begins_and_when_it_is_over(
    redis: RedisServer, serving: Starting
) -> None:
    with Redis(port=redis.port) as client:
        client.config_set("min-replicas-to-write", 1)
        assert [register(serving, number) for number in range(1, WRITES)] == [503] * (WRITES - 1)
        client.config_set("min-replicas-to-write", 0)
    assert failed_appends(serving) == WRITES - 1
    begun = serving.lines("append_failed")
    assert 1 <= len(begun) <= 2
    assert {one["cause"] for one in begun} == {"Redis has too few replicas to accept a write"}
    assert [register(serving, number) for number in range(1, WRITES)] == [201] * (WRITES - 1)
    over = serving.lines("append_works_again")
    assert len(over) == len(begun)
    assert sum(one["failed"] for one in over) == WRITES - 1


def test_a_ledger_that_is_away_is_few_lines_however_much_is_asked(redis: RedisServer, serving: Starting) -> None:
    time.sleep(1)  # the worker that did not write it has read it by then; one that has not refuses reads, rightly
    redis.kill()
    before = len(serving.log().splitlines())
    for number in range(1, WRITES):
        assert register(serving, number) == 503
        assert serving.call("GET", "/v1/events/e0/versions/1").status == 200
        assert serving.call("GET", "/readyz").status == 503
    lines = [json.loads(line)["event"] for line in serving.log().splitlines()[before:]]
    assert 1 <= lines.count("append_failed") <= 2
    assert len(lines) <= 20, lines
