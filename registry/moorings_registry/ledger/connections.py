"""Connections to one store: one for each call that is under way, kept for the next, none across a fork."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Condition, RLock
from time import monotonic
from typing import Generic, Protocol, TypeVar

from moorings_registry.ledger import forks
from moorings_registry.ledger.errors import LedgerUnavailable

_REST_TIMEOUT_S = 15.0  # a fork waits so long for calls under way, which are themselves bounded


class Connection(Protocol):
    """What is kept: it can be closed, and is inside no transaction when it is given back."""

    def close(self) -> object:
        """Roll back what it is inside of, and let go of the store."""


C = TypeVar("C", bound=Connection)


class Connections(Generic[C]):
    """A stack of idle connections; safe from any thread."""

    def __init__(self, connect: Callable[[], C]) -> None:
        self._connect = connect
        self._idle: list[C] = []
        self._lent = 0
        self._lock = RLock()
        self._returned = Condition(self._lock)
        self._closed = False
        forks.watch(self)

    @contextmanager
    def lent(self) -> Iterator[C]:
        """Lend a connection to a block: given back after it, dropped where it raises. Raises what `take` does."""
        connection = self.take()
        try:
            yield connection
        except BaseException:
            self.drop(connection)
            raise
        self.give_back(connection)

    def take(self) -> C:
        """Lend a connection to the caller, who gives it back or drops it.

        Raises:
            whatever *connect* raises: a new one could not be opened.
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

    def give_back(self, connection: C) -> None:
        """Take *connection* back for the next call; it is inside no transaction."""
        with self._lock:
            if not self._closed:
                self._idle.append(connection)
                self._lent -= 1
                self._returned.notify_all()
                return
        self.drop(connection)

    def drop(self, connection: C) -> None:
        """Close *connection*, which had an error or is not needed any more; its transaction is rolled back."""
        connection.close()
        self._count_return()

    def close(self) -> None:
        """Close what is idle now, and what is lent once it comes back."""
        with self._lock:
            self._closed = True
            self._close_idle()

    def close_idle(self) -> None:
        """Close what is idle, which may lead to a server that is not the right one any more."""
        with self._lock:
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
