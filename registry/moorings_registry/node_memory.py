"""Memory that a process shares with those it forks: what the workers of a node know together, and nobody else.

It is not a file, so what is in it ends with the processes, and no disk ever has it.
"""

import fcntl
import mmap
import os
import struct
import tempfile
import threading
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_HEAD_BYTES = 8
_LENGTH = struct.Struct("I")


class NodeMemory:
    """One value in bytes, read without a lock and replaced by one process at a time; safe from any thread."""

    def __init__(self, size_bytes: int) -> None:
        """Share at most *size_bytes* with the processes that are forked from now on."""
        self._slot_bytes = size_bytes + _LENGTH.size
        self._mapped = mmap.mmap(-1, _HEAD_BYTES + 2 * self._slot_bytes)
        # One aligned word of the machine's own: it is read and written whole, never byte by byte.
        self._version = memoryview(self._mapped)[:_HEAD_BYTES].cast("Q")
        handle, name = tempfile.mkstemp(prefix="moorings-turn-")
        Path(name).unlink()
        self._lock = handle
        self._own_turn = threading.Lock()
        weakref.finalize(self, os.close, handle)

    @property
    def version(self) -> int:
        """Another number whenever the value was replaced; 0 before the first."""
        return self._version[0]

    def read(self) -> bytes:
        """The value; empty before the first."""
        while True:
            version = self.version
            start = self._slot(version)
            (length,) = _LENGTH.unpack_from(self._mapped, start)
            begin = start + _LENGTH.size
            content = self._mapped[begin : begin + min(length, self._slot_bytes)]
            if self.version == version:  # the replacement after the next one writes to the slot that was read
                return content if version else b""

    def replace(self, content: bytes) -> None:
        """Replace the value; only within `turn`."""
        if len(content) > self._slot_bytes - _LENGTH.size:
            raise ValueError(f"{len(content)} bytes do not fit")
        version = self.version + 1
        start = self._slot(version)
        _LENGTH.pack_into(self._mapped, start, len(content))
        self._mapped[start + _LENGTH.size : start + _LENGTH.size + len(content)] = content
        self._version[0] = version

    @contextmanager
    def turn(self) -> Iterator[bool]:
        """Exclude all other threads and processes; False, without waiting, while one of them is at it.

        The turn ends with the process that has it, however that ends.
        """
        if not self._own_turn.acquire(blocking=False):
            yield False
            return
        try:
            try:
                fcntl.lockf(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                yield False
                return
            try:
                yield True
            finally:
                fcntl.lockf(self._lock, fcntl.LOCK_UN)
        finally:
            self._own_turn.release()

    def _slot(self, version: int) -> int:
        return _HEAD_BYTES + (version % 2) * self._slot_bytes
