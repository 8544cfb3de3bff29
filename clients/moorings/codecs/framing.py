"""The framing of an event's bytes, which names the schema that it was written with.

Confluent's framings: version 0 is a zero byte and the schema's id, 4 bytes big-endian; version 1 is a one byte and the
schema's guid, 16 bytes. Either precedes the payload, or is a record header of its own, ``__value_schema_id`` for a
value and ``__key_schema_id`` for a key. For Protobuf the message's indexes in its file follow, in the header, too: a
count and that many indexes, zigzag varints; ``[0]`` is one zero byte.
"""

import uuid
from collections.abc import Iterable, Mapping, Sequence

from moorings.errors import FramingInvalid
from moorings.violations import type_name

ID_PREFIX_BYTES = 5
GUID_PREFIX_BYTES = 17
ID_PREFIX, GUID_PREFIX = slice(ID_PREFIX_BYTES), slice(GUID_PREFIX_BYTES)
"""The prefix of a message as a slice: ``data[ID_PREFIX]``, for a short path that cannot pay for a call."""
HEADER_NAME = "__value_schema_id"
KEY_HEADER_NAME = "__key_schema_id"

Headers = Mapping[str, bytes] | Iterable[tuple[str, bytes]]
"""The headers of a record, as brokers' clients return them."""

_LARGEST_ID = 2**31 - 1
_MOST_INDEXES = 64


def id_prefix(schema_id: int) -> bytes:
    """Frame a schema's id: 5 bytes, a zero and the id, big-endian (Confluent wire format).

    Raises:
        FramingInvalid: it is negative, or larger than 2147483647.
    """
    if not 0 <= schema_id <= _LARGEST_ID:
        raise FramingInvalid(f"schema id out of range: not between 0 and {_LARGEST_ID}")
    return b"\x00" + schema_id.to_bytes(4, "big")


def guid_prefix(guid: uuid.UUID) -> bytes:
    """Frame a schema's guid: 17 bytes, a one and the guid (Confluent wire format)."""
    return b"\x01" + guid.bytes


def prefix_of(data: bytes) -> bytes:
    """Return the prefix that the first byte of *data* announces, 17 or 5 bytes, unchecked: see `split_prefix`."""
    return data[GUID_PREFIX] if data[:1] == b"\x01" else data[ID_PREFIX]


def split_prefix(data: bytes) -> tuple[bytes, int | uuid.UUID]:
    """Return the prefix of *data*, 5 or 17 bytes, and its id or guid.

    Raises:
        FramingInvalid: too short, or an unknown first byte.
    """
    if data[:1] == b"\x00" and len(data) >= ID_PREFIX_BYTES:
        return data[ID_PREFIX], int.from_bytes(data[1:ID_PREFIX_BYTES], "big")
    if data[:1] == b"\x01" and len(data) >= GUID_PREFIX_BYTES:
        return data[GUID_PREFIX], uuid.UUID(bytes=data[1:GUID_PREFIX_BYTES])
    if data[:1] in (b"", b"\x00", b"\x01"):
        raise FramingInvalid(f"{len(data)} bytes are too few for a schema id or guid")
    raise FramingInvalid("unknown first byte: neither 0 (a schema id follows) nor 1 (a schema guid follows)")


def framed(data: bytes, headers: Headers | None, name: str = HEADER_NAME) -> bytes:
    """Put the prefix in the record header *name*, the last of that name, before its payload.

    Without such a header, the payload has its own prefix and is returned unchanged.

    Raises:
        FramingInvalid: the header is too short to hold an id, or *data* is not bytes.
    """
    if not headers:
        return data if data.__class__ is bytes else _bytes_of(data)
    # The class first: asking whether a list is a Mapping costs as much as the rest of this.
    pairs = headers.items() if headers.__class__ is not list and isinstance(headers, Mapping) else headers
    head = None
    for key, value in pairs:
        if key == name and value is not None:
            head = value.encode("latin-1", "replace") if isinstance(value, str) else bytes(value)
    if head is None:
        return data if data.__class__ is bytes else _bytes_of(data)
    if len(head) < ID_PREFIX_BYTES:
        raise FramingInvalid(f"the header {name} is too short")
    return head + (data if data.__class__ is bytes else _bytes_of(data))


def _bytes_of(data: object) -> bytes:
    """Take other kinds of bytes.

    Raises:
        FramingInvalid: *data* is something else: text, or None, which is the value of a tombstone.
    """
    if isinstance(data, bytes | bytearray | memoryview):
        return bytes(data)
    hint = ", as the value of a tombstone is: look for None before decoding" if data is None else ""
    raise FramingInvalid(f"an event is bytes, got {type_name(data)}{hint}")


def message_indexes(indexes: Sequence[int]) -> bytes:
    """Write a Protobuf message's indexes: ``(0,)`` is one zero byte."""
    if tuple(indexes) == (0,):
        return b"\x00"
    return b"".join(_zigzag(number) for number in (len(indexes), *indexes))


def read_message_indexes(data: bytes, start: int) -> tuple[tuple[int, ...], int]:
    """Read a Protobuf message's indexes at *start*; return them and where the payload begins.

    Raises:
        FramingInvalid: cut off, or not message indexes.
    """
    count, place = _read_zigzag(data, start)
    if count == 0:
        return (0,), place
    if not 0 < count <= _MOST_INDEXES:
        raise FramingInvalid(f"bad number of message indexes: not between 0 and {_MOST_INDEXES}")
    indexes = []
    for _ in range(count):
        index, place = _read_zigzag(data, place)
        if index < 0:
            raise FramingInvalid("negative message index")
        indexes.append(index)
    return tuple(indexes), place


def _zigzag(number: int) -> bytes:
    left = number << 1
    out = bytearray()
    while left > 0x7F:
        out.append(left & 0x7F | 0x80)
        left >>= 7
    out.append(left)
    return bytes(out)


def _read_zigzag(data: bytes, place: int) -> tuple[int, int]:
    value = shift = 0
    while place < len(data) and shift < 35:
        byte = data[place]
        place += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return (value >> 1) ^ -(value & 1), place
        shift += 7
    raise FramingInvalid("the message indexes are cut off")
