"""The file of a base, and the state that is read from it.

    magic      8 bytes, `MAGIC`
    sha256     32 bytes, of all that follows `place`, and of `place`
    place      where the header lies: offset and length, 8 bytes each, little-endian
    sections   the rows and indexes of `tables`, each on a boundary of 8 bytes
    header     JSON: `Header`

A file is read only if its digest fits, so a bit that flipped anywhere, or a part that is missing, is noticed before
anything of it is used. It is mapped: what nobody asks for costs no memory, and all workers of a machine share what is
read.
"""

import hashlib
import mmap
import os
import struct
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
from immutables import Map

from moorings_registry.bases.codecs import BY_GUID, BY_SUBJECT, COMPARED, MAPS, Codec, read_single_values
from moorings_registry.bases.layered import BaseMap, Layered
from moorings_registry.bases.layered_checks import BaseChecks, LayeredChecks
from moorings_registry.bases.tables import Rows, Table, as_words
from moorings_registry.state import State
from moorings_registry.state.checks import Checks

MAGIC = b"MOORBASE"
LAYOUT = 1
"""What the bytes of a file mean; another number for another meaning."""
PLACE = struct.Struct("<QQ")
SHA_AT = len(MAGIC)
PLACE_AT = SHA_AT + hashlib.sha256().digest_size
BEGIN = PLACE_AT + PLACE.size
SMALL_BYTES = 1024 * 1024
"""Up to so many bytes of records a map is read immediately: as fast as one that was folded, and hardly larger."""
_CHUNK_BYTES = 1024 * 1024

Section = tuple[int, int]
"""The first byte in the file, and how many there are."""


class BaseUnusable(Exception):
    """A file is not a base that can be used here; the text says why."""


class RowsPlace(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where `tables.Rows` lie."""

    offsets: Section
    records: Section


class TablePlace(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where a `tables.Table` lies."""

    rows: RowsPlace
    index: Section


class ChecksPlace(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where the checks lie, and the versions that they were compared with."""

    rows: RowsPlace
    positions: Section
    unusual: Section
    by_subject: TablePlace
    by_guid: TablePlace
    compared: TablePlace


class Header(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a file says of itself."""

    layout: int
    fold: str
    """The code that folded it: `folding_code.fold_version`."""
    byte_order: str
    ledger: str
    """The digest of the first entry, which tells a ledger from every other one."""
    position: int
    digest: str
    salt: str
    single: dict[str, Any]
    maps: dict[str, TablePlace]
    checks: ChecksPlace


_read_header = msgspec.json.Decoder(Header).decode


class BaseFile:
    """A base that is mapped into memory; stays readable after its file was removed."""

    def __init__(self, path: Path, fold: str) -> None:
        """Open and check the file *path*, which the code *fold* must have written.

        Raises:
            BaseUnusable
            OSError
        """
        self.path = path
        with path.open("rb") as file:
            self.size_bytes = os.fstat(file.fileno()).st_size
            header_at, header_bytes = _checked(file.fileno(), self.size_bytes)
            self.handle = os.dup(file.fileno())
        self._mapped = memoryview(mmap.mmap(self.handle, self.size_bytes, access=mmap.ACCESS_READ))
        self.header = _header(self._mapped[header_at : header_at + header_bytes], fold)
        self.salt = bytes.fromhex(self.header.salt)
        header = self.header
        self.maps = {name: self._table(header.maps[name], codec) for name, codec in MAPS.items()}
        checks = header.checks
        self.checks = BaseChecks(
            self._rows(checks.rows),
            as_words(self._section(checks.positions)),
            as_words(self._section(checks.unusual)),
            self._table(checks.by_subject, BY_SUBJECT),
            self._table(checks.by_guid, BY_GUID),
            self._table(checks.compared, COMPARED),
        )

    def __del__(self) -> None:
        if hasattr(self, "handle"):
            os.close(self.handle)

    def state(self, small_bytes: int = SMALL_BYTES) -> State:
        """The state at its position; maps of at most *small_bytes* are read now, others when they are asked.

        Raises:
            BaseUnusable: a value is not what the state has there.
        """
        try:
            single = read_single_values(self.header.single)
            maps = {name: _as_map(table, small_bytes) for name, table in self.maps.items()}
            checks = _as_sequence(self.checks, small_bytes)
        except (msgspec.MsgspecError, KeyError, UnicodeDecodeError) as error:
            raise BaseUnusable(f"a value cannot be read: {error}") from error
        state = State(**single, **maps, checks=checks)
        if (state.position, state.digest) != (self.header.position, self.header.digest):
            raise BaseUnusable("it contradicts itself")
        return state

    def _section(self, section: Section) -> "memoryview[int]":
        offset, length = section
        return self._mapped[offset : offset + length]

    def _rows(self, place: RowsPlace) -> Rows:
        return Rows(as_words(self._section(place.offsets)), self._section(place.records))

    def _table(self, place: TablePlace, codec: Codec[Any, Any]) -> Table[Any, Any]:
        return Table(codec, self._rows(place.rows), as_words(self._section(place.index)), self.salt)


def _as_map(table: Table[Any, Any], small_bytes: int) -> Any:
    if len(table.rows.records) <= small_bytes:
        return Map(dict(table.items()))
    return Layered(BaseMap(table), Map(), len(table))


def _as_sequence(checks: BaseChecks, small_bytes: int) -> Checks:
    if len(checks.rows.records) <= small_bytes:
        return Checks([checks.at(row) for row in range(len(checks))], len(checks))
    return LayeredChecks(checks, range(len(checks)), Checks())


def _checked(handle: int, size_bytes: int) -> tuple[int, int]:
    """Where the header lies, in a file whose digest fits.

    Raises:
        BaseUnusable
    """
    begin = os.pread(handle, BEGIN, 0)
    if len(begin) < BEGIN or not begin.startswith(MAGIC):
        raise BaseUnusable("not a base")
    found = hashlib.sha256()
    for chunk in chunks(handle, BEGIN, size_bytes - BEGIN):
        found.update(chunk)
    found.update(begin[PLACE_AT:])
    if found.digest() != begin[SHA_AT:PLACE_AT]:
        raise BaseUnusable("its SHA-256 does not fit: it is cut off or damaged")
    header_at, header_bytes = PLACE.unpack_from(begin, PLACE_AT)
    return header_at, header_bytes


def chunks(handle: int, offset: int, length: int) -> Iterator[bytes]:
    """Read a part of a file piece by piece, past the mapping: what is only copied takes no memory of the process."""
    end = offset + length
    while offset < end:
        chunk = os.pread(handle, min(_CHUNK_BYTES, end - offset), offset)
        if not chunk:
            return
        offset += len(chunk)
        yield chunk


def _header(stored: "memoryview[int]", fold: str) -> Header:
    try:
        told = msgspec.json.decode(stored)
        layout, by = told.get("layout"), told.get("fold")
    except (msgspec.MsgspecError, AttributeError) as error:
        raise BaseUnusable(f"its header cannot be read: {error}") from None
    if (layout, by) != (LAYOUT, fold):
        raise BaseUnusable("another release wrote it")
    try:
        header = _read_header(stored)
    except msgspec.MsgspecError as error:
        raise BaseUnusable(f"its header cannot be read: {error}") from None
    if header.byte_order != sys.byteorder:
        raise BaseUnusable("a machine with another byte order wrote it")
    if header.maps.keys() != MAPS.keys():
        raise BaseUnusable("it has other maps than a state")
    return header
