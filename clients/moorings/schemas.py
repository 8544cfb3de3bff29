"""The schemas that a client has met: fetched once, parsed once, with their references.

What the registry does not know is remembered for a short while, so that a poisoned message which comes again and again
does not become a storm of requests.
"""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import TypeVar
from uuid import UUID

from moorings.answers import StoredSchema, Version
from moorings.api import Api
from moorings.errors import AnswerInvalid, NotFound
from moorings_compat import (
    Format,
    Limits,
    Reference,
    ResolvedReference,
    Schema,
    SchemaError,
    content_guid,
    parse,
)

K = TypeVar("K")
V = TypeVar("V")

LIMITS = Limits(size_bytes=16 * 1024 * 1024, depth=256, references=1000)
"""Wider than a registry's own: it has let the schema in already."""

_DEEPEST_REFERENCE = 50


class Schemas:
    """Fetches and keeps schemas; safe from any thread. Nothing here is on the path of a message of a known schema."""

    def __init__(
        self,
        api: Api,
        *,
        unknown_for_s: float = 30.0,
        most: int = 10_000,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._api = api
        self._unknown_for_s = unknown_for_s
        self._most = most
        self._clock = clock
        self._lock = threading.RLock()
        self._known: OrderedDict[int | UUID, Schema] = OrderedDict()
        self._texts: OrderedDict[tuple[str, int], Schema] = OrderedDict()
        self._unknown: OrderedDict[int | UUID, float] = OrderedDict()

    def get(self, name: int | UUID) -> Schema | None:
        """Return the schema of an id or a guid; None when the registry does not know it, or lately did not.

        Raises:
            RegistryUnavailable, RegistryRefused, AnswerInvalid.
        """
        with self._lock:
            if name in self._known:
                self._known.move_to_end(name)
                return self._known[name]
            if self._unknown.get(name, 0.0) > self._clock():
                return None
            try:
                stored = self._api.schema_by_id(name) if isinstance(name, int) else self._api.schema_by_guid(name)
            except NotFound:
                self._keep(self._unknown, name, self._clock() + self._unknown_for_s)
                return None
            if name not in (stored.id, stored.guid):
                raise AnswerInvalid(f"the registry answered schema {name} with another one")
            schema = self.verified(stored)
            self._keep(self._known, name, schema)
            return schema

    def verified(self, found: StoredSchema | Version) -> Schema:
        """Parse what was found, and hold its content against its guid, which is a digest of it.

        Raises:
            AnswerInvalid: it is no schema, or another one than the guid says.
        """
        schema = self.parsed(found.schema, found.format, found.references)
        references = [one.reference for one in schema.references]
        guid = content_guid(found.format, schema.identity, references, found.metadata, found.rule_set)
        if guid != found.guid:
            raise AnswerInvalid(f"the content of schema {found.id} is not that of its guid {found.guid}")
        return schema

    def add(self, schema_id: int, guid: UUID, schema: Schema) -> None:
        """Keep a schema that came another way."""
        with self._lock:
            self._keep(self._known, schema_id, schema)
            self._keep(self._known, guid, schema)

    def parsed(self, text: str, format: Format, references: tuple[Reference, ...], depth: int = 0) -> Schema:
        """Parse a text, its references fetched as far as they are not known.

        Raises:
            AnswerInvalid: the registry serves a schema that is not one.
        """
        if depth > _DEEPEST_REFERENCE:
            raise AnswerInvalid("the registry's references lead deeper than any schema does")
        resolved = tuple(ResolvedReference(one, self._referenced(one, depth)) for one in references)
        try:
            return parse(text, format, resolved, LIMITS)
        except SchemaError as error:
            reason = str(error)
        raise AnswerInvalid(f"the registry serves a schema that cannot be parsed: {reason}")

    def _referenced(self, reference: Reference, depth: int) -> Schema:
        key = (reference.subject, reference.version)
        with self._lock:
            if key not in self._texts:
                version = self._api.version(*key)
                schema = self.parsed(version.schema, version.format, version.references, depth + 1)
                self._keep(self._texts, key, schema)
            return self._texts[key]

    def _keep(self, kept: "OrderedDict[K, V]", key: K, value: V) -> None:
        kept[key] = value
        kept.move_to_end(key)
        while len(kept) > self._most:
            kept.popitem(last=False)
