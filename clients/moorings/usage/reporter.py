"""Reporting usage to the registry: from a thread of its own, one batch a minute at most, best effort.

An event costs nothing more. Once a minute each handle is asked to note its next use: the next event of each writer's
schema passes through a function that notes it and takes itself away again. So what is counted are minutes in which an
application read or wrote a contract, and a process whose contracts are all cached goes on reporting.
"""

import atexit
import contextlib
import logging
import os
import random
import re
import threading
import uuid
import weakref
from collections import Counter
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Protocol

from moorings.drift.reporter import client_name
from moorings.errors import MooringsError, RegistryRefused, SettingInvalid
from moorings.transport.sync_runner import SyncRunner
from moorings.transport.transport import Transport

if TYPE_CHECKING:
    from moorings.contracts.contract import EventContract

_log = logging.getLogger("moorings")

INTERVAL_S = 60.0
"""Seconds between two batches, at least."""
_JITTER = 0.2
_BATCH_ROWS = 500
_MOST_ROWS = 5_000
_LAST_WAIT_S = 1.0
_REST_TURNS = 60
"""Turns skipped after the registry refused reports of usage, or ours: about an hour."""
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
_LABEL = re.compile(r"[0-9]{1,6}\.[0-9]{1,6}")

Row = tuple[str, str, int, str]
"""Subject, direction, major, revision."""


class SendBatch(Protocol):
    """Sends one batch, under a key that makes repeating it harmless; raises one of `MooringsError`."""

    def __call__(self, body: Mapping[str, Any], key: str) -> None: ...


class Usage:
    """Notes and reports what one `Registry` is used for; made by `connect`."""

    def __init__(
        self, send: SendBatch, application: str, *, interval_s: float = INTERVAL_S, last_wait_s: float = _LAST_WAIT_S
    ) -> None:
        self.application = application
        self._send = send
        self._interval_s = interval_s
        self._last_wait_s = last_wait_s
        self._rows: Counter[Row] = Counter()
        self._pending: tuple[str, list[tuple[Row, int]]] | None = None
        self._contracts: weakref.WeakSet[EventContract] = weakref.WeakSet()
        self._rest = 0
        self._turning = threading.Lock()
        self._changing = threading.Lock()
        self._wake = threading.Event()
        self._closed = False
        self._thread: threading.Thread | None = None
        self._process = 0

    def watch(self, contract: "EventContract") -> None:
        """Report the uses of *contract* while it exists."""
        with self._changing:
            self._contracts.add(contract)
        contract.note_next_use()
        self.start()

    def start(self) -> None:
        """Start the thread if this process has none; a forked child starts from zero, as its parent has the counts."""
        if self._process == os.getpid() or self._closed:
            return
        if self._process:
            self._rows, self._pending = Counter(), None
            self._turning, self._changing = threading.Lock(), threading.Lock()
            self._wake = threading.Event()
        self._process = os.getpid()
        arguments = (weakref.WeakMethod(self.turn), self._wake, self._interval_s)
        self._thread = threading.Thread(target=_take_turns, args=arguments, name="moorings-usage", daemon=True)
        self._thread.start()
        _living.add(self)

    def flush(self) -> bool:
        """Send what was noted, now and in this thread; True if nothing is left. For tests and for shutting down."""
        with contextlib.suppress(Exception):  # best effort, as ever
            self._collect()
            while self._is_due:
                if not self._tell():
                    return False
        return not self._is_due

    def close(self) -> None:
        """Send what was noted, waiting a short time at most, and end the thread."""
        if self._closed:
            return
        self._closed = True
        _living.discard(self)
        self._wake.set()
        if self._thread is not None and self._process == os.getpid():
            self._thread.join(self._last_wait_s)

    def turn(self) -> bool:
        """Do what is due; False if this was the last turn. Called by the thread."""
        with contextlib.suppress(Exception):  # a dead thread would report nothing
            self._collect()
            if self._rest > 0 and not self._closed:
                self._rest -= 1
            elif self._is_due:
                self._tell()
        return not self._closed

    @property
    def _is_due(self) -> bool:
        return self._pending is not None or bool(self._rows)

    def _collect(self) -> None:
        """Count what the handles noted since the last turn, and ask them to note their next use."""
        with self._changing:
            contracts = list(self._contracts)
        for contract in contracts:
            for direction, label in contract.take_uses():
                row = (contract.subject, direction, contract.major, label if _LABEL.fullmatch(label) else "")
                if row in self._rows or len(self._rows) < _MOST_ROWS:
                    self._rows[row] += 1
            if not self._closed:
                contract.note_next_use()

    def _tell(self) -> bool:
        """Send one batch; a batch that may have arrived is kept unchanged, and sent again under the same key."""
        with self._turning:
            if self._pending is None:
                rows = list(self._rows.items())[:_BATCH_ROWS]
                for row, _ in rows:
                    del self._rows[row]
                self._pending = (str(uuid.uuid4()), rows)
            key, rows = self._pending
            try:
                self._send(self._body(rows), key)
            except RegistryRefused as error:
                if not error.retryable:
                    self._pending = None
                    self._rest = _REST_TURNS
                    _log.info("the registry refuses reports of usage, pausing: %s", error.code)
                return False
            except MooringsError as error:
                _log.debug("usage could not be sent, keeping it: %s", error.code)
                return False
            self._pending = None
            return True

    def _body(self, rows: list[tuple[Row, int]]) -> dict[str, Any]:
        used = [
            {"subject": subject, "direction": direction, "major": major, "revision": revision, "count": count}
            for (subject, direction, major, revision), count in rows
        ]
        return {"application": self.application, "client": client_name(), "used": used}


def application_name(given: str | None) -> str:
    """Return the name of this application: as given, else `MOORINGS_APPLICATION`, else empty.

    Raises:
        SettingInvalid: it has other characters than names of applications have.
    """
    name = given if given is not None else os.environ.get("MOORINGS_APPLICATION", "").strip()
    if name and not _NAME.fullmatch(name):
        raise SettingInvalid(
            f"the application name {name[:100]!r} has other characters than letters, digits, '.', '_', '-'"
        )
    return name


def usage_of(transport: Transport, runner: SyncRunner, application: str) -> Usage:
    """Make a reporter of what *application* uses, which sends over *transport*; nothing is sent yet."""

    def send(body: Mapping[str, Any], key: str) -> None:
        runner.run(transport.request("POST", "/v1/usage", body=body, key=key, aside=True))

    return Usage(send, application)


def _take_turns(turn: "weakref.WeakMethod[Callable[[], bool]]", wake: threading.Event, interval_s: float) -> None:
    """Take turns until the last one, or until the `Usage` is garbage-collected."""
    while True:
        wake.wait(interval_s * random.uniform(1, 1 + _JITTER))  # noqa: S311 - spreads clients, hides nothing
        due = turn()
        if due is None or not due():
            return
        del due


_living: "weakref.WeakSet[Usage]" = weakref.WeakSet()


@atexit.register
def _last_words() -> None:
    for usage in list(_living):
        usage.close()
