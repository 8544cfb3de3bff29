"""A lease on a file: for the processes of one machine. It ends with the process that holds it, however that ends."""

import fcntl
from pathlib import Path
from typing import BinaryIO


class FileLease:
    """Held by the process that has the file locked."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._locked: BinaryIO | None = None

    def held(self) -> bool:
        if self._locked is None:
            file = self._path.open("ab")
            try:
                fcntl.lockf(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                file.close()
                return False
            self._locked = file
        return True

    def release(self) -> None:
        if self._locked is not None:
            self._locked.close()
            self._locked = None
