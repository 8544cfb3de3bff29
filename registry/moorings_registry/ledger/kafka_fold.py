"""From the records of the topic to a history: which of them are its entries.

A record is what comes next if its first entry follows the last one that was taken. Everything else is skipped: what
lost a race, what was sent again, what is not an entry. A partition has one order, and the rule looks at nothing else,
so whoever reads it comes to the same history, without a leader and without locks. What was skipped is skipped for
ever, since the entry that it follows has another successor.
"""

from collections import Counter
from collections.abc import Callable
from enum import StrEnum

import structlog

from moorings_registry.entries import Head
from moorings_registry.ledger.kafka_index import PositionIndex
from moorings_registry.ledger.kafka_records import Link, NotEntries, links_of

log = structlog.get_logger("moorings.ledger")


class Skipped(StrEnum):
    """Why a record is not a part of the history."""

    LOST = "lost"
    """Another writer was first."""
    AGAIN = "again"
    """It is a part already: it was sent twice."""
    FOREIGN = "foreign"
    """It follows an entry that this history does not have: somebody comes to another history, or plays."""
    UNREADABLE = "unreadable"
    """It holds no entries."""


_UNEXPECTED = (Skipped.FOREIGN, Skipped.UNREADABLE)


class Fold:
    """A history as far as it was read."""

    def __init__(self, index: PositionIndex) -> None:
        self.index = index
        self.head: Head = index.head
        self.skipped: Counter[Skipped] = Counter()
        self._observe: Callable[[str, int], None] | None = None

    def take(self, offset: int, value: bytes) -> tuple[Link, ...]:
        """Take the record at *offset*; the entries that it adds, none where it is skipped."""
        try:
            links = links_of(value)
        except NotEntries as error:
            self._skip(Skipped.UNREADABLE, offset, str(error))
            return ()
        if Head(links[0].position - 1, links[0].previous) != self.head:
            self._skip(self._reason(links), offset, f"an entry for position {links[0].position}")
            return ()
        self.index.add(offset, *(link.digest for link in links))
        self.head = Head(links[-1].position, links[-1].digest)
        return links

    def watch_skipped(self, observe: Callable[[str, int], None]) -> None:
        """Let *observe* know how many records were skipped for each reason, now and whenever there are more."""
        self._observe = observe
        for reason in Skipped:
            observe(reason, self.skipped[reason])

    def forget(self) -> None:
        """Begin again before the first record."""
        self.index.throw_away()
        self.head = self.index.head

    def _reason(self, links: tuple[Link, ...]) -> Skipped:
        first, last = links[0], links[-1]
        if first.position - 1 > self.head.position or self.index.digest(first.position - 1) != first.previous:
            return Skipped.FOREIGN
        if last.position <= self.head.position and self.index.digest(last.position) == last.digest:
            return Skipped.AGAIN
        return Skipped.LOST

    def _skip(self, reason: Skipped, offset: int, what: str) -> None:
        self.skipped[reason] += 1
        count = self.skipped[reason]
        if self._observe is not None:
            self._observe(reason, count)
        if reason in _UNEXPECTED and count & (count - 1) == 0:  # the 1st, 2nd, 4th, 8th, ...
            log.warning("kafka_record_skipped", reason=str(reason), offset=offset, cause=what, skipped=count)
