"""Parsed schemas, kept while they are in use: parsing costs a thousand times what looking up does.

What is kept is a function of a text and of what its references lead to, so it never goes stale; the least recently used
go first. A reference leads to a subject and a number, which mean one definition until a subject is permanently deleted
and begins again at 1: the position of the last such removal is part of what a schema with references is kept under.
"""

import threading
from collections import OrderedDict
from collections.abc import Iterable

from moorings_compat import (
    DEFAULT_DIALECT,
    Dialect,
    Format,
    Limits,
    Problem,
    ProtobufCompilerUnavailable,
    Reference,
    ResolvedReference,
    Schema,
    SchemaError,
    SchemaLimitExceeded,
    parse,
)
from moorings_registry import errors
from moorings_registry.names import DEFAULT_CONTEXT
from moorings_registry.state import Definition, State, Version
from moorings_registry.tracing import step

CAPACITY = 2_000
CAPACITY_CHARACTERS = 8 * 1024 * 1024
"""Of the texts kept; what was made of a text takes several times its size."""

_Key = tuple[Format, str, tuple[Reference, ...], str, int, Dialect]


class SchemaCache:
    """Schemas by what they are parsed from, parsed on demand; safe from any thread."""

    def __init__(
        self, limits: Limits, capacity: int = CAPACITY, capacity_characters: int = CAPACITY_CHARACTERS
    ) -> None:
        self._limits = limits
        self._capacity = capacity
        self._capacity_characters = capacity_characters
        self._characters = 0
        self._kept: OrderedDict[_Key, Schema] = OrderedDict()
        self._lock = threading.Lock()

    def schema(self, state: State, definition: Definition, context: str = DEFAULT_CONTEXT) -> Schema:
        """Parse a definition that the registry holds.

        Raises:
            SchemaUnreadable: it was imported although it is not a valid schema here.
        """
        if definition.unreadable:
            raise errors.SchemaUnreadable(definition.guid, definition.unreadable)
        dialect = Dialect(definition.dialect) if definition.dialect else DEFAULT_DIALECT
        return self.parse(state, definition.format, definition.text, definition.references, context, dialect)

    def parse(
        self,
        state: State,
        format: Format,
        text: str,
        references: Iterable[Reference],
        context: str = DEFAULT_CONTEXT,
        dialect: Dialect = DEFAULT_DIALECT,
    ) -> Schema:
        """Parse a text, its references resolved from *state*; dialects of other parties are read as *dialect*.

        Raises:
            ReferenceNotFound, SchemaInvalid, SchemaUnreadable, SchemaLimitExceeded, CompilerUnavailable: each says
                where and why.
        """
        settled, versions = self._settled(state, references, context)
        key = _key(state, format, text, settled, context, dialect)
        kept = self._find(key)
        if kept is not None:
            return kept
        with step("parse") as span:  # what is referred to and not kept is parsed within, each in a span below
            if span is not None:
                span.set("moorings.schema.format", str(format))
                span.set("moorings.schema.characters", len(text))
                span.set("moorings.schema.references", len(settled))
            parsed = self._parse(state, format, text, settled, versions, dialect)
        self._keep(key, parsed)
        if tuple(one.reference for one in parsed.references) == settled:
            # What is stored is the parsed text; reading it again gives the same schema.
            self._keep(_key(state, format, parsed.text, settled, context, dialect), parsed)
        return parsed

    def settled(self, state: State, references: Iterable[Reference], context: str) -> tuple[Reference, ...]:
        """Return *references* with the numbers of the versions that they lead to.

        Raises:
            ReferenceNotFound, SchemaLimitExceeded
        """
        return self._settled(state, references, context)[0]

    def _settled(
        self, state: State, references: Iterable[Reference], context: str
    ) -> tuple[tuple[Reference, ...], list[Version]]:
        wanted = tuple(references)
        if len(wanted) > self._limits.references:
            raise errors.SchemaLimitExceeded(
                f"the schema declares {len(wanted)} references, and at most {self._limits.references} are accepted"
            )
        versions = [self._version(state, one, context) for one in wanted]
        return tuple(
            Reference(one.name, one.subject, version.number) for one, version in zip(wanted, versions, strict=True)
        ), versions

    def _parse(
        self,
        state: State,
        format: Format,
        text: str,
        settled: tuple[Reference, ...],
        versions: list[Version],
        dialect: Dialect,
    ) -> Schema:
        _require_same_format(state, format, settled, versions)
        resolved = tuple(
            ResolvedReference(reference, self.schema(state, state.definitions[version.guid], version.subject.context))
            for reference, version in zip(settled, versions, strict=True)
        )
        try:
            return parse(text, format, resolved, self._limits, dialect=dialect)
        except SchemaLimitExceeded as error:
            raise errors.SchemaLimitExceeded(str(error), error.problems) from None
        except SchemaError as error:
            raise errors.SchemaInvalid(str(error), error.problems) from None
        except ProtobufCompilerUnavailable as error:
            raise errors.CompilerUnavailable(str(error)) from error

    def _version(self, state: State, reference: Reference, context: str) -> Version:
        version = state.resolve(reference, context)
        if version is None:
            raise errors.ReferenceNotFound(reference.name, reference.subject, reference.version)
        return version

    def _find(self, key: _Key) -> Schema | None:
        with self._lock:
            kept = self._kept.get(key)
            if kept is not None:
                self._kept.move_to_end(key)
            return kept

    def _keep(self, key: _Key, parsed: Schema) -> None:
        with self._lock:
            if key in self._kept:
                return
            self._kept[key] = parsed
            self._characters += len(key[1])
            while len(self._kept) > self._capacity or (
                self._characters > self._capacity_characters and len(self._kept) > 1
            ):
                oldest, _ = self._kept.popitem(last=False)
                self._characters -= len(oldest[1])


def _require_same_format(
    state: State, format: Format, references: Iterable[Reference], versions: Iterable[Version]
) -> None:
    """Pass, or refuse references to schemas in another language.

    Raises:
        SchemaInvalid
    """
    for index, (reference, version) in enumerate(zip(references, versions, strict=True)):
        other = state.definitions[version.guid].format
        if other is not format:
            raise errors.SchemaInvalid(
                f"reference {reference.name!r} is to a schema in {other}, and the schema itself is in {format}",
                [Problem(f"/references/{index}", f"a schema in {other}")],
            )


def _key(
    state: State, format: Format, text: str, settled: tuple[Reference, ...], context: str, dialect: Dialect
) -> _Key:
    within = (context, state.purged) if settled else (DEFAULT_CONTEXT, 0)
    return (format, text, settled, *within, dialect if format is Format.JSON else DEFAULT_DIALECT)
