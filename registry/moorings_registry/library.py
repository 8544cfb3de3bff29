"""Parsed schemas, kept while they are in use: parsing costs a thousand times what looking up does.

What is kept is a function of the definition alone, so it never goes stale; the least recently used go first.
"""

import threading
from collections import OrderedDict
from collections.abc import Iterable

from moorings_compat import (
    CompilerUnavailable,
    Format,
    LimitExceeded,
    Limits,
    Reference,
    ResolvedReference,
    Schema,
    SchemaError,
    parse,
)
from moorings_registry.errors import CompilerAway, ReferenceNotFound, SchemaRejected, SchemaTooLarge
from moorings_registry.names import DEFAULT_CONTEXT
from moorings_registry.state import Definition, State


class Library:
    """Schemas by guid, parsed on demand; safe from any thread."""

    def __init__(self, limits: Limits, capacity: int = 2_000) -> None:
        self._limits = limits
        self._capacity = capacity
        self._kept: OrderedDict[str, Schema] = OrderedDict()
        self._lock = threading.Lock()

    def schema(self, state: State, definition: Definition, context: str = DEFAULT_CONTEXT) -> Schema:
        """Parse a definition that the registry holds."""
        with self._lock:
            kept = self._kept.get(definition.guid)
            if kept is not None:
                self._kept.move_to_end(definition.guid)
                return kept
        parsed = self.parse(state, definition.format, definition.text, definition.references, context)
        with self._lock:
            self._kept[definition.guid] = parsed
            while len(self._kept) > self._capacity:
                self._kept.popitem(last=False)
        return parsed

    def parse(
        self, state: State, format: Format, text: str, references: Iterable[Reference], context: str = DEFAULT_CONTEXT
    ) -> Schema:
        """Parse a text that somebody brings, its references resolved from *state*.

        Raises:
            ReferenceNotFound, SchemaRejected, SchemaTooLarge, CompilerAway: each says where and why.
        """
        wanted = tuple(references)
        if len(wanted) > self._limits.references:
            raise SchemaTooLarge(
                f"the schema declares {len(wanted)} references, and at most {self._limits.references} are accepted"
            )
        resolved = tuple(self._resolve(state, one, context) for one in wanted)
        try:
            return parse(text, format, resolved, self._limits)
        except LimitExceeded as error:
            raise SchemaTooLarge(str(error), error.problems) from None
        except SchemaError as error:
            raise SchemaRejected(str(error), error.problems) from None
        except CompilerUnavailable as error:
            raise CompilerAway(str(error)) from error

    def _resolve(self, state: State, reference: Reference, context: str) -> ResolvedReference:
        version = state.resolve(reference, context)
        if version is None:
            raise ReferenceNotFound(reference.name, reference.subject, reference.version)
        definition = state.definitions[version.guid]
        settled = Reference(reference.name, reference.subject, version.number)
        return ResolvedReference(settled, self.schema(state, definition, version.subject.context))
