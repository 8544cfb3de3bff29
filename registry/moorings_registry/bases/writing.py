"""Writing a base: whole, or from the one before it and what has changed since.

What an earlier base has is copied as it lies there, without being read as values; only what has changed is written,
and the index is made again. Rows that were replaced or removed stay behind as dead ones, until there are too many.
"""

import contextlib
import hashlib
import os
import secrets
import struct
import sys
from array import array
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, BinaryIO

import msgspec

from moorings_registry.bases.codecs import (
    BY_GUID,
    BY_SUBJECT,
    COMPARED,
    MAPS,
    Codec,
    NotStorable,
    check_record,
    compared_key,
    single_values,
)
from moorings_registry.bases.file import (
    BEGIN,
    LAYOUT,
    MAGIC,
    PLACE,
    BaseFile,
    ChecksPlace,
    Header,
    RowsPlace,
    Section,
    TablePlace,
    chunks,
)
from moorings_registry.bases.layered import GONE, Layered
from moorings_registry.bases.layered_checks import BaseChecks, LayeredChecks
from moorings_registry.bases.room import Room
from moorings_registry.bases.tables import ROW, Table, empty_rows, empty_table, word_above
from moorings_registry.state import CheckRecord, State, Version
from moorings_registry.state.checks import Checks, is_unusual

SALT_BYTES = 16
_KEY_LENGTH = struct.Struct("<I")
_ALIGNMENT = 8
_RECORDS_A_WRITE = 1_000
_ASKED_EACH_BYTES = 256 * 1024


def write_base(
    path: Path,
    state: State,
    *,
    ledger: str,
    fold: str,
    before: BaseFile | None = None,
    room: Room | None = None,
) -> int:
    """Write *state* to the new file *path*, which only its owner may read; returns its size in bytes.

    *before* is the base that *state* was made of, if it was. Durable when this returns. *room* is that of its folder.

    Raises:
        NotStorable: a value would not be read as it is.
        OSError: there is no room, or the folder is not writable; the file may be there in part.
    """
    salt = before.salt if before else secrets.token_bytes(SALT_BYTES)
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with open(handle, "wb") as file:  # noqa: PTH123 - a descriptor, not a path
        sink = _Sink(file, room or Room(path.parent))
        maps = {name: _write_map(sink, codec, getattr(state, name), before, name, salt) for name, codec in MAPS.items()}
        header = Header(
            layout=LAYOUT,
            fold=fold,
            byte_order=sys.byteorder,
            ledger=ledger,
            position=state.position,
            digest=state.digest,
            salt=salt.hex(),
            single=single_values(state),
            maps=maps,
            checks=_write_checks(sink, state.checks, before, salt),
        )
        size_bytes = sink.finish(msgspec.json.encode(header))
        os.fsync(file.fileno())
    return size_bytes


class _Sink:
    """A file that is written from its beginning to its end."""

    def __init__(self, file: BinaryIO, room: Room) -> None:
        self._file = file
        self._room = room
        self._unasked_bytes = 0
        self._digest = hashlib.sha256()
        file.write(bytes(BEGIN))
        self.at = BEGIN

    def write(self, content: "bytes | memoryview[int] | array[int]") -> None:
        view = memoryview(content).cast("B") if len(content) else memoryview(b"")
        self._unasked_bytes += len(view)
        if self._unasked_bytes > _ASKED_EACH_BYTES:  # others write to the disk as well
            self._room.require(len(view))
            self._unasked_bytes = 0
        self._file.write(view)
        self._digest.update(view)
        self.at += len(view)

    @contextlib.contextmanager
    def section(self) -> Iterator[list[int]]:
        """Begin a section; at the end the list that it gives holds where it lies."""
        self.write(bytes(-self.at % _ALIGNMENT))
        place = [self.at]
        yield place
        place.append(self.at - place[0])

    def copy(self, handle: int, section: Section) -> None:
        """Copy a section of another file to here."""
        for chunk in chunks(handle, *section):
            self.write(chunk)

    def finish(self, header: bytes) -> int:
        """Write the header, and the beginning of the file, which vouches for all of it; returns the size."""
        place = PLACE.pack(self.at, len(header))
        self.write(header)
        self._digest.update(place)
        self._file.flush()
        self._room.require(0)
        os.pwrite(self._file.fileno(), MAGIC + self._digest.digest() + place, 0)
        return self.at


class _TableWriter:
    """A table in the making: the rows of the one before it, and new ones behind those."""

    def __init__(self, codec: Codec[Any, Any], before: Table[Any, Any], salt: bytes) -> None:
        self.codec = codec
        self.before = before
        self.salt = salt
        self.offsets = array("Q", before.rows.offsets)
        self.words: list[int] = []
        self.dropped: set[int] = set()
        self.records: list[bytes] = []

    def put(self, key: Any, value: Any) -> int:
        """Add a row; the one that had *key* is dead. Returns the number of the row.

        Raises:
            NotStorable
        """
        stored_key, stored = self.codec.record(key, value)
        if len(self.before):
            self._drop(stored_key)
        return self._add(stored_key, b"".join((_KEY_LENGTH.pack(len(stored_key)), stored_key, stored)))

    def remove(self, key: Any) -> None:
        self._drop(self.codec.key(key))

    def _drop(self, key: bytes) -> None:
        row = self.before.row_with(key)
        if row is not None:
            self.dropped.add(row)

    def _add(self, key: bytes, record: bytes) -> int:
        row = len(self.offsets) - 1
        self.records.append(record)
        self.offsets.append(self.offsets[-1] + len(record))
        self.words.append(word_above(key, self.salt) | row)
        return row

    def write(self, sink: _Sink, handle: int | None, place: TablePlace | None) -> TablePlace:
        """Write the table; *handle* and *place* are those of the one before it."""
        kept = [word for word in self.before.index if word & ROW not in self.dropped]
        if len(self.before.rows) - len(kept) > len(kept) + len(self.words):
            return self._rewritten(kept).write(sink, None, None)
        rows = write_rows(sink, handle, place.rows if place else None, self.offsets, self.records)
        kept.extend(self.words)
        kept.sort()
        return TablePlace(rows, _words(sink, array("Q", kept)))

    def _rewritten(self, kept: list[int]) -> "_TableWriter":
        """The same table without its dead rows."""
        table = _TableWriter(self.codec, empty_table(self.codec, self.salt), self.salt)
        for word in kept:
            row = word & ROW
            table._add(bytes(self.before.key_bytes(row)), bytes(self.before.rows.at(row)))
        base = len(self.before.rows)
        for word, record in zip(self.words, self.records, strict=True):
            row = len(table.offsets) - 1
            table.records.append(record)
            table.offsets.append(table.offsets[-1] + len(record))
            table.words.append((word & ~ROW) | row)
        assert len(self.offsets) - 1 - base == len(self.records)
        return table


def write_rows(
    sink: _Sink, handle: int | None, place: RowsPlace | None, offsets: "array[int]", records: Sequence[bytes]
) -> RowsPlace:
    """Write the rows in *place* of an earlier file, and *records* behind them."""
    with sink.section() as section:
        if handle is not None and place is not None:
            sink.copy(handle, place.records)
        for at in range(0, len(records), _RECORDS_A_WRITE):
            sink.write(b"".join(records[at : at + _RECORDS_A_WRITE]))
    return RowsPlace(offsets=_words(sink, offsets), records=(section[0], section[1]))


def _words(sink: _Sink, words: "array[int]") -> Section:
    with sink.section() as section:
        sink.write(words)
    return section[0], section[1]


def _write_map(
    sink: _Sink, codec: Codec[Any, Any], current: Any, before: BaseFile | None, name: str, salt: bytes
) -> TablePlace:
    if before is not None and isinstance(current, Layered) and current.base.table is before.maps[name]:
        table = _TableWriter(codec, before.maps[name], salt)
        for key, value in current.changed.items():
            if value is GONE:
                table.remove(key)
            else:
                table.put(key, value)
        return table.write(sink, before.handle, before.header.maps[name])
    table = _TableWriter(codec, empty_table(codec, salt), salt)
    for key, value in current.items():
        table.put(key, value)
    return table.write(sink, None, None)


def _write_checks(sink: _Sink, checks: Checks, before: BaseFile | None, salt: bytes) -> ChecksPlace:
    """Write the checks, where those of a subject and of a definition are, and what they were compared with."""
    follows = before if isinstance(checks, LayeredChecks) and before and checks.base is before.checks else None
    writer = _ChecksWriter(follows.checks if follows else None, salt)
    for check in checks.tail if follows and isinstance(checks, LayeredChecks) else checks:
        writer.add(check)
    return writer.write(sink, follows)


class _ChecksWriter:
    """Checks in the making: those of the base before, and new ones behind them."""

    def __init__(self, before: BaseChecks | None, salt: bytes) -> None:
        self.compared = _TableWriter(COMPARED, before.compared if before else empty_table(COMPARED, salt), salt)
        self.by_subject = _RowsOf(BY_SUBJECT, before.by_subject if before else empty_table(BY_SUBJECT, salt), salt)
        self.by_guid = _RowsOf(BY_GUID, before.by_guid if before else empty_table(BY_GUID, salt), salt)
        self.offsets = array("Q", (before.rows if before else empty_rows()).offsets)
        self.positions = array("Q", before.positions if before else ())
        self.unusual = array("Q", before.unusual if before else ())
        self.records: list[bytes] = []
        self.known: dict[Any, tuple[int, Version]] = {}

    def add(self, check: CheckRecord) -> None:
        row = len(self.positions)
        against = [_row_of(one, self.compared, self.known) for one in check.against]
        self.records.append(check_record(check, against))
        self.offsets.append(self.offsets[-1] + len(self.records[-1]))
        self.positions.append(check.position)
        self.by_subject.add(check.subject, row)
        self.by_guid.add(check.guid, row)
        if is_unusual(check):
            self.unusual.append(row)

    def write(self, sink: _Sink, before: BaseFile | None) -> ChecksPlace:
        handle, place = (before.handle, before.header.checks) if before else (None, None)
        return ChecksPlace(
            rows=write_rows(sink, handle, place.rows if place else None, self.offsets, self.records),
            positions=_words(sink, self.positions),
            unusual=_words(sink, self.unusual),
            by_subject=self.by_subject.table().write(sink, handle, place.by_subject if place else None),
            by_guid=self.by_guid.table().write(sink, handle, place.by_guid if place else None),
            compared=self.compared.write(sink, handle, place.compared if place else None),
        )


class _RowsOf:
    """Keys with the rows that have them, those of the base before first."""

    def __init__(self, codec: Codec[Any, tuple[int, ...]], before: Table[Any, tuple[int, ...]], salt: bytes) -> None:
        self._writer = _TableWriter(codec, before, salt)
        self._new: dict[Any, list[int]] = {}

    def add(self, key: Any, row: int) -> None:
        self._new.setdefault(key, []).append(row)

    def table(self) -> _TableWriter:
        """The table with what was added."""
        before = self._writer.before
        for key, rows in self._new.items():
            at = before.row_of(key)
            self._writer.put(key, (*(() if at is None else before.value_at(at)), *rows))
        return self._writer


def _row_of(version: Version, compared: _TableWriter, known: dict[Any, tuple[int, Version]]) -> int:
    """The row that has *version* as it is here.

    Raises:
        NotStorable: another one has its key, so it could not be distinguished from that.
    """
    key = compared_key(version)
    if key not in known:
        row = compared.before.row_of(key)
        known[key] = (compared.put(key, version), version) if row is None else (row, compared.before.value_at(row))
    row, other = known[key]
    if other != version:
        raise NotStorable(f"two versions have the report {key[0]}")
    return row
