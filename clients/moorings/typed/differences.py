"""The differences between a class and a contract: where, in which direction, and in a sentence."""

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """What a class is used for."""

    PRODUCE = "produce"
    """Whatever an object of the class holds is a valid event."""
    CONSUME = "consume"
    """Whatever the contract allows, an object of the class can hold."""


class Unfit(StrEnum):
    """The ways in which a class does not fit; stable names."""

    FIELD_MISSING = "FIELD_MISSING"
    """One side needs a field that the other does not have, or does not always have."""
    FIELD_UNDECLARED = "FIELD_UNDECLARED"
    """One side has a field that the other refuses."""
    TYPE_WRONG = "TYPE_WRONG"
    NONE_WRONG = "NONE_WRONG"
    """One side may be None, and the other may not."""
    SYMBOL_UNKNOWN = "SYMBOL_UNKNOWN"
    """One side has symbols that the other does not know."""


@dataclass(frozen=True, slots=True)
class Difference:
    """`path` leads into the event as a JSON Pointer, with ``*`` for every item of an array and value of a map."""

    path: str
    role: Role
    code: Unfit
    sentence: str

    def __str__(self) -> str:
        return f"{self.path or '/'}: {self.sentence} ({self.code}, to {self.role})"
