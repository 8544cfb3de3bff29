"""Connections to one SQLite file: one for each call that is under way, kept for the next, none across a fork."""

import sqlite3
from collections.abc import Callable
from threading import Condition, RLock
from time import monotonic

from moorings_registry.ledger import forks
from moorings_registry.ledger.errors import LedgerUnavailable

_REST_TIMEOUT_S = 15.0  # a fork waits so long for calls under way, which are themselves bounded by the busy timeout


class Connections:
    """A stack of idle connections; safe from any thread."""

    def __init__(self, connect: Callable[[], sqlite3.Connection]) -> None:
        self._connect = connect
        self._idle: list[sqlite3.Connection] = []
        self._lent = 0
        self._lock = RLock()
        self._returned = Condition(self._lock)
        self._closed = False
        forks.watch(self)

    def take(self) -> sqlite3.Connection:
        """Lend a connection to the caller, who gives it back or drops it.

        Raises:
            sqlite3.Error: a new one could not be opened.
            LedgerUnavailable: closed already.
        """
        with self._lock:
            if self._closed:
                raise LedgerUnavailable("this ledger has been closed", retryable=False)
            self._lent += 1
            if self._idle:
                return self._idle.pop()
        try:
            return self._connect()
        except BaseException:
            self._count_return()
            raise

    def give_back(self, connection: sqlite3.Connection) -> None:
        """Take *connection* back for the next call; it is inside no transaction."""
        with self._lock:
            if not self._closed:
                self._idle.append(connection)
                self._lent -= 1
                self._returned.notify_all()
                return
        self.drop(connection)

    def drop(self, connection: sqlite3.Connection) -> None:
        """Close *connection*, which had an error or is not needed any more; its transaction is rolled back."""
        connection.close()
        self._count_return()

    def close(self) -> None:
        """Close what is idle now, and what is lent once it comes back."""
        with self._lock:
            self._closed = True
            self._close_idle()

    def before_fork(self) -> None:
        """Wait until nothing is lent, and close everything."""
        self._lock.acquire()
        deadline = monotonic() + _REST_TIMEOUT_S
        while self._lent and self._returned.wait(deadline - monotonic()):
            pass
        self._close_idle()

    def after_fork(self) -> None:
        """Lend again."""
        self._lock.release()

    def _count_return(self) -> None:
        with self._lock:
            self._lent -= 1
            self._returned.notify_all()

    def _close_idle(self) -> None:
        while self._idle:
            self._idle.pop().close()
