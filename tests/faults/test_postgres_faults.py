"""Faults of PostgreSQL: killed, cut off, taken over, waiting for a standby. Each acknowledged entry is there, once."""

import random
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from moorings_registry.engines import open_ledger
from moorings_registry.entries import START
from moorings_registry.ledger import HeadMoved, HistoryLost, LedgerUnavailable, follow, verify
from tests.engines.samples import append_all, append_next, chain, entry
from tests.faults.proxy import Cut, CuttingProxy
from tests.faults.writers import Writers, require_all_kept
from tests.servers import PostgresServer

pytestmark = pytest.mark.postgres


@pytest.fixture
def server(postgres: PostgresServer) -> PostgresServer:
    """The only one that these tests need."""
    return postgres


@pytest.fixture
def proxy(server: PostgresServer) -> Iterator[CuttingProxy]:
    """A way to *server* that can be cut."""
    proxy = CuttingProxy(server.port)
    yield proxy
    proxy.close()


def through(proxy: CuttingProxy, query: str = "") -> str:
    return f"postgresql://moorings@127.0.0.1:{proxy.port}/postgres?sslmode=disable{query}"


def test_a_killed_server_comes_back_with_everything_acknowledged(server: PostgresServer, tmp_path: Path) -> None:
    writers = Writers(server.url, tmp_path / "acknowledged")
    writers.start("a", "b", "c")
    for _ in range(3):
        server.kill()
        time.sleep(0.05)
        server.start()
        writers.await_more_than(len(writers.acknowledged()))
    writers.kill()
    require_all_kept(open_ledger(server.url), writers.acknowledged(), unanswered=3)


def test_ended_connections_append_exactly_once(server: PostgresServer, tmp_path: Path) -> None:
    writers = Writers(server.url, tmp_path / "acknowledged")
    writers.start("a", "b")
    chance = random.Random(3)
    for _ in range(12):
        time.sleep(chance.uniform(0, 0.1))
        server.sql("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE usename = 'moorings'")
    writers.await_more_than(len(writers.acknowledged()))
    writers.kill()
    require_all_kept(open_ledger(server.url), writers.acknowledged(), unanswered=2)


def test_a_server_that_is_away_is_unavailable_and_comes_back(server: PostgresServer) -> None:
    ledger = open_ledger(f"{server.url}?timeout_s=0.3")
    first = append_next(ledger, "one")
    server.kill()
    calls: list[Callable[[], object]] = [
        ledger.head,
        ledger.require_writable,
        lambda: list(ledger.read(0)),
        lambda: ledger.wait(1, 0.1),
        lambda: ledger.append(entry(first.head), after=first.head),
    ]
    for call in calls:
        with pytest.raises(LedgerUnavailable) as away:
            call()
        assert away.value.retryable
        assert "127.0.0.1" not in away.value.public
    server.start()
    assert ledger.head() == first.head
    append_next(ledger, "two")
    assert verify(ledger.read(0)).position == 2


@pytest.mark.parametrize("cut", Cut)
def test_a_cut_connection_appends_exactly_once(server: PostgresServer, proxy: CuttingProxy, cut: Cut) -> None:
    ledger = open_ledger(through(proxy))
    entries = chain(9)
    for number, one in enumerate(entries):
        if number % 3 == 0:
            proxy.cut_next(cut, b"INSERT INTO moorings.entries")
        append_all(ledger, [one])
    assert proxy.cuts == 3
    assert list(open_ledger(server.url).read(0)) == entries


def test_a_cut_append_that_another_writer_built_on_is_known_to_be_in(
    server: PostgresServer, proxy: CuttingProxy
) -> None:
    ledger, other = open_ledger(through(proxy)), open_ledger(server.url)
    proxy.cut_next(Cut.AFTER, b"INSERT INTO", meanwhile=lambda: append_next(other, "built on it"))
    ledger.append(entry(START, "cut"), after=START)
    assert [found.correlation_id for found in other.read(0)] == ["c-cut", "c-built on it"]


@pytest.mark.parametrize("cut", [Cut.BEFORE, Cut.AFTER])
def test_a_cut_group_is_there_once(cut: Cut, server: PostgresServer, proxy: CuttingProxy) -> None:
    ledger, group = open_ledger(through(proxy)), chain(4)
    proxy.cut_next(cut, b"INSERT INTO")
    ledger.append(*group, after=START)
    assert proxy.cuts == 1
    assert list(open_ledger(server.url).read(0)) == group


def test_a_cut_append_that_lost_its_race_meanwhile_has_lost_it(server: PostgresServer, proxy: CuttingProxy) -> None:
    ledger, other = open_ledger(through(proxy)), open_ledger(server.url)
    proxy.cut_next(Cut.BEFORE, b"INSERT INTO", meanwhile=lambda: append_next(other, "faster"))
    with pytest.raises(HeadMoved):
        ledger.append(entry(START, "cut"), after=START)
    assert [found.correlation_id for found in other.read(0)] == ["c-faster"]


def test_an_append_that_nobody_can_be_asked_about_is_in_doubt(server: PostgresServer, proxy: CuttingProxy) -> None:
    ledger = open_ledger(through(proxy, "&timeout_s=0.3"))
    proxy.cut_next(Cut.AFTER, b"INSERT INTO", meanwhile=lambda: setattr(proxy, "refuses", True))
    one = entry(START, "cut")
    with pytest.raises(LedgerUnavailable) as unknown:
        ledger.append(one, after=START)
    assert unknown.value.in_doubt
    proxy.refuses = False
    assert ledger.head() == one.head


def test_an_append_that_waits_for_a_standby_in_vain_is_in_doubt_and_never_canceled(server: PostgresServer) -> None:
    server.sql("ALTER SYSTEM SET synchronous_standby_names = 'nobody'")
    server.sql("SELECT pg_reload_conf()")
    ledger = open_ledger(f"{server.url}?timeout_s=0.5")
    one = entry(START, "unreplicated")
    with pytest.raises(LedgerUnavailable) as unknown:
        ledger.append(one, after=START)
    assert unknown.value.in_doubt
    assert ledger.head() == START, "nobody sees what the standby does not have"
    server.sql("ALTER SYSTEM RESET synchronous_standby_names")
    server.sql("SELECT pg_reload_conf()")
    deadline = time.monotonic() + 20
    while ledger.head() == START and time.monotonic() < deadline:
        time.sleep(0.05)
    assert ledger.head() == one.head


def test_an_append_that_is_found_after_a_crash_still_waits_for_its_standby(
    server: PostgresServer, proxy: CuttingProxy
) -> None:
    """A server that crashed while a commit waited shows at its next start what no standby has: a failover loses it."""
    server.sql("ALTER SYSTEM SET synchronous_standby_names = 'nobody'")
    server.sql("SELECT pg_reload_conf()")
    one = entry(START, "unreplicated")
    with pytest.raises(LedgerUnavailable):
        open_ledger(f"{server.url}?timeout_s=0.3").append(one, after=START)
    server.kill()
    server.start()
    ledger = open_ledger(through(proxy, "&timeout_s=0.5"))
    assert ledger.head() == one.head, "everybody sees it now"
    proxy.cut_next(Cut.BEFORE, b"INSERT INTO")
    with pytest.raises(LedgerUnavailable) as unknown:
        ledger.append(one, after=START)
    assert (proxy.cuts, unknown.value.in_doubt) == (1, True)


def test_a_commit_that_did_not_wait_for_its_standby_is_in_doubt(server: PostgresServer) -> None:
    server.sql("ALTER SYSTEM SET synchronous_standby_names = 'nobody'")
    server.sql("SELECT pg_reload_conf()")
    ledger = open_ledger(server.url)

    def cancel() -> None:
        waiting = "SELECT count(pg_cancel_backend(pid)) FROM pg_stat_activity WHERE wait_event = 'SyncRep'"
        while server.sql(waiting) == "0":
            time.sleep(0.02)

    canceler = threading.Thread(target=cancel)
    canceler.start()
    with pytest.raises(LedgerUnavailable, match="did not wait for its standby") as unknown:
        ledger.append(entry(START), after=START)
    canceler.join()
    assert unknown.value.in_doubt


def test_a_server_restored_from_an_older_copy_is_noticed(server: PostgresServer, tmp_path: Path) -> None:
    ledger = open_ledger(server.url)
    append_all(ledger, chain(3))
    server.kill()
    shutil.copytree(server.data, tmp_path / "copy", copy_function=shutil.copy2)
    server.start()
    known = append_next(ledger, "after the copy").head
    server.kill()
    server.replace_data(tmp_path / "copy")
    server.start()
    with pytest.raises(HeadMoved):
        ledger.append(entry(known), after=known)
    for name in ("one more", "and another"):
        with pytest.raises(HistoryLost):
            list(follow(ledger, known))
        append_next(ledger, name)
