"""Following the end of the topic, from any thread: one polls, and those beside it wait for what it finds."""

import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import islice
from threading import Lock

import structlog

from moorings_registry.entries import Head
from moorings_registry.ledger.errors import HistoryLost, LedgerUnavailable
from moorings_registry.ledger.kafka_client import LogReader
from moorings_registry.ledger.kafka_clients import ForkGate, KeptClient
from moorings_registry.ledger.kafka_fold import Fold
from moorings_registry.ledger.kafka_records import Link
from moorings_registry.ledger.kafka_tail import OutOfRange, Tail
from moorings_registry.ledger.rows import Row

_POLL_S = 0.25  # so long is the consumer lent for waiting; a fork waits for it
_PROOF_S = 2.0
_RANGE_PAUSE_S = 0.05
_BEGINNING_S = 10.0
_KEPT_ENTRIES = 1024
_KEPT_BYTES = 4 * 1024 * 1024

log = structlog.get_logger("moorings.ledger")


class Following:
    """A history that grows with the topic."""

    def __init__(
        self,
        fold: Fold,
        gate: ForkGate,
        following: KeptClient[LogReader],
        asking: KeptClient[LogReader],
        timeout_s: float,
    ) -> None:
        """*following* is for the end of the topic alone, *asking* for everything else; *gate* lends both."""
        self._fold = fold
        self._gate = gate
        self._changed = gate.changed
        self._following = following
        self._asking = asking
        self._one_asks = Lock()
        self._timeout_s = timeout_s
        self._is_polling = False
        self._beginning_seen: float | None = None
        self._recent = _Recent()
        self._tail = Tail(fold, self._keep)

    @property
    def head(self) -> Head:
        """Where the history ends, as far as it was read."""
        return self._fold.head

    @property
    def next_offset(self) -> int:
        """Where in the topic it was read to."""
        return self._tail.next_offset

    @property
    def is_proven(self) -> bool:
        """Whether nothing speaks against the topic having this history."""
        return self._tail.is_proven

    @contextmanager
    def asking(self) -> Iterator[LogReader]:
        """Lend the reader that does not follow, to one thread at a time."""
        with self._gate.using(self._asking) as reader, self._one_asks:  # in this order: a fork waits for users alone
            yield reader

    def begin(self) -> None:
        """Find in the topic what the index ends with; an index that does not fit is made again.

        Raises:
            LedgerMisconfigured, LedgerUnavailable, LedgerCorrupt
        """
        try:
            self._see_end()
            self.reach(self._tail.next_offset)
        except HistoryLost as lost:
            log.warning("kafka_index_thrown_away", cause=str(lost))
            self._fold.forget()
            self._tail.doubt()

    def refresh(self) -> None:
        """Read up to where the topic ends now.

        Raises:
            HistoryLost, LedgerCorrupt, LedgerMisconfigured, LedgerUnavailable
        """
        self.reach(self._see_end())

    def doubt(self) -> None:
        """Have the last known entry compared with the topic before anything else is read."""
        self._tail.doubt()

    def reach(self, offset: int) -> None:
        """Read until *offset* comes next, and the history is known to be that of the topic.

        Raises:
            LedgerUnavailable: nothing more came within the time-out.
            HistoryLost, LedgerCorrupt, LedgerMisconfigured
        """

        def is_done() -> bool:
            return self._tail.is_proven and self._tail.next_offset >= offset

        reached = self._tail.next_offset
        while not self.advance(is_done, time.monotonic() + self._patience_s()):
            if self._tail.next_offset == reached:
                if not self._tail.is_proven:
                    self._tail.require_anchor(self._end())
                raise LedgerUnavailable("Kafka does not hand over the records that it has")
            reached = self._tail.next_offset

    def advance(self, is_done: Callable[[], bool], deadline: float) -> bool:
        """Take records until *is_done*: True; False when it is *deadline*, by the monotonic clock."""
        while True:
            with self._changed:
                while self._is_polling and not is_done() and (left_s := deadline - time.monotonic()) > 0:
                    self._changed.wait(left_s)
            if is_done():
                return True
            left_s = deadline - time.monotonic()
            if left_s <= 0:
                return False
            if not self._poll(min(left_s, _POLL_S)):
                self._meet_range()

    def recent(self, after: int, most: int) -> list[Row]:
        """At most *most* entries that follow position *after*, if what follows was read lately; else none."""
        with self._changed:
            return self._recent.after(after, most)

    def _patience_s(self) -> float:
        """How long nothing may come. A record that was read before should come again soon, or is not there any more."""
        return self._timeout_s if self._tail.is_proven else min(self._timeout_s, _PROOF_S)

    def _see_end(self) -> int:
        """Ask where the topic ends, and take notice."""
        self._see_beginning()
        known = self._tail.next_offset
        end = self._end()
        self._tail.see_end(end, known)
        return end

    def _see_beginning(self) -> None:
        """Look now and then whether the topic still has its first record."""
        now = time.monotonic()
        if self._beginning_seen is None or now - self._beginning_seen > _BEGINNING_S:
            with self.asking() as reader:
                self._tail.see_beginning(reader.beginning())
            self._beginning_seen = now

    def _end(self) -> int:
        with self.asking() as reader:
            return reader.end()

    def _poll(self, timeout_s: float) -> bool:
        """Take what comes within *timeout_s*; False where the topic does not have what was asked for."""
        with self._gate.using(self._following) as reader:
            with self._changed:
                if self._is_polling:
                    return True
                self._is_polling = True
            try:
                self._tail.poll(reader, timeout_s)
            except OutOfRange:
                return False
            finally:
                with self._changed:
                    self._is_polling = False
                    self._changed.notify_all()
        return True

    def _meet_range(self) -> None:
        """The topic ends before what was read, or begins behind it: say so, or look again.

        Raises:
            HistoryLost, LedgerCorrupt
        """
        self._beginning_seen = None
        self._tail.require_anchor(self._see_end())
        time.sleep(_RANGE_PAUSE_S)
        self._tail.doubt()

    def _keep(self, links: tuple[Link, ...]) -> None:
        with self._changed:
            self._recent.add(links)


class _Recent:
    """The lines that were read last: whoever follows wants these, and need not ask for them again."""

    def __init__(self) -> None:
        self._rows: deque[Row] = deque()
        self._size_bytes = 0

    def add(self, links: tuple[Link, ...]) -> None:
        if self._rows and self._rows[-1][0] != links[0].position - 1:
            self._rows.clear()
            self._size_bytes = 0
        for link in links:
            self._rows.append((link.position, link.digest.encode(), link.line))
            self._size_bytes += len(link.line)
        while len(self._rows) > _KEPT_ENTRIES or self._size_bytes > _KEPT_BYTES:
            self._size_bytes -= len(self._rows.popleft()[2])

    def after(self, after: int, most: int) -> list[Row]:
        if not self._rows or self._rows[0][0] > after + 1:
            return []
        begin = after + 1 - self._rows[0][0]
        return list(islice(self._rows, begin, begin + most))
