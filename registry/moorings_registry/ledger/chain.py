"""The chain as a whole: follow it, verify it, move it between engines. Everything streams, so size does not matter."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import BinaryIO

from moorings_registry.entries import LARGEST_LINE_BYTES, START, Entry, EntryUnreadable, Head
from moorings_registry.ledger.errors import HistoryLost, ImportRefused, LedgerCorrupt
from moorings_registry.ledger.port import Ledger

IMPORTED_TOGETHER = 200
"""Entries that an import appends at once."""
IMPORTED_TOGETHER_BYTES = 1_000_000
"""No entry is added to those that wait when they have more."""


@dataclass(frozen=True, slots=True)
class VerifiedHead:
    """The end of a history whose every digest was recomputed; `recorded_at` is None when there are no entries."""

    position: int
    digest: str
    recorded_at: str | None


@dataclass(frozen=True, slots=True)
class ImportedEntries:
    """What an import did: the head it ended with, entries added by it, and entries that stood there already."""

    head: Head
    added: int
    already_there: int


def require_chain(entries: Sequence[Entry], after: Head) -> None:
    """Pass where *entries* follow *after* and each other.

    Raises:
        ValueError
    """
    if not entries:
        raise ValueError("there is nothing to append")
    for one in entries:
        one.require_after(after)
        after = one.head


def follow(ledger: Ledger, known: Head) -> Iterator[Entry]:
    """Yield the entries after *known*, which was read from this ledger before.

    Raises:
        HistoryLost: the ledger does not continue from *known*: it went back, or holds another history.
    """
    found = ledger.head()
    if found == known:
        return
    if found.position <= known.position:
        raise HistoryLost(known, found)
    previous = known.digest
    for entry in ledger.read(known.position):
        if entry.previous != previous:
            raise HistoryLost(known, found)
        previous = entry.digest
        yield entry


def verify(entries: Iterable[Entry]) -> VerifiedHead:
    """Recompute the whole chain from its first entry on.

    Raises:
        LedgerCorrupt: names the first bad position and what is wrong with it.
    """
    head = START
    recorded_at = None
    for entry in entries:
        _check_link(entry, head)
        head = entry.head
        recorded_at = entry.recorded_at
    return VerifiedHead(head.position, head.digest, recorded_at)


def export(ledger: Ledger, stream: BinaryIO, until: int | None = None) -> VerifiedHead:
    """Write every entry, or those up to position *until*, as one line of JSON each, verified on the way.

    Raises:
        LedgerCorrupt: as `verify`; the lines before it have been written.
    """

    def written() -> Iterator[Entry]:
        for entry in islice(ledger.read(0), until):
            yield entry
            stream.write(entry.to_line() + b"\n")  # after the consumer asked for more: this one is verified

    return verify(written())


def import_(ledger: Ledger, stream: BinaryIO) -> ImportedEntries:
    """Append the exported entries of *stream* that *ledger* does not hold yet, each one verified first.

    What the ledger holds already must be the beginning of the export, so an import that was cut off may be repeated.

    Raises:
        ImportRefused: names the line; everything before it is in the ledger.
        HeadMoved: somebody else is writing to the ledger.
    """
    waiting = _Waiting(ledger)
    already_there = 0
    standing = ledger.read(0)
    try:
        for number, entry in exported_entries(stream):
            there = next(standing, None) if waiting.added == 0 else None
            if there is None:
                waiting.add(entry)
            elif there.digest != entry.digest:
                raise ImportRefused(number, f"the ledger holds another entry at position {entry.position}")
            else:
                already_there += 1
                waiting.after = entry.head
    finally:
        waiting.append()
    return ImportedEntries(waiting.after, waiting.added, already_there)


def exported_entries(stream: BinaryIO) -> Iterator[tuple[int, Entry]]:
    """Yield the entries of an export with the numbers of their lines, each one verified.

    Raises:
        ImportRefused: names the first line that cannot be used.
    """
    head = START
    for number, entry in _lines(stream):
        try:
            _check_link(entry, head)
        except LedgerCorrupt as error:
            raise ImportRefused(number, error.why) from None
        head = entry.head
        yield number, entry


class _Waiting:
    """Entries that are appended together, since each append waits for the disk."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._entries: list[Entry] = []
        self._size_bytes = 0
        self.after = START
        """The head that the next entry follows."""
        self.added = 0

    def add(self, entry: Entry) -> None:
        size_bytes = len(entry.to_line()) + 1
        if self._size_bytes + size_bytes > self._ledger.largest_append_bytes:
            self.append()
        self._entries.append(entry)
        self._size_bytes += size_bytes
        self.added += 1
        if len(self._entries) >= IMPORTED_TOGETHER or self._size_bytes >= IMPORTED_TOGETHER_BYTES:
            self.append()

    def append(self) -> None:
        """Append what waits.

        Raises:
            HeadMoved
        """
        entries, self._entries, self._size_bytes = self._entries, [], 0
        if entries:
            self._ledger.append(*entries, after=self.after)
            self.after = entries[-1].head


def _check_link(entry: Entry, head: Head) -> None:
    expected = head.position + 1
    if entry.position != expected:
        raise LedgerCorrupt(expected, f"missing; the next entry is {entry.position}")
    if entry.previous != head.digest:
        raise LedgerCorrupt(expected, "it does not follow from the entry before: `previous` is not that one's digest")
    try:
        found = entry.content_digest()
    except (TypeError, ValueError) as error:
        raise LedgerCorrupt(expected, f"it has no canonical form: {error}") from None
    if found != entry.digest:
        raise LedgerCorrupt(expected, f"its digest is {entry.digest}, but its content has {found}")


def _lines(stream: BinaryIO) -> Iterator[tuple[int, Entry]]:
    number = 0
    while line := stream.readline(LARGEST_LINE_BYTES + 1):
        number += 1
        if not line.endswith(b"\n"):
            cut = len(line) <= LARGEST_LINE_BYTES
            raise ImportRefused(number, "cut off: it does not end with a line feed" if cut else "too long for an entry")
        try:
            yield number, Entry.from_line(line[:-1])
        except EntryUnreadable as error:
            raise ImportRefused(number, str(error)) from None
