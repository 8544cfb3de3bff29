"""Drift counts in this process, lost when it ends; for a ledger in memory."""

import threading
from collections import OrderedDict
from datetime import datetime, timedelta

from moorings_registry.drift.port import (
    BATCHES_KEPT,
    KEPT_DAYS,
    LARGEST_COUNT,
    MOST_ROWS,
    NOBODY,
    Batch,
    DriftRow,
    Observed,
    Reporter,
    newest_first,
    other,
)
from moorings_registry.entries import moment_text
from moorings_registry.ledger import forks

_Key = tuple[Observed, Reporter]
_MOST_BATCHES = 100_000


class MemoryDrift:
    """Rows in a dictionary for each subject."""

    def __init__(self, kept: timedelta = timedelta(days=KEPT_DAYS)) -> None:
        """Forget rows that were not seen again for *kept*."""
        self._kept = kept
        self._lock = threading.Lock()
        self._rows: dict[str, dict[_Key, DriftRow]] = {}
        self._batches: OrderedDict[str, datetime] = OrderedDict()
        forks.watch(self)

    def add(self, batch: Batch, at: datetime) -> bool:
        """Count a batch; see `DriftStore.add`."""
        with self._lock:
            if batch.key and self._batches.get(batch.key, datetime.min.replace(tzinfo=at.tzinfo)) > at - BATCHES_KEPT:
                return False
            if batch.key:
                self._batches[batch.key] = at
                self._batches.move_to_end(batch.key)
                while len(self._batches) > _MOST_BATCHES:
                    self._batches.popitem(last=False)
            for observed, count in batch.counts.items():
                self._count(observed, batch.reporter, count, at)
            return True

    def of(self, subject: str, at: datetime) -> tuple[DriftRow, ...]:
        """Return the rows of a subject; see `DriftStore.of`."""
        since = moment_text(at - self._kept)
        with self._lock:
            rows = [row for row in self._rows.get(subject, {}).values() if row.last_seen >= since]
        return tuple(sorted(rows, key=newest_first, reverse=True))

    def close(self) -> None:
        """Nothing to close."""

    def before_fork(self) -> None:
        """Keep other threads out of a half-done batch."""
        self._lock.acquire()

    def after_fork(self) -> None:
        """Resume."""
        self._lock.release()

    def _count(self, observed: Observed, reporter: Reporter, count: int, at: datetime) -> None:
        rows = self._rows.setdefault(observed.subject, {})
        key = (observed, reporter)
        if key not in rows and len(rows) >= MOST_ROWS:
            self._forget_old(rows, at)
            if len(rows) >= MOST_ROWS:
                key = (other(observed), NOBODY)
        now = moment_text(at)
        before = rows.get(key)
        if before is not None and before.last_seen < moment_text(at - self._kept):
            before = None  # forgotten
        first, so_far = (before.first_seen, before.count) if before else (now, 0)
        rows[key] = DriftRow(*key, min(so_far + count, LARGEST_COUNT), first, now)

    def _forget_old(self, rows: dict[_Key, DriftRow], at: datetime) -> None:
        since = moment_text(at - self._kept)
        for key in [key for key, row in rows.items() if row.last_seen < since]:
            del rows[key]
