"""Schemas without references: compiled once, whichever document they are in.

The versions of one subject agree in nearly all of their parts. A part without references means the same wherever it
appears, so its node is kept by its content, and the next version finds it. The stores are bounded, and their answers
depend only on the question.
"""

from typing import Any, TypeAlias

from moorings_compat.json_schema.documents.drafts import Draft
from moorings_compat.json_schema.documents.pointers import Steps
from moorings_compat.json_schema.nodes.compiling import atoms_of, boolean_node, unevaluated_atoms
from moorings_compat.json_schema.nodes.nodes import Node

_MOST_KEPT = 8_192
_LONGEST_KEPT = 600
"""Characters of a part that is kept; larger ones are made of smaller ones."""
_WIDEST_KEPT = 12
_REFERRING = ("'$ref'", "'$dynamicRef'", "'$recursiveRef'", "'$schema'")

_Compilation: TypeAlias = tuple[Draft, bool, bool]
"""The draft, whether `format` is asserted, and whether what is evaluated is marked."""


class SelfContainedNodes:
    """Compiles schemas without references, with or without `format` and marks of what is evaluated."""

    _kept: dict[tuple[str, _Compilation], Node | None] = {}  # noqa: RUF012  # one store for all: a memory of a pure function

    def __init__(self, *, formats: bool, marks: bool) -> None:
        self._formats = formats
        self._marks = marks

    def node(self, content: Any, draft: Draft) -> Node | None:
        """Return the node of *content*; None if it is too large to be kept, or has a reference."""
        if isinstance(content, bool):
            return boolean_node(content)
        if len(content) > _WIDEST_KEPT:
            return None
        text = repr(content)
        return self._known(text, content, draft) if len(text) <= _LONGEST_KEPT else None

    def _known(self, text: str, content: dict[str, Any], draft: Draft) -> Node | None:
        key = (text, (draft, self._formats, self._marks))
        kept = self._kept
        if key not in kept:
            node = None if any(word in text for word in _REFERRING) else self._compiled(content, draft)
            if len(kept) >= _MOST_KEPT:
                kept.clear()
            kept[key] = node
            return node
        return kept[key]

    def _compiled(self, content: dict[str, Any], draft: Draft) -> Node:
        def inner(_: Steps, child: Any) -> Node:
            node = boolean_node(child) if isinstance(child, bool) else self._known(repr(child), child, draft)
            assert node is not None  # it is part of a schema without references
            return node

        atoms = list(atoms_of(content, draft, inner, formats=self._formats, marks=self._marks))
        if self._marks:
            atoms.extend(unevaluated_atoms(content, draft, inner, Node(tuple(atoms))))
        return Node(tuple(atoms))
