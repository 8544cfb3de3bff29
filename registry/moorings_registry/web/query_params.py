"""What a page's address asks for, read strictly: a filter that cannot be understood is refused, never ignored."""

from collections.abc import Iterable
from datetime import date

from flask import request

from moorings_registry.errors import RequestInvalid

LONGEST = 1_000
"""Characters of one value; subjects and domains are shorter."""


def text(name: str) -> str:
    """The value of *name* without white space around it; empty when it was not sent."""
    value = request.args.get(name, "").strip()
    if len(value) > LONGEST:
        raise RequestInvalid(f"{name} has more than {LONGEST} characters")
    return value


def choice(name: str, allowed: Iterable[str]) -> str:
    """One of *allowed*, or empty."""
    value = text(name)
    choices = tuple(allowed)
    if value and value not in choices:
        raise RequestInvalid(f"{name} is not one of: {', '.join(choices)}")
    return value


def number(name: str, default: int, *, smallest: int = 0) -> int:
    """A whole number of at most 15 digits."""
    value = text(name)
    if not value:
        return default
    if not (value.isascii() and value.isdigit() and len(value) <= 15):
        raise RequestInvalid(f"{name} is not an integer")
    return max(int(value), smallest)


def day(name: str) -> str:
    """A day as YYYY-MM-DD, or empty."""
    value = text(name)
    try:
        return date.fromisoformat(value).isoformat() if value else ""
    except ValueError:
        raise RequestInvalid(f"{name} is not a day such as 2027-01-31") from None


def flag(name: str) -> bool:
    """Whether *name* was sent with a value other than 0."""
    return text(name) not in ("", "0")
