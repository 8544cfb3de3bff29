"""Turns: the writers of one machine queue up, so that none decides against a history that changes meanwhile.

The queue is the kernel's: `flock` on a file of its own beside the ledger (never on the ledger's file, whose locks
belong to SQLite). A process that dies leaves it. A turn is a courtesy and guards nothing: appends compare in any case,
so one that does not come in time is simply taken.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Thread


class Turns:
    """The queue at *file*, which is made when it is first needed."""

    def __init__(self, file: Path, patience_s: float = 1.0) -> None:
        self._file = file
        self._patience_s = patience_s

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Wait for the turns of others to end, up to the patience; then it is the caller's until the block ends."""
        handle = self._open()
        if handle is None:
            yield
            return
        try:
            self._queue(handle)
            yield
        finally:
            with suppress(OSError):
                fcntl.flock(handle, fcntl.LOCK_UN)  # closing alone does not, while a forked process has it open too
            os.close(handle)

    def _open(self) -> int | None:
        try:
            return os.open(self._file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError:
            return None  # no room or no right to queue; whether the append works, the ledger will tell

    def _queue(self, handle: int) -> None:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            # A thread of its own can be left behind in the kernel's queue, which knows no time-out.
            waiting = Thread(target=_wait_in_line, args=(os.dup(handle),), daemon=True)
            waiting.start()
            waiting.join(self._patience_s)


def _wait_in_line(handle: int) -> None:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
    except OSError:
        return
    finally:
        os.close(handle)  # ends the turn where nobody waits for it any more; else the caller has it open too
