"""A ledger on whichever Redis is the master, through a failover: what was acknowledged is there, once."""

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from redis import Redis

from moorings_registry.engines import open_ledger, open_statuses
from moorings_registry.ledger import HeadMoved, Ledger, LedgerUnavailable, verify
from tests.engines.samples import append_next
from tests.faults.sentinels import Watched, until
from tests.ports import free_port

pytestmark = pytest.mark.redis


@pytest.fixture
def watched() -> Iterator[Watched]:
    watched = Watched()
    yield watched
    watched.stop()


class Writer(threading.Thread):
    """Appends as fast as it can, and remembers what was acknowledged, and what was left in doubt."""

    def __init__(self, ledger: Ledger) -> None:
        super().__init__(daemon=True)
        self.acknowledged: list[str] = []
        self.in_doubt = self.refused = 0
        self._ledger = ledger
        self._ended = threading.Event()
        self.start()

    def run(self) -> None:
        while not self._ended.is_set():
            try:
                self.acknowledged.append(append_next(self._ledger, f"n{len(self.acknowledged)}").digest)
            except HeadMoved:
                continue
            except LedgerUnavailable as error:
                self.in_doubt += error.in_doubt
                self.refused += not error.in_doubt
                time.sleep(0.05)

    def await_more(self, count: int) -> None:
        wanted = len(self.acknowledged) + count
        until(lambda: len(self.acknowledged) >= wanted, f"nothing is acknowledged any more: {vars(self)}")

    def end(self) -> None:
        self._ended.set()
        self.join(30)
        assert not self.is_alive()


def test_a_failover_under_writes_loses_nothing_that_was_acknowledged(watched: Watched) -> None:
    ledger = open_ledger(watched.url)
    writer = Writer(ledger)
    writer.await_more(20)
    watched.first.kill()
    until(lambda: watched.master_port() == watched.second.port, "the replica was not promoted")
    watched.first.start("--replicaof", f"127.0.0.1 {watched.second.port}")
    watched.await_replica(watched.first)
    writer.await_more(20)
    writer.end()
    stored = [one.digest for one in ledger.read(0)]
    assert verify(ledger.read(0)).position == len(stored) == len(set(stored))
    assert set(writer.acknowledged) <= set(stored)
    assert writer.in_doubt + writer.refused > 0
    ledger.close()


def test_an_entry_that_no_replica_has_is_not_acknowledged(watched: Watched) -> None:
    ledger = open_ledger(watched.url)
    append_next(ledger, "on both")
    watched.second.kill()
    with pytest.raises(LedgerUnavailable, match="0 replicas of Redis have the entry, and 1 have to") as alone:
        append_next(ledger, "on one")
    assert alone.value.in_doubt
    with pytest.raises(LedgerUnavailable, match="0 replicas"):
        ledger.require_writable()
    ledger.close()


def test_with_too_few_replicas_nothing_is_written_where_redis_was_told_so(watched: Watched) -> None:
    ledger = open_ledger(watched.url)
    append_next(ledger, "on both")
    with Redis(port=watched.first.port) as client:
        client.config_set("min-replicas-to-write", 2)
    with pytest.raises(LedgerUnavailable, match="too few replicas") as refused:
        append_next(ledger, "on none")
    assert not refused.value.in_doubt
    ledger.close()


def test_without_waiting_for_replicas_a_single_server_takes_writes(watched: Watched) -> None:
    watched.second.kill()
    ledger = open_ledger(f"{watched.url}&replicas=0")
    append_next(ledger, "alone")
    assert ledger.head().position == 1
    ledger.close()


def test_what_is_beside_the_ledger_follows_the_master(watched: Watched, tmp_path: Path) -> None:
    statuses = open_statuses(watched.url, tmp_path)
    statuses.put("eu", b"one")
    with Redis(port=watched.first.port) as client:
        client.wait(1, 5_000)
    watched.first.kill()
    until(lambda: watched.master_port() == watched.second.port, "the replica was not promoted")
    until(lambda: statuses.get("eu") == b"one", "the new master does not have the status")


def test_a_master_that_no_sentinel_knows_is_said_to_be_away() -> None:
    with pytest.raises(LedgerUnavailable, match=r"cannot be reached.*No master found for 'moorings'"):
        open_ledger(f"redis+sentinel://127.0.0.1:{free_port()},localhost:{free_port()}/moorings")
