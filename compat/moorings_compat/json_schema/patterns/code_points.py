"""Sets of code points, as sorted, separate, closed intervals; and the classes of Unicode's, as the engine has them."""

from bisect import bisect_right
from functools import lru_cache
from typing import TypeAlias

import jsonschema_rs

from moorings_compat.json_schema.patterns.engine_patterns import PATTERN_OPTIONS

Ranges: TypeAlias = tuple[tuple[int, int], ...]
"""Code points as sorted, separate, closed intervals."""

LAST = 0x10FFFF
EVERY: Ranges = ((0, 0xD7FF), (0xE000, LAST))
"""All characters that a JSON text may hold: code points less surrogates."""


def joined(ranges: list[tuple[int, int]]) -> Ranges:
    """Sort intervals, join those that touch, and cut off what no JSON text holds."""
    merged: list[tuple[int, int]] = []
    for low, high in sorted(ranges):
        if merged and low <= merged[-1][1] + 1:
            merged[-1] = (merged[-1][0], max(high, merged[-1][1]))
        else:
            merged.append((low, high))
    return common(tuple(merged), EVERY)


def common(left: Ranges, right: Ranges) -> Ranges:
    """Intersect two sets of code points."""
    found = []
    one = other = 0
    while one < len(left) and other < len(right):
        low, high = max(left[one][0], right[other][0]), min(left[one][1], right[other][1])
        if low <= high:
            found.append((low, high))
        if left[one][1] < right[other][1]:
            one += 1
        else:
            other += 1
    return tuple(found)


def inverted(ranges: Ranges) -> Ranges:
    """All characters that are not in *ranges*."""
    gaps = []
    start = 0
    for low, high in ranges:
        if start < low:
            gaps.append((start, low - 1))
        start = high + 1
    if start <= LAST:
        gaps.append((start, LAST))
    return common(tuple(gaps), EVERY)


def holds_code(ranges: Ranges, code: int) -> bool:
    """Say whether *code* is in *ranges*."""
    index = bisect_right(ranges, (code, LAST)) - 1
    return index >= 0 and code <= ranges[index][1]


_BLOCK = 4096


@lru_cache(maxsize=64)
def unicode_class(name: str) -> Ranges | None:
    """Return the characters of ``\\p{name}``; None if the engine has no such class.

    The engine is asked, so that a proof speaks of its tables and not of another version's: about a piece of all
    characters at a time, halved until all or none of a piece are in the class. Takes a tenth of a second or two.
    """
    try:
        within, without = (_validator(f"^\\{letter}{{{name}}}+$") for letter in "pP")
    except ValueError:
        return None
    found: list[tuple[int, int]] = []
    for start in range(0, LAST + 1, _BLOCK):
        block = "".join(chr(code) for code in range(start, start + _BLOCK) if not 0xD800 <= code <= 0xDFFF)
        waiting = [block] if block else []
        while waiting:
            piece = waiting.pop()
            if within.is_valid(piece):
                found.append((ord(piece[0]), ord(piece[-1])))
            elif not without.is_valid(piece):
                middle = len(piece) // 2
                waiting += [piece[middle:], piece[:middle]]
    return joined(found)


def _validator(pattern: str) -> jsonschema_rs.Validator:
    return jsonschema_rs.Draft7Validator({"pattern": pattern}, pattern_options=PATTERN_OPTIONS, offline=True)
