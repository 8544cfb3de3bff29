"""PostgreSQL behind a pooler: whatever it swallows, no entry is lost, and what it cannot do is said."""

import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from moorings_registry.drift import Batch, Observed, Reporter
from moorings_registry.engines import (
    open_drift,
    open_kept_checks,
    open_lease,
    open_ledger,
    open_records,
    open_statuses,
    open_usage,
)
from moorings_registry.entries import START
from moorings_registry.kept_checks import StoredCheck
from moorings_registry.ledger import HeadMoved, Ledger, LedgerMisconfigured, verify
from tests.engines.samples import append_next, chain, entry
from tests.faults.writers import Writers
from tests.servers import Pgbouncer, PostgresServer, made_ledger

pytestmark = pytest.mark.postgres

NOW = datetime(2026, 11, 23, 6, tzinfo=UTC)
BATCH = Batch(
    "once", Reporter("moorings-python/1", "billing"), {Observed("a.B", "consume", "1.1", "1.0", "/c", "R"): 2}
)
CHECK = StoredCheck("one", "shop", "2026-11-23T06:00:00.000000Z", b"summary", b"content")


@pytest.fixture(scope="module")
def server() -> Iterator[PostgresServer]:
    server = PostgresServer()
    made_ledger(server, "moorings")
    yield server
    server.stop()


@pytest.fixture(scope="module")
def pooler(server: PostgresServer) -> Iterator[Pgbouncer]:
    """In transaction mode, with fewer connections to the server than the tests have to it."""
    pooler = Pgbouncer(server, "pool_mode = transaction", "default_pool_size = 2")
    yield pooler
    pooler.stop()


@pytest.fixture(autouse=True)
def emptied(server: PostgresServer) -> Iterator[None]:
    yield
    server.sql("TRUNCATE moorings.entries")


def test_a_ledger_is_kept_through_a_pooler_in_transaction_mode(pooler: Pgbouncer) -> None:
    first, second = open_ledger(pooler.url), open_ledger(pooler.url)
    one = append_next(first, "one")
    assert second.head() == one.head
    with pytest.raises(HeadMoved):
        second.append(entry(START, "late"), after=START)
    group = chain(3, after=one.head)
    second.append(*group, after=one.head)
    first.require_writable()
    assert list(first.read(0)) == [one, *group]
    assert verify(first.read(0)).position == 4


def test_what_lies_beside_the_ledger_is_kept_through_it_too(pooler: Pgbouncer, tmp_path: Path) -> None:
    url = pooler.url
    for counts in (open_drift(url), open_usage(url).store):
        assert counts.add(BATCH, NOW)
        assert not counts.add(BATCH, NOW), "it comes again"
        assert [row.count for row in counts.of("a.B", NOW)] == [2]
    checks = open_kept_checks(url)
    checks.put(CHECK, NOW)
    assert checks.get("one", NOW) == CHECK
    assert open_lease(url, tmp_path).held()
    assert not open_lease(url, tmp_path).held(), "another process has it"
    open_statuses(url, tmp_path).put("eu", b"told")
    assert open_statuses(url, tmp_path).get("eu") == b"told"
    records = open_records(url)
    assert records.add("used", "digest", b"v", NOW.timestamp() + 60, NOW.timestamp())
    assert records.take("used", "digest", NOW.timestamp()) == b"v"
    assert records.take("used", "digest", NOW.timestamp()) is None


def heard(ledger: Ledger, other: Ledger) -> list[str]:
    """What is logged while *ledger* waits twice for an entry of *other*, which it hears of each time."""
    with capture_logs() as lines:
        for name in ("one", "two"):
            known = ledger.head().position
            later = threading.Timer(0.1, append_next, (other, name))
            later.start()
            assert ledger.wait(known, 20)
            later.join()
    return [line["event"] for line in lines]


def test_notifications_that_it_swallows_are_missed_once_and_logged(pooler: Pgbouncer) -> None:
    assert heard(open_ledger(pooler.url), open_ledger(pooler.url)) == ["notifications_swallowed"]


def test_notifications_may_take_another_way(pooler: Pgbouncer, server: PostgresServer) -> None:
    assert heard(open_ledger(f"{pooler.url}?listen={server.url}"), open_ledger(pooler.url)) == []
    assert heard(open_ledger(f"{pooler.url}?notify=off"), open_ledger(pooler.url)) == []


def test_a_pooler_in_session_mode_hands_notifications_on(server: PostgresServer) -> None:
    pooler = Pgbouncer(server, "pool_mode = session")
    try:
        assert heard(open_ledger(pooler.url), open_ledger(pooler.url)) == []
    finally:
        pooler.stop()


def test_a_pooler_that_allows_no_transactions_is_refused(server: PostgresServer) -> None:
    pooler = Pgbouncer(server, "pool_mode = statement")
    try:
        with pytest.raises(LedgerMisconfigured, match="pool_mode = transaction"):
            open_ledger(pooler.url)
    finally:
        pooler.stop()


def test_a_database_that_the_pooler_does_not_know_is_refused(pooler: Pgbouncer) -> None:
    with pytest.raises(LedgerMisconfigured, match="does not have this database"):
        open_ledger(pooler.url.replace("/postgres", "/nowhere"))


def test_ended_connections_behind_it_append_exactly_once(
    server: PostgresServer, pooler: Pgbouncer, tmp_path: Path
) -> None:
    writers = Writers(pooler.url, tmp_path / "acknowledged")
    writers.start("a", "b")
    for _ in range(8):
        time.sleep(0.05)
        server.sql("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE usename = 'moorings'")
    writers.await_more_than(len(writers.acknowledged()))
    writers.kill()
    kept = [one.digest for one in open_ledger(server.url).read(0)]
    assert len(set(kept)) == len(kept)
    assert set(writers.acknowledged()) <= set(kept)
