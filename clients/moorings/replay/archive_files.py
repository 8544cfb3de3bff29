"""Archives that are files: opened, named and identified."""

import hashlib
import sys
from pathlib import Path
from typing import BinaryIO

from moorings.replay.items import ArchiveUnreadable, Cursor

_HEAD_BYTES = 4096
STANDARD_INPUT = "-"


class ArchiveFile:
    """A file that is read from its beginning, or from a byte on; standard input from its current position."""

    def __init__(self, path: Path | str) -> None:
        """Open *path*; ``-`` is standard input.

        Raises:
            ArchiveUnreadable: it cannot be opened.
        """
        self.name = str(path)
        self._seeks = self.name != STANDARD_INPUT
        if not self._seeks:
            self.name = "standard input"
            self.file: BinaryIO = sys.stdin.buffer
            return
        try:
            self.file = Path(path).open("rb")  # noqa: SIM115 - `close` closes it
        except OSError as error:
            raise ArchiveUnreadable(f"{path} cannot be opened: {error.strerror}") from None

    @property
    def total(self) -> int | None:
        """Its size in bytes."""
        return Path(self.name).stat().st_size if self._seeks and Path(self.name).is_file() else None

    @property
    def identity(self) -> str:
        """Its path, and a digest of its beginning: a file that grew is the same one. Empty for standard input."""
        if not self._seeks:
            return ""
        path = Path(self.name).resolve()
        with path.open("rb") as file:
            head = file.read(_HEAD_BYTES)
        # A shorter file may grow, which would change the digest.
        digest = hashlib.sha256(head).hexdigest()[:16] if len(head) == _HEAD_BYTES else "short"
        return f"{path}#{digest}"

    def peek(self) -> bytes:
        """Return its beginning; nothing for standard input."""
        if not self._seeks:
            return b""
        head = self.file.read(_HEAD_BYTES)
        self.file.seek(0)
        return head

    def seek(self, start: Cursor | None) -> int:
        """Go to the byte of a cursor, and return it.

        Raises:
            ArchiveUnreadable: the file is shorter than that now, or it is not seekable.
        """
        byte = start.get("byte", 0) if start is not None else 0
        if not isinstance(byte, int) or byte < 0:
            raise ArchiveUnreadable("the cursor has no byte to resume from")
        if byte and not self._seeks:
            raise ArchiveUnreadable("cannot resume from standard input: name a file")
        total = self.total
        if total is not None and byte > total:
            raise ArchiveUnreadable(f"{self.name} is shorter than before: start again, without the file of --resume")
        if self._seeks:
            try:
                self.file.seek(byte)
            except OSError as error:
                raise ArchiveUnreadable(f"{self.name} is not seekable: {error.strerror}") from None
        return byte

    def close(self) -> None:
        """Close the file; standard input stays open."""
        if self._seeks:
            self.file.close()


class FileArchive:
    """What every archive in one file has of that file; its format adds how items are read."""

    def __init__(self, file: ArchiveFile) -> None:
        self._file = file
        self.name = file.name

    @property
    def identity(self) -> str:
        """The identity of the file; see `ArchiveFile.identity`."""
        return self._file.identity

    @property
    def total(self) -> int | None:
        """The size of the file in bytes; see `ArchiveFile.total`."""
        return self._file.total

    def close(self) -> None:
        """Close the file."""
        self._file.close()
