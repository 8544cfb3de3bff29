"""Why one value is refused, down to the assertion to name; into a branch too, if the value is plainly meant for it."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from moorings_compat.json_schema.explaining.failing_assertions import FailingAssertion, Spot, inside
from moorings_compat.json_schema.explaining.writer_constraints import keyword_pointer
from moorings_compat.json_schema.nodes.evaluating import atom_holds, holds, is_additional
from moorings_compat.json_schema.nodes.nodes import (
    Additional,
    AnyOf,
    Atom,
    Item,
    Node,
    OneOf,
    PatternProperty,
    Property,
    Rest,
    SchemaReference,
    Types,
    Values,
    kind_of,
)
from moorings_compat.json_schema.nodes.validator import matches
from moorings_compat.json_schema.solving.violations import only

_MOST_DEEP = 30


def blamed(failing: FailingAssertion) -> FailingAssertion:
    """Follow the witness into the branch that it comes closest to; *failing* itself if it is meant for none."""
    value = failing_value(failing)
    if value is None:
        return failing
    return _closest(failing.atom, failing.spot, value[0], failing) or failing


def first_failing(spot: Spot, value: Any, like: FailingAssertion) -> FailingAssertion | None:
    """Find the first assertion at *spot* that *value* violates, as deep inside as possible."""
    for atom in spot.node.atoms:
        if not atom_holds(atom, value):
            return _closest(atom, spot, value, like) or _failing_at(atom, spot, like)
    return None


def _failing_at(atom: Atom, spot: Spot, like: FailingAssertion) -> FailingAssertion:
    return FailingAssertion(atom, spot, keyword_pointer(spot.pointer, atom.steps), like.focus, like.answer)


def _closest(atom: Atom, spot: Spot, value: Any, like: FailingAssertion) -> FailingAssertion | None:
    if isinstance(atom, AnyOf | OneOf):
        meant = [index for index, node in enumerate(atom.nodes) if _is_meant(node, value)]
        if len(meant) != 1 or any(holds(node, value) for node in atom.nodes):
            return None
        pointer = f"{keyword_pointer(spot.pointer, atom.steps)}/{meant[0]}"
        return first_failing(
            replace(spot, node=atom.nodes[meant[0]], pointer=pointer, depth=spot.depth + 1), value, like
        )
    if spot.depth > _MOST_DEEP and not isinstance(atom, SchemaReference):
        return None
    inner = inside(atom, spot)
    for part in _values_inside(atom, value):
        for one in inner or ():
            found = first_failing(one, part, like)
            if found is not None:
                return found
    return None


def _values_inside(atom: Atom, value: Any) -> Iterator[Any]:
    """Yield the values that *atom* applies the schema inside it to."""
    match atom:
        case Property() if isinstance(value, dict) and atom.name in value:
            yield value[atom.name]
        case PatternProperty() if isinstance(value, dict):
            yield from (one for name, one in value.items() if matches(atom.pattern, name))
        case Additional() if isinstance(value, dict):
            yield from (one for name, one in value.items() if is_additional(atom, name))
        case Item() if isinstance(value, list) and atom.index < len(value):
            yield value[atom.index]
        case Rest() if isinstance(value, list):
            yield from value[atom.start :]
        case _:
            yield value


def _is_meant(node: Node, value: Any) -> bool:
    """Say whether *value* has the type that the branch is about, and the constants that distinguish it from others."""
    kind = kind_of(value)
    for atom in node.atoms:
        match atom:
            case Types() if not atom_holds(atom, value):
                return False
            case Values() if kind not in {kind_of(one) for one in atom.values}:
                return False
            case SchemaReference() if not _is_meant(atom.target.node, value):
                return False
            case Property() if isinstance(value, dict) and atom.name in value:
                constants = [one for one in atom.node.atoms if isinstance(one, Values) and len(one.values) == 1]
                if not all(atom_holds(one, value[atom.name]) for one in constants):
                    return False
    return True


def failing_value(failing: FailingAssertion) -> tuple[Any] | None:
    """Return the part of the witness that violates the assertion, found by following its focus."""
    if not failing.answer.found:
        return None
    node, value = failing.focus, failing.answer.value
    broken = only(failing.atom).key
    while node.key != broken:
        atom = node.atoms[0]
        inner = _node_inside(atom)
        part = next(
            ((one,) for one in _values_inside(atom, value) if inner is not None and not holds(inner, one)), None
        )
        if inner is None or part is None:
            return None
        node, value = inner, part[0]
    return (value,)


def _node_inside(atom: Atom) -> Node | None:
    if isinstance(atom, Property | PatternProperty | Additional | Item | Rest):
        return atom.node
    return None
