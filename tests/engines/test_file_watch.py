"""Waiting for an SQLite ledger: the kernel tells of writes, and where it does not, the file is asked by the clock."""

import contextlib
import os
import threading
import time
from pathlib import Path

import pytest

from moorings_registry.ledger import file_watch
from moorings_registry.ledger.sqlite import SqliteLedger
from tests.engines.samples import append_next

LONG_S = 20.0


def test_a_watch_tells_of_a_write_once(tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.write_bytes(b"")
    watch = file_watch.FileWatch(path)
    assert watch.arm()
    assert not watch.wait(0)
    path.write_bytes(b"more")
    assert watch.wait(LONG_S)
    assert not watch.wait(0)


def test_what_is_written_between_two_waits_is_told(tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.write_bytes(b"")
    watches = file_watch.FileWatches(path)
    watches.mine().arm()
    path.write_bytes(b"more")
    assert watches.mine().wait(0)


def test_a_file_that_is_missing_is_not_watched(tmp_path: Path) -> None:
    watch = file_watch.FileWatch(tmp_path / "log")
    assert not watch.arm()
    began = time.monotonic()
    assert not watch.wait(LONG_S)  # a short rest: its owner asks by the clock
    assert time.monotonic() - began < LONG_S / 2


@pytest.mark.parametrize("missing", ["kernel", "instances"])
def test_without_the_kernel_waiting_still_ends(missing: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if missing == "kernel":
        monkeypatch.setattr(file_watch, "_libc", None)
    else:  # the limit of the user is reached
        monkeypatch.setattr(file_watch, "_instance", lambda: None)
    reader, writer = SqliteLedger(tmp_path / "ledger.db"), SqliteLedger(tmp_path / "ledger.db")
    woken: list[bool] = []
    waiting = threading.Thread(target=lambda: woken.append(reader.wait(0, LONG_S)))
    waiting.start()
    append_next(writer, "news")
    waiting.join(LONG_S)
    assert woken == [True]
    assert not reader.wait(1, 0.05)


def test_a_log_that_is_made_anew_is_watched_again(tmp_path: Path) -> None:
    reader = SqliteLedger(tmp_path / "ledger.db")
    assert not reader.wait(0, 0.01)
    reader._connections.close_idle()  # the last connection takes the log with it
    assert not (tmp_path / "ledger.db-wal").exists()
    woken: list[bool] = []
    waiting = threading.Thread(target=lambda: woken.append(reader.wait(0, LONG_S)))
    waiting.start()
    time.sleep(0.05)
    append_next(SqliteLedger(tmp_path / "ledger.db"), "news")
    waiting.join(LONG_S)
    assert woken == [True]


def test_a_forked_process_makes_a_watch_of_its_own(tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.write_bytes(b"")
    watches = file_watch.FileWatches(path)
    assert watches.mine().arm()
    child = os.fork()
    if child == 0:  # pragma: no cover - another process
        own = watches.mine()
        os._exit(0 if own.process == os.getpid() and own.arm() and not own.wait(0) else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    path.write_bytes(b"more")
    assert watches.mine().wait(LONG_S)  # the child took nothing of it


def watches_of(path: Path) -> int:
    """How many watches this process has on *path*, whatever else it has open (proc(5), `fdinfo`)."""
    watched = f"ino:{path.stat().st_ino:x} "
    found = 0
    for one in Path("/proc/self/fdinfo").iterdir():
        with contextlib.suppress(FileNotFoundError):  # closed meanwhile
            found += any(line.startswith("inotify ") and watched in line for line in one.read_text().splitlines())
    return found


def test_a_thread_that_ends_closes_its_watch(tmp_path: Path) -> None:
    ledger, log = SqliteLedger(tmp_path / "ledger.db"), tmp_path / "ledger.db-wal"
    ledger.wait(0, 0.01)  # the connection is kept from here on
    assert watches_of(log) == 1
    for _ in range(5):
        one = threading.Thread(target=ledger.wait, args=(0, 0.01))
        one.start()
        one.join()
    assert watches_of(log) == 1
