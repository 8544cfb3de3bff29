"""Alternatives that plainly exclude each other: by types, by a constant, or by a property that one does not allow.

`oneOf` asks that one alternative holds and no other does. Where two plainly exclude each other, the second half needs
no look, and a `oneOf` of hundreds of events, distinguished by a constant, is as simple as an `anyOf` of them.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache

from moorings_compat.json_schema.nodes.nodes import (
    OBJECT,
    SORTS,
    Additional,
    AnyOf,
    Atom,
    Never,
    Node,
    OneOf,
    Property,
    Required,
    SchemaReference,
    Types,
    Values,
)
from moorings_compat.json_schema.nodes.validator import matches

_ONLY_OBJECTS = frozenset([OBJECT])
_MOST_STEPS = 20
"""References that are followed within one alternative."""
_DEEPEST = 3
"""Alternatives within each other that are looked into."""


@dataclass(slots=True)
class _Traits:
    """What is plain about the values of one alternative."""

    sorts: frozenset[str] = SORTS
    values: frozenset[object] | None = None
    required: set[str] = field(default_factory=set)
    tags: dict[str, frozenset[object]] = field(default_factory=dict)
    """The values that properties can have, by `value_key`."""
    closed: list[Additional] = field(default_factory=list)
    never: bool = False


@lru_cache(maxsize=64)
def overlapping(atom: OneOf) -> list[list[int]]:
    """Return for each alternative of *atom* those behind it that it does not plainly exclude."""
    traits = [_traits_of(node) for node in atom.nodes]
    return [
        [other for other in range(index + 1, len(traits)) if not _apart(one, traits[other])]
        for index, one in enumerate(traits)
    ]


def _traits_of(node: Node, depth: int = 0) -> _Traits:
    traits = _Traits()
    for atom in _atoms_of(node):
        match atom:
            case AnyOf() | OneOf() if depth < _DEEPEST:
                _meet(traits, [_traits_of(inner, depth + 1) for inner in atom.nodes])
            case Never():
                traits.never = True
            case Types():
                traits.sorts &= atom.sorts
            case Values():
                traits.values = atom.keys if traits.values is None else traits.values & atom.keys
            case Required():
                traits.required.add(atom.name)
            case Property():
                _tag(traits.tags, atom)
            case Additional():
                if any(isinstance(one, Never) for one in atom.node.atoms):
                    traits.closed.append(atom)
    return traits


def _meet(traits: _Traits, inner: list[_Traits]) -> None:
    """Add what all alternatives inside an alternative have in common."""
    possible = [one for one in inner if not one.never]
    if not possible:
        traits.never = True
        return
    traits.sorts &= frozenset().union(*(one.sorts for one in possible))
    traits.required |= set.intersection(*(one.required for one in possible))
    for name in set.intersection(*(set(one.tags) for one in possible)):
        values = frozenset().union(*(one.tags[name] for one in possible))
        traits.tags[name] = traits.tags[name] & values if name in traits.tags else values


def _tag(tags: dict[str, frozenset[object]], atom: Property) -> None:
    for inner in _atoms_of(atom.node):
        if isinstance(inner, Values):
            tags[atom.name] = tags[atom.name] & inner.keys if atom.name in tags else inner.keys


def _atoms_of(node: Node) -> Iterator[Atom]:
    """Yield the atoms of *node*, and of the nodes that it refers to."""
    waiting, steps = [node], 0
    while waiting and steps < _MOST_STEPS:
        steps += 1
        for atom in waiting.pop().atoms:
            if isinstance(atom, SchemaReference):
                waiting.append(atom.target.node)
            else:
                yield atom


def _apart(one: _Traits, other: _Traits) -> bool:
    if one.never or other.never or not one.sorts & other.sorts:
        return True
    if one.values is not None and other.values is not None and not one.values & other.values:
        return True
    if one.sorts & other.sorts != _ONLY_OBJECTS:
        return False
    shared = one.tags.keys() & other.tags.keys() & (one.required | other.required)
    if any(not one.tags[name] & other.tags[name] for name in shared):
        return True
    return _lacks(one, other) or _lacks(other, one)


def _lacks(closed: _Traits, other: _Traits) -> bool:
    """Say whether *closed* forbids a property that *other* requires."""
    return any(
        name not in rest.names and not any(matches(pattern, name) for pattern in rest.patterns)
        for rest in closed.closed
        for name in other.required
    )
