"""What follows from one other assertion at sight: most of what a new version changes is proven here."""

from collections.abc import Iterable

from moorings_compat.json_schema.nodes.nodes import (
    Atom,
    ItemCount,
    Length,
    Limit,
    Multiple,
    PropertyCount,
    Types,
    Values,
)

_COUNTS = (Length, ItemCount, PropertyCount)


def follows(atom: Atom, known: Iterable[Atom]) -> bool:
    """Say whether one of the *known* assertions alone plainly implies *atom*; False proves nothing."""
    return any(type(other) is type(atom) and _implies(other, atom) for other in known)


def _implies(known: Atom, atom: Atom) -> bool:
    if isinstance(known, _COUNTS) and isinstance(atom, _COUNTS):
        return known.lower == atom.lower and (known.bound >= atom.bound if atom.lower else known.bound <= atom.bound)
    if isinstance(known, Limit) and isinstance(atom, Limit):
        return known.lower == atom.lower and _is_tighter(known, atom)
    if isinstance(known, Types) and isinstance(atom, Types):
        return known.sorts <= atom.sorts
    if isinstance(known, Values) and isinstance(atom, Values):
        return known.keys <= atom.keys
    if isinstance(known, Multiple) and isinstance(atom, Multiple):
        return (known.of / atom.of).denominator == 1
    return False


def _is_tighter(known: Limit, atom: Limit) -> bool:
    if known.bound == atom.bound:
        return known.exclusive or not atom.exclusive
    return (known.bound > atom.bound) == atom.lower
