"""From stored rows to entries: what every engine that stores lines checks while reading."""

from collections.abc import Iterable, Iterator

from moorings_registry.entries import GENESIS, Entry, EntryTooNew, EntryUnreadable
from moorings_registry.ledger.errors import LedgerCorrupt, LedgerTooNew

Row = tuple[int, bytes, bytes]
"""Position, digest and line, the way an engine stored them."""


def entries_of(rows: Iterable[Row], after: int) -> Iterator[Entry]:
    """Yield the entries of *rows*, the first of which follows position *after*; each follows from the one before.

    Raises:
        LedgerCorrupt: a gap, a line that is not an entry, a digest that does not fit its text, or a broken chain.
        LedgerTooNew: a line that a newer release wrote.
    """
    previous = GENESIS if after == 0 else None
    for position, digest, line in rows:
        after += 1
        if position != after:
            raise LedgerCorrupt(after, f"missing; the next entry stored is {position}")
        try:
            entry = Entry.from_line(line)
        except EntryTooNew as error:
            raise LedgerTooNew(position, str(error)) from None
        except EntryUnreadable as error:
            raise LedgerCorrupt(position, str(error)) from None
        _check_place(entry, position, digest, previous)
        previous = entry.digest
        yield entry


def _check_place(entry: Entry, position: int, digest: bytes, previous: str | None) -> None:
    if entry.position != position:
        raise LedgerCorrupt(position, f"the entry stored here says that it is {entry.position}")
    if entry.digest.encode() != digest:
        raise LedgerCorrupt(position, "the digest stored beside the entry is not the entry's")
    if previous not in (None, entry.previous):
        raise LedgerCorrupt(position, "it does not follow from the entry before: `previous` is not that one's digest")
