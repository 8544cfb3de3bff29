"""The port: what every engine does, so that nobody above knows which one it is."""

from collections.abc import Callable, Iterator
from typing import Protocol, runtime_checkable

from moorings_registry.entries import Entry, Head

UNBOUNDED = 2**62
"""Bytes of lines that an engine takes together, where only each of them is bounded."""


class Ledger(Protocol):
    """Keeps the entries in order; safe from any thread, any process, and across a fork.

    Every method raises `LedgerUnavailable` while the store is away, and `LedgerCorrupt` when what it holds is damaged.
    """

    @property
    def largest_append_bytes(self) -> int:
        """Bytes of lines, with a line feed between two, that one append takes at most."""

    def head(self) -> Head:
        """Return where the history ends now; `START` when it is empty."""

    def append(self, *entries: Entry, after: Head) -> None:
        """Add *entries*, each following the one before it and the first *after*: all of them or none.

        Durable when this returns; no reader sees a part of them.

        Raises:
            HeadMoved: another writer was first. An engine never retries: the decision was
                reached against a history that has changed meanwhile.
            ValueError: they were not built to follow *after* and each other.
        """

    def require_writable(self) -> None:
        """Write something small that is not an entry, as durably as an entry; pass when it was written.

        No reader sees it, and the head stays where it is.

        Raises:
            LedgerUnavailable: an append would fail now.
        """

    def read(self, after: int) -> Iterator[Entry]:
        """Yield the entries that follow position *after*, oldest first, each one verified against its digest.

        Ends with the last entry there is by then; nothing is held between two entries, so a reader may take its time.
        """

    def wait(self, after: int, timeout_s: float) -> bool:
        """Block until an entry follows position *after*: True; False when *timeout_s* seconds have passed."""

    def close(self) -> None:
        """Close files and connections; the ledger is not used afterwards."""


@runtime_checkable
class SkippingLedger(Protocol):
    """A ledger whose store may hold more than its entries: others can write there, and what is theirs is skipped."""

    def watch_skipped(self, observe: Callable[[str, int], None]) -> None:
        """Let *observe* know how often something was skipped since the ledger was opened: why, and how often.

        Called for each reason immediately, and again whenever a number has grown, in the thread that reads.
        """
