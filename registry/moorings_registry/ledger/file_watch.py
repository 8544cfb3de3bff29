"""Waiting for a file to be written, in the kernel: an idle process that asks now and then costs more by waking up
than by what it asks.

Linux tells by inotify(7), which Python does not wrap. Where it cannot be had (another platform, the user's limit of
instances, a file system that tells nothing), the caller asks the file by the clock.
"""

import ctypes
import os
import select
import threading
import time
import weakref
from pathlib import Path

_WRITTEN = 0x2 | 0x400 | 0x800  # IN_MODIFY, IN_DELETE_SELF, IN_MOVE_SELF
_EVENTS_BYTES = 64 * 1024
_WITHOUT_KERNEL_S = 0.02


class FileWatch:
    """Blocks until one file is written to, or a time has passed. For one thread of one process."""

    def __init__(self, path: Path) -> None:
        self.process = os.getpid()
        self._path = os.fsencode(path)
        self._handle = _instance()
        self._armed = False
        self._poll = select.poll()
        if self._handle is not None:
            self._poll.register(self._handle, select.POLLIN)
            # At the end of the process the kernel closes it, perhaps before this would.
            weakref.finalize(self, os.close, self._handle).atexit = False

    def arm(self) -> bool:
        """Watch the file that has this name now; whether its writes are reported from here on."""
        if _libc is not None and self._handle is not None:
            self._armed = _libc.inotify_add_watch(self._handle, self._path, _WRITTEN) >= 0
        return self._armed

    def wait(self, timeout_s: float) -> bool:
        """Block until the armed file is written, or *timeout_s* has passed.

        Whether it was written since the last call that said so, as far as the kernel tells.
        """
        if self._handle is None or not self._armed:
            time.sleep(min(timeout_s, _WITHOUT_KERNEL_S))
            return False
        if not self._poll.poll(timeout_s * 1_000):
            return False
        os.read(self._handle, _EVENTS_BYTES)
        return True


class FileWatches:
    """A watch of one file for each thread that waits for it; kept between two waits, so that it misses no write."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._kept = threading.local()

    def mine(self) -> FileWatch:
        """The watch of this thread; a process that was forked makes its own."""
        kept: FileWatch | None = getattr(self._kept, "watch", None)
        if kept is None or kept.process != os.getpid():
            kept = self._kept.watch = FileWatch(self._path)
        return kept


def _instance() -> int | None:
    if _libc is None:
        return None
    handle: int = _libc.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC)
    return handle if handle >= 0 else None


def _load() -> ctypes.CDLL | None:
    library = ctypes.CDLL(None, use_errno=True)
    return library if hasattr(library, "inotify_init1") else None


_libc = _load()
