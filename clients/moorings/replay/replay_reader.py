"""Reads the events of an archive with the same handle that a consumer would use."""

import json
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

from moorings.api.responses import Event, Revision
from moorings.codecs.failures import SLOW_PATH, Invalid, Mismatch
from moorings.codecs.formats import Reader, Writer, event_name, make_reader, make_writer
from moorings.codecs.framing import id_prefix, prefix_of, split_prefix
from moorings.contracts.contract import EventContract
from moorings.contracts.deprecation import ContractDeprecated
from moorings.contracts.reader_choice import is_file, revision_of
from moorings.contracts.resolver import labels_of
from moorings.drift.generalised_pointers import generalised_pointer
from moorings.errors import ContractUnknown, EventUnreadable, FramingInvalid, SettingInvalid, WriterUnknown
from moorings.event_model.event_formats import shape_of
from moorings.event_model.shapes import Shape
from moorings.layout.contract_file import split_file_name
from moorings.registry import Registry
from moorings.replay.items import FramedEvent, PlainEvent, UnframedEvent
from moorings.upcasting import Upcastable
from moorings.violations import Broken, Violation
from moorings_compat import Format, Schema

NO_WRITER, UNKNOWN_WRITER = "not framed", "unknown"
"""In place of a revision's label: for events without a schema id or guid, or with one that the registry lacks."""
OWN_SCHEMA = "the archive's own schema"
UNREADABLE = "UNREADABLE"

_MOST_VIOLATIONS = 100
_MOST_LABELS = 10_000

Wrong = list[tuple[str, str, str]]
"""(path, rule, reason) of each fault of an event; none for one that can be read."""


@dataclass(frozen=True, slots=True)
class EventOutcome:
    """The outcome for one event."""

    writer: str
    wrong: Wrong


class ReplayReader:
    """Reads events of one subject with one reader."""

    def __init__(
        self,
        registry: Registry,
        subject: str,
        reader: str = "latest",
        *,
        writer: str = "",
        upcasts: Upcastable | None = None,
    ) -> None:
        """Read *subject* as *reader*: ``latest``, a major (``2``), a revision (``2.1``), a version (``v5``) or a file.

        *writer*, a revision or a version, is what events without framing were written with.

        Raises:
            ContractUnknown: the registry has no such event, major or revision.
            SettingInvalid: the reader or writer cannot be used, or the file is not a schema.
            RegistryUnavailable, RegistryRefused: the registry cannot be asked.
        """
        event = registry.api.event(subject)
        if event is None:
            raise ContractUnknown(subject, 1, "no version")
        major, chosen = _chosen(event, reader)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ContractDeprecated)  # a replay reads old majors on purpose
            self.contract: EventContract = registry.event(subject, major, reader=chosen, upcasts=upcasts)
        self._registry = registry
        self._subject = subject
        self._event = event_name(subject)
        self._overview = event
        self._labels = labels_of(event)
        self._prefixes: dict[bytes, str] = {}
        self._writer = writer
        self._versions: dict[str, tuple[Revision, Schema]] = {}
        self._own: dict[int, tuple[Schema, str, bytes | None]] = {}
        self._readers: dict[int, Reader] = {}
        self._writers: dict[int, Writer] = {}
        if writer:
            self._version(writer)

    @property
    def label(self) -> str:
        """What events are read as."""
        return self.contract.reads_as

    @property
    def guid(self) -> str | None:
        """The guid of that revision; None for a file."""
        guids = [name for name, label in self._labels.items() if label == self.label and not isinstance(name, int)]
        return str(guids[0]) if guids else None

    def try_(self, content: FramedEvent | UnframedEvent | PlainEvent) -> EventOutcome:
        """Try to read one event.

        Raises:
            RegistryUnavailable: the writer's schema is not known yet, and the registry cannot be reached.
        """
        if isinstance(content, PlainEvent):
            return self._plain(content)
        if isinstance(content, FramedEvent):
            if self._writer and not _is_framed(content.data):
                return self._bare(UnframedEvent(content.data))
            return self._decode(content.data, self._label_of(content.data))
        return self._bare(content)

    def _decode(self, data: bytes, writer: str) -> EventOutcome:
        try:
            self.contract.decode(data)
        except EventUnreadable as error:
            return EventOutcome(writer, self._wrong(error.path, error.reason, error.violations))
        except (WriterUnknown, FramingInvalid) as error:
            return EventOutcome(writer, [("", error.code, _REASON_BY_CODE[error.code])])
        return EventOutcome(writer, [])

    def _bare(self, content: UnframedEvent) -> EventOutcome:
        if content.writer is None:
            version, _ = self._version(self._writer)
            return self._decode(id_prefix(version.id) + content.data, version.label)
        schema, label, prefix = self._archived(content.writer)
        if prefix is not None:
            return self._decode(prefix + content.data, label)
        try:
            reader = self._reader(schema)
        except Mismatch as error:
            return EventOutcome(label, self._wrong(error.path, error.reason, error.violations))
        try:
            reader.at_once(content.data)
        except SLOW_PATH as failure:
            found = reader.mismatch(content.data, failure)
            return EventOutcome(label, self._wrong(found.path, found.reason, found.violations))
        return EventOutcome(label, [])

    def _reader(self, schema: Schema) -> Reader:
        """Compile a reader for an archive's own schema, which is not a revision; raises `Mismatch`."""
        known = self._readers.get(id(schema))
        if known is None:
            fields = self.contract.json_fields
            known = self._readers[id(schema)] = make_reader(schema, self.contract.schemas[1], self._event, 0, fields)
        return known

    def _writer_of(self, version: Revision, schema: Schema) -> Writer:
        known = self._writers.get(version.id)
        if known is None:
            known = self._writers[version.id] = make_writer(schema, self._event, b"", self.contract.json_fields)
        return known

    def _archived(self, schema: Schema) -> tuple[Schema, str, bytes | None]:
        """Find the revision with an archive's own schema; its prefix is None if the registry has none."""
        known = self._own.get(id(schema))
        if known is None:
            revision = self._same_as(schema)
            label = revision.label if revision is not None else OWN_SCHEMA
            prefix = id_prefix(revision.id) if revision is not None else None
            known = self._own[id(schema)] = (schema, label, prefix)
        return known

    def _same_as(self, schema: Schema) -> Revision | None:
        """Find the newest revision with the same canonical form, its references inlined as in an archive."""
        run, schemas = self._registry.client_state.runner.run, self._registry.client_state.schemas
        for revision in (one for major in reversed(self._overview.majors) for one in reversed(major.revisions)):
            if revision.deleted:
                continue
            registered = run(schemas.get(revision.id))
            if (
                registered is not None
                and registered.format is schema.format
                and _inlined_canonical(registered) == _inlined_canonical(schema)
            ):
                return revision
        return None

    def _plain(self, content: PlainEvent) -> EventOutcome:
        """Encode an event given as JSON as its writer would, and read the result."""
        try:
            version, schema = self._version(content.writer or self._writer or self.contract.latest.label)
        except (ContractUnknown, SettingInvalid):
            return EventOutcome(UNKNOWN_WRITER, [("", WriterUnknown.code, _REASON_BY_CODE[WriterUnknown.code])])
        if schema.format is Format.JSON:
            data = json.dumps(content.value).encode()
        else:
            try:
                data = self._writer_of(version, schema).encode(content.value)
            except Invalid as invalid:
                return EventOutcome(
                    version.label, self._wrong("", "not a valid event of its writer", invalid.violations)
                )
        return self._decode(id_prefix(version.id) + data, version.label)

    def _version(self, name: str) -> tuple[Revision, Schema]:
        """Find a revision by label, or by version number, and its schema.

        Raises:
            ContractUnknown: the registry has no such version.
        """
        known = self._versions.get(name)
        if known is None:
            revision = revision_of(self._overview, _version_number(name) or name)
            schema = self._registry.client_state.runner.run(self._registry.client_state.schemas.get(revision.id))
            if schema is None:
                raise ContractUnknown(self._subject, 1, f"no schema of {revision.label}")
            known = self._versions[name] = (revision, schema)
        return known

    def _label_of(self, data: bytes) -> str:
        known = self._prefixes.get(prefix_of(data))
        if known is not None:
            return known
        try:
            prefix, name = split_prefix(data)
        except FramingInvalid:
            return NO_WRITER
        label = self._labels.get(name, UNKNOWN_WRITER)
        if len(self._prefixes) < _MOST_LABELS:
            self._prefixes[prefix] = label
        return label

    def _wrong(self, path: str, reason: str, violations: Sequence[Violation]) -> Wrong:
        if not violations:
            return [(generalised_pointer(self._declared(), path), UNREADABLE, reason)]
        found: dict[tuple[str, str], tuple[str, str, str]] = {}
        for one in violations[:_MOST_VIOLATIONS]:
            undeclared = one.rule is Broken.FIELD_UNDECLARED
            place = generalised_pointer(self._declared(), one.pointer.rpartition("/")[0] if undeclared else one.pointer)
            reason = "a field that is not declared" if undeclared else f"expected {one.expected}"
            found.setdefault((place, str(one.rule)), (place, str(one.rule), reason))
        return list(found.values())

    def _declared(self) -> list[Shape]:
        """Return the shapes whose names may appear in reports."""
        return [shape_of(schema, self._event) for schema in dict.fromkeys(self.contract.schemas)]


_REASON_BY_CODE = {
    WriterUnknown.code: "the registry does not know the writer's schema",
    FramingInvalid.code: "no schema id or guid; --writer names the revision of such events",
}


def _inlined_canonical(schema: Schema) -> str:
    """Return the canonical form of an Avro schema with its references inside."""
    return import_module("moorings_compat.avro").resolved_canonical(schema)  # type: ignore[no-any-return]  # a module loaded by name


def _is_framed(data: bytes) -> bool:
    try:
        split_prefix(data)
    except FramingInvalid:
        return False
    return True


def _chosen(event: Event, reader: str) -> tuple[int, int | str | Path | None]:
    """Return the major and the reader of a handle; None: the newest revision of that major."""
    majors = [one.major for one in event.majors if one.latest is not None]
    if not majors:
        raise ContractUnknown(event.subject, 1, "no version")
    if reader == "latest":
        return max(majors), None
    if reader.isdecimal():
        return int(reader[:9]), None
    number = _version_number(reader)
    if number is None and is_file(reader):
        named = split_file_name(Path(reader).name)
        return (named[1] if named is not None and named[1] in majors else max(majors)), Path(reader)
    chosen = number if number is not None else reader
    revision = revision_of(event, chosen)
    major = next(one.major for one in event.majors if revision in one.revisions)
    return major, chosen


def _version_number(text: str) -> int | None:
    """Read ``v5`` as the version number 5."""
    return int(text[1:10]) if text[:1] == "v" and text[1:].isdecimal() else None
