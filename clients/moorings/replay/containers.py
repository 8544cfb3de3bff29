"""Avro container files: a header with the writer's schema, then blocks of records, each followed by a sync marker.

Source: Avro 1.12, Object Container Files. The file is read here rather than by a library because the place of damage
is wanted, and what lies behind it: a block that cannot be read is left, and the next sync marker looked for. Records
are taken apart with the writer's schema alone; whether the reader can read them is for the contract to say.
"""

import bz2
import io
import lzma
import zlib
from collections.abc import Callable, Iterator
from importlib import import_module
from typing import Any

from moorings.codecs.avro.raw import is_raw
from moorings.contracts.schema_cache import LIMITS
from moorings.replay.archive_files import ArchiveFile, FileArchive
from moorings.replay.items import ArchiveUnreadable, Cursor, Damage, Item, UnframedEvent
from moorings.replay.record_skipping import make_skip, read_long
from moorings_compat import Format, Schema, SchemaError, parse
from moorings_compat.avro import model_of

MAGIC = b"Obj\x01"
_SYNC_BYTES = 16
_LARGEST_HEADER_BYTES = 32 * 1024 * 1024
_LARGEST_BLOCK_BYTES = 64 * 1024 * 1024
"""Of a block as it is stored, and of what it decompresses to."""
_MOST_EMPTY_RECORDS = 100_000
"""Records that take no bytes, in one block: nothing else bounds them."""
_PIECE_BYTES = 1024 * 1024


class AvroContainer(FileArchive):
    """One container file."""

    kind = "avro"

    def __init__(self, file: ArchiveFile) -> None:
        """Read the header.

        Raises:
            ArchiveUnreadable: there is no header, or its schema or codec is unknown.
        """
        super().__init__(file)
        metadata, self._sync, self._first_block = _Header(file).read()
        codec = metadata.get("avro.codec", b"null").decode("ascii", "replace")
        if codec not in _CODECS:
            raise ArchiveUnreadable(f"{file.name}: unknown codec {codec[:40]!r}; known are {', '.join(_CODECS)}")
        self._decompress = _CODECS[codec]
        self.writer = _writer_schema(file.name, metadata.get("avro.schema", b""))
        self._skip = make_skip(model_of(self.writer))
        self._is_raw = is_raw(self.writer)  # such an event has a length before it in a block, and none on its own

    def read(self, start: Cursor | None = None) -> Iterator[Item]:
        """Yield an item for each record of each block."""
        byte = self._file.seek(start if start is not None else {"byte": self._first_block})
        passed = start.get("record", 0) if start is not None else 0
        skip = passed if isinstance(passed, int) else 0
        while True:
            place = f"block at byte {byte}"
            try:
                block = self._block(byte)
            except _BlockDamaged as damaged:
                found = self._next_sync(byte + 1)
                yield Item(place, Damage(str(damaged)), {"byte": found, "record": 0}, found)
                if not damaged.goes_on or found == byte:
                    return
                byte, skip = found, 0
                self._file.seek({"byte": byte})
                continue
            if block is None:
                return
            count, data, end = block
            yield from self._records(byte, count, data, end, skip)
            byte, skip = end, 0
            self._file.seek({"byte": byte})

    def _records(self, byte: int, count: int, data: bytes, end: int, skip: int) -> Iterator[Item]:
        begin, next_block = 0, {"byte": end, "record": 0}
        place = f"block at byte {byte}"
        for number in range(1, count + 1):
            where = f"{place}, record {number}"
            here = self._end_of(data, begin)
            if here is None or (here == begin and number > _MOST_EMPTY_RECORDS):
                yield Item(where, Damage("the bytes are not a record of the file's own schema"), next_block, end)
                return
            if number > skip:
                cursor = {"byte": byte, "record": number} if number < count else next_block
                payload = data[read_long(data, begin)[1] if self._is_raw else begin : here]
                yield Item(where, UnframedEvent(payload, self.writer), cursor, byte if number < count else end)
            begin = here
        if begin != len(data):
            yield Item(place, Damage("bytes are left over after its records"), next_block, end)

    def _end_of(self, data: bytes, begin: int) -> int | None:
        """Return where the record at *begin* ends; None if it is not a record."""
        try:
            return self._skip(data, begin)
        except (ValueError, LookupError, RecursionError):
            return None

    def _block(self, byte: int) -> tuple[int, bytes, int] | None:
        """Read the block at *byte*: how many records, their bytes, and where the next block begins; None at the end."""
        file = self._file.file
        count = _long(file.read, at_end=None)
        if count is None:
            return None
        size = _long(file.read, at_end=-1)
        if not 0 <= count <= _LARGEST_BLOCK_BYTES or size is None or not 0 <= size <= _LARGEST_BLOCK_BYTES:
            raise _BlockDamaged("invalid count or size at the beginning of the block")
        stored = file.read(size)
        sync = file.read(_SYNC_BYTES)
        if len(stored) < size or len(sync) < _SYNC_BYTES:
            raise _BlockDamaged("the file ends before the block does", goes_on=False)
        if sync != self._sync:
            raise _BlockDamaged("no sync marker at the end of the block")
        try:
            data = self._decompress(stored)
        except (_BlockDamaged, ArchiveUnreadable):
            raise
        except Exception:  # noqa: BLE001 - every codec has errors of its own
            raise _BlockDamaged("the block cannot be decompressed") from None
        return count, data, file.tell() if self._file.total is not None else byte

    def _next_sync(self, byte: int) -> int:
        """Return where the block after the next sync marker begins; the end of the file if there is none."""
        place = self._file.seek({"byte": byte})
        kept = b""
        while piece := self._file.file.read(_PIECE_BYTES):
            found = (kept + piece).find(self._sync)
            if found >= 0:
                return place - len(kept) + found + _SYNC_BYTES
            place += len(piece)
            kept = (kept + piece)[-(_SYNC_BYTES - 1) :]
        return place


class _BlockDamaged(Exception):
    """A block cannot be read; `goes_on` says whether anything may be found after it."""

    def __init__(self, reason: str, *, goes_on: bool = True) -> None:
        super().__init__(reason)
        self.goes_on = goes_on


class _Header:
    """Reads a file's header: magic, metadata, sync marker."""

    def __init__(self, file: ArchiveFile) -> None:
        self._name = file.name
        self._read = file.file.read
        self._tell = file.file.tell
        self._left = _LARGEST_HEADER_BYTES

    def read(self) -> tuple[dict[str, bytes], bytes, int]:
        if self._take(len(MAGIC)) != MAGIC:
            raise ArchiveUnreadable(f"{self._name} is not an Avro container file")
        metadata: dict[str, bytes] = {}
        while count := self._number():
            if count < 0:
                count = -count
                self._number()
            for _ in range(count):
                key = self._take(self._number()).decode("utf-8", "replace")
                metadata[key] = self._take(self._number())
        sync = self._take(_SYNC_BYTES)
        return metadata, sync, self._tell()

    def _number(self) -> int:
        found = _long(self._read, at_end=None)
        if found is None:
            raise ArchiveUnreadable(f"{self._name}: the header of the Avro container file is cut off or damaged")
        return found

    def _take(self, size: int) -> bytes:
        self._left -= max(size, 1)
        taken = self._read(size) if size >= 0 and self._left > 0 else b""
        if len(taken) < size or size < 0 or self._left <= 0:
            raise ArchiveUnreadable(f"{self._name}: the header of the Avro container file is cut off or damaged")
        return taken


def _long(read: Callable[[int], bytes], *, at_end: int | None) -> int | None:
    """Read a zigzag varint; *at_end* at the end of the file, -1 if it is cut off or too long."""
    value = 0
    for taken in range(10):
        byte = read(1)
        if not byte:
            return at_end if taken == 0 else -1
        value |= (byte[0] & 0x7F) << 7 * taken
        if byte[0] < 0x80:
            return (value >> 1) ^ -(value & 1)
    return -1


def _writer_schema(name: str, text: bytes) -> Schema:
    try:
        return parse(text.decode(), Format.AVRO, (), LIMITS)
    except (SchemaError, UnicodeDecodeError):
        raise ArchiveUnreadable(f"{name}: no Avro schema in the header") from None


def _inflated(stored: bytes, decompressor: Any) -> bytes:
    """Decompress piece by piece, up to the largest size of a block."""
    data = decompressor.decompress(stored, _LARGEST_BLOCK_BYTES + 1)
    if len(data) > _LARGEST_BLOCK_BYTES:
        raise _BlockDamaged(f"the block is larger than {_LARGEST_BLOCK_BYTES} bytes when it is decompressed")
    return bytes(data)


def _zstandard(stored: bytes) -> bytes:
    try:
        library = import_module("zstandard")
    except ModuleNotFoundError:
        raise ArchiveUnreadable("a container file with the codec zstandard needs: pip install zstandard") from None
    data = library.ZstdDecompressor().stream_reader(io.BytesIO(stored)).read(_LARGEST_BLOCK_BYTES + 1)
    if len(data) > _LARGEST_BLOCK_BYTES:
        raise _BlockDamaged(f"the block is larger than {_LARGEST_BLOCK_BYTES} bytes when it is decompressed")
    return bytes(data)


def _snappy(stored: bytes) -> bytes:
    try:
        library = import_module("cramjam")
    except ModuleNotFoundError:
        raise ArchiveUnreadable("a container file with the codec snappy needs: pip install cramjam") from None
    if int(library.snappy.decompress_raw_len(stored[:-4])) > _LARGEST_BLOCK_BYTES:
        raise _BlockDamaged(f"the block is larger than {_LARGEST_BLOCK_BYTES} bytes when it is decompressed")
    data = bytes(library.snappy.decompress_raw(stored[:-4]))
    if zlib.crc32(data).to_bytes(4, "big") != stored[-4:]:
        raise _BlockDamaged("the checksum of the block is wrong")
    return data


_CODECS: dict[str, Callable[[bytes], bytes]] = {
    "null": lambda stored: stored,
    "deflate": lambda stored: _inflated(stored, zlib.decompressobj(-15)),
    "bzip2": lambda stored: _inflated(stored, bz2.BZ2Decompressor()),
    "xz": lambda stored: _inflated(stored, lzma.LZMADecompressor(memlimit=512 * 1024 * 1024)),
    "zstandard": _zstandard,
    "snappy": _snappy,
}
