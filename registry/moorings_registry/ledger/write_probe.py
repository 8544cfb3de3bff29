"""Whether the ledger can be written: tried now and then, however often it is asked."""

import threading
import time
from collections.abc import Callable

import structlog

from moorings_registry.ledger.errors import LedgerError, LedgerUnavailable
from moorings_registry.ledger.port import Ledger

WRITABLE_S = 5.0
"""Seconds for which a write that succeeded, an entry or a try, is taken for the present."""
UNWRITABLE_S = 1.0
"""Seconds for which one that failed is: shorter, since what waits for the ledger's return waits for this."""

log = structlog.get_logger("moorings.ledger")


class WriteProbe:
    """Remembers how the last write ended, and tries one where that is too long ago. Safe from any thread."""

    def __init__(self, ledger: Ledger, clock: Callable[[], float] = time.monotonic) -> None:
        self._ledger = ledger
        self._clock = clock
        self._trying = threading.Lock()
        self._last: tuple[float, str] | None = None
        """When a write ended, and why it failed; empty where it did not. One value, so that it is read whole."""

    def note_written(self) -> None:
        """Note that an entry was written just now."""
        self._last = (self._clock(), "")

    def note_failed(self) -> None:
        """Note that one was not: whoever asks next has it tried."""
        self._last = None

    def failure(self) -> str | None:
        """Return why the ledger cannot be written, without paths and addresses; None when it can."""
        last = self._fresh()
        if last is None:
            with self._trying:
                last = self._fresh()  # of whoever tried while this thread waited
                if last is None:
                    last = self._try()
        return last[1] or None

    def _fresh(self) -> tuple[float, str] | None:
        last = self._last
        if last is None:
            return None
        kept_s = UNWRITABLE_S if last[1] else WRITABLE_S
        return last if self._clock() - last[0] < kept_s else None

    def _try(self) -> tuple[float, str]:
        before = self._last
        reason = ""
        try:
            self._ledger.require_writable()
        except LedgerError as error:
            reason = _reason(error)
            if before is None or not before[1]:
                log.warning("ledger_unwritable", cause=str(error))
        last = self._last = (self._clock(), reason)
        return last


def _reason(error: LedgerError) -> str:
    return error.public if isinstance(error, LedgerUnavailable) else "the log of the registry says why"
