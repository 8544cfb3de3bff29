"""Messages in one form for all transports, and how the bytes in them are framed.

A transport with bytes in its headers uses Confluent's (`moorings.codecs.framing`); one with text in its headers names
the schema by labels: ``moorings-schema-guid`` or ``moorings-schema-id``, and for Protobuf ``moorings-message-indexes``
(``0``, or ``1,0``). The payload is then unframed.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple, Protocol
from uuid import UUID

from moorings.api.responses import Version
from moorings.codecs.framing import (
    HEADER_NAME,
    KEY_HEADER_NAME,
    framed,
    guid_prefix,
    id_prefix,
    message_indexes,
    prefix_of,
    read_message_indexes,
    split_prefix,
)
from moorings.errors import FramingInvalid
from moorings_compat import Format

GUID_LABEL = "moorings-schema-guid"
ID_LABEL = "moorings-schema-id"
INDEXES_LABEL = "moorings-message-indexes"

_LABELS = frozenset((GUID_LABEL, ID_LABEL, INDEXES_LABEL))
SCHEMA_HEADERS = _LABELS | {HEADER_NAME, KEY_HEADER_NAME}
"""Every header that names a schema."""

CONTENT_TYPES = {
    Format.AVRO: "avro/binary",
    Format.JSON: "application/json",
    Format.PROTOBUF: "application/protobuf",
}
"""The content type of an unframed payload."""

_LONGEST_LABEL = 200
_LARGEST_INDEX = 2**31 - 1


class WritingContract(Protocol):
    """The side of a contract handle that writes; `EventContract` and `AsyncEventContract` are such handles."""

    @property
    def latest(self) -> Version: ...

    def encode(self, value: Any) -> bytes: ...


@dataclass(frozen=True, slots=True)
class TransportRecord:
    """One message as received. A `value` of None is a tombstone: what the key names was deleted.

    `place` is the topic, stream, queue or subject; `position` the offset or entry id there.
    """

    value: bytes | None
    key: bytes | None = None
    headers: tuple[tuple[str, bytes], ...] = ()
    place: str = ""
    partition: int | None = None
    position: str = ""


class EncodedEvent(NamedTuple):
    """An encoded event without its prefix, for a transport that names the schema next to the payload."""

    version: Version
    """The revision that it was written with."""
    head: bytes
    """The guid's prefix, and for Protobuf the message indexes: the content of Confluent's record header."""
    payload: bytes

    @property
    def labels(self) -> dict[str, str]:
        """The labels that name the schema in text headers."""
        return dict(_labels(self.head))

    @property
    def content_type(self) -> str:
        """The content type of the payload."""
        return CONTENT_TYPES[self.version.format]


def header_pairs(headers: Mapping[str, Any] | Iterable[tuple[str, Any]] | None) -> tuple[tuple[str, bytes], ...]:
    """Return headers of any transport as pairs of name and bytes; text is UTF-8, None is left out."""
    pairs = headers.items() if isinstance(headers, Mapping) else headers or ()
    return tuple((str(name), _as_bytes(value)) for name, value in pairs if value is not None)


def framed_value(record: TransportRecord) -> bytes:
    """Return the value of *record* with its prefix, wherever its schema was named.

    Raises:
        FramingInvalid: a header or label that names a schema cannot be read.
    """
    return framed_by_headers(record.value or b"", record.headers)


def framed_by_headers(value: bytes, headers: Sequence[tuple[str, bytes]], name: str = HEADER_NAME) -> bytes:
    """Return *value* with the prefix from labels or Confluent's header *name*, else unchanged; raises likewise."""
    labels = {label: text for label, text in headers if label in _LABELS}
    if GUID_LABEL in labels or ID_LABEL in labels:
        return _labelled_prefix(labels) + value
    return framed(value, headers, name)


def encode_unframed(contract: WritingContract, event: Any) -> EncodedEvent:
    """Validate *event* and write it without its prefix.

    Raises:
        EventInvalid: with every violation.
        FramingInvalid: *contract* has another framing than a prefix.
    """
    while True:
        version = contract.latest
        data = contract.encode(event)
        prefix = prefix_of(data)
        if _prefix_names(prefix, version.id, version.guid):
            break  # else the handle moved to another revision in between
    start = end = len(prefix)
    if version.format is Format.PROTOBUF:
        end = read_message_indexes(data, start)[1]
    return EncodedEvent(version, guid_prefix(version.guid) + data[start:end], data[end:])


@lru_cache(maxsize=1024)
def _prefix_names(prefix: bytes, schema_id: int, guid: UUID) -> bool:
    return split_prefix(prefix)[1] in (schema_id, guid)


@lru_cache(maxsize=1024)
def _labels(head: bytes) -> tuple[tuple[str, str], ...]:
    prefix, guid = split_prefix(head)
    labels = [(GUID_LABEL, str(guid))]
    if len(head) > len(prefix):
        indexes, _ = read_message_indexes(head, len(prefix))
        labels.append((INDEXES_LABEL, ",".join(str(index) for index in indexes)))
    return tuple(labels)


def _labelled_prefix(labels: Mapping[str, bytes]) -> bytes:
    try:
        texts = {name: value[:_LONGEST_LABEL].decode("ascii") for name, value in labels.items()}
        prefix = guid_prefix(UUID(texts[GUID_LABEL])) if GUID_LABEL in texts else id_prefix(int(texts[ID_LABEL]))
        indexes = [int(one) for one in texts[INDEXES_LABEL].split(",")] if INDEXES_LABEL in texts else []
    except ValueError:
        pass  # raised outside: the cause quotes the text
    else:
        if not indexes:
            return prefix
        if all(0 <= index <= _LARGEST_INDEX for index in indexes):
            return prefix + message_indexes(indexes)
    raise FramingInvalid(f"invalid value in {GUID_LABEL}, {ID_LABEL} or {INDEXES_LABEL}")


def _as_bytes(value: Any) -> bytes:
    if isinstance(value, str):
        return value.encode("utf-8", "replace")
    if isinstance(value, bytes | bytearray | memoryview):
        return bytes(value)
    return str(value).encode("utf-8", "replace")
