"""How a value can be written: to draft 4 `1` is an integer, and `1.0`, which equals it, is not."""

from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any

_LONGEST = 400
"""Digits before the point of a number that is spelled out."""


def spellings(values: Iterable[Any]) -> Iterator[Any]:
    """Yield each value as it is, then with its whole numbers all as integers, then with all of them as decimals.

    An `enum` with `1.0` allows `1` too, and the other way round, since JSON Schema compares numbers by what they are.
    """
    for value in values:
        yield value
        for spelled in (_spelled(value, as_integer=True), _spelled(value, as_integer=False)):
            if repr(spelled) != repr(value):
                yield spelled


def _spelled(value: Any, *, as_integer: bool) -> Any:
    if isinstance(value, dict):
        return {key: _spelled(one, as_integer=as_integer) for key, one in value.items()}
    if isinstance(value, list):
        return [_spelled(one, as_integer=as_integer) for one in value]
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        return value
    exact = Decimal(value)
    if exact.adjusted() > _LONGEST or exact != exact.to_integral_value():
        return value
    return int(exact) if as_integer else Decimal(f"{int(exact)}.0")
