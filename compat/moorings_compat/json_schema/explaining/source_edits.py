"""Edits of one of the two texts (RFC 6902), and what the texts contain at the location of a finding."""

from collections.abc import Mapping
from typing import Any

from moorings_compat.findings import Suggestion
from moorings_compat.json_schema.documents.documents import Document
from moorings_compat.json_schema.documents.pointers import pointer_steps, value_at
from moorings_compat.json_schema.explaining.failing_assertions import FailingAssertion
from moorings_compat.json_schema.explaining.wording import Classification
from moorings_compat.json_schema.payloads import write_payload
from moorings_compat.json_schema.solving import Solver

LONGEST = 4_000
"""Characters of the longest value that an edit offers."""
_REFERRING = frozenset(["$ref", "$dynamicRef", "$recursiveRef", "$id", "id"])
_ANNOTATIONS = ("title", "description", "deprecated", "examples", "$comment")


class EditContext:
    """One failing assertion, with both texts to look things up in."""

    def __init__(
        self, failing: FailingAssertion, classified: Classification, reader: Document, writer: Document, solver: Solver
    ) -> None:
        self.failing = failing
        self.counterpart = classified.counterpart
        self.code = classified.code
        self.solver = solver
        self._reader = reader
        self._writer = writer

    def read(self, pointer: str) -> Any:
        """Return what the reader's own text has at *pointer*; None if it has nothing there."""
        return source_value(self._reader, pointer)

    def written(self, pointer: str) -> Any:
        """Return what the writer's own text has at *pointer*; None if it has nothing there."""
        return source_value(self._writer, pointer)

    def is_portable(self, value: Any) -> bool:
        """Say whether *value* means the same in the other text."""
        return value is not None and self._reader.draft is self._writer.draft and not _refers(value)

    @property
    def writer_schema(self) -> Mapping[str, Any] | None:
        """The writer's schema for the location, if it certainly applies and is part of the writer's own text."""
        schemas = self.failing.spot.constraints.schemas
        content = self.written(schemas[0].pointer) if schemas and schemas[0].certain else None
        return content if isinstance(content, dict) and "$ref" not in content else None


def source_value(document: Document, pointer: str) -> Any:
    """Return what *document* has at *pointer*; None if that leads into another text, or nowhere."""
    steps = pointer_steps(pointer, document.content) if "#" not in pointer else None
    return None if steps is None else value_at(document.content, steps)


def listed_types(value: Any) -> list[Any]:
    """Return the names that the keyword `type` has; none for anything else."""
    return value if isinstance(value, list) else [value] if isinstance(value, str) else []


def _refers(value: Any) -> bool:
    if isinstance(value, dict):
        return not _REFERRING.isdisjoint(value) or any(map(_refers, value.values()))
    return isinstance(value, list) and any(map(_refers, value))


def edit(action: str, path: str, value: Any, title: str) -> Suggestion | None:
    """Return an edit; None if *path* lies in another text, or the value is too long to be of help."""
    text = "" if action == "remove" else write_payload(value)
    return Suggestion(action, path, text, title) if "#" not in path and len(text) <= LONGEST else None


def parent_of(pointer: str) -> str:
    return pointer.rpartition("/")[0]


def last_step(pointer: str) -> str:
    return pointer.rpartition("/")[2].replace("~1", "/").replace("~0", "~")


def step(name: str) -> str:
    """Write *name* as the last step of a pointer."""
    return "/" + name.replace("~", "~0").replace("/", "~1")


def annotations(schema: Any) -> dict[str, Any]:
    """Return the keywords of *schema* that assert nothing."""
    return {word: schema[word] for word in _ANNOTATIONS if word in schema} if isinstance(schema, dict) else {}


def has_boolean_bound(schema: Any) -> bool:
    """Say whether a keyword of draft 4 makes a bound of *schema* exclusive."""
    words = ("exclusiveMinimum", "exclusiveMaximum")
    return isinstance(schema, dict) and any(isinstance(schema.get(word), bool) for word in words)
