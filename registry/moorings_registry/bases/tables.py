"""Maps of a base: records in a row, and an index by the digests of their keys.

A record is the length of its key (4 bytes, little-endian), the key and the value. `offsets` says where each begins,
and where the last one ends. A word of the index holds 32 bits of a digest of a key above the number of its row, and
the words are sorted, so a key is found by bisection. The digest is keyed by a secret of the file (`salt`): nobody can
choose names that meet. A row that no word leads to was replaced or removed.
"""

from array import array
from bisect import bisect_left
from collections.abc import Iterator
from hashlib import blake2b
from typing import Any, Generic, TypeVar

from moorings_registry.bases.codecs import Codec

K = TypeVar("K")
V = TypeVar("V")

ROW = 0xFFFF_FFFF
"""The bits of a word that are the row."""
KEY_LENGTH_BYTES = 4


def word_above(key: bytes, salt: bytes) -> int:
    """The word of the index that is the least for *key*: its digest above row 0."""
    return int.from_bytes(blake2b(key, digest_size=4, key=salt).digest(), "little") << 32


class Rows:
    """Records by their numbers, from 0."""

    def __init__(self, offsets: "memoryview[int]", records: "memoryview[int]") -> None:
        self.offsets = offsets
        self.records = records

    def __len__(self) -> int:
        return len(self.offsets) - 1

    def at(self, row: int) -> "memoryview[int]":
        return self.records[self.offsets[row] : self.offsets[row + 1]]


class Table(Generic[K, V]):
    """A map that is read where it lies; safe from any thread, and across a fork."""

    def __init__(self, codec: Codec[K, V], rows: Rows, index: "memoryview[int]", salt: bytes) -> None:
        self.codec = codec
        self.rows = rows
        self.index = index
        self.salt = salt

    def __len__(self) -> int:
        return len(self.index)

    def row_of(self, key: K) -> int | None:
        """The row that has *key*; None if none has."""
        return self.row_with(self.codec.key(key))

    def row_with(self, key: bytes) -> int | None:
        """The row that has *key* in its bytes."""
        index, above = self.index, word_above(key, self.salt)
        at = bisect_left(index, above)
        while at < len(index) and index[at] >> 32 == above >> 32:
            row = index[at] & ROW
            if self.key_bytes(row) == key:
                return row
            at += 1
        return None

    def key_bytes(self, row: int) -> "memoryview[int]":
        record = self.rows.at(row)
        return record[KEY_LENGTH_BYTES : KEY_LENGTH_BYTES + _key_length(record)]

    def key_at(self, row: int) -> K:
        key: K = self.codec.read_key(self.key_bytes(row))
        return key

    def value_at(self, row: int) -> V:
        record = self.rows.at(row)
        value: V = self.codec.read_value(record[KEY_LENGTH_BYTES + _key_length(record) :])
        return value

    def live_rows(self) -> Iterator[int]:
        """The rows that the index leads to, in no order."""
        return (word & ROW for word in self.index)

    def items(self) -> Iterator[tuple[K, V]]:
        return ((self.key_at(row), self.value_at(row)) for row in self.live_rows())


def _key_length(record: "memoryview[int]") -> int:
    return int.from_bytes(record[:KEY_LENGTH_BYTES], "little")


def as_words(view: "memoryview[int]") -> "memoryview[int]":
    """*view* as whole numbers of 8 bytes."""
    return view.cast("Q") if len(view) else memoryview(array("Q"))


def empty_table(codec: Codec[Any, Any], salt: bytes) -> Table[Any, Any]:
    """A table without a row."""
    return Table(codec, empty_rows(), memoryview(array("Q")), salt)


def empty_rows() -> Rows:
    return Rows(memoryview(array("Q", (0,))), memoryview(b""))
