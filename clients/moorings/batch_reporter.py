"""Reporting to the registry from a thread of its own: in batches, at intervals, best effort.

What is reported is counted elsewhere; here is when it is sent, and what becomes of a batch that does not arrive.
Nothing raises, and nothing waits for the registry but the end of the process, for a short time.
"""

import atexit
import contextlib
import logging
import os
import random
import threading
import uuid
import weakref
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Generic, Protocol, TypeVar

from moorings.errors import MooringsError, RegistryRefused

if TYPE_CHECKING:
    from moorings.contracts.contract import EventContract

_log = logging.getLogger("moorings")

LAST_WAIT_S = 1.0
"""Seconds that the end of a process waits for the last batch."""
BATCH_ROWS = 500
"""Rows of one batch, at most: what the registry accepts."""

Rows = TypeVar("Rows")


class SendBatch(Protocol):
    """Sends one batch, under a key that makes repeating it harmless; raises one of `MooringsError`."""

    def __call__(self, body: Mapping[str, Any], key: str) -> None: ...


class BatchReporter(ABC, Generic[Rows]):
    """Collects and sends at intervals; a subclass says what. Safe from any thread, and across a fork."""

    reports: ClassVar[str]
    """What is reported, as the thread is named and as log lines say it."""
    spread: ClassVar[tuple[float, float]]
    """Between which parts of the interval each wait is drawn, so that clients do not report all together."""
    rest_turns: ClassVar[int]
    """Turns that are skipped after the registry refused such reports: about an hour."""

    def __init__(self, send: SendBatch, interval_s: float, last_wait_s: float) -> None:
        self._send = send
        self._interval_s = interval_s
        self._last_wait_s = last_wait_s
        self._pending: tuple[str, Rows] | None = None
        self._contracts: weakref.WeakSet[EventContract] = weakref.WeakSet()
        self._rest = 0
        self._turning = threading.Lock()
        self._changing = threading.Lock()
        self._wake = threading.Event()
        self._closed = False
        self._thread: threading.Thread | None = None
        self._process = 0

    @abstractmethod
    def _collect(self) -> None:
        """Count what was noted since the last turn."""

    @abstractmethod
    def _has_rows(self) -> bool:
        """Whether there is something to send besides a batch that is pending."""

    @abstractmethod
    def _take_rows(self) -> Rows | None:
        """Remove the rows of one batch and return them; None for none."""

    @abstractmethod
    def _body(self, rows: Rows) -> dict[str, Any]:
        """What is sent of *rows*."""

    @abstractmethod
    def _forget(self) -> None:
        """Drop all that was counted: a forked child starts from zero, as its parent has the counts."""

    def _ask_contracts(self) -> None:
        """Ask contracts to note what happens until the next turn; by default nothing."""

    def start(self) -> None:
        """Start the thread if this process has none."""
        if self._process == os.getpid() or self._closed:
            return
        if self._process:
            self._pending = None
            self._turning, self._changing = threading.Lock(), threading.Lock()
            self._wake = threading.Event()
            self._forget()
        self._process = os.getpid()
        arguments = (weakref.WeakMethod(self.turn), self._wake, self._interval_s, self.spread)
        name = f"moorings-{self.reports}"
        self._thread = threading.Thread(target=_take_turns, args=arguments, name=name, daemon=True)
        self._thread.start()
        _living.add(self)

    def flush(self) -> bool:
        """Send what was counted, now and in this thread; True if nothing is left. For tests and for shutting down."""
        with contextlib.suppress(Exception):  # best effort, as ever
            self._collect()
            while self._is_due:
                if not self._report():
                    return False
        return not self._is_due

    def close(self) -> None:
        """Send what was counted, waiting a short time at most, and end the thread."""
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
                self._report()
            if not self._closed:
                self._ask_contracts()
        return not self._closed

    @property
    def _is_due(self) -> bool:
        return self._pending is not None or self._has_rows()

    def _watched(self) -> "list[EventContract]":
        with self._changing:
            return list(self._contracts)

    def _report(self) -> bool:
        """Send one batch; a batch that may have arrived is kept unchanged, and sent again under the same key."""
        with self._turning:
            if self._pending is None:
                taken = self._take_rows()
                if taken is None:
                    return True
                self._pending = (str(uuid.uuid4()), taken)
            key, rows = self._pending
            try:
                self._send(self._body(rows), key)
            except RegistryRefused as error:
                if not error.retryable:
                    self._pending = None
                    self._rest = self.rest_turns
                    _log.info("the registry refuses reports of %s, pausing: %s", self.reports, error.code)
                return False
            except MooringsError as error:
                _log.debug("%s could not be sent, keeping it: %s", self.reports, error.code)
                return False
            self._pending = None
            return True


def client_name() -> str:
    """Return the name and version of this library, as reports carry it."""
    from importlib.metadata import PackageNotFoundError, version  # 10 ms, paid by the thread and not by the import

    try:
        return f"moorings-python/{version('moorings')}"
    except PackageNotFoundError:
        return "moorings-python"


def _take_turns(
    turn: "weakref.WeakMethod[Callable[[], bool]]",
    wake: threading.Event,
    interval_s: float,
    spread: tuple[float, float],
) -> None:
    """Take turns until the last one, or until the reporter is garbage-collected."""
    while True:
        wake.wait(interval_s * random.uniform(*spread))  # noqa: S311 - spreads clients, hides nothing
        due = turn()
        if due is None or not due():
            return
        del due


_living: "weakref.WeakSet[BatchReporter[Any]]" = weakref.WeakSet()


@atexit.register
def _last_words() -> None:
    for reporter in list(_living):
        reporter.close()
