"""Reading JSON from strangers: strict, bounded, and with a location for every error.

The standard parser does the work, or a faster one where that reads the same. This module refuses what the standard
parser accepts: duplicate keys, NaN and Infinity, numbers of a million digits, lone surrogates, and nesting deep enough
to overflow the interpreter's stack.
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


_AS_ZERO_OR_DOT = bytes.maketrans(b"123456789eE", b"000000000..")
_MOST_DIGITS = 15
_TOO_MANY_DIGITS = b"0" * (_MOST_DIGITS + 1)


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
    value = _read_plain(text) if limits.digits >= _MOST_DIGITS else None
    if value is not None:
        return value, False

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


def _read_plain(text: str) -> dict[str, Any] | list[Any] | None:
    """Read an object or array in a fifth of the time; None where the standard parser could read *text* in another way.

    orjson keeps the last of several equal keys and makes floats of long numbers, without a word. So a text is left to
    the standard parser if a digit, be it in a string, precedes a dot, an e or fifteen more, and if there are fewer
    quotes in what was read: a key that got lost had two. What orjson refuses, the standard parser describes.
    """
    if not text.startswith(("{", "[")) or "\\u0022" in text:  # that is a quote, and has none in the text
        return None
    numbers = text.encode().translate(_AS_ZERO_OR_DOT)
    if b"0." in numbers or _TOO_MANY_DIGITS in numbers:
        return None
    import orjson  # takes 15 to 30 ms, which those who only import the client do not need

    try:
        value: dict[str, Any] | list[Any] = orjson.loads(text)
        is_whole = orjson.dumps(value).count(b'"') == text.count('"')
    except (orjson.JSONDecodeError, orjson.JSONEncodeError):
        return None
    return value if is_whole else None


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
