"""The clients of one process: opened when they are needed, closed before a fork, whose child could not use them."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Condition, RLock
from time import monotonic
from typing import Generic, Protocol, TypeVar

from moorings_registry.ledger.errors import LedgerUnavailable

_REST_TIMEOUT_S = 15.0  # a fork waits so long for calls under way, which are themselves bounded


class Client(Protocol):
    """What is kept open."""

    def close(self) -> object:
        """End its threads."""


C = TypeVar("C", bound=Client)


class KeptClient(Generic[C]):
    """A client that is made when it is first used."""

    def __init__(self, make: Callable[[], C]) -> None:
        self._make = make
        self._client: C | None = None

    def get(self) -> C:
        """The client.

        Raises:
            whatever *make* raises
        """
        if self._client is None:
            self._client = self._make()
        return self._client

    def close(self) -> None:
        """Close it, if it was made; whoever asks next gets another."""
        client, self._client = self._client, None
        if client is not None:
            client.close()


class ForkGate:
    """Counts who is using clients, so that nobody is when they are closed; safe from any thread."""

    def __init__(self, *clients: Client) -> None:
        self._clients = clients
        self.changed = Condition(RLock())
        """Held while a client is made, and across a fork; notified whenever somebody is done."""
        self._users = 0
        self._is_resting = False
        self._is_closed = False
        self._is_stale = False

    @contextmanager
    def using(self, client: KeptClient[C]) -> Iterator[C]:
        """Lend *client* to a block, which is short and uses no other one.

        Raises:
            LedgerUnavailable: closed already.
            whatever making the client raises
        """
        with self.changed:
            while self._is_resting:
                self.changed.wait()
            if self._is_closed:
                raise LedgerUnavailable("this ledger has been closed", retryable=False)
            if self._is_stale and not self._users:
                self._close_clients()
                self._is_stale = False
            lent = client.get()
            self._users += 1
        try:
            yield lent
        finally:
            with self.changed:
                self._users -= 1
                self.changed.notify_all()

    def renew(self) -> None:
        """Have clients made again, with what the file of properties says then."""
        with self.changed:
            self._is_stale = True

    def close(self) -> None:
        """Close all clients, once nobody uses them."""
        with self.changed:
            self._is_closed = True
            self._wait_for_users()
            self._close_clients()

    def before_fork(self) -> None:
        """Wait until nobody uses a client, close all, and keep everybody out."""
        self.changed.acquire()
        self._is_resting = True
        self._wait_for_users()
        self._close_clients()

    def after_fork(self) -> None:
        """Lend again."""
        self._is_resting = False
        self.changed.notify_all()
        self.changed.release()

    def _wait_for_users(self) -> None:
        deadline = monotonic() + _REST_TIMEOUT_S
        while self._users and self.changed.wait(deadline - monotonic()):
            pass

    def _close_clients(self) -> None:
        for client in self._clients:
            client.close()
