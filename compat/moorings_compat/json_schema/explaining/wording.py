"""Which rule reports a failing assertion, and how its parts are written: short, for one sentence."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any, TypeAlias

from moorings_compat.json_schema.explaining.failing_assertions import FailingAssertion
from moorings_compat.json_schema.explaining.writer_constraints import WriterAssertion
from moorings_compat.json_schema.nodes.evaluating import holds
from moorings_compat.json_schema.nodes.nodes import (
    FALSE,
    FRACTION,
    INTEGER,
    WHOLE,
    Additional,
    AnyOf,
    Atom,
    Conditional,
    Contains,
    Formatted,
    Implies,
    Item,
    ItemCount,
    Length,
    Limit,
    Matches,
    Multiple,
    Names,
    Needs,
    Negation,
    Never,
    OneOf,
    PatternProperty,
    Property,
    PropertyCount,
    Required,
    Rest,
    Types,
    UnevaluatedItems,
    UnevaluatedProperties,
    Unique,
    Values,
)
from moorings_compat.json_schema.payloads import write_payload

_Codes: TypeAlias = tuple[str, str]
"""The code if the writer has no such assertion, and the code if it has a wider one."""

_CODES: dict[type[Atom], _Codes] = {
    Multiple: ("JSON_MULTIPLE_OF_ADDED", "JSON_MULTIPLE_OF_CHANGED"),
    Matches: ("JSON_PATTERN_ADDED", "JSON_PATTERN_CHANGED"),
    Formatted: ("JSON_FORMAT_ADDED", "JSON_FORMAT_CHANGED"),
    Contains: ("JSON_CONTAINS_ADDED", "JSON_CONTAINS_CHANGED"),
    Names: ("JSON_PROPERTY_NAMES_ADDED", "JSON_PROPERTY_NAMES_NARROWED"),
    Negation: ("JSON_NOT_ADDED", "JSON_NOT_WIDENED"),
    Conditional: ("JSON_CONDITION_ADDED", "JSON_CONDITION_CHANGED"),
    AnyOf: ("JSON_ANY_OF_ADDED", "JSON_ANY_OF_NARROWED"),
    Unique: ("JSON_UNIQUE_ITEMS_ADDED", "JSON_UNIQUE_ITEMS_ADDED"),
    Required: ("JSON_PROPERTY_REQUIRED_ADDED", "JSON_PROPERTY_REQUIRED_ADDED"),
    PatternProperty: ("JSON_PATTERN_PROPERTY_ADDED", "JSON_PATTERN_PROPERTY_ADDED"),
    Needs: ("JSON_DEPENDENT_REQUIRED_ADDED", "JSON_DEPENDENT_REQUIRED_ADDED"),
    Implies: ("JSON_DEPENDENT_SCHEMA_ADDED", "JSON_DEPENDENT_SCHEMA_ADDED"),
    UnevaluatedItems: ("JSON_UNEVALUATED_ITEMS_CLOSED", "JSON_UNEVALUATED_ITEMS_CLOSED"),
    UnevaluatedProperties: ("JSON_UNEVALUATED_PROPERTIES_CLOSED", "JSON_UNEVALUATED_PROPERTIES_CLOSED"),
    Never: ("JSON_NOTHING_ACCEPTED", "JSON_NOTHING_ACCEPTED"),
    Types: ("JSON_TYPE_ADDED", "JSON_TYPE_NARROWED"),
}

_BOUND_CODES: dict[type[Atom], tuple[_Codes, _Codes]] = {
    Limit: (("JSON_MINIMUM_ADDED", "JSON_MINIMUM_RAISED"), ("JSON_MAXIMUM_ADDED", "JSON_MAXIMUM_LOWERED")),
    Length: (("JSON_MIN_LENGTH_ADDED", "JSON_MIN_LENGTH_RAISED"), ("JSON_MAX_LENGTH_ADDED", "JSON_MAX_LENGTH_LOWERED")),
    ItemCount: (("JSON_MIN_ITEMS_ADDED", "JSON_MIN_ITEMS_RAISED"), ("JSON_MAX_ITEMS_ADDED", "JSON_MAX_ITEMS_LOWERED")),
    PropertyCount: (
        ("JSON_MIN_PROPERTIES_ADDED", "JSON_MIN_PROPERTIES_RAISED"),
        ("JSON_MAX_PROPERTIES_ADDED", "JSON_MAX_PROPERTIES_LOWERED"),
    ),
}
_BY_KEYWORD = {
    "uniqueItems": "JSON_UNIQUE_ITEMS_ADDED",
    "minProperties": "JSON_MIN_PROPERTIES_ADDED",
    "maxProperties": "JSON_MAX_PROPERTIES_ADDED",
    "propertyNames": "JSON_PROPERTY_NAMES_ADDED",
    "required": "JSON_PROPERTY_REQUIRED_ADDED",
    "unevaluatedProperties": "JSON_UNEVALUATED_PROPERTIES_CLOSED",
    "const": "JSON_CONST_ADDED",
    "enum": "JSON_ENUM_ADDED",
}
"""The rule of a keyword where an assertion of another type comes in its place (`reader_projecting`)."""
_NAMING = (("properties",), ("patternProperties",))
_ENUM: _Codes = ("JSON_ENUM_ADDED", "JSON_ENUM_NARROWED")
_CONST: _Codes = ("JSON_CONST_ADDED", "JSON_CONST_CHANGED")


@dataclass(frozen=True, slots=True)
class Classification:
    """A failing assertion in the terms of the catalogue."""

    code: str
    counterpart: WriterAssertion | None
    """The writer's assertion of the same kind."""


def classify(failing: FailingAssertion) -> Classification:
    """Choose the rule that reports *failing*."""
    counterpart = _counterpart(failing)
    return Classification(_code(failing, counterpart), counterpart)


def _counterpart(failing: FailingAssertion) -> WriterAssertion | None:
    """Find the writer's assertion about the same thing, a certain one if there is one."""
    alike = [one for one in failing.spot.constraints.assertions if _is_alike(one.atom, failing.atom)]
    return next((one for one in alike if one.certain), alike[0] if alike else None)


def _is_alike(asserted: Atom, atom: Atom) -> bool:
    if isinstance(atom, Item | Rest):
        return isinstance(asserted, Item | Rest)
    if isinstance(atom, AnyOf | OneOf):
        return isinstance(asserted, AnyOf | OneOf)
    if type(asserted) is not type(atom):
        return False
    if isinstance(atom, Property | Required):
        return subject_name(asserted) == atom.name
    return getattr(asserted, "lower", None) == getattr(atom, "lower", None)


def _code(failing: FailingAssertion, counterpart: WriterAssertion | None) -> str:
    atom = failing.atom
    projected = _projected_code(atom)
    if projected is not None:
        return projected
    if type(atom) in _BOUND_CODES:
        codes = _BOUND_CODES[type(atom)][0 if atom.lower else 1]  # type: ignore[attr-defined]
        return codes[counterpart is not None]
    match atom:
        case Types() if counterpart is not None and _is_about_whole_numbers(failing, counterpart.atom):
            return "JSON_WHOLE_NUMBER_REFUSED"
        case Values():
            codes = _CONST if atom.steps[-1:] == ("const",) else _ENUM
            return codes[counterpart is not None]
        case Property() if atom.node.key == FALSE.key:
            removed = atom.steps[-1:] == ("additionalProperties",)
            return "JSON_PROPERTY_REMOVED_FROM_CLOSED" if removed else "JSON_PROPERTY_FORBIDDEN"
        case Property():
            return "JSON_PROPERTY_ADDED_TO_OPEN"
        case Additional():
            return (
                "JSON_ADDITIONAL_PROPERTIES_CLOSED"
                if atom.node.key == FALSE.key
                else "JSON_ADDITIONAL_PROPERTIES_NARROWED"
            )
        case Item() | Rest():
            return "JSON_ITEMS_CLOSED" if atom.node.key == FALSE.key else "JSON_ITEMS_ADDED"
        case OneOf():
            return _one_of_code(failing, atom, counterpart)
    return _CODES[type(atom)][counterpart is not None]


def _projected_code(atom: Atom) -> str | None:
    """Return the rule of the keyword that *atom* comes in the place of; None if it is what the keyword says."""
    if not isinstance(atom, AnyOf | Property | PatternProperty | Types) or atom.steps[-2:-1] in _NAMING:
        return None
    return _BY_KEYWORD.get(str(atom.steps[-1])) if atom.steps else None


def _is_about_whole_numbers(failing: FailingAssertion, asserted: Atom) -> bool:
    assert isinstance(failing.atom, Types)
    return (
        isinstance(asserted, Types)
        and WHOLE in asserted.sorts - failing.atom.sorts
        and asserted.sorts - failing.atom.sorts == {WHOLE}
    )


def _one_of_code(failing: FailingAssertion, atom: OneOf, counterpart: WriterAssertion | None) -> str:
    if failing.answer.found and not failing.where and sum(holds(node, failing.answer.value) for node in atom.nodes) > 1:
        return "JSON_ONE_OF_OVERLAP"
    return "JSON_ONE_OF_ADDED" if counterpart is None else "JSON_ONE_OF_NARROWED"


def short(atom: Atom) -> str:
    """Write what an assertion demands, in as few characters as possible."""
    show = _SHORT_FORMS.get(type(atom))
    return _clipped(show(atom)) if show is not None else ""


def _clipped(text: str) -> str:
    return text if len(text) <= 120 else text[:117] + "..."


def _type_names(atom: Any) -> str:
    names = sorted(atom.sorts - {INTEGER, WHOLE, FRACTION})
    if INTEGER in atom.sorts:
        names.append("number" if FRACTION in atom.sorts else "integer")
    return " or ".join(names) or "nothing"


def _decimal_text(value: Fraction) -> str:
    if value.denominator == 1:
        return str(value.numerator)
    return str(Decimal(value.numerator) / Decimal(value.denominator))


def _value_list(atom: Any) -> str:
    return ", ".join(write_payload(value) for value in atom.values)


_SHORT_FORMS: dict[type[Atom], Callable[[Any], str]] = {
    Types: _type_names,
    Values: _value_list,
    Limit: lambda atom: _decimal_text(atom.bound) + " (exclusive)" * atom.exclusive,
    Multiple: lambda atom: _decimal_text(atom.of),
    Length: lambda atom: str(atom.bound),
    ItemCount: lambda atom: str(atom.bound),
    PropertyCount: lambda atom: str(atom.bound),
    Matches: lambda atom: atom.pattern,
    Formatted: lambda atom: atom.name.removesuffix("@4"),
}


def subject_name(atom: Atom) -> str:
    """Return the property or pattern that an assertion is about."""
    name = getattr(atom, "name", getattr(atom, "pattern", ""))
    return name if isinstance(name, str) else ""
