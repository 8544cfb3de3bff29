"""Expiring records, on every engine: what one process stores, all others have until it ends."""

import multiprocessing
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor

import pytest

from moorings_registry.engines import open_records
from moorings_registry.expiring_records import ExpiringRecords, MemoryRecords, RecordsUnavailable
from tests.engines.places import Place
from tests.servers import PostgresServer, RedisServer

NOW = time.time()


@pytest.fixture
def records(store: Place) -> Iterator[ExpiringRecords]:
    opened = open_records(store.url)
    yield opened
    opened.close()


def test_a_record_is_there_until_it_ends(records: ExpiringRecords) -> None:
    assert records.get("keys", "a", NOW) is None
    records.put("keys", "a", b"one \x00\xff", NOW + 60, NOW)
    assert records.get("keys", "a", NOW + 59) == b"one \x00\xff"
    assert records.get("keys", "a", NOW + 60) is None
    assert records.get("used", "a", NOW) is None, "kinds know nothing of each other"


def test_a_record_takes_the_place_of_an_earlier_one(records: ExpiringRecords) -> None:
    records.put("keys", "a", b"one", NOW + 60, NOW)
    records.put("keys", "a", b"two", NOW + 600, NOW + 1)
    assert records.get("keys", "a", NOW + 500) == b"two"
    assert records.every("keys", NOW + 500) == {"a": b"two"}


def test_only_one_is_the_first_to_add_a_record(records: ExpiringRecords) -> None:
    assert records.add("used", "digest", b"", NOW + 60, NOW)
    assert not records.add("used", "digest", b"", NOW + 60, NOW + 1)
    assert records.add("used", "other", b"", NOW + 60, NOW)
    assert records.add("used", "digest", b"", NOW + 120, NOW + 60), "it had ended"


def test_only_one_takes_a_record(records: ExpiringRecords) -> None:
    records.put("links", "code", b"ann", NOW + 60, NOW)
    assert records.take("links", "code", NOW) == b"ann"
    assert records.take("links", "code", NOW) is None
    records.put("links", "late", b"ann", NOW + 60, NOW)
    assert records.take("links", "late", NOW + 60) is None


def test_all_records_of_a_kind_are_listed_while_they_last(records: ExpiringRecords) -> None:
    for number in range(5):
        records.put("keys", f"k{number}", bytes([number]), NOW + 10 * number + 10, NOW)
    assert records.every("keys", NOW + 25) == {"k2": b"\x02", "k3": b"\x03", "k4": b"\x04"}
    records.put("keys", "k9", b"", NOW + 190, NOW + 100)
    assert records.get("keys", "k0", NOW) is None, "what ended is removed when somebody writes"


def _add(task: tuple[str, int]) -> bool:
    url, _hand = task
    opened = open_records(url)
    try:
        return opened.add("used", "digest", b"", NOW + 60, NOW)
    finally:
        opened.close()


def test_of_several_processes_one_is_the_first(store: Place, records: ExpiringRecords) -> None:
    if isinstance(records, MemoryRecords):
        with ThreadPoolExecutor(8) as threads:
            firsts = list(threads.map(lambda _: records.add("used", "digest", b"", NOW + 60, NOW), range(64)))
    else:
        with ProcessPoolExecutor(4, multiprocessing.get_context("forkserver")) as processes:
            firsts = list(processes.map(_add, [(store.url, hand) for hand in range(24)]))
    assert firsts.count(True) == 1


@pytest.mark.redis
def test_a_redis_that_is_away_is_an_error(redis_server: RedisServer) -> None:
    records = open_records("redis://127.0.0.1:1/0")
    with pytest.raises(RecordsUnavailable, match="Redis: ConnectionError"):
        records.get("keys", "a", NOW)


@pytest.mark.postgres
def test_a_ledger_from_before_there_were_records_says_what_to_do(
    postgres_server: PostgresServer, postgres_url: str
) -> None:
    schema = postgres_url.rpartition("=")[2]
    postgres_server.sql(f"DROP TABLE {schema}.records")
    with pytest.raises(RecordsUnavailable, match="ledger init"):
        open_records(postgres_url).get("keys", "a", NOW)
