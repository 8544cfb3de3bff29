"""Refreshes the contracts of a process from a thread of its own, never in the path of a message."""

import logging
import os
import random
import threading
import weakref
from collections.abc import Callable

_log = logging.getLogger("moorings")
_JITTER = 0.2


def wait_s(interval_s: float) -> float:
    """Vary an interval, so that many processes do not ask at the same moment."""
    return interval_s * random.uniform(1 - _JITTER, 1 + _JITTER)  # noqa: S311 - no secret


class Refresher:
    """Calls *refresh*, a method, every *interval_s*, more or less; started by the first `start` in each process.

    It does not keep the method's object alive, and ends when that is garbage-collected.
    """

    def __init__(self, refresh: Callable[[], None], interval_s: float) -> None:
        self._refresh = weakref.WeakMethod(refresh)
        self._interval_s = interval_s
        self._stopped = threading.Event()
        self._process = 0

    def start(self) -> None:
        """Start the thread if this process has none; a forked child does not inherit its parent's."""
        if self._process == os.getpid() or self._stopped.is_set():
            return
        self._process = os.getpid()
        threading.Thread(target=self._run, name="moorings-refresh", daemon=True).start()

    def stop(self) -> None:
        self._stopped.set()

    def _run(self) -> None:
        while not self._stopped.wait(wait_s(self._interval_s)):
            refresh = self._refresh()
            if refresh is None:
                return
            try:
                refresh()
            except Exception:  # noqa: BLE001 - a thread that dies would leave its contracts behind unnoticed
                _log.warning("contracts could not be refreshed", exc_info=True)
            del refresh
