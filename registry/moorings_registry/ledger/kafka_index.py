"""Where in the topic each entry is: its offset, and its digest, by position.

Entries that lost a race take offsets too, so a position does not say where to look. The index is a cache, and the
processes of a node share it: what each of them writes at a position is what every other one would write there.

    "MOORKIDX", the SHA-256 of the topic's name, 4 bytes of zeros     44 bytes
    offset, digest, and the CRC-32 of position and both               44 bytes for each position from 1

Numbers are little-endian. A row that a crash kept from the disk, or that something spoiled, shows by its CRC: an index
is used up to there, and what follows is read from the topic again.
"""

import contextlib
import hashlib
import os
import struct
import tempfile
import weakref
import zlib
from collections.abc import Iterator
from pathlib import Path

import structlog

from moorings_registry.entries import GENESIS, START, Head
from moorings_registry.ledger.errors import LedgerMisconfigured, LedgerUnavailable

_ROW = struct.Struct("<Q32sI")
_CHECKED = struct.Struct("<QQ32s")
_MAGIC = b"MOORKIDX"
_CHECKED_ROWS = 25_000

log = structlog.get_logger("moorings.ledger")


class PositionIndex:
    """Rows in a file. One thread of a process adds to it; any thread reads, and any process does both."""

    def __init__(self, path: Path | None, topic: str) -> None:
        """Open the index in the file *path*; without one, for this process and those it forks.

        Raises:
            OSError
            LedgerMisconfigured: the file is something else.
        """
        self._path = path
        self._header = _MAGIC + hashlib.sha256(topic.encode()).digest() + bytes(4)
        self._unwritten: dict[int, tuple[int, bytes]] = {}
        """Rows that the disk did not take; after the first of them, all."""
        self._file, self.count = self._opened()
        weakref.finalize(self, lambda handle: os.close(handle[0]), [self._file])

    @property
    def head(self) -> Head:
        """The last entry that it knows."""
        return Head(self.count, self.digest(self.count)) if self.count else START

    def add(self, offset: int, *digests: str) -> None:
        """Note where the next entries are, which one record holds.

        One write takes all of them, so that a process that opens the file meanwhile finds no part of a record.
        """
        rows = [(offset, bytes.fromhex(one)) for one in digests]
        first = self.count + 1
        written = 0 if self._unwritten else self._write(first, rows)
        self._unwritten.update(enumerate(rows[written:], first + written))
        self.count += len(rows)

    def _write(self, first: int, rows: list[tuple[int, bytes]]) -> int:
        """Write *rows* for the positions from *first* on; how many of them the disk took whole."""
        packed = (_ROW.pack(*row, _check(position, *row)) for position, row in enumerate(rows, first))
        size_bytes, cause = 0, "the disk took a part"
        try:
            size_bytes = os.pwrite(self._file, b"".join(packed), first * _ROW.size)
        except OSError as error:
            cause = str(error)
        if size_bytes < len(rows) * _ROW.size:
            log.warning("kafka_index_not_written", cause=cause, position=first)
        return size_bytes // _ROW.size

    def offset(self, position: int) -> int:
        """The offset of the record that holds the entry at *position*, which is known."""
        return self._row(position)[0]

    def digest(self, position: int) -> str:
        """The digest of the entry at *position*, which is known; that before the first is `GENESIS`."""
        return self._row(position)[1].hex() if position else GENESIS

    def rows(self, after: int, most: int) -> list[tuple[int, int, str]]:
        """Position, offset and digest of at most *most* entries that follow position *after*."""
        last = min(after + most, self.count)
        return [
            (one, offset, digest.hex()) for one in range(after + 1, last + 1) for offset, digest in [self._row(one)]
        ]

    def throw_away(self) -> None:
        """Forget all of it; who has the file open keeps what is in it."""
        if self._path is not None:
            self._path.unlink(missing_ok=True)
        self._unwritten.clear()
        fresh, self.count = self._opened()
        os.dup2(fresh, self._file, inheritable=False)
        os.close(fresh)

    def _row(self, position: int) -> tuple[int, bytes]:
        kept = self._unwritten.get(position)
        if kept is not None:
            return kept
        stored = os.pread(self._file, _ROW.size, position * _ROW.size)
        offset, digest, check = _ROW.unpack(stored) if len(stored) == _ROW.size else (0, b"", -1)
        if check != _check(position, offset, digest):
            raise LedgerUnavailable("the index of the topic was damaged while it was in use: restart", retryable=False)
        return offset, digest

    def _opened(self) -> tuple[int, int]:
        """A file with a header of ours, and how many of its rows may be used."""
        if self._path is None:
            with tempfile.TemporaryFile(prefix="moorings-index-") as file:
                handle = os.dup(file.fileno())
        else:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            handle = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        found = os.pread(handle, _ROW.size, 0)
        if found and found != self._header:
            os.close(handle)
            self._require_an_index(found)
            log.warning("kafka_index_thrown_away", index=str(self._path), cause="it is of another topic")
            assert self._path is not None
            self._path.unlink(missing_ok=True)
            return self._opened()
        with contextlib.suppress(OSError):  # a full disk: rows follow, and are kept in memory
            os.pwrite(handle, self._header, 0)
        return handle, _usable(handle)

    def _require_an_index(self, beginning: bytes) -> None:
        """Pass where a file with this *beginning* is an index, or what a crash left of one: it may be thrown away.

        Raises:
            LedgerMisconfigured: it is another file.
        """
        magic = beginning[: len(_MAGIC)]
        if any(beginning) and magic != _MAGIC[: len(magic)]:
            raise LedgerMisconfigured(
                f"{self._path} exists, and is not an index of a topic",
                "Correct index in the ledger URL, or remove the file",
            )


def _check(position: int, offset: int, digest: bytes) -> int:
    return zlib.crc32(_CHECKED.pack(position, offset, digest))


def _usable(handle: int) -> int:
    """How many rows from the first on are as they were written."""
    for position, (offset, digest, check) in enumerate(_stored(handle), 1):
        if check != _check(position, offset, digest):
            return position - 1
    return max(0, os.fstat(handle).st_size // _ROW.size - 1)


def _stored(handle: int) -> Iterator[tuple[int, bytes, int]]:
    at = _ROW.size
    while chunk := os.pread(handle, _CHECKED_ROWS * _ROW.size, at):
        yield from _ROW.iter_unpack(chunk[: len(chunk) // _ROW.size * _ROW.size])
        at += _CHECKED_ROWS * _ROW.size
