"""`format` of CEL's strings extension: ``"%s costs %.2f".format([name, price])``."""

import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from moorings_compat.cel.texts import MOST_CHARACTERS

_CLAUSE = re.compile(r"%(?:%|(?:\.([0-9]{1,3}))?([sdfexXob]))|%")
_MOST_PRECISION = 100


def format_text(text: str, values: Sequence[Any]) -> str:
    """Fill in the clauses of *text*.

    Raises:
        ValueError: an unknown clause, too few values, a value of a type that its clause does not take; a result that is
            too long.
    """
    left = iter(values)

    def clause(found: re.Match[str]) -> str:
        if found[0] == "%%":
            return "%"
        write = _WRITERS.get(found[2] or "")
        precision = int(found[1]) if found[1] else 6
        if write is None or precision > _MOST_PRECISION:
            raise ValueError("an unknown clause")
        try:
            value = next(left)
        except StopIteration:
            raise ValueError("too few values") from None
        return write(value, precision)

    filled = _CLAUSE.sub(clause, text)
    if len(filled) > MOST_CHARACTERS:
        raise ValueError("a text that is too long")
    return filled


def _string(value: Any, precision: int) -> str:
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, bytes | bytearray):
        return bytes(value).decode("utf-8", "replace")
    if isinstance(value, float):
        return str(int(value)) if value == value // 1 and abs(value) < 1e15 else str(value)
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, timedelta):
        return f"{value.total_seconds():.9f}".rstrip("0").rstrip(".") + "s"
    if isinstance(value, list):
        return "[" + ", ".join(_string(one, precision) for one in value) + "]"
    if isinstance(value, dict):
        pairs = sorted((_string(key, precision), _string(one, precision)) for key, one in value.items())
        return "{" + ", ".join(f"{key}: {one}" for key, one in pairs) + "}"
    return str(value)


def _decimal_clause(value: Any, _precision: int) -> str:
    return str(_whole(value))


def _fixed_clause(value: Any, precision: int) -> str:
    return f"{_number(value):.{precision}f}"


def _scientific(value: Any, precision: int) -> str:
    return f"{_number(value):.{precision}e}"


def _hexadecimal(value: Any, _precision: int) -> str:
    if isinstance(value, str | bytes | bytearray):
        return (value.encode() if isinstance(value, str) else bytes(value)).hex()
    return f"{_whole(value):x}"


def _binary(value: Any, _precision: int) -> str:
    return str(int(value)) if isinstance(value, bool) else f"{_whole(value):b}"


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError("not a number")
    return float(value)


def _whole(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValueError("not an integer")
    return value


_WRITERS: dict[str, Callable[[Any, int], str]] = {
    "s": _string,
    "d": _decimal_clause,
    "f": _fixed_clause,
    "e": _scientific,
    "x": _hexadecimal,
    "X": lambda value, precision: _hexadecimal(value, precision).upper(),
    "o": lambda value, _precision: f"{_whole(value):o}",
    "b": _binary,
}
