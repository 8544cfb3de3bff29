"""What the log says of writes that fail: that it begins, how many there were while it lasts, and that it is over.

Each failed write has its own answer and its own count in the metrics. A line for each would fill a disk that is full
already.
"""

import threading
import time
from collections.abc import Callable, Sequence

import structlog

from moorings_registry.ledger.errors import LedgerError, LedgerUnavailable

LOGGED_EVERY_S = 60.0
"""Seconds between two lines for the same cause, however many writes fail."""
_MOST_CAUSES = 16
_MOST_IDS = 20

log = structlog.get_logger("moorings.service")


class FailedWrites:
    """Counts between lines. Safe from any thread."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._logged: dict[tuple[str, str], float] = {}
        """When a line was logged last, by the code of the error and its cause without addresses."""
        self._untold = 0
        """Writes that failed since the last line."""
        self._failed = 0
        """Writes that failed since it began; it began with a line where `_is_told`."""
        self._began = 0.0
        self._is_told = False

    def note_failed(self, error: LedgerError, position: int, correlation_ids: Sequence[str]) -> None:
        """Note that the writes of some requests failed, and log it where that is due."""
        now, count = self._clock(), max(1, len(correlation_ids))
        cause = (error.code, error.public if isinstance(error, LedgerUnavailable) else "")
        with self._lock:
            if not self._failed:
                self._began = now
            self._failed += count
            self._untold += count
            recent = {one: at for one, at in self._logged.items() if now - at < LOGGED_EVERY_S}
            if cause in recent or len(recent) >= _MOST_CAUSES:
                return
            self._logged = {**recent, cause: now}
            self._is_told = True
            untold, self._untold = self._untold, 0
        log.error(
            "append_failed", cause=str(error), code=error.code, position=position, failed=untold,
            correlation_ids=correlation_ids[:_MOST_IDS],
        )  # fmt: skip

    def note_written(self) -> None:
        """Note that a write succeeded: if any failed before it, that is over."""
        if not self._failed:  # without the lock: what this thread itself saw fail, it sees
            return
        with self._lock:
            failed, is_told, lasted_s = self._failed, self._is_told, self._clock() - self._began
            self._failed, self._is_told = 0, False
            if is_told:
                self._untold = 0
        if is_told:
            log.info("append_works_again", failed=failed, lasted_s=round(lasted_s, 1))
