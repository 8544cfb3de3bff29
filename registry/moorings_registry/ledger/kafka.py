"""The ledger in one Kafka topic: for registries that run on several machines, on brokers that are there already.

Preview: it has run on brokers that speak Kafka's protocol, and not on Kafka itself.

Every node writes. A record of the topic is the next entry if it follows the last one; every reader decides that for
itself, in the order of the topic, and all come to the same (`kafka_fold`). An append therefore produces its entry,
reads on to where that went, and looks whether it was taken. An append whose answer is lost is produced again, until
one of its records is acknowledged: when the topic was read up to that one, the entry is in, or can never be.

Each process follows the end of the topic with a consumer that joins no group. A second one asks where the topic
ends, and reads what is past: a broker answers one connection in order, and the first waits there for news.
"""

import time
from collections.abc import Callable, Iterator
from threading import RLock

import structlog

from moorings_registry.entries import Entry, Head
from moorings_registry.ledger import forks
from moorings_registry.ledger.chain import require_chain
from moorings_registry.ledger.errors import (
    HeadMoved,
    LedgerCorrupt,
    LedgerError,
    LedgerMisconfigured,
    LedgerTooNew,
    LedgerUnavailable,
)
from moorings_registry.ledger.kafka_client import LogReader, LogWriter, Undelivered
from moorings_registry.ledger.kafka_clients import ForkGate, KeptClient
from moorings_registry.ledger.kafka_errors import is_final, ledger_error
from moorings_registry.ledger.kafka_fold import Fold
from moorings_registry.ledger.kafka_following import Following
from moorings_registry.ledger.kafka_index import PositionIndex
from moorings_registry.ledger.kafka_past import FIRST_BATCH, LARGEST_BATCH, Past
from moorings_registry.ledger.kafka_records import record_of
from moorings_registry.ledger.kafka_setup import Topic
from moorings_registry.ledger.kafka_url import KafkaServer
from moorings_registry.ledger.rows import Row, entries_of

_SETTLE_PAUSE_S = 0.05
_PAST_FETCH_WAIT_MS = 10

log = structlog.get_logger("moorings.ledger")


class KafkaLedger:
    """Entries as records of one partition."""

    def __init__(self, server: KafkaServer, topic: Topic) -> None:
        """Open the ledger in the *topic* of *server*.

        Raises:
            LedgerMisconfigured, LedgerUnavailable, LedgerCorrupt
        """
        self.largest_append_bytes = topic.largest_append_bytes
        self._least_replicas = max(1, topic.least_replicas)
        self._timeout_s = server.timeout_s
        self._topic = server.topic
        following = KeptClient(lambda: LogReader(server, topic.most_bytes, server.fetch_wait_ms))
        asking = KeptClient(lambda: LogReader(server, topic.most_bytes, _PAST_FETCH_WAIT_MS))
        self._writing = KeptClient(lambda: LogWriter(server, topic.most_bytes))
        self._gate = ForkGate(following, asking, self._writing)
        self._appending = RLock()
        self._index = _index(server)
        self._fold = Fold(self._index)
        self._following = Following(self._fold, self._gate, following, asking, server.timeout_s)
        self._past = Past(self._index, self._following.asking, server.timeout_s)
        forks.watch(self)
        self._following.begin()

    def head(self) -> Head:
        """Return where the history ends now: ask where the topic ends, and read up to there."""
        self._following.refresh()
        return self._following.head

    def append(self, *entries: Entry, after: Head) -> None:
        """Add *entries* behind *after* as one record; see `Ledger.append`."""
        require_chain(entries, after)
        value = record_of(entries)
        if len(value) > self.largest_append_bytes:
            what = f"the topic takes entries of {self.largest_append_bytes} bytes, and these have {len(value)}"
            raise LedgerMisconfigured(what, "Raise max.message.bytes of the topic, and restart")
        with self._appending:
            if self._following.head.position < after.position or not self._following.is_proven:
                self._following.refresh()  # where the history is lost, nothing is sent
            if self._following.head != after:
                raise HeadMoved(after)
            is_taken = self._produce(value, entries[-1])  # the last one's digest vouches for those before it
        if not is_taken:
            raise HeadMoved(after)

    def require_writable(self) -> None:
        """Ask which replicas of the topic are in sync; see `Ledger.require_writable`.

        Nothing is written: a record stays, so that whatever is tried now would be read by every reader for ever.
        """
        with self._following.asking() as reader:
            found = reader.replicas_in_sync()
        if found < self._least_replicas:
            raise LedgerUnavailable(f"the topic has {found} replicas in sync, and a write needs {self._least_replicas}")

    def read(self, after: int) -> Iterator[Entry]:
        """Yield the entries that follow position *after*, oldest first."""
        try:
            yield from entries_of(self._rows(after), after)
        except LedgerCorrupt as error:
            raise LedgerCorrupt(error.position, error.why + self._where(error.position)) from error
        except LedgerTooNew as error:
            raise LedgerTooNew(error.position, error.why + self._where(error.position)) from error

    def wait(self, after: int, timeout_s: float) -> bool:
        """Block until an entry follows position *after*, or *timeout_s* seconds have passed."""
        deadline = time.monotonic() + timeout_s
        if self._following.head.position <= after:
            self._following.refresh()
        return self._following.advance(lambda: self._following.head.position > after, deadline)

    def watch_skipped(self, observe: Callable[[str, int], None]) -> None:
        """Let *observe* know of records that do not belong to the history; see `SkippingLedger.watch_skipped`."""
        self._fold.watch_skipped(observe)

    def close(self) -> None:
        """Close the clients."""
        self._gate.close()

    def before_fork(self) -> None:
        """Wait for an append under way, and close the clients."""
        self._appending.acquire()
        self._gate.before_fork()

    def after_fork(self) -> None:
        """Resume; clients are made again when they are needed."""
        self._gate.after_fork()
        self._appending.release()

    def _produce(self, value: bytes, last: Entry) -> bool:
        """Write a record, and read on to where it is; whether *last*, its last entry, was taken.

        Raises:
            LedgerError: `in_doubt`, since the record may be in the topic, or come next.
        """
        known = self._following.next_offset
        offset = self._send(value)
        try:
            if offset < known:
                self._following.doubt()
                raise LedgerUnavailable("the topic no longer has records that were read")
            self._following.reach(offset + 1)
            return self._following.head.position >= last.position and self._index.digest(last.position) == last.digest
        except LedgerError as error:
            error.in_doubt = True
            raise

    def _send(self, value: bytes) -> int:
        """Write a record, again and again until it is acknowledged; its offset.

        Raises:
            LedgerError: `in_doubt` where it was sent before, whatever is said of it now.
        """
        give_up = time.monotonic() + self._timeout_s
        was_sent = False
        while True:
            try:
                with self._gate.using(self._writing) as writer:
                    return writer.send(value)
            except Undelivered as undelivered:
                error = ledger_error(undelivered.error, in_doubt=True)
                is_over = is_final(undelivered.error) or time.monotonic() > give_up
            except LedgerError as unusable:
                error, is_over = unusable, True
            if is_over:
                self._gate.renew()
                error.in_doubt = error.in_doubt or was_sent
                raise error
            was_sent = True
            time.sleep(_SETTLE_PAUSE_S)

    def _where(self, position: int | None) -> str:
        """Which record holds the entry at *position*, for whoever looks at the topic with other tools."""
        if position is None or not 0 < position <= self._index.count:
            return ""
        return f" (offset {self._index.offset(position)} of the topic {self._topic})"

    def _rows(self, after: int) -> Iterator[Row]:
        most = FIRST_BATCH
        while batch := self._batch(after, most):
            yield from batch
            after = batch[-1][0]
            most = LARGEST_BATCH

    def _batch(self, after: int, most: int) -> list[Row]:
        if self._following.head.position <= after:
            self._following.refresh()
        return self._following.recent(after, most) or self._past.rows(after, most)


def _index(server: KafkaServer) -> PositionIndex:
    try:
        return PositionIndex(server.index, server.topic)
    except PermissionError:  # a command that another user ran has made it: it is a cache, and not needed
        log.warning("kafka_index_not_used", index=str(server.index), cause="another user's")
        return PositionIndex(None, server.topic)
    except OSError as error:
        raise LedgerMisconfigured(
            f"the index {server.index} cannot be used ({error.strerror})", "Correct index in the ledger URL"
        ) from error
