"""Faults: killed processes, a killed server, cut connections, full disks, locked and damaged files.

Whatever happens: an acknowledged entry is there, each entry once, and nothing half-done.
"""

import random
import resource
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from multiprocessing import get_context
from pathlib import Path

import pytest
import redis

from moorings_registry.engines import open_ledger
from moorings_registry.entries import START, Entry
from moorings_registry.ledger import (
    HeadMoved,
    HistoryLost,
    Ledger,
    LedgerCorrupt,
    LedgerError,
    LedgerUnavailable,
    follow,
    verify,
)
from moorings_registry.ledger.sqlite import SqliteLedger
from tests.brokers import KafkaBroker
from tests.engines.places import kafka_ledger
from tests.engines.samples import append_all, append_next, chain, entry
from tests.faults.proxy import Cut, CuttingProxy
from tests.faults.writers import Writers, require_all_kept
from tests.servers import RedisServer


@pytest.fixture
def server() -> Iterator[RedisServer]:
    """A Redis that a test may kill."""
    server = RedisServer()
    yield server
    server.stop()


@pytest.fixture
def kafka() -> Iterator[KafkaBroker]:
    """A broker that speaks Kafka's protocol."""
    broker = KafkaBroker()
    yield broker
    broker.stop()


ENGINES = [
    "sqlite",
    pytest.param("redis", marks=pytest.mark.redis),
    pytest.param("postgresql", marks=pytest.mark.postgres),
    pytest.param("kafka", marks=pytest.mark.kafka),
]


@pytest.mark.parametrize("engine", ENGINES)
def test_killed_writers_lose_nothing_acknowledged(engine: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    urls = {
        "sqlite": lambda: f"sqlite:///{tmp_path}/l.db",
        "redis": lambda: request.getfixturevalue("server").url,
        "postgresql": lambda: request.getfixturevalue("postgres").url,
        "kafka": lambda: kafka_ledger(request.getfixturevalue("kafka").address, "killed", tmp_path),
    }
    url = urls[engine]()
    writers = Writers(url, tmp_path / "acknowledged")
    chance = random.Random(7)
    rounds = 8
    for round_ in range(rounds):
        writers.start(f"a{round_}", f"b{round_}")
        time.sleep(chance.uniform(0, 0.05))
        writers.kill()
    ledger = open_ledger(url)
    require_all_kept(ledger, writers.acknowledged(), unanswered=2 * rounds)
    append_next(ledger, "life goes on")
    ledger.close()


@pytest.mark.redis
def test_a_killed_redis_comes_back_with_everything_acknowledged(server: RedisServer, tmp_path: Path) -> None:
    writers = Writers(server.url, tmp_path / "acknowledged")
    writers.start("a", "b")
    for _ in range(4):
        server.kill()
        time.sleep(0.05)
        server.start()
        writers.await_more_than(len(writers.acknowledged()) + 20)
    writers.kill()
    require_all_kept(open_ledger(server.url), writers.acknowledged(), unanswered=2 * 4 + 2)


@pytest.mark.redis
def test_a_redis_that_is_away_is_unavailable_and_comes_back(server: RedisServer) -> None:
    ledger = open_ledger(f"{server.url}?timeout_s=0.3")
    first = append_next(ledger, "one")
    server.kill()
    calls: list[Callable[[], object]] = [
        ledger.head,
        lambda: list(ledger.read(0)),
        lambda: ledger.wait(1, 0.1),
        lambda: ledger.append(entry(first.head), after=first.head),
    ]
    for call in calls:
        with pytest.raises(LedgerUnavailable, match="cannot be reached") as away:
            call()
        assert away.value.retryable
    server.start()
    assert ledger.head() == first.head
    append_next(ledger, "two")
    assert verify(ledger.read(0)).position == 2


@pytest.fixture
def proxy(server: RedisServer) -> Iterator[CuttingProxy]:
    """A way to *server* that can be cut."""
    proxy = CuttingProxy(server.port)
    yield proxy
    proxy.close()


@pytest.mark.redis
@pytest.mark.parametrize("cut", Cut)
def test_a_cut_connection_appends_exactly_once(server: RedisServer, proxy: CuttingProxy, cut: Cut) -> None:
    ledger = open_ledger(f"redis://127.0.0.1:{proxy.port}")
    entries = chain(12)
    for number, one in enumerate(entries):
        if number % 3 == 0:
            proxy.cut_next(cut, b"EVAL")
        append_all(ledger, [one])
    assert proxy.cuts == 4
    assert list(open_ledger(server.url).read(0)) == entries


@pytest.mark.redis
def test_a_cut_append_that_another_writer_built_on_is_known_to_be_in(server: RedisServer, proxy: CuttingProxy) -> None:
    ledger, other = open_ledger(f"redis://127.0.0.1:{proxy.port}"), open_ledger(server.url)
    proxy.cut_next(Cut.AFTER, b"EVAL", meanwhile=lambda: append_next(other, "built on it"))
    one = entry(START, "cut")
    ledger.append(one, after=START)
    assert [found.correlation_id for found in other.read(0)] == ["c-cut", "c-built on it"]


@pytest.mark.redis
@pytest.mark.parametrize("cut", [Cut.BEFORE, Cut.AFTER])
def test_a_cut_group_is_there_once(cut: Cut, server: RedisServer, proxy: CuttingProxy) -> None:
    ledger, group = open_ledger(f"redis://127.0.0.1:{proxy.port}"), chain(4)
    proxy.cut_next(cut, b"EVAL")
    ledger.append(*group, after=START)
    assert proxy.cuts == 1
    assert list(open_ledger(server.url).read(0)) == group


@pytest.mark.redis
def test_a_cut_append_that_lost_its_race_meanwhile_has_lost_it(server: RedisServer, proxy: CuttingProxy) -> None:
    ledger, other = open_ledger(f"redis://127.0.0.1:{proxy.port}"), open_ledger(server.url)
    proxy.cut_next(Cut.BEFORE, b"EVAL", meanwhile=lambda: append_next(other, "faster"))
    with pytest.raises(HeadMoved):
        ledger.append(entry(START, "cut"), after=START)
    assert [found.correlation_id for found in other.read(0)] == ["c-faster"]


@pytest.mark.redis
def test_an_append_that_nobody_can_be_asked_about_is_in_doubt(server: RedisServer, proxy: CuttingProxy) -> None:
    ledger = open_ledger(f"redis://127.0.0.1:{proxy.port}?timeout_s=0.3")
    proxy.cut_next(Cut.AFTER, b"EVAL", meanwhile=lambda: setattr(proxy, "refuses", True))
    one = entry(START, "cut")
    with pytest.raises(LedgerUnavailable) as unknown:
        ledger.append(one, after=START)
    assert unknown.value.in_doubt
    proxy.refuses = False
    assert ledger.head() == one.head


@pytest.mark.redis
def test_a_redis_restored_from_an_older_copy_is_noticed(server: RedisServer, tmp_path: Path) -> None:
    ledger = open_ledger(server.url)
    append_all(ledger, chain(3))
    shutil.copytree(server.folder / "appendonlydir", tmp_path / "copy")
    known = append_next(ledger, "after the copy").head
    server.kill()
    shutil.rmtree(server.folder / "appendonlydir")
    shutil.copytree(tmp_path / "copy", server.folder / "appendonlydir")
    server.start()
    with pytest.raises(HeadMoved):
        ledger.append(entry(known), after=known)
    for name in ("goes on", "and on"):
        with pytest.raises(HistoryLost):
            list(follow(ledger, known))
        append_next(ledger, name)


@pytest.mark.redis
def test_a_promoted_replica_without_all_entries_is_noticed() -> None:
    first = RedisServer("--repl-diskless-sync-delay", "0")
    second = RedisServer("--replicaof", f"127.0.0.1 {first.port}")
    try:
        old, new = open_ledger(first.url), open_ledger(second.url)
        kept = append_next(old, "kept").head
        deadline = time.monotonic() + 60
        while new.head() != kept:
            assert time.monotonic() < deadline, "the replica does not follow"
            time.sleep(0.05)
        with pytest.raises(LedgerUnavailable, match="replica and takes no writes"):
            append_next(new, "too early")
        with redis.Redis(port=second.port) as replica:
            replica.replicaof("NO", "ONE")
        known = append_next(old, "lost").head
        first.kill()
        assert append_next(new, "new").position == known.position
        with pytest.raises(HeadMoved):
            new.append(entry(known), after=known)
        with pytest.raises(HistoryLost):
            list(follow(new, known))
        assert verify(new.read(0)).position == known.position
    finally:
        second.stop()
        first.stop()


def test_a_locked_file_is_unavailable_within_bounded_time(tmp_path: Path) -> None:
    ledger = SqliteLedger(tmp_path / "ledger.db", busy_timeout_s=0.2)
    first = append_next(ledger, "one")
    with closing(sqlite3.connect(tmp_path / "ledger.db", isolation_level=None)) as holder:
        holder.execute("BEGIN IMMEDIATE")
        with pytest.raises(LedgerUnavailable, match="held the lock") as locked:
            ledger.append(entry(first.head), after=first.head)
        assert locked.value.retryable
        assert not locked.value.in_doubt
        assert ledger.head() == first.head  # readers go on
        assert verify(ledger.read(0)).position == 1
        holder.execute("ROLLBACK")
    append_next(ledger, "two")
    assert verify(ledger.read(0)).position == 2
    ledger.close()


def until_full(ledger: Ledger) -> tuple[int, LedgerUnavailable]:
    """Append until there is no room; return how many entries were acknowledged, and what was said then."""
    for number in range(10_000):
        head = ledger.head()
        try:
            ledger.append(entry(head, str(number), text="x" * 20_000), after=head)
        except LedgerUnavailable as error:
            return number, error
    raise AssertionError("the disk never filled up")


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 2 MiB, where this user may mount one."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(disk)], check=False, capture_output=True, text=True
    )
    if mounted.returncode:
        pytest.skip(f"this user may not mount a small disk: {mounted.stderr.strip()}")
    yield disk
    subprocess.run(["umount", "-l", str(disk)], check=True)


def test_a_full_disk_is_unavailable_and_recovers(small_disk: Path) -> None:
    (small_disk / "ballast").write_bytes(b"x" * 1024 * 1024)
    ledger = SqliteLedger(small_disk / "ledger.db")
    acknowledged, error = until_full(ledger)
    assert "disk" in error.reason
    assert error.retryable
    assert verify(ledger.read(0)).position == acknowledged > 0
    (small_disk / "ballast").unlink()
    append_next(ledger, "room again")
    assert verify(ledger.read(0)).position == acknowledged + 1
    ledger.close()


@pytest.mark.redis
def test_a_redis_on_a_full_disk_is_unavailable_and_recovers(small_disk: Path) -> None:
    (small_disk / "ballast").write_bytes(b"x" * 1024 * 1024)
    server = RedisServer("--dir", str(small_disk))
    try:
        ledger = open_ledger(f"{server.url}?timeout_s=0.3")
        acknowledged, error = until_full(ledger)
        assert error.retryable
        assert acknowledged > 0
        (small_disk / "ballast").unlink()
        server.kill()
        server.start()
        assert verify(ledger.read(0)).position in (acknowledged, acknowledged + 1)
        append_next(ledger, "room again")
    finally:
        server.stop()


def fill_up(disk: Path) -> Path:
    """Take what is left of *disk*, to the last block; return the file that has it."""
    ballast = disk / "rest"
    with ballast.open("wb", buffering=0) as file, suppress(OSError):  # of the block for which there is no space
        while file.write(b"x" * 4096):
            pass
    return ballast


def test_a_try_on_a_full_disk_fails_and_leaves_no_entry(small_disk: Path) -> None:
    ledger = SqliteLedger(small_disk / "ledger.db")
    append_next(ledger, "one")
    head = ledger.head()
    for _ in range(3):
        ledger.require_writable()
    ballast = fill_up(small_disk)
    with pytest.raises(LedgerUnavailable, match="disk") as full:
        ledger.require_writable()
    assert str(small_disk) not in full.value.public
    assert "disk" in full.value.public
    ballast.unlink()
    ledger.require_writable()
    assert ledger.head() == head
    append_next(ledger, "two")
    assert verify(ledger.read(0)).position == 2
    ledger.close()


def test_a_try_on_a_locked_file_fails_within_bounded_time(tmp_path: Path) -> None:
    ledger = SqliteLedger(tmp_path / "ledger.db", busy_timeout_s=0.2)
    with closing(sqlite3.connect(tmp_path / "ledger.db", isolation_level=None)) as holder:
        holder.execute("BEGIN IMMEDIATE")
        with pytest.raises(LedgerUnavailable, match="held the lock") as locked:
            ledger.require_writable()
        assert str(tmp_path) not in locked.value.public
        holder.execute("ROLLBACK")
    ledger.require_writable()
    ledger.close()


@pytest.mark.redis
def test_a_redis_that_refuses_writes_says_why(server: RedisServer) -> None:
    ledger = open_ledger(server.url)
    ledger.require_writable()
    assert ledger.head() == START
    append_next(ledger, "one")
    with closing(redis.Redis(port=server.port)) as client:
        client.config_set("maxmemory", 1)
        with pytest.raises(LedgerUnavailable, match="no memory left") as full:
            ledger.require_writable()
        assert full.value.public == "Redis has no memory left: raise `maxmemory`"
        client.config_set("maxmemory", 0)
        client.replicaof("127.0.0.1", "1")
        with pytest.raises(LedgerUnavailable, match="takes no writes"):
            ledger.require_writable()
        client.replicaof("NO", "ONE")
    ledger.require_writable()
    assert ledger.head().position == 1
    append_next(ledger, "two")
    assert verify(ledger.read(0)).position == 2
    ledger.close()


@pytest.mark.redis
def test_a_try_at_a_redis_that_went_away_and_came_back(server: RedisServer) -> None:
    ledger = open_ledger(f"{server.url}?timeout_s=0.3")
    ledger.require_writable()
    server.kill()
    with pytest.raises(LedgerUnavailable) as away:
        ledger.require_writable()
    assert away.value.public == "Redis cannot be reached"
    server.start()
    ledger.require_writable()
    ledger.close()


def _fill_within_a_limit(file: Path) -> None:
    ledger = SqliteLedger(file)
    _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (400_000, hard))
    acknowledged, error = until_full(ledger)
    assert "disk" in error.reason
    assert verify(ledger.read(0)).position == acknowledged > 0
    resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
    append_next(ledger, "room again")
    assert verify(ledger.read(0)).position == acknowledged + 1


def test_a_file_that_may_not_grow_is_unavailable_and_recovers(tmp_path: Path) -> None:
    child = get_context("fork").Process(target=_fill_within_a_limit, args=(tmp_path / "ledger.db",))
    child.start()
    child.join(60)
    assert child.exitcode == 0


READ_ONLY = """
import os, sys
from moorings_registry.engines import open_ledger
from moorings_registry.ledger import LedgerUnavailable
from tests.engines.samples import append_next
if os.geteuid() == 0:  # whom no permission keeps out
    os.setgid(65534)
    os.setuid(65534)
try:
    ledger = open_ledger(sys.argv[1])
    print("read", ledger.head().position)
    append_next(ledger, "two")
except LedgerUnavailable as error:
    print(error.retryable, error.reason)
"""


def test_a_file_that_may_not_be_written_is_unavailable(tmp_path: Path) -> None:
    folder = Path("/tmp") / f"moorings-read-only-{tmp_path.name}-{random.random()}"
    folder.mkdir(mode=0o755)
    try:
        ledger = SqliteLedger(folder / "ledger.db")
        append_next(ledger, "one")
        ledger.close()
        (folder / "ledger.db").chmod(0o444)
        folder.chmod(0o555)
        said = subprocess.run(
            [sys.executable, "-c", READ_ONLY, f"sqlite:///{folder}/ledger.db"],
            check=True,
            capture_output=True,
            text=True,
        ).stdout
        assert said.splitlines()[-1].startswith("False ")
        assert "make the file and its folder writable" in said or "permissions" in said
    finally:
        folder.chmod(0o755)
        shutil.rmtree(folder)


def stored_file(tmp_path: Path) -> tuple[Path, list[Entry]]:
    """A closed ledger file, whole in itself, and the entries in it."""
    entries = chain(6)
    ledger = SqliteLedger(tmp_path / "ledger.db")
    append_all(ledger, entries)
    ledger.close()
    assert [file.name for file in tmp_path.iterdir()] == ["ledger.db"]
    return tmp_path / "ledger.db", entries


def read_damaged(file: Path) -> int:
    """Verify what *file* holds, and return the position it ends at."""
    ledger = SqliteLedger(file)
    try:
        return verify(ledger.read(0)).position
    finally:
        ledger.close()


def test_every_flipped_byte_of_an_entry_is_found_and_named(tmp_path: Path) -> None:
    file, entries = stored_file(tmp_path)
    sound = file.read_bytes()
    line = entries[2].to_line()
    start = sound.index(line)
    for offset in range(0, len(line), 3):
        damaged = bytearray(sound)
        damaged[start + offset] ^= 1 << offset % 8
        file.write_bytes(damaged)
        with pytest.raises(LedgerCorrupt) as found:
            read_damaged(file)
        assert found.value.position == 3


def test_a_changed_digest_beside_an_entry_is_found(tmp_path: Path) -> None:
    file, _ = stored_file(tmp_path)
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("UPDATE entries SET digest = ? WHERE position = 4", ("0" * 64,))
        connection.commit()
    with pytest.raises(LedgerCorrupt, match="the digest stored beside") as found:
        read_damaged(file)
    assert found.value.position == 4


def test_an_entry_taken_out_is_found(tmp_path: Path) -> None:
    file, _ = stored_file(tmp_path)
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("DELETE FROM entries WHERE position = 2")
        connection.commit()
    with pytest.raises(LedgerCorrupt, match="missing; the next entry stored is 3") as found:
        read_damaged(file)
    assert found.value.position == 2


def test_damage_anywhere_in_the_file_is_an_error_of_the_ledger_or_harmless(tmp_path: Path) -> None:
    file, _ = stored_file(tmp_path)
    sound = file.read_bytes()
    chance = random.Random(11)
    for _ in range(300):
        damaged = bytearray(sound)
        for _ in range(chance.choice((1, 1, 8, 200))):
            damaged[chance.randrange(len(damaged))] = chance.randrange(256)
        if chance.random() < 0.2:
            del damaged[chance.randrange(len(damaged)) :]
        file.write_bytes(damaged)
        try:
            position = read_damaged(file)
        except LedgerError:
            continue
        assert position in range(7)  # free space was hit, or the tail is gone as a whole: a head kept elsewhere tells
