"""The end of the topic: reads record after record, and notices where the topic is not what it was.

| what it sees                              | what it does                                                    |
|-------------------------------------------|-----------------------------------------------------------------|
| an offset beyond the next one             | reads again from the next one; if that stays missing for        |
|                                           | seconds: `LedgerCorrupt`                                        |
| a later leader epoch, a new connection,   | reads the last known entry again, and compares: where there is  |
| an end before what was read               | another one, or none: `HistoryLost`                             |
| a beginning other than offset 0           | `LedgerCorrupt`: records were removed                           |

The second row is what makes a truncated topic safe. A reader that has come to an entry C, in a topic that was cut off
before C and has D there now, would otherwise accept its own successor of C, while everybody else has D.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import structlog

from moorings_registry.entries import START, Head
from moorings_registry.ledger.errors import HistoryLost, LedgerCorrupt
from moorings_registry.ledger.kafka_fold import Fold
from moorings_registry.ledger.kafka_records import Link, NotEntries, links_of

HOLE_S = 5.0
"""Seconds after which a record that is missing counts as gone. Brokers may tell of an end before it can be read."""
_HOLE_PAUSE_S = 0.01

log = structlog.get_logger("moorings.ledger")


class OutOfRange(Exception):
    """The topic does not have the offset that was asked for."""


@dataclass(frozen=True, slots=True)
class Record:
    """A record as it is in the topic."""

    offset: int
    epoch: int
    """Of the leader that took it; -1 where the broker does not say."""
    value: bytes


class Source(Protocol):
    """What records are read from."""

    def start_at(self, offset: int) -> None:
        """Let `records` continue at *offset*."""

    def records(self, timeout_s: float) -> list[Record]:
        """Wait for records, at most *timeout_s* seconds; those that are there.

        Raises:
            OutOfRange
            LedgerError
        """


class Tail:
    """Reads on where it stopped; one thread at a time polls."""

    def __init__(
        self,
        fold: Fold,
        accept: Callable[[tuple[Link, ...]], None],
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """*accept* is handed the entries that follow, a record's at a time."""
        self._fold = fold
        self._accept = accept
        self._clock = clock
        self._sleep = sleep
        self._source: Source | None = None
        self._epoch = -1
        self._must_prove = True
        self._is_proving = False
        self._hole_until: float | None = None
        self.next_offset = self._anchor()

    @property
    def is_proven(self) -> bool:
        """Whether the last known entry, if there is one, was found in the topic since it was doubted last."""
        return self._fold.head == START or not (self._must_prove or self._is_proving)

    def doubt(self) -> None:
        """Have the last known entry read again before anything else is."""
        self._must_prove = True

    def see_beginning(self, offset: int) -> None:
        """Take notice of where the topic begins.

        Raises:
            LedgerCorrupt: its first records are gone.
        """
        if offset > 0:
            raise LedgerCorrupt(1, f"the topic begins at offset {offset}: retention or somebody removed what preceded")

    def see_end(self, offset: int, known: int) -> None:
        """Take notice of where the topic ends, which was asked when *known* was the next offset."""
        if offset < known:
            self.doubt()

    def require_anchor(self, end: int) -> None:
        """Pass where a topic that ends at *end* can have the last known entry.

        Raises:
            HistoryLost
        """
        if self._fold.head != START and end <= self._anchor():
            raise HistoryLost(self._fold.head, Head(0, START.digest))

    def poll(self, source: Source, timeout_s: float) -> None:
        """Wait for records and take them.

        Raises:
            HistoryLost, LedgerCorrupt, OutOfRange, LedgerUnavailable
        """
        if self._must_prove or source is not self._source:
            self._prove(source)
        for record in source.records(timeout_s):
            if record.offset > self.next_offset:
                self._meet_hole(source, record.offset)
                return
            if record.offset < self.next_offset:
                continue
            if not self._is_proving and record.epoch > self._epoch:
                self._epoch = record.epoch
                if self.next_offset > 0:
                    log.info("kafka_history_compared", epoch=record.epoch, offset=record.offset)
                    self._prove(source)
                    return
            self._hole_until = None
            self._take(record)

    def _take(self, record: Record) -> None:
        if self._is_proving:
            self._compare(record)
        else:
            links = self._fold.take(record.offset, record.value)
            if links:
                self._accept(links)
        self.next_offset = record.offset + 1

    def _prove(self, source: Source) -> None:
        self._source = source
        self._must_prove = False
        self._is_proving = self._fold.head != START
        self.next_offset = self._anchor()
        source.start_at(self.next_offset)

    def _compare(self, record: Record) -> None:
        """Hold what is at the place of the last known entry against it.

        Raises:
            HistoryLost
        """
        known = self._fold.head
        self._must_prove = True  # where it is not the same, the next poll finds out again
        try:
            last = links_of(record.value)[-1]
        except NotEntries:
            raise HistoryLost(known, Head(0, START.digest)) from None
        if last.digest != known.digest:
            raise HistoryLost(known, Head(last.position, last.digest))
        self._epoch = max(self._epoch, record.epoch)
        self._must_prove = self._is_proving = False

    def _meet_hole(self, source: Source, found: int) -> None:
        source.start_at(self.next_offset)
        now = self._clock()
        if self._hole_until is None:
            self._hole_until = now + HOLE_S
        if now > self._hole_until:
            raise LedgerCorrupt(
                self._fold.head.position + 1,
                f"records {self.next_offset} to {found - 1} of the topic are missing: it was compacted, somebody "
                "wrote to it in a transaction, or the broker does not keep offsets dense as Kafka does",
            )
        self._sleep(_HOLE_PAUSE_S)

    def _anchor(self) -> int:
        """The offset of the last known entry; of the first record where there is none."""
        head = self._fold.head
        return self._fold.index.offset(head.position) if head != START else 0
