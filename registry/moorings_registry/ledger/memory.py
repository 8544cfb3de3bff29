"""The ledger in memory: a real engine for one process, lost when it ends. For tests, trials and demonstrations."""

from collections.abc import Iterator
from threading import Condition

from moorings_registry.entries import START, Entry, Head
from moorings_registry.ledger import forks
from moorings_registry.ledger.chain import require_chain
from moorings_registry.ledger.errors import HeadMoved
from moorings_registry.ledger.port import UNBOUNDED


class MemoryLedger:
    """Entries in a list. A forked process continues with a copy of its own."""

    largest_append_bytes = UNBOUNDED

    def __init__(self) -> None:
        self._entries: list[Entry] = []
        self._grown = Condition()
        forks.watch(self)

    def head(self) -> Head:
        """Return where the history ends now."""
        return self._entries[-1].head if self._entries else START

    def append(self, *entries: Entry, after: Head) -> None:
        """Add *entries* behind *after*; see `Ledger.append`."""
        require_chain(entries, after)
        with self._grown:
            if self.head() != after:
                raise HeadMoved(after)
            self._entries.extend(entries)
            self._grown.notify_all()

    def require_writable(self) -> None:
        """Pass: a list takes every entry."""

    def read(self, after: int) -> Iterator[Entry]:
        """Yield the entries that follow position *after*, oldest first."""
        while after < len(self._entries):
            yield self._entries[after]
            after += 1

    def wait(self, after: int, timeout_s: float) -> bool:
        """Block until an entry follows position *after*, or *timeout_s* seconds have passed."""
        with self._grown:
            return self._grown.wait_for(lambda: len(self._entries) > after, timeout_s)

    def close(self) -> None:
        """Nothing to close."""

    def before_fork(self) -> None:
        """Keep other threads out of a half-done append."""
        self._grown.acquire()

    def after_fork(self) -> None:
        """Resume."""
        self._grown.release()
