"""The newest entries of the ledger, kept for those who ask for them again and again."""

import threading
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import replace

from moorings_registry.entries import Entry

MOST_ENTRIES = 2_000
"""Entries that are kept, without the texts of schemas: a few megabytes at most."""
_TEXTS = "SchemaDefined"


class RecentEntries:
    """The last entries up to a position, newest first. Safe from any thread."""

    def __init__(self, entries: Callable[[int], Iterator[Entry]]) -> None:
        """*entries* yields those that follow a position, oldest first."""
        self._entries = entries
        self._kept: deque[Entry] = deque(maxlen=MOST_ENTRIES)
        self._read = 0
        """The position up to which entries have been read."""
        self._lock = threading.Lock()

    def until(self, position: int) -> list[Entry]:
        """The newest entries up to *position*, newest first, at most `MOST_ENTRIES`.

        Raises:
            LedgerUnavailable: they cannot be read now.
        """
        with self._lock:
            if self._read < position:
                self._read = max(self._read, position - MOST_ENTRIES)
                for entry in self._entries(self._read):
                    self._kept.append(_without_texts(entry))
                    self._read = entry.position
            return [one for one in reversed(self._kept) if one.position <= position]


def _without_texts(entry: Entry) -> Entry:
    """*entry* with an empty fact in the place of each text, so that the others keep their numbers."""
    if not any(fact["fact"] == _TEXTS for fact in entry.facts):
        return entry
    return replace(entry, facts=tuple({**fact, "text": ""} if fact["fact"] == _TEXTS else fact for fact in entry.facts))
