"""PostgreSQL on a disk that is full: writes are refused, nothing acknowledged is lost, and room is all it takes.

The disk is a file system in memory of its own, which asks for the right to mount one.
"""

import json
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

from moorings_registry.engines import open_ledger
from moorings_registry.entries import Entry, Head
from moorings_registry.ledger import Ledger, LedgerUnavailable, verify
from moorings_registry.ledger.write_probe import UNWRITABLE_S
from tests.registry.calling import EVENT, Http, Reply, require_problem
from tests.servers import PostgresServer, made_ledger
from tests.waiting import eventually

pytestmark = pytest.mark.postgres

SMALL_LOG = ("max_wal_size = 32MB", "min_wal_size = 32MB")
LEFT_BYTES = 500_000


@pytest.fixture
def disk() -> Iterator[Path]:
    """A file system of 160 MB, in a folder that the user of the server may enter."""
    folder = Path(tempfile.mkdtemp(prefix="moorings-disk-"))
    mount = ["mount", "-t", "tmpfs", "-o", "size=160m", "none", folder]
    mounted = subprocess.run(mount, capture_output=True, text=True, check=False)
    if mounted.returncode:
        folder.rmdir()
        pytest.skip(f"a file system cannot be mounted here: {mounted.stderr.strip()}")
    folder.chmod(0o777)
    yield folder
    subprocess.run(["umount", "--lazy", folder], check=True)
    folder.rmdir()


@pytest.fixture
def server_on_disk(disk: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[PostgresServer]:
    """A PostgreSQL whose data are on that disk."""
    monkeypatch.setattr(tempfile, "tempdir", str(disk))
    server = PostgresServer(*SMALL_LOG)
    yield server
    server.stop()


@pytest.fixture
def server_with_log_on_disk(disk: Path) -> Iterator[PostgresServer]:
    """A PostgreSQL whose write-ahead log alone is there."""
    server = PostgresServer(*SMALL_LOG)
    server.process.send_signal(signal.SIGINT)
    server.process.wait()
    shutil.move(server.data / "pg_wal", disk / "pg_wal")
    subprocess.run(["chown", "-R", "--reference", server.data, disk / "pg_wal"], check=True)
    (server.data / "pg_wal").symlink_to(disk / "pg_wal")
    server.start()
    yield server
    server.stop()


class Disk:
    """What takes the room of a disk, but for a little."""

    def __init__(self, folder: Path) -> None:
        self._filler = folder / "filler"
        left = os.statvfs(folder)
        self._filler.write_bytes(bytes(left.f_bavail * left.f_frsize - LEFT_BYTES))

    def make_room(self) -> None:
        self._filler.unlink()


def append(ledger: Ledger, head: Head, number: int) -> Head:
    """Append an entry of 60 kB that compression leaves as large as it is."""
    fact = {"fact": "SchemaRegistered", "subject": f"s{number}", "text": os.urandom(30_000).hex()}
    one = Entry.following(
        head, recorded_at="2026-11-22T10:00:00.000000Z", actor="full", correlation_id=f"n{number}", facts=[fact]
    )
    ledger.append(one, after=head)
    return one.head


def append_until_full(ledger: Ledger, most: int = 2_000) -> tuple[list[Head], LedgerUnavailable]:
    """Append until that fails; what was acknowledged, and the error."""
    acknowledged: list[Head] = []
    head = ledger.head()
    for number in range(most):
        try:
            head = append(ledger, head, number)
        except LedgerUnavailable as error:
            return acknowledged, error
        acknowledged.append(head)
    raise AssertionError("the disk is not full")


def require_kept(ledger: Ledger, acknowledged: list[Head], *, in_doubt: bool) -> None:
    """Check that all is there that was acknowledged, at most one entry in doubt besides, and that more can be added."""
    stored = [one.head for one in ledger.read(0)]
    assert stored[: len(acknowledged)] == acknowledged
    assert len(stored) - len(acknowledged) <= int(in_doubt)
    append(ledger, ledger.head(), len(stored))
    assert verify(ledger.read(0)).position == len(stored) + 1


def test_a_table_that_cannot_grow_is_said_and_the_server_goes_on(disk: Path, server_on_disk: PostgresServer) -> None:
    ledger = open_ledger(made_ledger(server_on_disk, "moorings"))
    full = Disk(disk)
    acknowledged, error = append_until_full(ledger)
    assert str(error) == "PostgreSQL has no space left on its disk"
    assert not error.in_doubt
    assert [one.head for one in ledger.read(0)] == acknowledged  # it is read as before
    with pytest.raises(LedgerUnavailable, match="no space left"):
        ledger.require_writable()
    full.make_room()
    ledger.require_writable()
    require_kept(ledger, acknowledged, in_doubt=False)
    assert server_on_disk.process.poll() is None
    ledger.close()


def test_a_service_whose_tables_cannot_grow_is_not_ready_and_answers_reads(
    disk: Path, server_on_disk: PostgresServer
) -> None:
    http = Http(open_ledger(made_ledger(server_on_disk, "moorings")))
    http.register()
    full = Disk(disk)
    refused = next(reply for number in count() if (reply := post_large(http, number)).status != 201)
    assert require_problem(refused)["code"] == "LEDGER_UNAVAILABLE"
    for _ in range(2):  # the log of the server has room all the time
        ready = http.get("/readyz")
        expected = (503, b"the ledger cannot be written: PostgreSQL has no space left on its disk\n")
        assert (ready.status, ready.body) == expected
        assert http.get(f"{EVENT}/versions/latest").status == 200
        time.sleep(UNWRITABLE_S)
    full.make_room()
    server_on_disk.sql("ALTER SYSTEM SET temp_file_limit = '64kB'")  # which is not a lack of room
    server_on_disk.sql("SELECT pg_reload_conf()")
    eventually(lambda: http.get("/readyz").status == 200, within_s=30)
    assert post_large(http, 0).status == 201
    http.ledger.close()


def post_large(http: Http, number: int) -> Reply:
    """Register a schema of 60 kB under a name of its own."""
    schema = {"type": "record", "name": "Large", "fields": [], "doc": os.urandom(30_000).hex()}
    return http.post(f"/v1/events/large{number}-{os.urandom(4).hex()}/versions", {"schema": json.dumps(schema)})


def test_a_log_that_cannot_grow_crashes_the_server_and_takes_nothing(
    disk: Path, server_with_log_on_disk: PostgresServer
) -> None:
    """The commit may be in the log, or not: the server ends within it, and within each recovery until it has room."""
    server = server_with_log_on_disk
    ledger = open_ledger(f"{made_ledger(server, 'moorings')}&timeout_s=1")
    full = Disk(disk)
    acknowledged, error = append_until_full(ledger)
    assert error.in_doubt
    assert "PANIC:  could not write to file" in (server.folder / "server.log").read_text()
    full.make_room()
    await_answers(ledger, server)
    require_kept(ledger, acknowledged, in_doubt=True)
    ledger.close()


def await_answers(ledger: Ledger, server: PostgresServer) -> None:
    """Return once the ledger can be read; a server that has given up is started, as whatever supervises it does."""
    deadline = time.monotonic() + 60
    while True:
        if server.process.poll() is not None:
            server.start()
        try:
            ledger.head()
        except LedgerUnavailable:
            assert time.monotonic() < deadline
            time.sleep(0.2)
        else:
            return
