"""What holds for every store of kept checks, which lie beside the ledger as counts of drift do."""

import multiprocessing
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from moorings_registry.engines import open_kept_checks
from moorings_registry.entries import moment_text
from moorings_registry.kept_checks import KEPT_DAYS, MOST_OF_DOMAIN, KeptCheckStore, KeptCheckStoreError, StoredCheck
from tests.drift.conftest import SHARED, url_of
from tests.servers import PostgresServer, made_ledger

NOW = datetime(2026, 11, 23, 6, tzinfo=UTC)


@pytest.fixture(params=["memory", *SHARED])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[KeptCheckStore]:
    opened = open_kept_checks(url_of(request, tmp_path))
    yield opened
    opened.close()


def check(id: str, at: datetime = NOW, domain: str = "shop", content: bytes = b"\x00text\xff") -> StoredCheck:
    return StoredCheck(id, domain, moment_text(at), f"summary of {id}".encode(), content)


def put(store: KeptCheckStore, *checks: StoredCheck) -> None:
    for one in checks:
        store.put(one, datetime.fromisoformat(one.at))


def test_a_check_is_kept_whole_and_listed_newest_first(store: KeptCheckStore) -> None:
    assert store.summaries(NOW) == ()
    assert store.get("a", NOW) is None
    put(store, check("a"), check("b", NOW + timedelta(minutes=1), domain=""))
    assert store.get("a", NOW) == check("a")
    assert store.summaries(NOW + timedelta(minutes=1)) == (b"summary of b", b"summary of a")


def test_a_check_that_comes_again_replaces_itself(store: KeptCheckStore) -> None:
    put(store, check("a"), check("b"), check("a", NOW + timedelta(hours=1), domain="crm", content=b"new"))
    assert store.get("a", NOW + timedelta(hours=1)) == check("a", NOW + timedelta(hours=1), "crm", b"new")
    assert store.summaries(NOW + timedelta(hours=1)) == (b"summary of a", b"summary of b")


def test_checks_that_are_too_old_are_forgotten(store: KeptCheckStore) -> None:
    put(store, check("a"))
    later = NOW + timedelta(days=KEPT_DAYS, seconds=1)
    assert store.get("a", later) is None
    assert store.summaries(later) == ()
    put(store, check("b", later))
    assert store.summaries(later) == (b"summary of b",)


def test_the_oldest_of_a_domain_make_room_and_those_of_others_stay(store: KeptCheckStore) -> None:
    put(store, check("other", NOW - timedelta(days=1), domain="crm"))
    put(store, *(check(f"{n:03}", NOW + timedelta(seconds=n)) for n in range(MOST_OF_DOMAIN + 3)))
    listed = store.summaries(NOW + timedelta(days=1))
    assert len(listed) == MOST_OF_DOMAIN + 1
    assert (listed[0], listed[-2], listed[-1]) == (b"summary of 202", b"summary of 003", b"summary of other")
    assert store.get("002", NOW) is None


def _put_elsewhere(url: str, name: str) -> None:
    store = open_kept_checks(url)
    put(store, *(check(f"{name}-{n}") for n in range(10)), check("same"))
    store.close()


@pytest.mark.parametrize("shared_url", SHARED, indirect=True)
def test_processes_see_each_others_checks_and_they_outlive_them(shared_url: str) -> None:
    context = multiprocessing.get_context("spawn")
    workers = [context.Process(target=_put_elsewhere, args=(shared_url, name)) for name in ("a", "b")]
    for one in workers:
        one.start()
    for one in workers:
        one.join(60)
    store = open_kept_checks(shared_url)
    assert len(store.summaries(NOW)) == 21
    store.close()


@pytest.mark.parametrize(
    "content", [b"not a database at all, but long enough to be looked at" * 4, b"SQLite format 3\0"]
)
def test_a_damaged_file_is_reported(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "ledger.db.checks").write_bytes(content)
    store = open_kept_checks(f"sqlite:///{tmp_path}/ledger.db")
    for ask in (lambda: put(store, check("a")), lambda: store.get("a", NOW), lambda: store.summaries(NOW)):
        with pytest.raises(KeptCheckStoreError):
            ask()


def test_a_file_of_another_program_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db.checks"
    with sqlite3.connect(path) as other:
        other.execute("PRAGMA application_id = 7")
        other.execute("CREATE TABLE theirs (x)")
    with pytest.raises(KeptCheckStoreError):
        put(open_kept_checks(f"sqlite:///{tmp_path}/ledger.db"), check("a"))
    with sqlite3.connect(path) as other:
        assert [name for (name,) in other.execute("SELECT name FROM sqlite_schema")] == ["theirs"]


def test_an_unreachable_redis_is_reported() -> None:
    with pytest.raises(KeptCheckStoreError):
        put(open_kept_checks("redis://127.0.0.1:1/0"), check("a"))


@pytest.mark.postgres
def test_a_postgres_schema_without_the_table_says_what_to_do(postgres_server: PostgresServer) -> None:
    url = made_ledger(postgres_server, "without_checks")
    postgres_server.sql("DROP TABLE without_checks.kept_checks")
    with pytest.raises(KeptCheckStoreError, match="ledger init"):
        put(open_kept_checks(url), check("a"))
