"""Schemas that refer to nothing: compiled once, whichever document they stand in.

The versions of one subject agree in nearly all of their parts. A part without references means the same wherever it
stands, so that its node is kept by what it says, and the next version finds it there. The store is bounded, and what
it gives out depends on nothing but the question.
"""

from typing import Any, TypeAlias

from moorings_compat.json_schema.compiling import atoms_of, boolean_node, unevaluated_atoms
from moorings_compat.json_schema.drafts import Draft
from moorings_compat.json_schema.nodes import Node
from moorings_compat.json_schema.pointers import Steps

_MOST_KEPT = 8_192
_LONGEST_KEPT = 600
"""Characters of a part that is kept; larger ones are made of smaller ones."""
_WIDEST_KEPT = 12
_REFERRING = ("'$ref'", "'$dynamicRef'", "'$recursiveRef'", "'$schema'")

_Key: TypeAlias = tuple[str, Draft, bool, bool]


class ClosedNodes:
    """Compiles closed schemas for one choice about `format`, and about marking what is evaluated."""

    _kept: dict[_Key, Node] = {}  # noqa: RUF012  # one store for all: a memory of a pure function

    def __init__(self, *, formats: bool, marks: bool) -> None:
        self._formats = formats
        self._marks = marks

    def node(self, content: Any, draft: Draft) -> Node | None:
        """Return the node of *content*; None where it is too large to be kept, or refers to something."""
        if isinstance(content, bool):
            return boolean_node(content)
        if len(content) > _WIDEST_KEPT:
            return None
        text = repr(content)
        if len(text) > _LONGEST_KEPT or any(word in text for word in _REFERRING):
            return None
        return self._known(text, content, draft)

    def _known(self, text: str, content: dict[str, Any], draft: Draft) -> Node:
        key = (text, draft, self._formats, self._marks)
        node = self._kept.get(key)
        if node is None:
            node = self._compiled(content, draft)
            if len(self._kept) >= _MOST_KEPT:
                self._kept.clear()
            self._kept[key] = node
        return node

    def _compiled(self, content: dict[str, Any], draft: Draft) -> Node:
        def inner(_: Steps, child: Any) -> Node:
            return boolean_node(child) if isinstance(child, bool) else self._known(repr(child), child, draft)

        atoms = list(atoms_of(content, draft, inner, formats=self._formats, marks=self._marks))
        if self._marks:
            atoms.extend(unevaluated_atoms(content, draft, inner, Node(tuple(atoms))))
        return Node(tuple(atoms))
