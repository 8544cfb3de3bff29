"""The position of a node: how workers of one machine learn of each other's writes without asking the ledger.

One number in a small file that every worker has mapped into memory: the highest position that a worker of this node has
acknowledged. Reading it costs a memory access, so it can be done for every request. A worker writes it after its entry
is durable and before it answers; one that is killed in between has answered nobody.

The file is also where workers queue for their turn to write. Correctness does not need that, since the ledger itself
lets only one win; but the loser's decision is wasted.
"""

import fcntl
import mmap
import os
import tempfile
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_SIZE_BYTES = 8


class NodePosition:
    """The highest position acknowledged on this node; safe from any thread and process."""

    def __init__(self, path: Path | None = None) -> None:
        """Open the position in the file *path*; without one, for this process and those it forks."""
        if path is None:
            handle, name = tempfile.mkstemp(prefix="moorings-position-")
            Path(name).unlink()
        else:
            handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        with open(handle, "r+b", buffering=0) as file:  # noqa: PTH123 - a descriptor, not a path
            if os.fstat(file.fileno()).st_size < _SIZE_BYTES:
                os.ftruncate(file.fileno(), _SIZE_BYTES)
            # One aligned word of the machine's own: it is read and written whole, never byte by byte.
            self._word = memoryview(mmap.mmap(file.fileno(), _SIZE_BYTES)).cast("Q")
            self._lock = os.dup(file.fileno())
        weakref.finalize(self, os.close, self._lock)
        self._turns = 0

    @property
    def position(self) -> int:
        """The highest position that was announced."""
        return self._word[0]

    def announce(self, position: int) -> None:
        """Make *position* known to the node; a lower one than is known changes nothing. Within a lock, as `turn`."""
        with self.turn():
            if position > self._word[0]:
                self._word[0] = position

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Exclude every other process of the node; turns may be nested.

        The lock of the file belongs to a process as a whole, so the caller holds a lock against its own threads. It
        ends with the process, however that ends.
        """
        if self._turns == 0:
            fcntl.lockf(self._lock, fcntl.LOCK_EX)
        self._turns += 1
        try:
            yield
        finally:
            self._turns -= 1
            if self._turns == 0:
                fcntl.lockf(self._lock, fcntl.LOCK_UN)
