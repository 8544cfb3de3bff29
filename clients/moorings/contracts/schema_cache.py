"""The schemas that a client knows: fetched once, parsed once, with their references.

What the registry does not know is remembered for a short while, so that a poisoned message that is delivered again and
again does not cause a request each time.
"""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import TypeVar
from uuid import UUID

from moorings.api.api import Api
from moorings.api.requests import Requests
from moorings.api.responses import StoredSchema, Version
from moorings.errors import AnswerInvalid, ExtraMissing, NotFound
from moorings.notices import SILENT, CacheCounter, Notices
from moorings.transport.effects import Effects, SingleFlight
from moorings_compat import (
    DEFAULT_DIALECT,
    Dialect,
    Format,
    Limits,
    ProtobufLibraryMissing,
    Reference,
    ResolvedReference,
    Schema,
    SchemaError,
    content_guid,
    parse,
)

K = TypeVar("K")
V = TypeVar("V")
Key = tuple[str, int]
"""The subject and version of a reference."""

LIMITS = Limits(size_bytes=16 * 1024 * 1024, depth=256, references=1000)
"""Wider than a registry's own, which accepted the schema already."""

_DEEPEST_REFERENCE = 50


class SchemaCache:
    """Fetches and keeps schemas; safe from any thread and any task. A schema is never fetched twice at the same time.

    Messages of a known schema do not come here.
    """

    def __init__(
        self,
        requests: Requests,
        *,
        notices: Notices = SILENT,
        unknown_for_s: float = 30.0,
        most: int = 10_000,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._requests = requests
        self._unknown_for_s = unknown_for_s
        self._most = most
        self._clock = clock
        self._lock = threading.Lock()
        self._flights = SingleFlight()
        self._known: OrderedDict[int | UUID, Schema] = OrderedDict()
        self._texts: OrderedDict[Key, Schema] = OrderedDict()
        self._unknown: OrderedDict[int | UUID, float] = OrderedDict()
        self.memory = CacheCounter("memory", notices)
        """How often a requested schema was in memory."""

    def get(self, name: int | UUID) -> Effects[Schema | None]:
        """Return the schema of an id or a guid; None if the registry does not know it, or recently did not.

        Raises:
            RegistryUnavailable, RegistryRefused, AnswerInvalid.
        """
        schema, missing = self._kept(name)
        self.memory.note(hit=schema is not None or missing)
        if schema is not None or missing:
            return schema
        return (yield from self._flights.once(name, lambda: self._fetch(name)))

    def verified(self, found: StoredSchema | Version, above: tuple[Key, ...] = ()) -> Effects[Schema]:
        """Parse a definition, and verify its content against its guid, which is a digest of it.

        *above* is the chain of references that leads here.

        Raises:
            AnswerInvalid: not a schema, or its content does not have that guid.
        """
        schema = yield from self.parsed(found.schema, found.format, found.references, above, found.dialect)
        references = [one.reference for one in schema.references]
        guid = content_guid(
            found.format, schema.identity, references, found.metadata, found.rule_set, dialect=schema.dialect
        )
        if guid != found.guid:
            raise AnswerInvalid(f"the content of schema {found.id} does not match its guid {found.guid}")
        return schema

    def version(self, subject: str, version: int | str) -> Effects[tuple[Version, Schema]]:
        """Return a version with its schema, verified and cached."""

        def check(found: Version) -> Effects[tuple[Version, Schema]]:
            return found, (yield from self.verified(found))

        found, schema = yield from self._requests.checked_version(subject, version, check)
        self._keep(self._known, found.id, schema)
        self._keep(self._known, found.guid, schema)
        return found, schema

    def parsed(
        self,
        text: str,
        format: Format,
        references: tuple[Reference, ...],
        above: tuple[Key, ...] = (),
        dialect: str = "",
    ) -> Effects[Schema]:
        """Parse a text, and fetch those of its references that are not known.

        *dialect* is the draft that its registry chose for the dialect of another party; empty: the default.

        Raises:
            AnswerInvalid: the registry serves a text that is not a schema.
            ExtraMissing: it is in Protobuf, whose libraries are not installed.
        """
        if len(above) > _DEEPEST_REFERENCE:
            raise AnswerInvalid("the registry's references are nested too deep")
        resolved = []
        for one in references:
            schema = yield from self._referenced((one.subject, one.version), above)
            resolved.append(ResolvedReference(one, schema))
        try:
            return parse(text, format, tuple(resolved), LIMITS, dialect=Dialect(dialect or DEFAULT_DIALECT))
        except ProtobufLibraryMissing:
            raise ExtraMissing("protobuf", "a contract in Protobuf") from None
        except (SchemaError, ValueError) as error:
            reason = str(error)
        raise AnswerInvalid(f"the registry serves a schema that cannot be parsed: {reason}")

    def _kept(self, name: int | UUID) -> tuple[Schema | None, bool]:
        """Return the cached schema, if any, and whether the registry recently did not know it."""
        with self._lock:
            schema = self._known.get(name)
            if schema is not None:
                self._known.move_to_end(name)
            return schema, self._unknown.get(name, 0.0) > self._clock()

    def _fetch(self, name: int | UUID) -> Effects[Schema | None]:
        def check(found: StoredSchema) -> Effects[Schema]:
            if name not in (found.id, found.guid, *found.aliases):
                raise AnswerInvalid(f"the registry returned another schema for {name}")
            return (yield from self.verified(found))

        try:
            schema = yield from self._requests.checked_schema(name, check)
        except NotFound:
            self._keep(self._unknown, name, self._clock() + self._unknown_for_s)
            return None
        self._keep(self._known, name, schema)
        return schema

    def _referenced(self, key: Key, above: tuple[Key, ...]) -> Effects[Schema]:
        if key in above:
            raise AnswerInvalid(f"the registry's references form a circle: {key[0]} version {key[1]}")
        with self._lock:
            kept = self._texts.get(key)
        if kept is not None:
            return kept
        return (yield from self._flights.once(key, lambda: self._fetch_referenced(key, above)))

    def _fetch_referenced(self, key: Key, above: tuple[Key, ...]) -> Effects[Schema]:
        def check(found: Version) -> Effects[Schema]:
            return (yield from self.verified(found, (*above, key)))

        try:
            schema = yield from self._requests.checked_version(*key, check)
        except NotFound:
            pass  # raised below: a missing reference does not mean that the schema itself is unknown
        else:
            self._keep(self._texts, key, schema)
            return schema
        raise AnswerInvalid(f"a schema refers to {key[0]} version {key[1]}, which the registry does not have")

    def _keep(self, kept: "OrderedDict[K, V]", key: K, value: V) -> None:
        with self._lock:
            kept[key] = value
            kept.move_to_end(key)
            while len(kept) > self._most:
                kept.popitem(last=False)


class BlockingSchemaCache:
    """A `SchemaCache` as plain calls."""

    def __init__(self, api: Api) -> None:
        self._source = SchemaCache(api.requests)
        self._run = api.run

    def get(self, name: int | UUID) -> Schema | None:
        """As `SchemaCache.get`."""
        return self._run(self._source.get(name))

    def verified(self, found: StoredSchema | Version) -> Schema:
        """As `SchemaCache.verified`."""
        return self._run(self._source.verified(found))

    def parsed(self, text: str, format: Format, references: tuple[Reference, ...]) -> Schema:
        """As `SchemaCache.parsed`."""
        return self._run(self._source.parsed(text, format, references))
