"""What stands in the two texts at the places of a finding, and edits of one of them (RFC 6902)."""

from collections.abc import Mapping
from typing import Any

from moorings_compat.findings import Suggestion
from moorings_compat.json_schema.documents.documents import Document
from moorings_compat.json_schema.documents.pointers import pointer_steps, value_at
from moorings_compat.json_schema.explaining.failing_assertions import Leaf
from moorings_compat.json_schema.explaining.wording import Telling
from moorings_compat.json_schema.payloads import write_payload
from moorings_compat.json_schema.solving import Solver

LONGEST = 4_000
"""Characters of a value that is worth offering."""
_REFERRING = frozenset(["$ref", "$dynamicRef", "$recursiveRef", "$id", "id"])
_ANNOTATIONS = ("title", "description", "deprecated", "examples", "$comment")


class Texts:
    """One leaf, with both texts to look things up in."""

    def __init__(self, leaf: Leaf, telling: Telling, reader: Document, writer: Document, solver: Solver) -> None:
        self.leaf = leaf
        self.counterpart = telling.counterpart
        self.code = telling.code
        self.solver = solver
        self._reader = reader
        self._writer = writer

    def read(self, pointer: str) -> Any:
        """What the reader's own text has at *pointer*; None where it has nothing there."""
        return raw(self._reader, pointer)

    def written(self, pointer: str) -> Any:
        """What the writer's own text has at *pointer*; None where it has nothing there."""
        return raw(self._writer, pointer)

    def moves(self, value: Any) -> bool:
        """Say whether *value* means the same in the other text."""
        return value is not None and self._reader.draft is self._writer.draft and not _refers(value)

    @property
    def writer_site(self) -> Mapping[str, Any] | None:
        """The writer's schema for the place, where it certainly applies and stands in its own text."""
        sites = self.leaf.spot.sites.sites
        content = self.written(sites[0].pointer) if sites and sites[0].certain else None
        return content if isinstance(content, dict) and "$ref" not in content else None


def raw(document: Document, pointer: str) -> Any:
    steps = pointer_steps(pointer, document.content) if "#" not in pointer else None
    return None if steps is None else value_at(document.content, steps)


def _refers(value: Any) -> bool:
    if isinstance(value, dict):
        return not _REFERRING.isdisjoint(value) or any(map(_refers, value.values()))
    return isinstance(value, list) and any(map(_refers, value))


def edit(action: str, path: str, value: Any, title: str) -> Suggestion | None:
    """Return an edit; None where *path* lies in another text, or the value is too long to be of help."""
    text = "" if action == "remove" else write_payload(value)
    return Suggestion(action, path, text, title) if "#" not in path and len(text) <= LONGEST else None


def parent_of(pointer: str) -> str:
    return pointer.rpartition("/")[0]


def last_step(pointer: str) -> str:
    return pointer.rpartition("/")[2].replace("~1", "/").replace("~0", "~")


def step(name: str) -> str:
    """*name* as the last step of a pointer."""
    return "/" + name.replace("~", "~0").replace("/", "~1")


def annotations(schema: Any) -> dict[str, Any]:
    """What of *schema* asserts nothing."""
    return {word: schema[word] for word in _ANNOTATIONS if word in schema} if isinstance(schema, dict) else {}
