"""Two PostgreSQL servers, one a standby of the other: what a failover keeps, and what registries say of one that lost.

The steps of docs/operations.md, "After a failover", are those of the first test.
"""

import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from moorings_registry.engines import open_ledger
from moorings_registry.errors import LedgerHistoryLost, LedgerUnavailable
from moorings_registry.ledger import LedgerMisconfigured, verify
from tests.registry.asking import Asked, record
from tests.servers import PostgresServer, made_ledger

pytestmark = pytest.mark.postgres

CLIENTS = 8


class Pair:
    """A primary and its standby, which change their parts."""

    def __init__(self) -> None:
        self.primary = PostgresServer("wal_log_hints = on", "wal_keep_size = 256MB")
        made_ledger(self.primary, "moorings")
        self.standby = PostgresServer(primary=self.primary)
        self._ports = (self.primary.port, self.standby.port)

    @property
    def url(self) -> str:
        """The ledger, on whichever of the two takes writes."""
        hosts = ",".join(f"127.0.0.1:{port}" for port in self._ports)
        return f"postgresql://moorings@{hosts}/postgres?timeout_s=3"

    def await_both(self) -> None:
        """Return once the standby has what the primary has."""
        last = "SELECT max(position) FROM moorings.entries"
        awaited(lambda: self.standby.sql(last) == self.primary.sql(last))

    def promote(self) -> None:
        """Have the standby take the place of the primary, which was killed."""
        self.standby.promote()
        self.primary, self.standby = self.standby, self.primary

    def join(self) -> None:
        """Make the one that was replaced a standby of the other."""
        self.standby.become_standby_of(self.primary)


def awaited(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < deadline, "waited for nothing"
        time.sleep(0.05)


@pytest.fixture(scope="module")
def servers() -> Iterator[Pair]:
    pair = Pair()
    yield pair
    pair.standby.stop()
    pair.primary.stop()


@pytest.fixture
def pair(servers: Pair) -> Pair:
    """With a ledger that nobody has used yet."""
    servers.primary.sql("TRUNCATE moorings.entries")
    servers.await_both()
    return servers


def moorings_registry(*arguments: object) -> subprocess.CompletedProcess[str]:
    program = Path(sys.executable).parent / "moorings-registry"
    return subprocess.run([program, *map(str, arguments)], capture_output=True, text=True, check=False, timeout=60)


def schema(name: str) -> str:
    return record("a", name=name)


def exported(server: PostgresServer, to: Path) -> list[str]:
    assert moorings_registry("ledger", "export", "--ledger", server.url, "--to", to).returncode == 0
    return to.read_text().splitlines()


def test_entries_that_a_standby_never_got_are_missed_listed_and_not_mixed_with_others(
    pair: Pair, tmp_path: Path
) -> None:
    knew, other = Asked(open_ledger(pair.url)), Asked(open_ledger(pair.url))
    knew.register(schema("kept"), "kept")
    other.registry.catch_up()
    pair.await_both()
    pair.standby.kill()  # it falls behind
    lost = knew.register(schema("lost"), "lost", idempotency_key="k", request_digest="d")
    pair.primary.kill()
    pair.standby.start()
    pair.promote()
    # The one that had read them says so, also once the new history is the longer one, and adds nothing to it.
    for name in ("new", "newer"):
        assert other.register(schema(name), name).id == lost.id + (name == "newer")
        for subject in ("lost", "kept", "later"):
            with pytest.raises(LedgerHistoryLost):
                knew.register(
                    record("a"), subject, idempotency_key="k" if subject == "lost" else "", request_digest="d"
                )
    assert "lost" in {subject.name for subject in knew.registry.known.subjects}, "reads are answered as before"
    assert other.ledger.head().position == 3
    # The old primary comes back and takes writes: nobody starts on either of the two.
    pair.standby.start()
    with pytest.raises(LedgerMisconfigured, match="2 of the hosts in the ledger URL take writes"):
        open_ledger(pair.url)
    refused = moorings_registry("ledger", "verify", "--ledger", pair.url)
    assert (refused.returncode, refused.stdout) == (3, "")
    assert "make it a standby of the other" in refused.stderr
    assert "Traceback" not in refused.stderr
    # What was lost is what only the old one has.
    was, now = (exported(one, tmp_path / name) for one, name in ((pair.standby, "was"), (pair.primary, "now")))
    facts = [fact for line in was if line not in now for fact in json.loads(line)["facts"]]
    assert [(fact["subject"], fact["id"]) for fact in facts if fact["fact"] == "SchemaRegistered"] == [
        ("lost", lost.id)
    ]
    # It becomes a standby of the new one, and everybody has the same history again.
    pair.join()
    assert open_ledger(pair.url).head().position == 3
    again = Asked(open_ledger(pair.url))
    assert again.register(schema("lost"), "lost").id == lost.id + 2
    pair.await_both()


class Clients:
    """Callers of several registries that repeat what failed under the same key, and note what was acknowledged."""

    def __init__(self, nodes: list[Asked]) -> None:
        self.acknowledged: dict[str, int] = {}
        self._nodes = nodes
        self._ended = threading.Event()
        self._threads = [threading.Thread(target=self._write, args=(hand,)) for hand in range(CLIENTS)]
        for thread in self._threads:
            thread.start()

    def await_more(self, count: int) -> None:
        wanted = len(self.acknowledged) + count
        awaited(lambda: len(self.acknowledged) >= wanted)

    def end(self) -> None:
        self._ended.set()
        for thread in self._threads:
            thread.join()

    def _write(self, hand: int) -> None:
        node, number = self._nodes[hand % len(self._nodes)], 0
        while not self._ended.is_set():
            subject = f"s{hand}-{number}"
            try:
                version = node.register(schema(f"R{hand}_{number}"), subject, idempotency_key=subject)
            except LedgerUnavailable:
                time.sleep(0.05)
            else:
                self.acknowledged[subject] = version.id
                number += 1


def test_a_failover_to_a_synchronous_standby_loses_nothing_and_needs_nobody(pair: Pair) -> None:
    pair.primary.sql("ALTER SYSTEM SET synchronous_standby_names = 'standby'")
    pair.primary.sql("SELECT pg_reload_conf()")
    awaited(lambda: pair.primary.sql("SELECT sync_state FROM pg_stat_replication") == "sync")
    nodes = [Asked(open_ledger(pair.url)), Asked(open_ledger(pair.url))]
    clients = Clients(nodes)
    try:
        clients.await_more(60)
        pair.primary.kill()
        pair.promote()
        clients.await_more(60)
    finally:
        clients.end()
    pair.join()
    ledger = open_ledger(pair.url)
    stored = [(f["subject"], f["id"]) for one in ledger.read(0) for f in one.facts if f["fact"] == "SchemaRegistered"]
    assert len(stored) == len(dict(stored)) == len({id for _, id in stored}) == verify(ledger.read(0)).position
    assert clients.acknowledged.items() <= dict(stored).items()
