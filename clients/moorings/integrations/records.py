"""What a transport delivered, in one form for all of them, and how the bytes in it are framed.

A transport that carries bytes in its headers uses Confluent's (`moorings.framing`); one that carries text names the
schema by labels: ``moorings-schema-guid`` or ``moorings-schema-id``, and for Protobuf ``moorings-message-indexes``
(``0``, or ``1,0``). The payload is bare then.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Protocol
from uuid import UUID

from moorings.answers import Version
from moorings.errors import FramingInvalid
from moorings.framing import (
    GUID_PREFIX_BYTES,
    HEADER_NAME,
    ID_PREFIX_BYTES,
    framed,
    guid_prefix,
    id_prefix,
    message_indexes,
    read_message_indexes,
    split_prefix,
)
from moorings_compat import Format

GUID_LABEL = "moorings-schema-guid"
ID_LABEL = "moorings-schema-id"
INDEXES_LABEL = "moorings-message-indexes"

_LABELS = frozenset((GUID_LABEL, ID_LABEL, INDEXES_LABEL))

CONTENT_TYPES = {
    Format.AVRO: "avro/binary",
    Format.JSON: "application/json",
    Format.PROTOBUF: "application/protobuf",
}
"""What a bare payload is announced as."""

_LONGEST_LABEL = 200
_LARGEST_INDEX = 2**31 - 1


class Contract(Protocol):
    """The side of a contract handle that writes; `EventContract` and `AsyncEventContract` are such handles."""

    @property
    def latest(self) -> Version: ...

    def encode(self, value: Any) -> bytes: ...


@dataclass(frozen=True, slots=True)
class Record:
    """One message as it was received. A `value` of None is a tombstone: the event is gone.

    `place` is the topic, stream, queue or subject; `position` the offset or entry id there.
    """

    value: bytes | None
    key: bytes | None = None
    headers: tuple[tuple[str, bytes], ...] = ()
    place: str = ""
    partition: int | None = None
    position: str = ""


def header_pairs(headers: Mapping[str, Any] | Iterable[tuple[str, Any]] | None) -> tuple[tuple[str, bytes], ...]:
    """Return headers of any transport as pairs of name and bytes; text is UTF-8, and what is absent is left out."""
    pairs = headers.items() if isinstance(headers, Mapping) else headers or ()
    return tuple((str(name), _as_bytes(value)) for name, value in pairs if value is not None)


def framed_value(record: Record) -> bytes:
    """Return the value of *record* with its prefix before it, wherever its schema was named.

    Raises:
        FramingInvalid: a header or label that names a schema cannot be read.
    """
    return framed_by_headers(record.value or b"", record.headers)


def framed_by_headers(value: bytes, headers: Sequence[tuple[str, bytes]], name: str = HEADER_NAME) -> bytes:
    """Return *value* with the prefix that labels or Confluent's header *name* give it, else as it is; raises so too."""
    labels = {label: text for label, text in headers if label in _LABELS}
    if GUID_LABEL in labels or ID_LABEL in labels:
        return _labelled_prefix(labels) + value
    return framed(value, headers, name)


def header_form(contract: Contract, data: bytes) -> tuple[bytes, bytes]:
    """Divide what *contract* wrote into the record header, with the guid as Confluent has it, and the bare payload.

    Raises:
        FramingInvalid: another framing than a prefix was chosen for *contract*.
    """
    version = contract.latest
    start = end = ID_PREFIX_BYTES if data[0] == 0 else GUID_PREFIX_BYTES
    if version.format is Format.PROTOBUF:
        end = read_message_indexes(data, start)[1]
    return _named_by_guid(data[:start], version.id, version.guid) + data[start:end], data[end:]


def text_form(contract: Contract, data: bytes) -> tuple[dict[str, str], bytes]:
    """Divide what *contract* wrote into labels and the bare payload; raises as `header_form`."""
    head, payload = header_form(contract, data)
    return dict(_labels(head)), payload


def content_type(contract: Contract) -> str:
    """Return what a bare payload of *contract* is announced as."""
    return CONTENT_TYPES[contract.latest.format]


@lru_cache(maxsize=1024)
def _named_by_guid(prefix: bytes, schema_id: int, guid: UUID) -> bytes:
    # A handle that moved to another revision meanwhile has another guid: the id names the schema then.
    return guid_prefix(guid) if split_prefix(prefix)[1] == schema_id else prefix


@lru_cache(maxsize=1024)
def _labels(head: bytes) -> tuple[tuple[str, str], ...]:
    prefix, name = split_prefix(head)
    labels = [(GUID_LABEL if isinstance(name, UUID) else ID_LABEL, str(name))]
    if len(head) > len(prefix):
        labels.append((INDEXES_LABEL, ",".join(str(index) for index in read_message_indexes(head, len(prefix))[0])))
    return tuple(labels)


def _labelled_prefix(labels: Mapping[str, bytes]) -> bytes:
    try:
        texts = {name: value[:_LONGEST_LABEL].decode("ascii") for name, value in labels.items()}
        prefix = guid_prefix(UUID(texts[GUID_LABEL])) if GUID_LABEL in texts else id_prefix(int(texts[ID_LABEL]))
        indexes = [int(one) for one in texts[INDEXES_LABEL].split(",")] if INDEXES_LABEL in texts else []
    except ValueError:
        pass  # left first: the cause quotes the text
    else:
        if not indexes:
            return prefix
        if all(0 <= index <= _LARGEST_INDEX for index in indexes):
            return prefix + message_indexes(indexes)
    raise FramingInvalid(f"{GUID_LABEL}, {ID_LABEL} or {INDEXES_LABEL} does not hold what its name says")


def _as_bytes(value: Any) -> bytes:
    if isinstance(value, str):
        return value.encode("utf-8", "replace")
    if isinstance(value, bytes | bytearray | memoryview):
        return bytes(value)
    return str(value).encode("utf-8", "replace")
