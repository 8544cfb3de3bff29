"""Faults of the whole service: killed workers, a killed master, a locked, full or older ledger.

Whatever happens: what was acknowledged is there, once and whole; reads go on, and writing begins again by itself.
"""

import os
import shutil
import signal
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from http.client import HTTPException
from pathlib import Path

import pytest

from moorings_registry.engines import open_ledger
from moorings_registry.ledger import verify
from tests.registry.asking import record, require_facts_as_described
from tests.registry.calling import require_problem
from tests.registry.serving import Serving

HANDS = 3
HISTORY_LOST = frozenset({"LEDGER_HISTORY_LOST", "LEDGER_UNAVAILABLE"})
"""What a worker says of a ledger that was replaced: the latter before it has looked at what is there now."""


class Clients:
    """Callers that register new subjects as fast as they can, and remember what was acknowledged."""

    def __init__(self, serving: Serving) -> None:
        self.acknowledged: dict[str, int] = {}
        self._serving = serving
        self._ended = threading.Event()
        self._threads = [threading.Thread(target=self._write, args=(hand,)) for hand in range(HANDS)]
        for thread in self._threads:
            thread.start()

    def await_more(self, count: int, timeout_s: float = 30) -> None:
        """Return once *count* more writes were acknowledged."""
        wanted = len(self.acknowledged) + count
        deadline = time.monotonic() + timeout_s
        while len(self.acknowledged) < wanted:
            assert time.monotonic() < deadline, "nothing is acknowledged any more"
            time.sleep(0.005)

    def end(self) -> None:
        self._ended.set()
        for thread in self._threads:
            thread.join()

    def _write(self, hand: int) -> None:
        number = 0
        while not self._ended.is_set():
            number += 1
            subject = f"s{hand}-{number}"
            schema = record("a", name=f"R{hand}_{number}")
            try:
                reply = self._serving.call("POST", f"/v1/events/{subject}/versions", {"schema": schema})
            except (OSError, HTTPException):
                time.sleep(0.02)
                continue
            assert reply.status == 201, reply.body
            self.acknowledged[subject] = reply.json["id"]


@pytest.fixture
def serving(tmp_path: Path) -> Iterator[Serving]:
    serving = Serving(tmp_path, "--workers", "2", "--no-access-log")
    yield serving
    serving.stop()


def require_all_kept(serving: Serving, acknowledged: dict[str, int]) -> None:
    """Check the ledger itself: each acknowledged registration once, every entry whole, the chain unbroken."""
    ledger = open_ledger(serving.ledger_url)
    registered = [
        (fact["subject"], fact["id"])
        for one in ledger.read(0)
        for fact in one.facts
        if fact["fact"] == "SchemaRegistered"
    ]
    assert len(registered) == len(dict(registered)) == verify(ledger.read(0)).position
    assert acknowledged.items() <= dict(registered).items()
    assert len({id for _, id in registered}) == len(registered)
    require_facts_as_described(ledger)
    ledger.close()


def test_killed_workers_lose_nothing_and_are_replaced(serving: Serving) -> None:
    clients = Clients(serving)
    try:
        for round_ in range(3):
            clients.await_more(15)
            before = serving.workers()
            os.kill(before[round_ % 2], signal.SIGKILL)
        clients.await_more(15)
        deadline = time.monotonic() + 20
        while len(serving.workers()) < 2 and time.monotonic() < deadline:
            time.sleep(0.05)  # the other worker may have answered all of these before the new one was there
        assert len(serving.workers()) == 2
    finally:
        clients.end()
    require_all_kept(serving, clients.acknowledged)
    for subject in list(clients.acknowledged)[-5:]:
        for _ in range(4):
            assert serving.call("GET", f"/v1/events/{subject}/versions/1").status == 200


def test_a_killed_master_takes_its_workers_along_and_loses_nothing(serving: Serving) -> None:
    clients = Clients(serving)
    try:
        clients.await_more(15)
        serving.kill()
        serving.start()
        clients.await_more(15)
    finally:
        clients.end()
    require_all_kept(serving, clients.acknowledged)


def test_a_locked_ledger_is_a_clear_answer_and_reads_go_on(tmp_path: Path) -> None:
    serving = Serving(tmp_path, "--workers", "2", "--no-access-log", ledger_parameters="?busy_timeout_s=0.3")
    try:
        assert serving.call("POST", "/v1/events/a/versions", {"schema": record("a")}).status == 201
        with closing(sqlite3.connect(serving.ledger_path, isolation_level=None)) as intruder:
            intruder.execute("BEGIN IMMEDIATE")
            require_unwritable(serving)
            require_readable(serving)
        assert serving.call("POST", "/v1/events/b/versions", {"schema": record("a")}).status == 201
        assert serving.call("GET", "/readyz").status == 200
    finally:
        serving.stop()


def test_a_full_disk_is_a_clear_answer_and_reads_go_on(tmp_path: Path) -> None:
    """No file of the service may grow beyond a limit, which is to the ledger what a full disk is."""
    serving = Serving(tmp_path, "--workers", "2", "--no-access-log", file_size_limit=400_000)
    try:
        assert serving.call("POST", "/v1/events/a/versions", {"schema": record("a")}).status == 201
        acknowledged: dict[str, int] = {}
        filler = "x" * 100_000
        for number in range(40):
            schema = f'{{"type":"record","name":"R{number}","doc":"{filler}","fields":[]}}'
            reply = serving.call("POST", f"/v1/events/full{number}/versions", {"schema": schema})
            if reply.status != 201:
                break
            acknowledged[f"full{number}"] = reply.json["id"]
        assert (reply.status, require_problem(reply)["code"]) == (503, "LEDGER_UNAVAILABLE")
        assert reply.headers["retry-after"]
        require_readable(serving)
        for subject in acknowledged:
            assert serving.call("GET", f"/v1/events/{subject}/versions/latest").status == 200
        serving.lift_file_size_limit()
        assert serving.call("POST", "/v1/events/after/versions", {"schema": record("b")}).status == 201
        require_all_kept(serving, acknowledged)
    finally:
        serving.stop()


def test_an_older_copy_in_place_of_the_ledger_is_noticed_and_not_appended_to(serving: Serving) -> None:
    assert serving.call("POST", "/v1/events/a/versions", {"schema": record("a")}).status == 201
    copy = serving.folder / "older.db"
    with closing(sqlite3.connect(serving.ledger_path)) as source, closing(sqlite3.connect(copy)) as target:
        source.backup(target)
    assert serving.call("POST", "/v1/events/b/versions", {"schema": record("b")}).status == 201
    # Either worker has read both by now: one that has not could only say that it does not know.
    for _ in range(24):
        assert serving.call("GET", "/v1/events/b/versions/latest").status == 200
    for left in ("-wal", "-shm"):
        Path(f"{serving.ledger_path}{left}").unlink(missing_ok=True)
    shutil.move(copy, serving.ledger_path)
    require_unwritable(serving, HISTORY_LOST)
    require_readable(serving)
    for worker in serving.workers():
        os.kill(worker, signal.SIGKILL)
        _await_workers(serving)
        require_unwritable(serving, HISTORY_LOST)
        # A successor knows only what the master read at the start. It says so, and never that there is no such event.
        told = {serving.call("GET", "/v1/events/b/versions/latest").status for _ in range(6)}
        assert told <= {200, 503}
    assert open_ledger(f"sqlite:///{serving.ledger_path}").head().position == 1


def require_unwritable(serving: Serving, codes: frozenset[str] = frozenset({"LEDGER_UNAVAILABLE"})) -> None:
    for _ in range(4):  # either worker
        reply = serving.call("POST", "/v1/events/new/versions", {"schema": record("new")})
        problem = require_problem(reply)
        assert reply.status == 503
        assert problem["code"] in codes
        assert problem["retryable"]


def require_readable(serving: Serving) -> None:
    for _ in range(4):
        assert serving.call("GET", "/v1/events/a/versions/latest").status == 200
        assert serving.call("GET", "/v1/schemas/ids/1").status == 200


def _await_workers(serving: Serving) -> None:
    deadline = time.monotonic() + 20
    while len(serving.workers()) < 2 or not _answers(serving):
        assert time.monotonic() < deadline
        time.sleep(0.05)


def _answers(serving: Serving) -> bool:
    try:
        return all(serving.call("GET", "/healthz").status == 200 for _ in range(4))
    except (OSError, HTTPException):
        return False
