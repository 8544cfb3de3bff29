"""Regular expressions from strangers: can the validator use them? Decided before anything large is compiled."""

import re
from collections.abc import Iterator
from functools import lru_cache

import jsonschema_rs

from moorings_compat.errors import Problem, SchemaInvalid, SchemaLimitExceeded
from moorings_compat.json_schema.documents.documents import Document
from moorings_compat.json_schema.documents.pointers import Steps, pointer_text

MOST_PATTERNS = 5_000
"""Different patterns in one schema; compiling one costs some 50 microseconds."""
MOST_EXPANDED = 4_000_000
"""Symbols of all patterns together after their counted repetitions are written out."""

PATTERN_OPTIONS = jsonschema_rs.FancyRegexOptions(backtrack_limit=100_000)
"""Plain patterns run in linear time; those with look-around or back-references stop after so many steps back."""

_TOKEN = re.compile(
    r"\\[pP]\{[^}]*\}|\\.|\[(?:\\.|[^\]\\])*\]|\((?:\?(?:[:=!>]|<[=!]|<[^>]*>))?|\{(\d+)(,(\d*))?\}|.", re.DOTALL
)


def check_patterns(document: Document) -> None:
    """Refuse patterns that are not regular expressions, and more of them than can be compiled in reasonable time.

    Raises:
        SchemaInvalid: with the pointer of each unusable pattern.
        SchemaLimitExceeded: too many, or too large with repetitions written out.
    """
    found = list(_patterns(document))
    distinct = {pattern for _, pattern in found}
    if len(distinct) > MOST_PATTERNS:
        raise SchemaLimitExceeded("the number of different patterns", len(distinct), MOST_PATTERNS)
    size = sum(map(expanded_size, distinct))
    if size > MOST_EXPANDED:
        raise SchemaLimitExceeded("the size of all patterns with repetitions written out", size, MOST_EXPANDED)
    problems = [
        Problem(pointer_text(steps), f"{pattern!r} is not a supported regular expression")
        for steps, pattern in found
        if not _usable(pattern)
    ]
    if problems:
        raise SchemaInvalid(*problems[:20])


def _patterns(document: Document) -> Iterator[tuple[Steps, str]]:
    for steps, place in document.places.items():
        if isinstance(place.content, dict):
            if isinstance(place.content.get("pattern"), str):
                yield (*steps, "pattern"), place.content["pattern"]
            for pattern in place.content.get("patternProperties", ()):
                yield (*steps, "patternProperties", pattern), pattern


@lru_cache(maxsize=4096)
def _usable(pattern: str) -> bool:
    try:
        jsonschema_rs.Draft7Validator({"pattern": pattern}, pattern_options=PATTERN_OPTIONS, offline=True)
    except ValueError:
        return False
    return True


def expanded_size(pattern: str) -> int:
    """Estimate how many symbols *pattern* has once its counted repetitions are written out; never too few."""
    sums = [0]
    last = 0
    for token in _TOKEN.finditer(pattern):
        text = token.group()
        if text.startswith("("):
            sums.append(0)
            last = 0
        elif text == ")" and len(sums) > 1:
            last = sums.pop() + 1
            sums[-1] += last
        elif token.group(1) is not None:
            times = max(int(token.group(1)[:9]), int((token.group(3) or "0")[:9]), 1)
            sums[-1] += last * (times - 1)
            last *= times
        else:
            last = _weight(text)
            sums[-1] += last
        if sums[-1] > MOST_EXPANDED:
            return sums[-1]
    return sum(sums)


def _weight(symbol: str) -> int:
    return 300 if symbol.startswith(("\\p", "\\P")) or "\\p" in symbol else 1
