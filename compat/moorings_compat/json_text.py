"""Reading JSON from strangers: strict, bounded, and with a location for every error.

The standard parser does the work. This module refuses what that parser accepts: duplicate keys, NaN and Infinity,
numbers of a million digits, lone surrogates, and nesting deep enough to overflow the interpreter's stack.
"""

import json
import re
from collections import Counter
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from moorings_compat.errors import Problem, SchemaInvalid, SchemaLimitExceeded
from moorings_compat.limits import DEFAULT_LIMITS, Limits

# Characters of a string are taken in runs: one alternative for each of them takes twice as long.
_OUTSIDE_STRINGS = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"?|[\[\]{}]', re.DOTALL)
_ESCAPED_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")
_NO_WHITE_SPACE = dict.fromkeys(map(ord, " \t\r\n"))
_STRING_OR_TOKENS = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"|[^ \t\r\n"]+', re.DOTALL)


def read_json(text: str, limits: Limits = DEFAULT_LIMITS, *, exact: bool = False) -> Any:
    """Parse *text* into dicts, lists, strings, booleans, None, ints and floats (*exact*: Decimals).

    Raises:
        SchemaInvalid: not JSON, a key twice in one object, a non-finite number, a lone surrogate.
        SchemaLimitExceeded: too large, too deep, or a number with too many digits.
    """
    return _read(text, limits, exact=exact)[0]


def _read(text: str, limits: Limits, *, exact: bool) -> tuple[Any, bool]:
    """What `read_json` returns, and whether a number in it has a fraction or an exponent."""
    limits.allow("the text's size in bytes", size_bytes(text), limits.size_bytes)
    if text.count("[") + text.count("{") > limits.depth:  # with fewer it is not deeper, whatever is in strings
        limits.allow("the depth of nesting", nesting(text), limits.depth)

    def whole(literal: str) -> int:
        limits.allow("the number of digits", len(literal), limits.digits)
        return int(literal)

    has_fractions = False

    def fraction(literal: str) -> float | Decimal:
        nonlocal has_fractions
        has_fractions = True
        limits.allow("the number of digits", len(literal), limits.digits)
        value = Decimal(literal)
        if abs(value.adjusted()) > limits.digits:
            raise SchemaLimitExceeded("the exponent of a number", abs(value.adjusted()), limits.digits)
        return value if exact else float(literal)

    try:
        value = json.loads(
            text,
            object_pairs_hook=_object_once,
            parse_int=whole,
            parse_float=fraction,
            parse_constant=_refuse_constant,
        )
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        said = error.msg if text.strip() else "the text is empty"
        raise SchemaInvalid(Problem(where, f"not valid JSON: {said}")) from None
    if _ESCAPED_SURROGATE.search(text):
        _refuse_lone_surrogates(value)
    return value, has_fractions


@dataclass(frozen=True, slots=True)
class NestedJson:
    """What a schema's text holds."""

    value: Any
    is_nested: bool
    """Whether it has more levels of brackets than `Limits.depth`."""
    has_fractions: bool
    """Whether a number in it has a fraction or an exponent."""


def read_nested_json(text: str, limits: Limits, *, exact: bool = False) -> NestedJson:
    """Parse a schema's *text* like `read_json`; it may have more levels of brackets than `limits.depth`.

    Types have several levels of brackets each, so the caller then counts its types.

    Raises:
        SchemaInvalid, SchemaLimitExceeded: as `read_json`, with `limits.brackets`.
    """
    try:
        value, has_fractions = _read(text, limits, exact=exact)
    except SchemaLimitExceeded:
        value, has_fractions = _read(text, limits.brackets, exact=exact)
        return NestedJson(value, True, has_fractions)
    return NestedJson(value, False, has_fractions)


def compact_json(text: str) -> str:
    """Remove the white space between tokens of *text*, which must be valid JSON."""
    if "\\" in text:  # perhaps an escaped quote
        return "".join(_STRING_OR_TOKENS.findall(text))
    parts = text.split('"')  # by turns outside and inside of strings
    parts[::2] = '"'.join(parts[::2]).translate(_NO_WHITE_SPACE).split('"')
    return '"'.join(parts)


def nesting(text: str) -> int:
    """Count the deepest level of brackets outside strings, in one linear pass and without a stack."""
    depth = deepest = 0
    for bracket in _OUTSIDE_STRINGS.findall(text):
        if bracket in "[{":
            depth += 1
            if depth > deepest:
                deepest = depth
        elif bracket in "]}":
            depth -= 1
    return deepest


def pointer(*steps: str | int) -> str:
    """Join *steps* into a JSON Pointer (RFC 6901): ``pointer("fields", 2, "a/b")`` is ``/fields/2/a~1b``."""
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in steps)


def _object_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) < len(pairs):
        counted = Counter(key for key, _ in pairs)
        twice = next(key for key, count in counted.items() if count > 1)
        raise SchemaInvalid(Problem("", f"duplicate key {twice!r} in one object"))
    return value


def _refuse_lone_surrogates(value: Any) -> None:
    if isinstance(value, str):
        size_bytes(value)
    elif isinstance(value, dict):
        for key, inner in value.items():
            size_bytes(key)
            _refuse_lone_surrogates(inner)
    elif isinstance(value, list):
        for inner in value:
            _refuse_lone_surrogates(inner)


def _refuse_constant(name: str) -> Any:
    raise SchemaInvalid(Problem("", f"{name} is not a JSON number"))


def size_bytes(text: str) -> int:
    """Return the size of *text* in UTF-8.

    Raises:
        SchemaInvalid: a lone surrogate.
    """
    try:
        return len(text.encode())
    except UnicodeEncodeError as error:
        raise SchemaInvalid(Problem("", f"lone surrogate at character {error.start}")) from None
