"""The words of a name in any style: ``OrderPlaced``, ``order_placed``, ``order.placed``, ``VATIDChecked``."""

import re
from collections.abc import Iterable

_PASCAL_CASE = re.compile(r"[A-Z](?=.*[a-z])[A-Za-z0-9]*", re.ASCII)
# Capitals up to the last one before a small letter, a capitalised word, or digits; letters beyond ASCII count as small.
_PART = re.compile(r"[A-Z]+(?![^\W\d_A-Z])|[A-Z]?[^\W\d_A-Z]+|[0-9]+")
_SHOWN_CHARACTERS = 80


def split_name(name: str) -> tuple[str, ...]:
    """The words of *name* as it writes them; what is neither letter nor digit separates. Linear in its length."""
    return tuple(_PART.findall(name))


def is_pascal_case(name: str) -> bool:
    """Whether *name* is of ASCII letters and digits, begins with a capital and has a small letter."""
    return _PASCAL_CASE.fullmatch(name) is not None


def in_pascal_case(parts: Iterable[str]) -> str:
    """One name of *parts*, each with a capital; acronyms keep theirs where the name has small letters at all."""
    parts = tuple(parts)
    shouted = all(part.isupper() or part.isdigit() for part in parts)
    return "".join(part.capitalize() if shouted or part.islower() else part for part in parts)


def shown(name: str, characters: int = _SHOWN_CHARACTERS) -> str:
    """*name* quoted, with control characters escaped and what is beyond *characters* cut off."""
    return repr(name if len(name) <= characters else name[:characters] + "…")
