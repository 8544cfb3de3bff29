"""A contract handle: one major of one event, to write with and to read with.

Everything about a schema is compiled once. For a known schema, `encode` and `decode` use no network, take no lock, and
look up no names. What may have to ask the registry is written as effects (`reader_effects`, `refresh_effects`): the
handle's own runner blocks, that of `AsyncEventContract` awaits.
"""

import threading
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from moorings.api.responses import MajorState, Version
from moorings.codecs.failures import SLOW_PATH, Invalid, Mismatch
from moorings.codecs.formats import MessageReader, Reader, Writer, event_name, make_reader, make_writer
from moorings.codecs.framing import (
    GUID_PREFIX,
    ID_PREFIX,
    ID_PREFIX_BYTES,
    Headers,
    framed,
    guid_prefix,
    id_prefix,
    split_prefix,
)
from moorings.contracts.deprecation import warn_once
from moorings.contracts.internal_fields import foreign_view, warn_of_internal_fields
from moorings.contracts.load import Load, LoadSampler
from moorings.contracts.resolver import ContractRequest, ResolvedContract, Resolver
from moorings.contracts.rule_binding import ruled_reader, ruled_writer
from moorings.contracts.value_mapping import PLAIN, ValueMapping
from moorings.errors import (
    ContractDraft,
    ContractIsType,
    ContractRetired,
    EventInvalid,
    EventUnreadable,
    FramingInvalid,
    WriterUnknown,
)
from moorings.notices import (
    SILENT,
    ContractMoved,
    DraftRefused,
    EventNotRead,
    EventRefused,
    EventUnframed,
    Notices,
    RetiredRefused,
    WriterMissing,
)
from moorings.transport.effects import Effects, RunEffects
from moorings.violations import Violation
from moorings_compat import JsonFields, Schema

if TYPE_CHECKING:
    from moorings.contracts.internal_fields import ForeignView
    from moorings.rules import RuleBook
    from moorings.upcasting.stages import Way

Sample = tuple[str, str, str, Schema, Schema, bytes]
"""Subject, label of the reader, label of the writer, schema of the writer, schema of the reader, unframed event."""

__all__ = ["EventContract", "Headers"]


class EventContract:
    """Made by `Registry.event`; safe from any thread."""

    def __init__(
        self,
        request: ContractRequest,
        resolved: ResolvedContract,
        resolver: Resolver,
        run: RunEffects,
        *,
        by_guid: bool = False,
        mapping: ValueMapping = PLAIN,
        notices: Notices = SILENT,
        rules: "RuleBook | None" = None,
        domain: str = "",
    ) -> None:
        """*domain* is the one that the application belongs to; empty where it does not say."""
        self.subject = request.subject
        self.major = request.major
        self._request = request
        self._resolved = resolved
        self._resolver = resolver
        self._run = run
        self._by_guid = by_guid
        self._mapping = mapping
        self._notices = notices
        self._rules = rules
        self._domain = domain
        self._lock = threading.Lock()
        self._labels = resolved.labels
        self._readers: dict[bytes, Reader] = {}
        self._decoders: dict[bytes, Callable[[bytes], Any]] = {}
        self._message_decoders: dict[bytes, Callable[[bytes], Any]] = {}
        self._written: dict[bytes, Schema] = {}
        self._armed: set[bytes] = set()
        self._notes_uses = False
        self._noting: set[bytes] = set()
        self._noting_messages: set[bytes] = set()
        self._uses: set[tuple[str, str]] = set()
        self._load = LoadSampler()
        self._writer: Writer | None = None
        self._encode: Callable[[Any], bytes] | None = None
        self._foreign = self._foreign_view(resolved)
        self._warn_if_deprecated()

    def __repr__(self) -> str:
        read = "" if self.reads_as == self.latest.label else f", read as {self.reads_as}"
        return f"<{type(self).__name__} {self.subject} major {self.major}, revision {self.latest.label}{read}>"

    @property
    def latest(self) -> Version:
        """The revision that events are written with, and read as unless a reader was chosen."""
        return self._resolved.version

    @property
    def reads_as(self) -> str:
        """What events are read as: a revision's label, or the name of the file or class that was chosen."""
        return self._resolved.reader.label

    @property
    def deprecated(self) -> bool:
        """Whether the owner has deprecated this major; `sunset` is the date until which it is maintained."""
        return self._resolved.major.state is MajorState.DEPRECATED

    @property
    def sunset(self) -> str | None:
        """The date (ISO 8601) that was given with the deprecation."""
        return self._resolved.major.sunset

    @property
    def schema(self) -> Schema:
        """The parsed schema of `latest`."""
        return self._resolved.schema

    @property
    def schemas(self) -> tuple[Schema, Schema]:
        """The schema that events are written with, and the one that they are read as."""
        return self._resolved.schema, self._resolved.reader.schema

    @property
    def json_fields(self) -> JsonFields:
        """Whether undeclared fields of JSON events are refused when written, and left out when read."""
        return self._resolved.major.json_fields

    def encode(self, value: Any) -> bytes:
        """Validate an event and write it, framed.

        *value* is a dict; for Protobuf a message too. What each type takes: `docs/client-reference.md`.

        Raises:
            EventInvalid: with every violation.
            ContractRetired: the major is retired.
            ContractIsType: it is a type that other contracts refer to, and not an event.
            ContractDraft: the major is a draft, and the application is not one of its domain.
        """
        at_once = self._encode or self._make_encode()
        try:
            return at_once(value)
        except SLOW_PATH:
            pass  # raised outside: an exception raised here would hold the event's values in its cause
        try:
            return self._make_writer().encode(self._mapping.plain(value))
        except Invalid as invalid:
            found = invalid.violations
        raise self._refused(found)

    def validate(self, value: Any) -> list[Violation]:
        """Return everything that `encode` would refuse; nothing for a valid event."""
        writer = self._make_writer()
        try:
            return list(writer.violations(self._mapping.plain(value)))
        except Invalid as invalid:
            return list(invalid.violations)

    def decode(self, data: bytes, headers: Headers | None = None) -> Any:
        """Read a framed event, written with any revision, as a dict of this handle's revision.

        The framing precedes the payload, or is the record header `__value_schema_id` of *headers*.

        Raises:
            EventUnreadable: it cannot be read with this contract; where, and why.
            WriterUnknown: the registry does not know the writer's schema.
            FramingInvalid: the bytes are not framed.
            RegistryUnavailable: the schema is not known yet, and the registry cannot be reached.
        """
        if data.__class__ is not bytes or headers is not None:
            data = framed(data, headers)
        decode = (
            self._decoders.get(data[ID_PREFIX])
            or self._decoders.get(data[GUID_PREFIX])
            or self._mapping.decoder(self._find_reader(data).at_once)
        )
        try:
            return decode(data)
        except SLOW_PATH as error:
            found = self._mapping.mismatch(self._find_reader(data), data, error)
        raise self._unreadable(data, found)

    def decode_message(self, data: bytes, headers: Headers | None = None) -> Any:
        """Read a framed Protobuf event as a message; raises as `decode`, and TypeError for other formats."""
        if data.__class__ is not bytes or headers is not None:
            data = framed(data, headers)
        decode = self._message_decoders.get(data[ID_PREFIX]) or self._message_decoder(data)
        try:
            return decode(data)
        except SLOW_PATH as error:
            found = self._find_reader(data).mismatch(data, error)
        raise self._unreadable(data, found)

    def knows(self, data: bytes, headers: Headers | None = None) -> bool:
        """Say whether *data* can be read without asking the registry: its writer's schema is known."""
        if data.__class__ is not bytes or headers is not None:
            data = framed(data, headers)
        if data[ID_PREFIX] in self._decoders:
            return True
        try:
            prefix, _ = split_prefix(data)
        except FramingInvalid:
            return True  # it is refused without asking anybody
        return prefix in self._readers

    def refresh(self) -> bool:
        """Ask the registry for the major's newest revision and state; True when this handle moved to another revision.

        Events in other threads are not disturbed: they are written and read with the old revision or the new one.

        Raises:
            RegistryUnavailable, RegistryRefused, ContractUnknown: the handle has not changed.
        """
        return self._run(self.refresh_effects())

    def refresh_effects(self) -> Effects[bool]:
        """`refresh` as effects."""
        before = self._resolved
        resolved = yield from self._resolver.renew(self._request, before)
        moves = resolved.version.id != before.version.id
        foreign = self._foreign_view(resolved)
        with self._lock:
            self._resolved = resolved
            self._labels = {**self._labels, **resolved.labels}
            decides = resolved.major.json_fields is not before.major.json_fields
            rules = resolved.version.rule_set != before.version.rule_set
            mapped = resolved.migrations != before.migrations
            hides = (foreign or self._foreign) is not None and (
                moves or resolved.internal_fields != before.internal_fields
            )
            self._foreign = foreign
            if resolved.reader is not before.reader or rules or decides or mapped or hides:
                self._readers, self._decoders, self._message_decoders = {}, {}, {}
                self._written, self._armed = {}, set()
                self._noting, self._noting_messages = set(), set()
            becomes = resolved.major.state is not before.major.state or resolved.is_type is not before.is_type
            if moves or decides or becomes:
                self._encode = self._writer = None
        if moves:
            self._notices.tell(ContractMoved(self.subject, self.major, before.version.label, resolved.version.label))
        self._warn_if_deprecated()
        return moves

    def reader_effects(self, data: bytes) -> Effects[Reader]:
        """Find the reader for a prefix that the short path lacks: a guid, or a schema seen for the first time."""
        try:
            prefix, name = split_prefix(data)
        except FramingInvalid:
            self._notices.tell(EventUnframed(self.subject, self.major, self.reads_as))
            raise
        known = self._readers.get(prefix)
        if known is not None:
            return known
        resolved = self._resolved
        own = name in (resolved.version.id, resolved.version.guid)
        written = resolved.schema if own else (yield from self._resolver.schemas.get(name))
        if written is None:
            self._notices.tell(WriterMissing(self.subject, self.major, str(name)))
            raise WriterUnknown(self.subject, str(name))
        if name not in self._labels:
            learnt = yield from self._resolver.labels(self.subject)
            # Asked once, whether or not it is a schema of this subject.
            self._labels = {name: f"schema {name}", **self._labels, **learnt}
        label = self._labels.get(name, "")
        way = yield from self._resolver.upcasting(self._request, label, resolved)
        try:
            return self._compile(written, prefix, way)
        except Mismatch as mismatch:
            unreadable = mismatch
        raise self._unreadable(data, unreadable)

    def _find_reader(self, data: bytes) -> Reader:
        return self._run(self.reader_effects(data))

    def sample(self, take: Callable[[Sample], None]) -> None:
        """Hand the next event of each writer's schema to *take*, too; later events cost nothing more."""
        with self._lock:
            for prefix in self._written.keys() - self._armed:
                self._armed.add(prefix)
                self._decoders[prefix] = self._once(prefix, self._decoders, self._armed, take)

    def note_next_use(self) -> None:
        """Note the next event that is written, and the next of each writer's schema; later ones cost nothing more."""
        with self._lock:
            self._notes_uses = True
            self._load.begin()
            self._encode = None
            every = ((self._decoders, self._noting), (self._message_decoders, self._noting_messages))
            for decoders, noting in every:
                for prefix in decoders.keys() - noting:
                    noting.add(prefix)
                    decoders[prefix] = self._noting_once(prefix, decoders, noting)

    def take_uses(self) -> set[tuple[str, str]]:
        """Return what was noted since this was last asked: ``produce`` or ``consume``, and the revision."""
        with self._lock:
            uses, self._uses = self._uses, set()
            return uses

    def take_load(self) -> Load:
        """Return what was counted of rates and sizes since this was last asked."""
        return self._load.take()

    def _noting_once(
        self, prefix: bytes, decoders: dict[bytes, Callable[[bytes], Any]], noting: set[bytes]
    ) -> Callable[[bytes], Any]:
        """Make a decoder that restores the current one, notes that it is used, and reads one event."""
        decode = decoders[prefix]

        def noted(data: bytes) -> Any:
            decoders[prefix] = decode
            noting.discard(prefix)
            self._uses.add(("consume", self.reads_as))
            self._load.read(data)
            return decode(data)

        return noted

    def _once(
        self,
        prefix: bytes,
        decoders: dict[bytes, Callable[[bytes], Any]],
        armed: set[bytes],
        take: Callable[[Sample], None],
    ) -> Callable[[bytes], Any]:
        """Make a decoder that restores the current one, then reads one event and samples it."""
        decode = decoders[prefix]
        facts = (self.subject, self.reads_as, self._labels.get(split_prefix(prefix)[1], ""))
        written, read = self._written[prefix], self._resolved.reader.schema

        def sampled(data: bytes) -> Any:
            decoders[prefix] = decode
            armed.discard(prefix)
            value = decode(data)
            take((*facts, written, read, data[len(prefix) :]))
            return value

        return sampled

    def _compile(self, written: Schema, prefix: bytes, way: "Way | None") -> Reader:
        """Compile a reader for events of *written*, and add it to the short path; *way* leads to another major."""
        with self._lock:
            schema, event = self._resolved.reader.schema, event_name(self.subject)
            first = schema if way is None else way.first
            reader = make_reader(written, first, event, len(prefix), self.json_fields)
            reader = reader if way is None else way.reader(reader, event)
            reader = ruled_reader(
                reader,
                self._resolved.version,
                schema,
                event,
                self._rules,
                self._unreadable,
                written_as=self._labels.get(split_prefix(prefix)[1], "") if way is None else "",
            )
            reader = reader if self._foreign is None else self._foreign.reader(reader)
            self._readers[prefix] = reader
            if way is None:  # another major declares other fields: its events are not sampled
                self._written[prefix] = written
            if self._notes_uses:
                self._uses.add(("consume", self.reads_as))
            self._decoders[prefix] = self._mapping.decoder(reader.at_once)
            if isinstance(reader, MessageReader) and len(prefix) == ID_PREFIX_BYTES:
                self._message_decoders[prefix] = reader.message_at_once
            return reader

    def _message_decoder(self, data: bytes) -> Callable[[bytes], Any]:
        reader = self._find_reader(data)
        if not isinstance(reader, MessageReader):
            raise TypeError(f"{self.subject} is {self.latest.format}; only Protobuf events can be read as messages")
        return reader.message_at_once

    def _make_writer(self) -> Writer:
        self._require_writable()
        with self._lock:
            if self._writer is None:
                version = self._resolved.version
                prefix = guid_prefix(version.guid) if self._by_guid else id_prefix(version.id)
                schema, event = self._resolved.schema, event_name(self.subject)
                writer = make_writer(schema, event, prefix, self.json_fields)
                self._writer = ruled_writer(writer, version, schema, event, self._rules, self._refused)
                self._encode = self._mapping.encoder(self._writer.at_once)
            return self._writer

    def _require_writable(self) -> None:
        if self._resolved.is_type:
            raise ContractIsType(self.subject)
        state = self._resolved.major.state
        if state is MajorState.RETIRED:
            self._notices.tell(RetiredRefused(self.subject, self.major, self.latest.label))
            raise ContractRetired(self.subject, self.major, self._instead or "the next major")
        if state is MajorState.DRAFT and not self._is_of_its_domain:
            self._notices.tell(DraftRefused(self.subject, self.major, self.latest.label))
            raise ContractDraft(self.subject, self.major, self._resolved.domain)

    @property
    def _is_of_its_domain(self) -> bool:
        owner, own = self._resolved.domain, self._domain
        return bool(own) and (owner == own or owner.startswith(f"{own}."))

    def _foreign_view(self, resolved: ResolvedContract) -> "ForeignView | None":
        """What an application of another domain gets of events; None for one of their own, and where that is all."""
        if self._is_of_its_domain:
            return None
        view = foreign_view(self.subject, resolved)
        if view is not None:
            warn_of_internal_fields(self.subject, self.major, view)
        return view

    @property
    def _why_incomplete(self) -> str:
        """Why a field may be missing to the handle's class; empty where nothing is left out for another domain."""
        if self._mapping.into is None or self._foreign is None or not self._foreign.omissions:
            return ""
        return f"without {self._foreign.listed}, internal to domain {self._foreign.domain}"

    @property
    def _instead(self) -> str:
        """What to use instead of a major that is deprecated or retired; empty where the registry names nothing."""
        successor = self._resolved.major.successor
        if successor is None:
            return ""
        subject, major = successor
        return f"major {major}" if subject == self.subject else f"{subject} major {major}"

    def _make_encode(self) -> Callable[[Any], bytes]:
        writer = self._make_writer()
        encode = self._mapping.encoder(writer.at_once)
        if self._notes_uses:
            self._uses.add(("produce", self.latest.label))
            encode = self._load.sampled(encode, partial(self._restore_encode, encode))
        with self._lock:
            if self._writer is writer:  # else a refresh came in between
                self._encode = encode
        return encode

    def _restore_encode(self, encode: Callable[[Any], bytes], sampled: Callable[[Any], bytes]) -> None:
        with self._lock:
            if self._encode is sampled:  # else a refresh came in between
                self._encode = encode

    def _warn_if_deprecated(self) -> None:
        if self.deprecated:
            warn_once(self.subject, self.major, self.sunset, self._instead, self._resolved.major.page)

    def _refused(self, violations: tuple[Violation, ...]) -> EventInvalid:
        label = self.latest.label
        self._notices.tell(EventRefused(self.subject, self.major, label, violations))
        return EventInvalid(self.subject, label, violations)

    def _unreadable(self, data: bytes, mismatch: Mismatch) -> EventUnreadable:
        name = split_prefix(data)[1]
        writer, reader = self._labels.get(name, f"schema {name}"), self.reads_as
        facts = (mismatch.path, mismatch.reason, mismatch.violations)
        self._notices.tell(EventNotRead(self.subject, self.major, writer, reader, *facts))
        why = _why_not_mapped(writer, self.major, self._resolved) or self._why_incomplete
        reason = f"{mismatch.reason}; {why}" if why else mismatch.reason
        return EventUnreadable(self.subject, writer, reader, reason, mismatch.path, mismatch.violations)


def _why_not_mapped(label: str, major: int, resolved: ResolvedContract) -> str:
    """Why events of the earlier major of revision *label* are not mapped, where its owner said so; else empty."""
    before = label.partition(".")[0]
    if not before.isdecimal():
        return ""
    for number in range(int(before) + 1, major + 1):
        migration = resolved.migrations.get(number)
        if migration is not None and migration.reason:
            return f"there is no mapping to major {number}: {migration.reason}"
    return ""
