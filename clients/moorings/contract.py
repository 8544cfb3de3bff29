"""A contract handle: one major of one event, to write with and to read with.

Everything per schema is compiled once. For a schema that was met before, `encode` and `decode` touch no network, take
no lock, and look up no names.
"""

import threading
import warnings
from collections.abc import Callable, Iterable, Mapping
from typing import Any
from uuid import UUID

from moorings.answers import Event, Major, Version
from moorings.api import Api
from moorings.codecs.failures import NOT_AT_ONCE, Invalid, Mismatch
from moorings.codecs.formats import MessageReader, Reader, Writer, make_reader, make_writer
from moorings.errors import (
    ContractRetired,
    ContractUnknown,
    EventInvalid,
    EventUnreadable,
    FramingInvalid,
    MooringsError,
    WriterUnknown,
)
from moorings.framing import (
    HEADER_NAME,
    ID_PREFIX_BYTES,
    guid_prefix,
    id_prefix,
    split_prefix,
)
from moorings.schemas import Schemas
from moorings.violations import Violation
from moorings_compat import Schema

Headers = Mapping[str, bytes] | Iterable[tuple[str, bytes]]


class ContractDeprecated(UserWarning):
    """A service uses a major that its owner has deprecated."""


class EventContract:
    """Made by `Registry.event`; safe from any thread."""

    def __init__(self, api: Api, schemas: Schemas, subject: str, major: int, *, by_guid: bool = False) -> None:
        self.subject = subject
        self.major = major
        self._api = api
        self._schemas = schemas
        self._by_guid = by_guid
        self._lock = threading.Lock()
        self._labels: dict[int | UUID, str] = {}
        self._readers: dict[bytes, Reader] = {}
        self._decoders: dict[bytes, Callable[[bytes], Any]] = {}
        self._message_decoders: dict[bytes, Callable[[bytes], Any]] = {}
        self._writer: Writer | None = None
        self._encode: Callable[[Any], bytes] | None = None
        self._state = self._look_up()
        self._version = self._fetch_latest()
        self._schema = self._parse(self._version)
        self._warn_if_deprecated()

    @property
    def latest(self) -> Version:
        """The revision that is written with, and that events are read as."""
        return self._version

    @property
    def deprecated(self) -> bool:
        """The owner has deprecated this major; `sunset` says until when it is kept up."""
        return self._state.state == "deprecated"

    @property
    def sunset(self) -> str | None:
        """The date (ISO 8601) that was given with the deprecation."""
        return self._state.sunset

    @property
    def schema(self) -> Schema:
        """The parsed schema of `latest`."""
        return self._schema

    def encode(self, value: Any) -> bytes:
        """Validate an event and write it, framed.

        *value* is a dict; for Protobuf a message too. What each type takes: `docs/client.md`.

        Raises:
            EventInvalid: with every violation.
            ContractRetired: nothing may be written with this major any more.
        """
        at_once = self._encode or self._make_writer().at_once
        try:
            return at_once(value)
        except NOT_AT_ONCE:
            pass  # left first: an exception raised inside would carry the values of its cause
        try:
            return self._make_writer().encode(value)
        except Invalid as invalid:
            found = invalid.violations
        raise EventInvalid(self.subject, self._version.label, found)

    def validate(self, value: Any) -> list[Violation]:
        """Return everything that `encode` would refuse; nothing for a valid event."""
        return list(self._make_writer().violations(value))

    def decode(self, data: bytes, headers: Headers | None = None) -> Any:
        """Read a framed event as a dict: written with any revision, seen as this handle's.

        The framing stands before the payload, or in the record header `__value_schema_id` of *headers*.

        Raises:
            EventUnreadable: it cannot be read with this contract; where, and why.
            WriterUnknown: the registry does not know the schema it was written with.
            FramingInvalid: the bytes are not framed.
            RegistryUnavailable: the schema was never met before, and the registry does not answer.
        """
        if data.__class__ is not bytes or headers is not None:
            data = _framed(data, headers)
        decode = self._decoders.get(data[:ID_PREFIX_BYTES]) or self._meet(data).at_once
        try:
            return decode(data)
        except NOT_AT_ONCE as error:
            found = self._meet(data).mismatch(data, error)
        raise self._unreadable(data, found)

    def knows(self, data: bytes, headers: Headers | None = None) -> bool:
        """Say whether reading *data* needs no look at the registry: its writer's schema was met before."""
        try:
            prefix, _ = split_prefix(_framed(data, headers))
        except FramingInvalid:
            return True  # nobody has to be asked to refuse it
        return prefix in self._readers

    def decode_message(self, data: bytes, headers: Headers | None = None) -> Any:
        """Read a framed Protobuf event as a message; raises as `decode`, and TypeError for other formats."""
        if data.__class__ is not bytes or headers is not None:
            data = _framed(data, headers)
        decode = self._message_decoders.get(data[:ID_PREFIX_BYTES]) or self._message_decoder(data)
        try:
            return decode(data)
        except NOT_AT_ONCE as error:
            found = self._meet(data).mismatch(data, error)
        raise self._unreadable(data, found)

    def _message_decoder(self, data: bytes) -> Callable[[bytes], Any]:
        reader = self._meet(data)
        if not isinstance(reader, MessageReader):
            raise TypeError(f"{self.subject} is written as {self._version.format}: only Protobuf has messages")
        return reader.message_at_once

    def refresh(self) -> bool:
        """Ask the registry for the major's newest revision and state; True when this handle moved to another revision.

        Messages on their way are not disturbed: they are written and read with the one or the other.

        Raises:
            RegistryUnavailable, RegistryRefused, ContractUnknown: nothing has changed then.
        """
        state = self._look_up()
        newest = state.latest
        moves = newest is not None and newest.id != self._version.id
        version = self._fetch_latest() if moves else self._version
        schema = self._parse(version) if moves else self._schema
        with self._lock:
            retires = state.state == "retired" and self._state.state != "retired"
            self._state = state
            if moves:
                self._version, self._schema = version, schema
                self._readers, self._decoders, self._message_decoders = {}, {}, {}
            if moves or retires:
                self._encode = self._writer = None
        self._warn_if_deprecated()
        return moves

    def _parse(self, version: Version) -> Schema:
        schema = self._schemas.verified(version)
        self._schemas.add(version.id, version.guid, schema)
        return schema

    def _warn_if_deprecated(self) -> None:
        if self._state.state == "deprecated":
            _warn_once(self.subject, self.major, self._state.sunset)

    def _look_up(self) -> Major:
        """Ask for the overview: the state of the major, and the labels of all revisions."""
        event = self._api.event(self.subject)
        major = event.major(self.major) if event is not None else None
        if event is None or major is None or major.latest is None:
            raise ContractUnknown(self.subject, self.major)
        self._note_labels(event)
        return major

    def _note_labels(self, event: Event) -> None:
        for major in event.majors:
            for revision in major.revisions:
                self._labels[revision.id] = self._labels[revision.guid] = revision.label

    def _fetch_latest(self) -> Version:
        return self._api.version(self.subject, f"v{self.major}")

    def _make_writer(self) -> Writer:
        if self._state.state == "retired":
            raise ContractRetired(self.subject, self.major)
        with self._lock:
            if self._writer is None:
                prefix = guid_prefix(self._version.guid) if self._by_guid else id_prefix(self._version.id)
                self._writer = make_writer(self._schema, _event_name(self.subject), prefix)
                self._encode = self._writer.at_once
            return self._writer

    def _meet(self, data: bytes) -> Reader:
        """Find the reader of a framing that is not in the short path: a guid's, or one met for the first time."""
        prefix, name = split_prefix(data)
        known = self._readers.get(prefix)
        if known is not None:
            return known
        with self._lock:
            written = self._schema if name in (self._version.id, self._version.guid) else self._schemas.get(name)
            if written is None:
                raise WriterUnknown(self.subject, str(name))
            if name not in self._labels:
                self._learn_labels()
            try:
                reader = make_reader(written, self._schema, _event_name(self.subject), len(prefix))
            except Mismatch as mismatch:
                found = mismatch
            else:
                self._readers[prefix] = reader
                if len(prefix) == ID_PREFIX_BYTES:
                    self._decoders[prefix] = reader.at_once
                    if isinstance(reader, MessageReader):
                        self._message_decoders[prefix] = reader.message_at_once
                return reader
        raise self._unreadable(data, found)

    def _learn_labels(self) -> None:
        """Learn what a new revision is called; for messages alone, so a registry that is away does not matter."""
        try:
            event = self._api.event(self.subject)
        except MooringsError:
            return
        if event is not None:
            self._note_labels(event)

    def _unreadable(self, data: bytes, mismatch: Mismatch) -> EventUnreadable:
        name = split_prefix(data)[1]
        written = self._labels.get(name, f"schema {name}")
        return EventUnreadable(
            self.subject, written, self._version.label, mismatch.reason, mismatch.path, mismatch.violations
        )


_warned: set[tuple[str, int]] = set()


def _warn_once(subject: str, major: int, sunset: str | None) -> None:
    """Warn of a deprecated major, once in each process."""
    if (subject, major) in _warned:
        return
    _warned.add((subject, major))
    until = f" and kept up until {sunset}" if sunset else ""
    warnings.warn(f"{subject} major {major} is deprecated{until}", ContractDeprecated, stacklevel=5)


def _framed(data: bytes, headers: Headers | None) -> bytes:
    """Put the prefix of a record header before its payload; without such a header the payload brings its own."""
    if headers is None:
        return bytes(data)
    pairs = headers.items() if isinstance(headers, Mapping) else headers
    for name, value in pairs:
        if name == HEADER_NAME:
            if len(value) < ID_PREFIX_BYTES:
                raise FramingInvalid(f"the header {HEADER_NAME} is too short")
            return bytes(value) + bytes(data)
    return bytes(data)


def _event_name(subject: str) -> str:
    """Take the event out of a subject: the last part, without Confluent's suffix."""
    return subject.removesuffix("-value").removesuffix("-key").rpartition(".")[2]
