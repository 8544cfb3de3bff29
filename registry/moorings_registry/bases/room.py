"""How much room bases may take: as much as the operator gave them, and never the last of a disk.

A base is a cache, and the ledger may be on the same disk: what a base leaves free, entries are written to.
"""

import contextlib
import errno
import shutil
from dataclasses import dataclass
from pathlib import Path

LEFT_FREE_PART = 20
"""A twentieth of the disk stays free, and of a large one this much."""
LEFT_FREE_BYTES = 1024 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Room:
    """The room in *folder*, of which all that lies there takes at most *most_bytes*; 0: no bound but the disk's."""

    folder: Path
    most_bytes: int = 0

    def require(self, further_bytes: int) -> None:
        """Pass where so many more bytes may be written.

        Raises:
            OSError: they may not (`ENOSPC`); the text is the same each time.
        """
        disk = shutil.disk_usage(self.folder)
        if disk.free - further_bytes < min(disk.total // LEFT_FREE_PART, LEFT_FREE_BYTES):
            raise OSError(errno.ENOSPC, "No space left on device that a base may take", str(self.folder))
        if self.most_bytes and self._taken_bytes() + further_bytes > self.most_bytes:
            told = f"Bases would take more than the {self.most_bytes} bytes that they may"
            raise OSError(errno.ENOSPC, told, str(self.folder))

    def has(self, further_bytes: int) -> bool:
        """Whether so many more bytes may be written."""
        with contextlib.suppress(OSError):
            self.require(further_bytes)
            return True
        return False

    def _taken_bytes(self) -> int:
        taken = 0
        for path in self.folder.iterdir():
            with contextlib.suppress(OSError):
                taken += path.stat().st_size
        return taken
