"""What holds for every store of drift counts."""

import multiprocessing
import sqlite3
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from moorings_registry.drift import KEPT_DAYS, MOST_ROWS, OTHER, Batch, DriftStore, DriftStoreError, Observed, Reporter
from moorings_registry.drift.port import LARGEST_COUNT
from moorings_registry.engines import open_drift
from moorings_registry.entries import moment_text

NOW = datetime(2026, 11, 23, 6, tzinfo=UTC)
SUBJECT = "shop.orders.OrderPlaced"
BILLING = Reporter("moorings-python/1", "billing")


def seen(path: str = "/total", rule: str = "FIELD_MISSING", subject: str = SUBJECT, writer: str = "1.0") -> Observed:
    return Observed(subject, "consume", "1.1", writer, path, rule)


def batch(*observed: Observed, key: str = "", times: int = 1, reporter: Reporter = BILLING) -> Batch:
    return Batch(key, reporter, dict.fromkeys(observed, times))


def test_counts_add_up_with_their_moments(store: DriftStore) -> None:
    assert store.add(batch(seen(), seen("/note")), NOW)
    assert store.add(batch(seen(), times=4), NOW + timedelta(hours=1))
    rows = store.of(SUBJECT, NOW + timedelta(hours=1))
    assert [(row.observed, row.count) for row in rows] == [(seen(), 5), (seen("/note"), 1)]
    assert rows[0].first_seen == rows[1].last_seen == moment_text(NOW)
    assert rows[0].last_seen == moment_text(NOW + timedelta(hours=1))
    assert rows[0].reporter == BILLING


def test_a_batch_that_comes_again_counts_once(store: DriftStore) -> None:
    assert store.add(batch(seen(), key="k1"), NOW)
    assert not store.add(batch(seen(), key="k1"), NOW + timedelta(hours=23))
    assert store.add(batch(seen(), key="k2"), NOW)
    assert [row.count for row in store.of(SUBJECT, NOW)] == [2]


def test_reporters_and_subjects_are_apart(store: DriftStore) -> None:
    store.add(batch(seen()), NOW)
    store.add(batch(seen(), reporter=Reporter("other", "")), NOW)
    store.add(batch(seen(subject="shop.orders.OrderShipped")), NOW)
    assert {row.reporter.client for row in store.of(SUBJECT, NOW)} == {"moorings-python/1", "other"}
    assert len(store.of("shop.orders.OrderShipped", NOW)) == 1
    assert store.of("shop.orders.Unknown", NOW) == ()


def test_rows_beyond_the_limit_are_counted_together(store: DriftStore) -> None:
    for start in range(0, MOST_ROWS + 200, 400):
        store.add(batch(*(seen(f"/f{n}") for n in range(start, start + 400)), times=2), NOW)
    rows = {row.observed.rule: row for row in store.of(SUBJECT, NOW) if row.observed.rule == OTHER}
    listed = [row for row in store.of(SUBJECT, NOW) if row.observed.rule != OTHER]
    assert len(listed) == MOST_ROWS
    assert rows[OTHER].count == 2 * 200
    assert rows[OTHER].observed.path == rows[OTHER].reporter.client == ""
    store.add(batch(seen("/f1")), NOW)
    assert next(row.count for row in store.of(SUBJECT, NOW) if row.observed.path == "/f1") == 3


def test_rows_that_were_not_reported_for_30_days_are_removed(store: DriftStore) -> None:
    store.add(batch(*(seen(f"/f{n}") for n in range(MOST_ROWS))), NOW)
    later = NOW + timedelta(days=KEPT_DAYS, seconds=1)
    assert store.of(SUBJECT, later) == ()
    store.add(batch(seen("/new")), later)
    assert [row.observed.path for row in store.of(SUBJECT, later)] == ["/new"]
    store.add(batch(seen("/f1"), times=3), later)
    again = next(row for row in store.of(SUBJECT, later) if row.observed.path == "/f1")
    assert (again.count, again.first_seen) == (3, moment_text(later))


def test_a_count_stays_at_what_json_keeps_exactly(store: DriftStore) -> None:
    for _ in range(3):
        store.add(batch(seen(), times=LARGEST_COUNT - 1), NOW)
    assert store.of(SUBJECT, NOW)[0].count == LARGEST_COUNT


def test_names_of_any_kind_come_back_as_they_were(store: DriftStore) -> None:
    odd = seen("/a\"b/'; DROP TABLE drift; --/ü\u2603", subject="x'; y \u2603")
    store.add(batch(odd, reporter=Reporter("c|l{}", "ü")), NOW)
    (row,) = store.of(odd.subject, NOW)
    assert (row.observed, row.reporter) == (odd, Reporter("c|l{}", "ü"))


def test_threads_lose_nothing(store: DriftStore) -> None:
    def add() -> None:
        for _ in range(20):
            store.add(batch(seen(), seen("/other")), NOW)

    threads = [threading.Thread(target=add) for _ in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert [row.count for row in store.of(SUBJECT, NOW)] == [80, 80]


def _add_elsewhere(url: str) -> None:
    store = open_drift(url)
    for _ in range(10):
        store.add(batch(seen()), NOW)
    store.add(batch(seen(), key="same"), NOW)
    store.close()


def test_processes_see_each_others_counts_and_they_outlive_them(shared_url: str) -> None:
    context = multiprocessing.get_context("spawn")
    workers = [context.Process(target=_add_elsewhere, args=(shared_url,)) for _ in range(2)]
    for one in workers:
        one.start()
    for one in workers:
        one.join(60)
    store = open_drift(shared_url)
    assert [row.count for row in store.of(SUBJECT, NOW)] == [21]
    store.close()


@pytest.mark.parametrize(
    "content", [b"not a database at all, but long enough to be looked at" * 4, b"SQLite format 3\0"]
)
def test_a_damaged_file_is_reported(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "ledger.db.drift").write_bytes(content)
    store = open_drift(f"sqlite:///{tmp_path}/ledger.db")
    with pytest.raises(DriftStoreError):
        store.add(batch(seen()), NOW)
    with pytest.raises(DriftStoreError):
        store.of(SUBJECT, NOW)


def test_a_file_of_another_program_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db.drift"
    with sqlite3.connect(path) as other:
        other.execute("PRAGMA application_id = 7")
        other.execute("CREATE TABLE theirs (x)")
    with pytest.raises(DriftStoreError):
        open_drift(f"sqlite:///{tmp_path}/ledger.db").add(batch(seen()), NOW)
    with sqlite3.connect(path) as other:
        assert [name for (name,) in other.execute("SELECT name FROM sqlite_schema")] == ["theirs"]


def test_an_unreachable_redis_is_reported() -> None:
    store = open_drift("redis://127.0.0.1:1/0")
    with pytest.raises(DriftStoreError):
        store.add(batch(seen()), NOW)
