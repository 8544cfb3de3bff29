"""A default is read for every stored event. For money, identity and time that is a claim about the past."""

from collections.abc import Iterable

from moorings_compat.changes.names_alike import words_of
from moorings_compat.changes.outline import Part

_MONEY = """amount price total cost fee tax balance sum money cents minor currency paid due discount salary rate
quantity qty"""
_IDENTITY = "id uuid guid key email phone iban account customer user owner tenant ssn vat"
_TIME = "at date time timestamp day month year since until on expires created updated deleted birthday"
_TELLING = frozenset((*_MONEY.split(), *_IDENTITY.split(), *_TIME.split()))
_TYPES = ("decimal", "date", "time", "timestamp", "uuid", "Money", "Timestamp")


def is_telling(part: Part) -> bool:
    """Whether name or type say money, identity or time."""
    return bool(_TELLING.intersection(words_of(part.step))) or any(one in part.label for one in _TYPES)


def caution_about(parts: Iterable[Part]) -> str:
    """Say what the plainest defaults of new fields would claim; empty for nothing to think of."""
    zeros = [part.zero for part in parts if part.zero not in ("", "null") and is_telling(part)]
    if not zeros:
        return ""
    shown = " and ".join(dict.fromkeys(zeros))
    return f"A default of {shown} would be read for every stored event: choose one that means unknown, such as null."
