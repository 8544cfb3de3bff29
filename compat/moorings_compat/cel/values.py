"""Values on their way into CEL and out of it, whatever they come from."""

from dataclasses import dataclass
from typing import Any


class NoCelValue(Exception):
    """A value that CEL does not have: text with lone surrogates, a number beyond 64 bits, nested too deep."""


@dataclass(slots=True)
class Size:
    """The size of an event; it bounds what a rule may do with it."""

    values: int = 0
    longest: int = 0
    """The longest text, in characters, or bytes."""


def text_to_cel(value: str, size: Size) -> str:
    """Pass text that CEL has, and note its length.

    Raises:
        NoCelValue: it has lone surrogates.
    """
    if len(value) > size.longest:
        size.longest = len(value)
    if not value.isascii():
        try:
            value.encode()
        except UnicodeEncodeError:
            raise NoCelValue from None
    return value if value.__class__ is str else str.__str__(value)


def from_cel(value: Any) -> Any:
    """Turn what CEL computed into plain Python."""
    if isinstance(value, bytearray):
        return bytes(value)
    if isinstance(value, list):
        return [from_cel(item) for item in value]
    if isinstance(value, dict):
        return {key: from_cel(item) for key, item in value.items()}
    return value
