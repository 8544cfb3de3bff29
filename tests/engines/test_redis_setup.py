"""The Redis engine's terms: what a server must promise, and how the ledger lies in it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from redis import Redis

from moorings_registry.engines import open_ledger
from moorings_registry.entries import START
from moorings_registry.ledger import LedgerCorrupt, LedgerMisconfigured, LedgerUnavailable, verify
from tests.engines.samples import append_all, append_next, chain, entry
from tests.servers import RedisServer, old_redis_program

pytestmark = pytest.mark.redis


@pytest.fixture(params=["pinned", "old"])
def server(request: pytest.FixtureRequest) -> Iterator[RedisServer]:
    """A Redis that a test may spoil: the pinned one, and one from before 7.2."""
    server = RedisServer(program=old_redis_program() if request.param == "old" else "")
    yield server
    server.stop()


@pytest.fixture
def pinned() -> Iterator[RedisServer]:
    """The pinned Redis, which can be asked whether an entry is synced."""
    server = RedisServer()
    yield server
    server.stop()


@pytest.fixture
def old() -> Iterator[RedisServer]:
    """A Redis from before 7.2, which cannot."""
    server = RedisServer(program=old_redis_program())
    yield server
    server.stop()


@pytest.fixture
def raw(server: RedisServer) -> Iterator[Redis]:
    """A plain client of the same server."""
    with Redis(port=server.port, protocol=2) as client:
        yield client


def test_a_server_without_an_append_only_file_is_refused(server: RedisServer, raw: Redis) -> None:
    raw.config_set("appendonly", "no")
    with pytest.raises(LedgerMisconfigured, match="--appendonly yes"):
        open_ledger(server.url)
    assert append_next(open_ledger(f"{server.url}?durability=any"), "one").position == 1


def test_a_server_that_evicts_keys_is_refused(server: RedisServer, raw: Redis) -> None:
    raw.config_set("maxmemory", "100mb")
    raw.config_set("maxmemory-policy", "allkeys-lru")
    with pytest.raises(LedgerMisconfigured, match="noeviction"):
        open_ledger(server.url)
    raw.config_set("maxmemory-policy", "noeviction")
    assert open_ledger(server.url).head() == START


def test_a_wrong_password_is_refused_without_repeating_it(server: RedisServer, raw: Redis, tmp_path: Path) -> None:
    raw.config_set("requirepass", "right-word")
    secret = tmp_path / "password"
    secret.write_text("wrong-word\n")
    url = f"{server.url}?password_file={secret}"
    with pytest.raises(LedgerMisconfigured, match="refuses the name or password") as refused:
        open_ledger(url)
    assert "wrong-word" not in str(refused.value)
    secret.write_text("right-word\n")
    assert open_ledger(url).head() == START


def test_a_password_is_read_again_for_each_connection(server: RedisServer, raw: Redis, tmp_path: Path) -> None:
    raw.config_set("requirepass", "first-word")
    secret = tmp_path / "password"
    secret.write_text("first-word")
    ledger = open_ledger(f"{server.url}?password_file={secret}")
    append_next(ledger, "one")
    raw.execute_command("AUTH", "first-word")
    raw.config_set("requirepass", "second-word")
    secret.write_text("second-word")
    raw.execute_command("CLIENT KILL TYPE normal SKIPME yes")
    assert append_next(ledger, "two").position == 2
    secret.unlink()
    raw.execute_command("CLIENT KILL TYPE normal SKIPME yes")
    with pytest.raises(LedgerMisconfigured, match="password_file"):
        ledger.head()


def test_a_password_in_the_url_is_refused(server: RedisServer) -> None:
    with pytest.raises(LedgerMisconfigured, match="holds a password") as refused:
        open_ledger(f"redis://user:secret-word@127.0.0.1:{server.port}")
    assert "password_file" in str(refused.value)
    assert "secret-word" not in str(refused.value)


def test_a_server_is_reached_over_a_local_socket(tmp_path: Path) -> None:
    server = RedisServer("--unixsocket", str(tmp_path / "redis.sock"))
    try:
        assert append_next(open_ledger(f"redis:///0?socket={tmp_path}/redis.sock"), "one").position == 1
        assert open_ledger(server.url).head().position == 1
    finally:
        server.stop()


def test_missing_rights_of_a_redis_user_are_named(server: RedisServer, raw: Redis, tmp_path: Path) -> None:
    raw.execute_command("ACL SETUSER reader on >word ~* +@read +info +command +config|get")
    ledger = open_ledger(as_user(server, "reader", "word", tmp_path))
    with pytest.raises(LedgerMisconfigured, match="Grant it EVAL"):
        append_next(ledger, "one")


def test_the_keys_of_one_ledger_share_a_slot_and_ledgers_share_none(server: RedisServer, raw: Redis) -> None:
    one, other = open_ledger(f"{server.url}?prefix=one"), open_ledger(f"{server.url}?prefix=other")
    append_all(one, chain(3))
    append_all(other, chain(2))
    assert sorted(raw.keys()) == [b"{one}:entries", b"{one}:head", b"{other}:entries", b"{other}:head"]
    assert (one.head().position, other.head().position) == (3, 2)


def test_keys_of_another_kind_are_not_overwritten(server: RedisServer, raw: Redis) -> None:
    raw.set("{moorings}:head", "mine")
    ledger = open_ledger(server.url)
    with pytest.raises(LedgerMisconfigured, match="another program"):
        ledger.append(entry(START), after=START)
    assert raw.get("{moorings}:head") == b"mine"


SPOILED = [  # what somebody did, how, what is said
    ("an entry deleted", lambda raw: raw.xdel("{moorings}:entries", "2-0"), "disagree on the number of entries"),
    ("the entries deleted", lambda raw: raw.delete("{moorings}:entries"), "disagree on the number of entries"),
    ("the head deleted", lambda raw: raw.delete("{moorings}:head"), "disagree on the number of entries"),
    (
        "the stream trimmed",
        lambda raw: raw.xtrim("{moorings}:entries", 1, approximate=False),
        "disagree on the number of entries",
    ),
]


@pytest.mark.parametrize(("spoil", "said"), [case[1:] for case in SPOILED], ids=[case[0] for case in SPOILED])
def test_nothing_is_appended_to_a_spoiled_ledger(server: RedisServer, raw: Redis, spoil: object, said: str) -> None:
    ledger = open_ledger(server.url)
    append_all(ledger, chain(3))
    spoil(raw)  # type: ignore[operator]
    with pytest.raises(LedgerCorrupt, match=said):
        append_next(ledger, "four")


def test_a_missing_entry_is_named(server: RedisServer, raw: Redis) -> None:
    ledger = open_ledger(server.url)
    append_all(ledger, chain(4))
    raw.xdel("{moorings}:entries", "2-0")
    with pytest.raises(LedgerCorrupt, match="missing; the next entry stored is 3") as found:
        list(ledger.read(0))
    assert found.value.position == 2


def test_a_changed_entry_is_named(server: RedisServer, raw: Redis) -> None:
    entries = chain(4)
    for one in entries:
        line = one.to_line().replace(b"c-2", b"c-9")
        raw.xadd("{moorings}:entries", {"digest": one.digest, "line": line}, id=f"{one.position}-0")
    raw.hset("{moorings}:head", mapping={"position": 4, "digest": entries[-1].digest})
    with pytest.raises(LedgerCorrupt, match="its digest is") as found:
        list(open_ledger(server.url).read(0))
    assert found.value.position == 3


def test_a_damaged_head_is_reported(server: RedisServer, raw: Redis) -> None:
    raw.hset("{moorings}:head", "position", "many")
    with pytest.raises(LedgerCorrupt, match="has no head"):
        open_ledger(server.url).head()


def test_an_append_waits_for_the_sync_of_a_server_that_syncs_every_second(pinned: RedisServer) -> None:
    _set(pinned, "appendfsync", "everysec")
    ledger = open_ledger(pinned.url)
    append_next(ledger, "one")
    pinned.kill()
    pinned.start()
    assert verify(ledger.read(0)).position == 1


def test_an_entry_that_was_not_synced_in_time_is_in_doubt(pinned: RedisServer) -> None:
    _set(pinned, "appendfsync", "no")
    ledger = open_ledger(f"{pinned.url}?timeout_s=0.05")
    with pytest.raises(LedgerUnavailable, match="too slow") as late:
        append_next(ledger, "one")
    assert late.value.in_doubt
    assert ledger.head().position == 1  # and whoever asks again finds it


def test_an_old_server_that_syncs_later_is_refused_unless_the_url_says_so(old: RedisServer) -> None:
    _set(old, "appendfsync", "everysec")
    with pytest.raises(LedgerMisconfigured, match="syncs its append-only file after it has answered") as refused:
        open_ledger(old.url)
    assert "durability=everysec" in str(refused.value)
    assert append_next(open_ledger(f"{old.url}?durability=everysec"), "one").position == 1


def test_an_old_server_that_does_not_show_its_settings_is_refused(old: RedisServer, tmp_path: Path) -> None:
    with Redis(port=old.port, protocol=2) as raw:
        raw.execute_command("ACL SETUSER keeper on >word ~* +@all -config")
    with pytest.raises(LedgerMisconfigured, match="does not say whether it syncs"):
        open_ledger(as_user(old, "keeper", "word", tmp_path))


def test_an_old_server_that_syncs_later_than_at_the_start_is_noticed(old: RedisServer) -> None:
    ledger = open_ledger(old.url)
    append_next(ledger, "one")
    _set(old, "appendfsync", "everysec")
    with pytest.raises(LedgerUnavailable, match="synced later than it was") as refused:
        append_next(ledger, "two")
    assert refused.value.in_doubt


def test_a_ledger_that_is_synced_every_second_notices_that_nothing_is_kept(server: RedisServer, raw: Redis) -> None:
    raw.config_set("appendfsync", "everysec")
    ledger = open_ledger(f"{server.url}?durability=everysec")
    append_next(ledger, "one")
    raw.config_set("appendonly", "no")
    with pytest.raises(LedgerUnavailable, match="cannot sync"):
        append_next(ledger, "two")


def as_user(server: RedisServer, user: str, password: str, folder: Path) -> str:
    """The ledger URL of a user whose password is in a file."""
    secret = folder / "password"
    secret.write_text(password)
    return f"redis://{user}@127.0.0.1:{server.port}?password_file={secret}"


def _set(server: RedisServer, name: str, value: str) -> None:
    with Redis(port=server.port, protocol=2) as raw:
        raw.config_set(name, value)


def test_an_append_only_file_turned_off_later_is_noticed(server: RedisServer, raw: Redis) -> None:
    ledger = open_ledger(server.url)
    append_next(ledger, "one")
    raw.config_set("appendonly", "no")
    with pytest.raises(LedgerUnavailable, match="cannot sync") as refused:
        append_next(ledger, "two")
    assert refused.value.in_doubt


def test_a_replica_takes_no_writes(server: RedisServer, raw: Redis) -> None:
    ledger = open_ledger(server.url)
    append_next(ledger, "one")
    raw.config_set("replica-serve-stale-data", "yes")
    raw.replicaof("127.0.0.1", "1")
    with pytest.raises(LedgerUnavailable, match="replica"):
        append_next(ledger, "two")
    assert ledger.head().position == 1
