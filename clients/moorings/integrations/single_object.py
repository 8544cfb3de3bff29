"""Avro's single-object encoding (Avro 1.12, "Single-object encoding"): 0xC3 0x01, a fingerprint, the payload.

The fingerprint is the CRC-64-AVRO of the schema's parsing canonical form, 8 bytes, little-endian. A registry cannot
find schemas by it, so the revisions of the event are searched, at most twice a minute.
"""

import threading
import time
from collections.abc import Callable
from typing import Any

from moorings.api.responses import Version
from moorings.codecs.avro.raw import is_raw
from moorings.codecs.framing import guid_prefix, id_prefix, split_prefix
from moorings.contracts.contract import EventContract
from moorings.contracts.schema_cache import LIMITS
from moorings.errors import AnswerInvalid, FramingInvalid, SettingInvalid, WriterUnknown
from moorings.registry import Registry
from moorings_compat import DEFAULT_DIALECT, Dialect, Format, ResolvedReference, Schema, SchemaError, parse
from moorings_compat.avro import rabin_fingerprint

SINGLE_OBJECT_MARKER = b"\xc3\x01"
PREFIX_BYTES = 10

_DEEPEST_REFERENCE = 50


class SingleObjects:
    """A contract whose events are written in single-object encoding; it reads that, and every other framing.

    It can replace a contract anywhere. Writing is for Avro alone. A fingerprint ignores defaults, aliases and logical
    types: of revisions that differ in nothing else, the newest is taken as the writer.
    """

    def __init__(
        self,
        registry: Registry,
        contract: EventContract,
        *,
        unknown_for_s: float = 30.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        if contract.latest.format is not Format.AVRO:
            raise SettingInvalid(f"{contract.subject} is {contract.latest.format}; single-object encoding needs Avro")
        if is_raw(contract.schema):
            raise SettingInvalid(f"{contract.subject} is only bytes, which have no single-object encoding")
        self._api = registry.api
        self._contract = contract
        self._unknown_for_s = unknown_for_s
        self._clock = clock
        self._lock = threading.Lock()
        self._marks: dict[bytes, bytes] = {}
        """From the prefix of a revision, id or guid, to its mark: 0xC3 0x01 and the fingerprint."""
        self._prefixes: dict[bytes, bytes] = {}
        """From a mark to the prefix of the newest revision that has it."""
        self._asked_at: float | None = None

    @property
    def subject(self) -> str:
        return self._contract.subject

    @property
    def latest(self) -> Version:
        """The revision that events are written with and read as."""
        return self._contract.latest

    def encode(self, value: Any) -> bytes:
        """Validate an event and write it; raises as `EventContract.encode`."""
        data = self._contract.encode(value)
        prefix, _ = split_prefix(data)
        if prefix not in self._marks:
            self._learn()
        return self._marks[prefix] + data[len(prefix) :]

    def decode(self, data: bytes) -> Any:
        """Read an event in single-object encoding, or with another framing.

        Raises:
            WriterUnknown: no revision of the event has this fingerprint.
            EventUnreadable, FramingInvalid, RegistryUnavailable: as `EventContract.decode`.
        """
        if data[:2] != SINGLE_OBJECT_MARKER:
            return self._contract.decode(data)
        if len(data) < PREFIX_BYTES:
            raise FramingInvalid(f"{len(data)} bytes are too few for a fingerprint")
        mark = bytes(data[:PREFIX_BYTES])
        prefix = self._prefixes.get(mark) or self._find(mark)
        return self._contract.decode(prefix + bytes(data[PREFIX_BYTES:]))

    def knows(self, data: bytes) -> bool:
        """Say whether *data* can be read without asking the registry."""
        prefix = self._prefixes.get(bytes(data[:PREFIX_BYTES]))
        if prefix is not None:
            return self._contract.knows(prefix + bytes(data[PREFIX_BYTES:]))
        return data[:2] != SINGLE_OBJECT_MARKER and self._contract.knows(data)

    def _find(self, mark: bytes) -> bytes:
        """Return the prefix of the revision with *mark*; the registry is asked at most every `unknown_for_s`."""
        with self._lock:
            now = self._clock()
            if mark not in self._prefixes and (self._asked_at is None or now >= self._asked_at + self._unknown_for_s):
                self._learn()
                self._asked_at = now
            if mark in self._prefixes:
                return self._prefixes[mark]
        raise WriterUnknown(self.subject, f"fingerprint {mark[len(SINGLE_OBJECT_MARKER) :].hex()}")

    def _learn(self) -> None:
        """Fetch the fingerprints of new revisions."""
        for listed in self._api.versions(self.subject):
            prefix = id_prefix(listed.id)
            if prefix in self._marks or listed.format is not Format.AVRO:
                continue
            mark = SINGLE_OBJECT_MARKER + rabin_fingerprint(self._schema(self.subject, listed.version))
            self._marks[prefix] = self._marks[guid_prefix(listed.guid)] = mark
            self._prefixes[mark] = prefix

    def _schema(self, subject: str, number: int, depth: int = 0) -> Schema:
        """Parse a version. Its content is not verified against its guid: the contract does so before it reads."""
        version = self._api.version(subject, number)
        if depth > _DEEPEST_REFERENCE:
            raise AnswerInvalid("the registry's references are nested too deep")
        references = tuple(
            ResolvedReference(one, self._schema(one.subject, one.version, depth + 1)) for one in version.references
        )
        try:
            return parse(
                version.schema, version.format, references, LIMITS, dialect=Dialect(version.dialect or DEFAULT_DIALECT)
            )
        except SchemaError as error:
            reason = str(error)
        raise AnswerInvalid(f"the registry serves a schema that cannot be parsed: {reason}")
