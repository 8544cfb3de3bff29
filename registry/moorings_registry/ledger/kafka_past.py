"""What is past in the topic: entries by position, with the index for where they are."""

from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager

from moorings_registry.ledger.errors import LedgerUnavailable
from moorings_registry.ledger.kafka_client import LogReader
from moorings_registry.ledger.kafka_index import PositionIndex
from moorings_registry.ledger.kafka_records import lines_by_digest
from moorings_registry.ledger.kafka_tail import OutOfRange
from moorings_registry.ledger.rows import Row

FIRST_BATCH = 16  # entries; many readers want one, and those who continue get larger batches
LARGEST_BATCH = 1024
_BATCH_BYTES = 1024 * 1024


class Past:
    """Reads entries that the index knows; safe from any thread."""

    def __init__(
        self, index: PositionIndex, asking: Callable[[], AbstractContextManager[LogReader]], timeout_s: float
    ) -> None:
        """*asking* lends a reader of the topic, to one thread at a time."""
        self._index = index
        self._asking = asking
        self._timeout_s = timeout_s

    def rows(self, after: int, most: int) -> list[Row]:
        """At most *most* entries that follow position *after*, at least one where the index has one.

        Raises:
            LedgerUnavailable
        """
        wanted = self._index.rows(after, most)
        if not wanted:
            return []
        with self._asking() as reader:
            try:
                rows = self._read(reader, wanted)
            except OutOfRange:
                reader.rest()
                raise LedgerUnavailable("the topic does not have a record that it had") from None
            if most == FIRST_BATCH or rows[-1][0] == self._index.count:  # most likely nobody wants what follows
                reader.rest()
        return rows

    def _read(self, reader: LogReader, wanted: list[tuple[int, int, str]]) -> list[Row]:
        if reader.next_offset != wanted[0][1]:
            reader.start_at(wanted[0][1])
        rows: list[Row] = []
        size_bytes = 0
        for offset, places in _by_offset(wanted):
            if size_bytes > _BATCH_BYTES:
                break
            lines = lines_by_digest(self._record(reader, offset))
            rows += ((position, digest, lines.get(digest, b"")) for position, digest in places)
            size_bytes += sum(map(len, lines.values()))
        return rows

    def _record(self, reader: LogReader, offset: int) -> bytes:
        while (record := reader.record(self._timeout_s)) is not None:
            if record.offset == offset:
                return record.value
            if record.offset > offset:
                break
        reader.rest()
        raise LedgerUnavailable("Kafka does not hand over a record that it has")


def _by_offset(wanted: Iterable[tuple[int, int, str]]) -> list[tuple[int, list[tuple[int, bytes]]]]:
    """Positions and digests of the entries of each record."""
    found: dict[int, list[tuple[int, bytes]]] = {}
    for position, offset, digest in wanted:
        found.setdefault(offset, []).append((position, digest.encode()))
    return list(found.items())
