"""Kafka's client as the ledger uses it: a consumer that never joins a group, and a producer that hands back offsets.

librdkafka sends again by itself what a broker may have lost. A record may therefore be in the topic twice, which the
fold skips, and no more is asked of the producer: no idempotence, no transactions.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

from confluent_kafka import (
    OFFSET_BEGINNING,
    OFFSET_END,
    Consumer,
    KafkaError,
    KafkaException,
    Message,
    Producer,
    TopicPartition,
)

from moorings_registry.ledger.errors import LedgerUnavailable
from moorings_registry.ledger.kafka_errors import IGNORED, Causes, ledger_error, unusable
from moorings_registry.ledger.kafka_tail import OutOfRange, Record
from moorings_registry.ledger.kafka_url import KafkaServer

C = TypeVar("C", Consumer, Producer)

PARTITION = 0
_QUIET = {"log_level": "2", "reconnect.backoff.ms": "50", "reconnect.backoff.max.ms": "1000"}
_MOST_RECORDS = 1000
_OUT_OF_RANGE = (KafkaError._AUTO_OFFSET_RESET, KafkaError.OFFSET_OUT_OF_RANGE)  # noqa: SLF001 - their public names
_SLICE_S = 0.1
_MOVE_PAUSE_S = 0.05


class Undelivered(Exception):
    """A record was not acknowledged; it may be in the topic nevertheless."""

    def __init__(self, error: KafkaError) -> None:
        super().__init__(error)
        self.error = error


class LogReader:
    """Reads the topic from any offset; one thread at a time."""

    def __init__(self, server: KafkaServer, most_bytes: int, fetch_wait_ms: int) -> None:
        """Connect to *server*, whose records have at most *most_bytes*.

        Raises:
            LedgerMisconfigured
        """
        self._causes = Causes()
        self._topic = server.topic
        self._timeout_s = server.timeout_s
        self._consumer = _made(
            Consumer,
            {
                **_QUIET,
                **server.settings(),
                "group.id": "moorings-registry",  # demanded, and never joined
                "enable.auto.commit": False,
                "enable.auto.offset.store": False,
                "auto.offset.reset": "error",
                "allow.auto.create.topics": False,
                "isolation.level": "read_uncommitted",
                "message.max.bytes": most_bytes,
                "fetch.wait.max.ms": fetch_wait_ms,
                "fetch.error.backoff.ms": 50,
                "fetch.queue.backoff.ms": 20,
                "queued.max.messages.kbytes": 16 * 1024,
                "socket.timeout.ms": max(1000, int(server.timeout_s * 1000), 2 * fetch_wait_ms),
                "error_cb": self._causes.hear,
            },
        )
        self.next_offset: int | None = None
        """The offset that `records` continues at; None before the first `start_at`, and after `rest`."""

    def start_at(self, offset: int) -> None:
        """Let `records` continue at *offset*."""
        self._consumer.assign([TopicPartition(self._topic, PARTITION, offset)])
        self.next_offset = offset

    def rest(self) -> None:
        """Stop fetching ahead."""
        self._consumer.unassign()
        self.next_offset = None

    def records(self, timeout_s: float) -> list[Record]:
        """Wait for records, at most *timeout_s* seconds; those that are there.

        Raises:
            OutOfRange
            LedgerMisconfigured, LedgerUnavailable
        """
        first = self._consumer.poll(timeout_s)
        if first is None:
            return []
        return list(self._read([first, *self._consumer.consume(_MOST_RECORDS, 0)]))

    def record(self, timeout_s: float) -> Record | None:
        """Wait for the next record, at most *timeout_s* seconds; None where none comes.

        Raises:
            OutOfRange
            LedgerMisconfigured, LedgerUnavailable
        """
        deadline = time.monotonic() + timeout_s
        while (left_s := deadline - time.monotonic()) > 0:
            message = self._consumer.poll(left_s)
            for record in self._read([message] if message else []):
                return record
        return None

    def end(self) -> int:
        """Ask the leader for the offset behind the last record.

        Raises:
            LedgerMisconfigured, LedgerUnavailable
        """
        return self._offset(OFFSET_END)

    def beginning(self) -> int:
        """Ask the leader for the offset of the first record.

        Raises:
            LedgerMisconfigured, LedgerUnavailable
        """
        return self._offset(OFFSET_BEGINNING)

    def replicas_in_sync(self) -> int:
        """How many replicas of the topic would have an entry; 0 where it has no leader.

        Raises:
            LedgerMisconfigured, LedgerUnavailable
        """
        with self._translated():
            topic = self._consumer.list_topics(self._topic, timeout=self._timeout_s).topics[self._topic]
        partition = topic.partitions.get(PARTITION)
        if topic.error is not None or partition is None:
            raise ledger_error(topic.error or KafkaError(KafkaError.UNKNOWN_TOPIC_OR_PART))
        return len(partition.isrs) if partition.leader >= 0 else 0

    def close(self) -> None:
        """End its threads."""
        self._consumer.close()

    def _offset(self, which: int) -> int:
        """Ask for one of the two, again while the leader moves.

        Not by `get_watermark_offsets`: where one of its two questions fails, it answers the other one twice.
        """
        give_up = time.monotonic() + self._timeout_s
        while True:
            try:
                with self._translated():
                    asked = [TopicPartition(self._topic, PARTITION, which)]
                    (found,) = self._consumer.offsets_for_times(asked, timeout=max(0.1, give_up - time.monotonic()))
                    if found.error is not None:
                        raise KafkaException(found.error)
                self._causes.forget()
                return int(found.offset)
            except LedgerUnavailable:
                if time.monotonic() + _MOVE_PAUSE_S > give_up:
                    raise
            time.sleep(_MOVE_PAUSE_S)

    def _read(self, messages: Sequence[Message]) -> Iterator[Record]:
        for message in messages:
            error = message.error()
            if error is None:
                epoch = message.leader_epoch()
                offset = message.offset() or 0
                self.next_offset = offset + 1
                yield Record(offset, -1 if epoch is None else epoch, message.value() or b"")
            elif error.code() in _OUT_OF_RANGE:
                raise OutOfRange
            elif error.code() not in IGNORED:
                raise ledger_error(self._causes.of(error))

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except KafkaException as error:
            if self.next_offset is None:
                self._consumer.poll(0)  # hands over what was said of connections
            raise ledger_error(self._causes.of(error.args[0])) from None


class LogWriter:
    """Writes records, one at a time."""

    def __init__(self, server: KafkaServer, most_bytes: int) -> None:
        """Connect to *server*, whose records have at most *most_bytes*.

        Raises:
            LedgerMisconfigured
        """
        self._causes = Causes()
        self._topic = server.topic
        self._attempt_s = max(0.5, server.timeout_s / 2)
        attempt_ms = int(self._attempt_s * 1000)
        self._producer = _made(
            Producer,
            {
                **_QUIET,
                **server.settings(),
                "acks": "all",
                "enable.idempotence": False,
                "max.in.flight": 1,
                "linger.ms": 0,
                "retry.backoff.ms": 50,
                "retry.backoff.max.ms": 500,
                "message.max.bytes": most_bytes,
                "message.timeout.ms": attempt_ms,
                "request.timeout.ms": attempt_ms,
                "socket.timeout.ms": max(1000, attempt_ms),
                "error_cb": self._causes.hear,
            },
        )

    def send(self, value: bytes) -> int:
        """Write a record, and wait until it is acknowledged: its offset.

        Raises:
            Undelivered
        """
        outcome: list[tuple[KafkaError | None, Message]] = []

        def told(error: KafkaError | None, message: Message) -> None:
            outcome.append((error, message))

        try:
            self._producer.produce(self._topic, value, partition=PARTITION, on_delivery=told)
        except BufferError:
            raise Undelivered(KafkaError(KafkaError._QUEUE_FULL)) from None  # noqa: SLF001 - their public name
        except KafkaException as error:
            raise Undelivered(error.args[0]) from None
        deadline = time.monotonic() + 2 * self._attempt_s + 1
        while not outcome and time.monotonic() < deadline:
            self._producer.poll(_SLICE_S)
        if not outcome:
            raise Undelivered(self._causes.of(KafkaError(KafkaError._MSG_TIMED_OUT)))  # noqa: SLF001 - their public name
        failure, message = outcome[0]
        if failure is not None:
            raise Undelivered(self._causes.of(failure))
        self._causes.forget()
        return _offset(message)

    def close(self) -> None:
        """End its threads."""
        self._producer.purge()
        self._producer.close()


def _made(make: Callable[[dict[str, Any]], C], settings: dict[str, Any]) -> C:
    """A client of librdkafka.

    Raises:
        LedgerMisconfigured: it refuses *settings*, or a file that they name.
    """
    try:
        return make(settings)
    except KafkaException as error:
        raise unusable(error) from None


def _offset(message: Any) -> int:
    offset: int = message.offset()
    return offset
