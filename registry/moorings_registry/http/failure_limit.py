"""A limit on refused credentials, by address and issuer: guessing and broken retries cost the registry little.

Counted in memory that all workers of a node have mapped, as they have the node's position: whoever spreads attempts
over connections meets one limit. The table has a fixed size, so nobody can fill memory by it; where it is full, the
count that began first gives way.
"""

import fcntl
import hashlib
import mmap
import os
import secrets
import tempfile
import threading
import time
import weakref
from collections.abc import Callable
from pathlib import Path

MOST_FAILURES = 10
WINDOW_S = 10.0
BUCKETS = 4_096

Key = tuple[str, str]
"""An address, and the alias of the issuer that the credential claims to be of; empty for none."""

_SECRET_BYTES = 32
_WAYS = 4
"""Counts in a bucket."""
_TICKS_PER_S = 10
_MOST = 255
_TAG_MASK = (1 << 24) - 1
_TIME_MASK = (1 << 32) - 1


class FailureLimit:
    """Counts failures in windows of a few seconds. Safe from any thread and process.

    A count is one word: 24 bits that tell the key, the moment at which its window began in tenths of a second, and the
    number of failures. A word is read and written whole, so looking needs no lock; counting has one.
    """

    def __init__(self, path: Path | None = None, *, clock: Callable[[], float] = time.monotonic) -> None:
        """Count in the file *path*, with all who open it; without one, with the processes that are forked from this.

        *clock* has to be the same for all of them: that of the machine.
        """
        self._clock = clock
        if path is None:
            handle, name = tempfile.mkstemp(prefix="moorings-failures-")
            Path(name).unlink()
        else:
            handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        size_bytes = _SECRET_BYTES + 8 * _WAYS * BUCKETS
        fcntl.lockf(handle, fcntl.LOCK_EX)
        try:
            if os.fstat(handle).st_size < size_bytes:
                os.ftruncate(handle, size_bytes)
                os.pwrite(handle, secrets.token_bytes(_SECRET_BYTES), 0)
            mapped = memoryview(mmap.mmap(handle, size_bytes))
        finally:
            fcntl.lockf(handle, fcntl.LOCK_UN)
        # Without it, a caller could choose addresses that share a bucket with somebody else's.
        self._secret = bytes(mapped[:_SECRET_BYTES])
        self._words = mapped[_SECRET_BYTES:].cast("Q")
        self._handle = handle
        self._counting = threading.Lock()
        weakref.finalize(self, os.close, handle)

    def is_reached(self, key: Key) -> bool:
        """Whether so many failed lately that no more are looked at."""
        tag, first = self._place(key)
        now = self._now()
        return any(
            _tag(word) == tag and _lasts(word, now) and word & _MOST >= MOST_FAILURES
            for word in self._words[first : first + _WAYS]
        )

    def count(self, key: Key) -> None:
        """Count a failure."""
        tag, first = self._place(key)
        with self._counting:
            fcntl.lockf(self._handle, fcntl.LOCK_EX)
            try:
                self._count(tag, first)
            finally:
                fcntl.lockf(self._handle, fcntl.LOCK_UN)

    def _count(self, tag: int, first: int) -> None:
        now = self._now()
        words = list(self._words[first : first + _WAYS])
        for index, word in enumerate(words):
            if _tag(word) == tag and _lasts(word, now):
                self._words[first + index] = word + (word & _MOST < _MOST)
                return
        free = min(range(_WAYS), key=lambda index: (_lasts(words[index], now), _began(words[index])))
        self._words[first + free] = tag << 40 | now << 8 | 1

    def _place(self, key: Key) -> tuple[int, int]:
        """The tag of a key, which is not 0, and where its bucket begins."""
        digest = hashlib.blake2b("\n".join(key).encode("utf-8", "replace"), digest_size=8, key=self._secret).digest()
        number = int.from_bytes(digest)
        return number & _TAG_MASK or 1, (number >> 24) % BUCKETS * _WAYS

    def _now(self) -> int:
        return int(self._clock() * _TICKS_PER_S) & _TIME_MASK


def _tag(word: int) -> int:
    return word >> 40


def _began(word: int) -> int:
    return word >> 8 & _TIME_MASK


def _lasts(word: int, now: int) -> bool:
    return word != 0 and (now - _began(word)) & _TIME_MASK < WINDOW_S * _TICKS_PER_S
