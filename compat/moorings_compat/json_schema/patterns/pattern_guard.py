"""Regular expressions from strangers: can the validator use them? Decided before anything large is compiled."""

import re
from collections.abc import Iterator

from moorings_compat.errors import Problem, SchemaInvalid, SchemaLimitExceeded
from moorings_compat.json_schema.documents.documents import Document
from moorings_compat.json_schema.documents.drafts import Draft
from moorings_compat.json_schema.documents.pointers import Steps, pointer_text
from moorings_compat.json_schema.patterns.ecma_characters import NotEcma
from moorings_compat.json_schema.patterns.engine_patterns import engine_pattern

MOST_PATTERNS = 5_000
"""Different patterns in one schema; compiling one costs some 50 microseconds."""
MOST_EXPANDED = 4_000_000
"""Symbols of all patterns together after their counted repetitions are written out."""

_TOKEN = re.compile(
    r"\\[pP]\{[^}]*\}|\\.|\[(?:\\.|[^\]\\])*\]|\((?:\?(?:[:=!>]|<[=!]|<[^>]*>))?|\{(\d+)(,(\d*))?\}|.", re.DOTALL
)


def check_patterns(document: Document) -> None:
    """Refuse patterns that are not regular expressions, and more of them than can be compiled in reasonable time.

    What the validator gets in other words, and what it does not run, is noted in *document*.

    Raises:
        SchemaInvalid: with the pointer of each pattern that is not one, what is wrong with it and where.
        SchemaLimitExceeded: too many, or too large with repetitions written out.
    """
    found = list(_patterns(document))
    distinct = {pattern for _, pattern, _ in found}
    if len(distinct) > MOST_PATTERNS:
        raise SchemaLimitExceeded("the number of different patterns", len(distinct), MOST_PATTERNS)
    size = sum(map(expanded_size, distinct))
    if size > MOST_EXPANDED:
        raise SchemaLimitExceeded("the size of all patterns with repetitions written out", size, MOST_EXPANDED)
    problems: list[Problem] = []
    for steps, pattern, draft in found:
        try:
            read = engine_pattern(pattern, annex_b=draft <= Draft.DRAFT_7)
        except NotEcma as refusal:
            problems.append(Problem(pointer_text(steps), f"{pattern!r} is not a regular expression: {refusal}"))
            continue
        document.patterns_in_other_words |= read.text != pattern
        if read.not_run:
            document.patterns_not_run[pointer_text(steps)] = f"{pattern!r} is not checked: {read.not_run}"
    if problems:
        raise SchemaInvalid(*problems[:20])


def _patterns(document: Document) -> Iterator[tuple[Steps, str, Draft]]:
    for steps, place in document.places.items():
        if isinstance(place.content, dict):
            if isinstance(place.content.get("pattern"), str):
                yield (*steps, "pattern"), place.content["pattern"], place.draft
            for pattern in place.content.get("patternProperties", ()):
                yield (*steps, "patternProperties", pattern), pattern, place.draft


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
