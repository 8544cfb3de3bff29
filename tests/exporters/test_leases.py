"""Of all workers of all nodes of a ledger one exports at a time."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from moorings_registry.engines import open_lease, open_statuses, open_webhook_progress
from moorings_registry.export_statuses import RUNNING, ExportStatus, ExportStatuses
from moorings_registry.exporting.leases import DELIVERING, EXPORTING, FileLease
from moorings_registry.exporting.leases.postgres import PostgresLease
from moorings_registry.exporting.leases.redis import RedisLease
from moorings_registry.exporting.leases.timed import LASTS_S
from moorings_registry.ledger.redis_client import connect
from moorings_registry.state import Exporter, Webhook
from moorings_registry.webhook_progress import DeadLetter, Progress, WebhookProgress
from tests.confluent.api import record
from tests.confluent.served import ServedRegistry
from tests.exporters.pairs import Pair, versions_of
from tests.exporters.test_served import call, in_step, register
from tests.servers import PostgresServer, RedisServer, made_ledger
from tests.waiting import eventually

HOLD = """
import sys
from pathlib import Path
from urllib.parse import urlsplit
from moorings_registry.engines import open_lease
lease = open_lease(sys.argv[1], Path(sys.argv[2]))
print(lease.held(), flush=True)
sys.stdin.read()
"""


@pytest.fixture
def others() -> Iterator[list[subprocess.Popen[str]]]:
    started: list[subprocess.Popen[str]] = []
    yield started
    for one in started:
        one.kill()
        one.wait()


@pytest.fixture(scope="module")
def redis() -> Iterator[RedisServer]:
    server = RedisServer()
    yield server
    server.stop()


@pytest.fixture(scope="module")
def postgres() -> Iterator[PostgresServer]:
    server = PostgresServer()
    yield server
    server.stop()


def another(others: list[subprocess.Popen[str]], url: str, runtime: Path) -> bool:
    """Start another process that wants to export, and say whether it may."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, url, str(runtime)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    others.append(process)
    assert process.stdout is not None
    return process.stdout.readline() == "True\n"


def test_each_purpose_has_a_lease_of_its_own(tmp_path: Path, redis: RedisServer, postgres: PostgresServer) -> None:
    for url in (f"sqlite:///{tmp_path}/ledger.db", f"{redis.url}?prefix=purposes", made_ledger(postgres, "purposes")):
        leases = [open_lease(url, tmp_path, purpose) for purpose in (EXPORTING, DELIVERING)]
        assert [one.held() for one in leases] == [True, True]
        if url.startswith("sqlite:"):
            continue  # a file is locked for the process, not for the object
        assert not open_lease(url, tmp_path, DELIVERING).held()
        leases[1].release()
        assert open_lease(url, tmp_path, DELIVERING).held()
        assert leases[0].held()


@pytest.mark.parametrize("url", ["redis", "postgres"])
def test_every_node_knows_how_far_webhooks_have_come(
    url: str, tmp_path: Path, redis: RedisServer, postgres: PostgresServer
) -> None:
    where = redis.url if url == "redis" else made_ledger(postgres, "webhooks")
    for name in ("first", "second"):
        (tmp_path / name).mkdir()
    one, other = (WebhookProgress(open_webhook_progress(where, tmp_path / name)) for name in ("first", "second"))
    webhook = Webhook(7, "https://h.example/", "*", (), "binary", (), "local", "", after=3, begun=7)
    assert other.of(webhook) == Progress(3, begun=7)
    letter = DeadLetter(8, 0, "SchemaRefused", "no", 1, "")
    one.put(webhook, Progress(9, 1, begun=7).with_dead(letter))
    assert (other.of(webhook).position, other.of(webhook).dead) == (9, (letter,))


@pytest.mark.parametrize("url", ["memory:", "sqlite:///ledger.db"])
def test_processes_of_one_machine(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, others: list[subprocess.Popen[str]]
) -> None:
    monkeypatch.chdir(tmp_path)
    ours = open_lease(url, tmp_path)
    assert isinstance(ours, FileLease)
    assert ours.held()
    assert ours.held()
    elsewhere = tmp_path if url == "memory:" else tmp_path / "another run"
    assert not another(others, url, elsewhere)
    ours.release()
    assert another(others, url, elsewhere)
    assert not ours.held()
    os.kill(others[-1].pid, signal.SIGKILL)
    others[-1].wait()
    assert ours.held(), "it ends with the process that had it"


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.mark.redis
def test_processes_of_several_machines(redis: RedisServer, tmp_path: Path, others: list[subprocess.Popen[str]]) -> None:
    ours = open_lease(redis.url, tmp_path)
    assert isinstance(ours, RedisLease)
    assert ours.held()
    assert not another(others, redis.url, tmp_path)
    assert another(others, f"{redis.url}?prefix=other", tmp_path), "another ledger is another matter"
    ours.release()
    assert another(others, redis.url, tmp_path)
    assert not ours.held()


@pytest.mark.postgres
def test_processes_of_several_machines_on_postgresql(
    postgres: PostgresServer, tmp_path: Path, others: list[subprocess.Popen[str]]
) -> None:
    url = made_ledger(postgres, "one")
    ours = open_lease(url, tmp_path)
    assert isinstance(ours, PostgresLease)
    assert ours.held()
    assert not another(others, url, tmp_path)
    assert another(others, made_ledger(postgres, "other"), tmp_path), "another ledger is another matter"
    ours.release()
    assert another(others, url, tmp_path)
    assert not ours.held()
    postgres.sql("UPDATE one.leases SET until = now() - interval '1 second'")
    assert ours.held(), "it ends by itself"


@pytest.mark.postgres
def test_every_machine_sees_the_status_of_exporters_on_postgresql(postgres: PostgresServer, tmp_path: Path) -> None:
    url = made_ledger(postgres, "statuses")
    told = ExportStatus(RUNNING, 7, 1_000, begun=3)
    ExportStatuses(open_statuses(url, tmp_path)).put("x", told)
    elsewhere = open_statuses(url, tmp_path)
    assert ExportStatuses(elsewhere).of(Exporter("x", "NONE", "", ("*",), "${subject}", {}, False, 3, 0)) == told
    postgres.kill()
    elsewhere.put("x", b"{}")
    assert elsewhere.get("x") is None
    postgres.start()
    assert elsewhere.get("x") is not None


@pytest.mark.redis
def test_every_machine_sees_the_status_of_exporters(redis: RedisServer, tmp_path: Path) -> None:
    told = ExportStatus(RUNNING, 7, 1_000, begun=3)
    ExportStatuses(open_statuses(redis.url, tmp_path)).put("x", told)
    elsewhere = open_statuses(redis.url, tmp_path)
    assert ExportStatuses(elsewhere).of(Exporter("x", "NONE", "", ("*",), "${subject}", {}, False, 3, 0)) == told
    redis.kill()
    elsewhere.put("x", b"{}")
    assert elsewhere.get("x") is None
    redis.start()
    assert elsewhere.get("x") is not None


@pytest.mark.redis
def test_a_lease_is_over_before_somebody_else_may_have_it(redis: RedisServer) -> None:
    clock = Clock()
    client = connect(urlsplit(redis.url), {}, timeout_s=1)
    lease = RedisLease(client, "alone", clock=clock)
    assert lease.held()
    client.set("{alone}:exporting", "somebody else")
    assert lease.held(), "it is not asked for every request"
    clock.now += 6
    assert not lease.held()
    client.delete("{alone}:exporting")
    assert lease.held()
    client.connection_pool.disconnect()
    redis.kill()
    clock.now += 10
    assert lease.held(), "what was given stays given while Redis is away"
    clock.now += LASTS_S
    assert not lease.held()
    lease.release()
    redis.start()
    assert lease.held()


def test_whoever_loses_the_lease_stops_at_once() -> None:
    pair = Pair()
    for name in "abc":
        pair.source.register(name, record("id"))
    pair.create()
    pair.connection.fault = _after(pair, 5)
    pair.turn()
    assert len(pair.connection.asked) == 5
    assert pair.status()["state"] == "STARTING"
    pair.lease.ours = True
    pair.connection.fault = lambda: ""
    pair.turn(2)
    assert versions_of(pair.target) == versions_of(pair.source)


def _after(pair: Pair, requests: int) -> Callable[[], str]:
    def fault() -> str:
        pair.lease.ours = len(pair.connection.asked) < requests - 1
        return ""

    return fault


def one_holder(folder: Path) -> int:
    """Whoever exports, once somebody does: on a slow machine a lease may end between two renewals."""
    found: set[int] = set()

    def is_held() -> bool:
        found.clear()
        found.update(holders(folder))
        return len(found) == 1

    eventually(is_held)
    return found.pop()


def test_two_nodes_on_one_ledger(tmp_path: Path) -> None:
    """Two workers each; whichever exports is killed, and another goes on."""
    (tmp_path / "target").mkdir()
    nodes = [ServedRegistry(tmp_path), ServedRegistry(tmp_path)]
    target = ServedRegistry(tmp_path / "target")
    try:
        register(nodes[0])
        config = {"schema.registry.url": target.url}
        call(nodes[0], "POST", "/exporters", {"name": "x", "contextType": "NONE", "config": config})
        eventually(lambda: len(holders(tmp_path)) == 1)
        for number in range(3):
            holder = one_holder(tmp_path)
            os.kill(holder, signal.SIGKILL)
            eventually(lambda gone=holder: len(holders(tmp_path) - {gone}) == 1)  # type: ignore[misc]
            register(nodes[1], *(f"of{one}" for one in range(number + 1)))
            eventually(lambda: any(_in_step(node, target) for node in nodes))
    finally:
        for node in (*nodes, target):
            node.stop()


def _in_step(source: ServedRegistry, target: ServedRegistry) -> bool:
    return in_step(source, target)()


def holders(folder: Path) -> set[int]:
    """The processes that have the file of the lease locked."""
    path = folder / "ledger.db.exporting"
    if not path.exists():
        return set()
    inode = path.stat().st_ino
    lines = [line.split() for line in Path("/proc/locks").read_text().splitlines()]
    return {int(words[4]) for words in lines if words[1] != "->" and words[5].endswith(f":{inode}")}
