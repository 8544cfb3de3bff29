"""Defaults: does a JSON value fit a type?

Source: Avro 1.12, Records (the table of default values) and Unions ("the type of the default value must match with one
element of the union"). A record's default may leave out the fields that have defaults of their own, as every
implementation reads it; but filling them in must not come back to the default it started from.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from moorings_compat.avro.model import Array, AvroModel, Definition, Enum, Field, Map, Node, Primitive, Record, TypeName
from moorings_compat.errors import Problem, SchemaLimitExceeded
from moorings_compat.json_text import pointer

_STEPS = 1_000_000
_WHOLE = {"int": 2**31, "long": 2**63}

FieldKey = tuple[str, str]
"""A field: its record's full name and its own."""


class DefaultMisfit(Exception):
    """A value does not fit; `at` is the pointer to the piece, from the value on."""

    def __init__(self, at: str, message: str) -> None:
        super().__init__(message)
        self.at = at
        self.message = message


def default_problems(model: AvroModel, defaults: Sequence[tuple[str, str, Field]]) -> Iterator[Problem]:
    """Yield what is wrong with *defaults*: each its JSON Pointer, the record it belongs to, and its field."""
    checker = DefaultChecker(model)
    needs: dict[FieldKey, set[FieldKey]] = {}
    keys: dict[FieldKey, str] = {}
    for at, owner, field in defaults:
        try:
            checker.check(field.type, field.default, "")
        except DefaultMisfit as misfit:
            yield Problem(at + misfit.at, misfit.message)
        if checker.omitted:  # most defaults leave nothing out, and end
            needs[owner, field.name], checker.omitted = checker.omitted, set()
            keys[owner, field.name] = at
    for record, name in _circling(needs):
        yield Problem(
            keys[record, name],
            f"the default of {name} in {record} needs itself: filling in what it leaves out never ends",
        )


def fits(model: AvroModel, node: Node, value: Any) -> bool:
    """Tell whether *value* may be a default of *node*."""
    try:
        DefaultChecker(model).check(node, value, "")
    except DefaultMisfit:
        return False
    return True


class DefaultChecker:
    """Checks values against types, and notes in `omitted` the fields that they leave to further defaults."""

    def __init__(self, model: AvroModel) -> None:
        self.omitted: set[FieldKey] = set()
        self._types = model.types
        self._left = _STEPS

    def check(self, node: Node, value: Any, at: str) -> None:
        """Pass, or raise `DefaultMisfit`.

        Raises:
            SchemaLimitExceeded: the defaults of this schema take too many steps to check.
        """
        self._left -= 1
        if self._left < 0:
            raise SchemaLimitExceeded("the number of steps to check the defaults", _STEPS + 1, _STEPS)
        if isinstance(node, Primitive):
            _check_primitive(node.kind, value, at)
        elif isinstance(node, TypeName):
            self._check_definition(self._types[node.full], value, at)
        elif isinstance(node, Array):
            if not isinstance(value, list):
                raise DefaultMisfit(at, "the default of an array is not an array")
            for index, one in enumerate(value):
                self.check(node.items, one, f"{at}/{index}")
        elif isinstance(node, Map):
            if not isinstance(value, dict):
                raise DefaultMisfit(at, "the default of a map is not an object")
            for key, one in value.items():
                self.check(node.values, one, at + pointer(key))
        else:
            self._check_union(node.branches, value, at)

    def _check_union(self, branches: tuple[Node, ...], value: Any, at: str) -> None:
        before = self.omitted
        for branch in branches:
            self.omitted = set(before)
            try:
                self.check(branch, value, at)
            except DefaultMisfit:
                continue
            return
        self.omitted = before
        raise DefaultMisfit(at, "the default fits no branch of the union")

    def _check_definition(self, named: Definition, value: Any, at: str) -> None:
        if isinstance(named, Record):
            self._check_record(named, value, at)
        elif isinstance(named, Enum):
            if value not in named.symbols:
                raise DefaultMisfit(at, f"the default is not a symbol of {named.full}")
        else:
            _check_bytes(value, at)
            if len(value) != named.size:
                raise DefaultMisfit(at, f"{named.full} takes defaults of {named.size} bytes, not {len(value)}")

    def _check_record(self, record: Record, value: Any, at: str) -> None:
        if not isinstance(value, dict):
            raise DefaultMisfit(at, f"the default of the record {record.full} is not an object")
        for field in record.fields:
            if field.name in value:
                self.check(field.type, value[field.name], f"{at}/{field.name}")
            elif not field.has_default:
                raise DefaultMisfit(at, f"the default lacks the field {field.name} of {record.full}")
            else:
                self.omitted.add((record.full, field.name))


def _check_primitive(kind: str, value: Any, at: str) -> None:
    if kind == "bytes":
        _check_bytes(value, at)
    elif kind in _WHOLE:
        if not _is_whole(value) or not -_WHOLE[kind] <= value < _WHOLE[kind]:
            raise DefaultMisfit(at, f"the default of {kind} is not a whole number in its range")
    elif not _FITS_PRIMITIVE[kind](value):
        raise DefaultMisfit(at, f"the default of {kind} is not {_IN_JSON[kind]}")


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_number(value: Any) -> bool:
    return isinstance(value, float) or (_is_whole(value) and abs(value) < 2**1023)


_FITS_PRIMITIVE: dict[str, Callable[[Any], bool]] = {
    "null": lambda value: value is None,
    "boolean": lambda value: isinstance(value, bool),
    "float": _is_number,
    "double": _is_number,
    "string": lambda value: isinstance(value, str),
}
_IN_JSON = {
    "null": "null",
    "boolean": "true or false",
    "float": "a number",
    "double": "a number",
    "string": "a string",
}


def _check_bytes(value: Any, at: str) -> None:
    if not isinstance(value, str) or any(ord(character) > 0xFF for character in value):
        raise DefaultMisfit(at, "the default of bytes is not a string of characters up to U+00FF, one for each byte")


def _circling(needs: dict[FieldKey, set[FieldKey]]) -> Iterator[FieldKey]:
    """Yield the fields that never end: what is left of *needs* once all that needs nothing more is taken away."""
    open_needs = {key: {one for one in needed if one in needs} for key, needed in needs.items()}
    used_by: dict[FieldKey, list[FieldKey]] = {key: [] for key in needs}
    for key, needed in open_needs.items():
        for one in needed:
            used_by[one].append(key)
    ending = [key for key, needed in open_needs.items() if not needed]
    while ending:
        ended = ending.pop()
        for user in used_by[ended]:
            open_needs[user].discard(ended)
            if not open_needs[user]:
                ending.append(user)
        del open_needs[ended]
    yield from open_needs
