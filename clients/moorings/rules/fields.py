"""The fields of an event that a rule is about: each with its path, its tags, and the record around it."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from moorings.rules.outlines import ABSENT, ANYTHING, Choice, Field, Leaf, Listing, Mapped, Outline, Record
from moorings.rules.outlines.model import PRIMITIVE_NAMES
from moorings_compat.json_text import pointer

Steps = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Met:
    """A value of a primitive type that stands in a field, in a list of that field, or under a key of it."""

    field: Field
    outline: Leaf
    value: Any
    record: Record
    around: Mapping[str, Any]
    """The event of that record, as it came."""
    steps: Steps

    @property
    def type_name(self) -> str:
        return self.outline.type_name

    @property
    def pointer(self) -> str:
        """Where it stands, as a JSON Pointer."""
        return pointer(*self.steps)


Visit = Callable[[Met], Any]
"""Returns the value that is to stand there: the same object, or another."""


def visit_fields(outline: Outline, event: Any, tags: frozenset[str], visit: Visit) -> Any:
    """Show *visit* each primitive value in a field with one of *tags*, or of all fields where there are no tags.

    Returns the event with what *visit* put there; the one that came is left as it is.
    """
    return _Walk(tags, visit).value(outline, event, None, ())


@dataclass(frozen=True, slots=True)
class _Place:
    """The field that the walk is in, and the record around it."""

    field: Field
    record: Record
    event: Mapping[str, Any]


class _Walk:
    def __init__(self, tags: frozenset[str], visit: Visit) -> None:
        self._tags = tags
        self._visit = visit

    def value(self, outline: Outline, value: Any, place: _Place | None, steps: Steps) -> Any:
        if isinstance(outline, Choice):
            return self._choice(outline, value, place, steps)
        if isinstance(outline, Record):
            return self._record(outline, value, steps) if isinstance(value, Mapping) else value
        if isinstance(outline, Listing):
            return self._list(outline, value, place, steps) if isinstance(value, list | tuple) else value
        if isinstance(outline, Mapped):
            return self._map(outline, value, place, steps) if isinstance(value, Mapping) else value
        return self._leaf(outline, value, place, steps)

    def _leaf(self, leaf: Leaf, value: Any, place: _Place | None, steps: Steps) -> Any:
        if place is None or leaf is ANYTHING or leaf.type_name not in PRIMITIVE_NAMES:
            return value
        field = place.field
        if (value is None and field.skips_null) or (self._tags and self._tags.isdisjoint(field.tags)):
            return value
        return self._visit(Met(field, leaf, value, place.record, place.event, steps))

    def _record(self, record: Record, value: Mapping[str, Any], steps: Steps) -> Any:
        changed: dict[str, Any] = {}
        for name, field in record.fields.items():
            given = value.get(name, field.default)
            if given is ABSENT:
                continue
            new = self.value(field.outline, given, _Place(field, record, value), (*steps, name))
            if new is not given:
                changed[name] = new
        return {**value, **changed} if changed else value

    def _list(self, outline: Listing, value: Any, place: _Place | None, steps: Steps) -> Any:
        new = [self.value(outline.items, item, place, (*steps, n)) for n, item in enumerate(value)]
        return new if any(one is not item for one, item in zip(new, value, strict=True)) else value

    def _map(self, outline: Mapped, value: Any, place: _Place | None, steps: Steps) -> Any:
        new = {key: self.value(outline.values, item, place, (*steps, str(key))) for key, item in value.items()}
        return new if any(new[key] is not item for key, item in value.items()) else value

    def _choice(self, choice: Choice, value: Any, place: _Place | None, steps: Steps) -> Any:
        name, inner = named_branch(value)
        branch = branch_of(choice, value)
        if branch is None:
            return value
        new = self.value(branch, inner, place, steps)
        return value if new is inner else new if name is None else (name, new)


def named_branch(value: Any) -> tuple[str | None, Any]:
    """Take apart ``("shop.Money", {...})``, which names a branch of an Avro union."""
    if isinstance(value, tuple) and len(value) == 2 and isinstance(value[0], str):
        return value[0], value[1]
    return None, value


def branch_of(choice: Choice, value: Any) -> Outline | None:
    """Return the branch that *value* is of, looked at from outside; None where none takes it."""
    name, inner = named_branch(value)
    fitting = [one for one in choice.branches if _fits(one, inner)]
    if name is not None:
        return next((one for one in fitting if isinstance(one, Record) and one.name == name), None) or _first(fitting)
    exact = [one for one in fitting if isinstance(one, Record) and _has_all(one, inner)]
    return _first(exact) or _first(fitting)


def _first(branches: Iterable[Outline]) -> Outline | None:
    return next(iter(branches), None)


def _fits(outline: Outline, value: Any) -> bool:
    if isinstance(outline, Record | Mapped):
        return isinstance(value, Mapping)
    if isinstance(outline, Listing):
        return isinstance(value, list | tuple)
    return isinstance(outline, Choice) or outline.fits(value)


def _has_all(record: Record, value: Mapping[str, Any]) -> bool:
    """Say whether *value* has every field without default, and none that the record does not know."""
    needed = (name for name, field in record.fields.items() if field.default is ABSENT)
    return all(name in value for name in needed) and all(name in record.fields for name in value)
