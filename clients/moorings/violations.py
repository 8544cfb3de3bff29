"""Violations of events: where, what was expected, and which rule was broken. Never the value itself."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from difflib import get_close_matches
from enum import StrEnum

MOST_VIOLATIONS = 1000
"""How many violations of one event a codec collects."""


class Broken(StrEnum):
    """The rules that an event can break; stable names, the same for every format."""

    FIELD_MISSING = "FIELD_MISSING"
    """A field without a default is missing."""
    FIELD_UNDECLARED = "FIELD_UNDECLARED"
    """The contract does not declare this field."""
    TYPE_WRONG = "TYPE_WRONG"
    """A value of another type than the contract's."""
    BRANCH_WRONG = "BRANCH_WRONG"
    """A value that no branch of the union accepts, or more than one alternative where one is allowed."""
    NUMBER_OUT_OF_RANGE = "NUMBER_OUT_OF_RANGE"
    """A number that the type cannot hold, or beyond the contract's bounds."""
    SYMBOL_UNKNOWN = "SYMBOL_UNKNOWN"
    """A value outside the enumeration."""
    SIZE_WRONG = "SIZE_WRONG"
    """Too short, too long, too few or too many."""
    PRECISION_LOST = "PRECISION_LOST"
    """A decimal with more digits, or more decimal places, than the contract allows."""
    DATE_TIME_INVALID = "DATE_TIME_INVALID"
    """An invalid date or time, or one without the time zone that the contract requires, or with one it forbids."""
    TEXT_INVALID = "TEXT_INVALID"
    """Text that cannot be written as UTF-8, or that breaks the contract's pattern or format."""
    TOO_DEEP = "TOO_DEEP"
    """Nested deeper than the codec goes."""
    KEYWORD = "KEYWORD"
    """Another keyword of the JSON Schema refuses the value; `expected` names it."""
    RULE_BROKEN = "RULE_BROKEN"
    """A rule of the contract refuses the event; `expected` is what the rule demands."""


@dataclass(frozen=True, slots=True)
class Violation:
    """`pointer` is a place in the event (RFC 6901, empty for all of it); `expected` is in the contract's terms.

    `got` is the type of the value that was there, where the type is what is wrong: ``str``. Never the value itself.
    """

    pointer: str
    expected: str
    rule: Broken
    got: str = field(default="", compare=False, kw_only=True)

    def __str__(self) -> str:
        got = f", got {self.got}" if self.got else ""
        return f"{self.pointer or 'the event'}: {self.rule}, expected {self.expected}{got}"


def type_name(value: object) -> str:
    """Return what people call the type of a value: ``str``, ``None``."""
    return "None" if value is None else type(value).__name__


def meant(name: str, declared: Iterable[str]) -> str:
    """Return the end of a sentence about an undeclared name: ``; did you mean quantity?``, or nothing."""
    close = get_close_matches(name, declared, n=1)
    return f"; did you mean {close[0]}?" if close else ""
