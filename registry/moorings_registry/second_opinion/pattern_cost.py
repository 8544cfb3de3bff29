"""How long Python's `re` can search for a pattern at most, found without running it.

`jsonschema` matches with `re`, which tries one way after another and has no limit of its own: ``^(a+)+$`` takes
years on forty characters. A pattern is therefore read first, and the ways in which it can match part of a text are
counted: a repetition counts one way for each number of rounds, alternatives add up, a sequence multiplies. The count is
never too low, and it depends on the length of the text alone. Patterns are not rewritten and no other engine matches
them, since a second opinion on a pattern is worth something only if `re` gives it.
"""

import re
from functools import lru_cache

from moorings_compat.json_schema.patterns.regex_syntax import (
    Ahead,
    Alternation,
    Approximation,
    Repeat,
    Sequence,
    Start,
    Tree,
    Unsupported,
    parse_regex,
)

MOST_STEPS = 1_000_000
"""Steps that one search may take; measured, 10 nanoseconds each or less."""
LONGEST_PATTERN = 1_000
"""Characters of a pattern that is read."""
# What ECMA-262 and Python divide into parts differently, or what the reader of patterns leaves out: `[]` and `[^]`,
# which are whole classes in ECMA-262 alone, and look-behind.
_READ_DIFFERENTLY = re.compile(r"\[\^?\]|\(\?<")


class PatternNotBounded(Exception):
    """No bound is known for the pattern, the bound is too high, or Python cannot compile the pattern."""


def search_steps(pattern: str, length: int) -> int:
    """Return how many steps `re` takes at most to search *length* characters for *pattern*.

    Raises:
        PatternNotBounded: more than `MOST_STEPS`, or not known.
    """
    tree = _tree(pattern)
    if tree is None:
        raise PatternNotBounded(pattern)
    # Where the text has to begin with the match, all other positions fail in their first step.
    starts = 1 if _is_anchored(tree) else length + 1
    steps = length + starts * (1 + len(pattern) // 16) * _ways(tree, length)
    if steps > MOST_STEPS:
        raise PatternNotBounded(pattern)
    return steps


@lru_cache(maxsize=1024)
def _tree(pattern: str) -> Tree | None:
    if len(pattern) > LONGEST_PATTERN or _READ_DIFFERENTLY.search(pattern):
        return None
    try:
        re.compile(pattern)
        tree = parse_regex(pattern, Approximation.ROUGH)
    except (Unsupported, re.error, RecursionError, OverflowError):
        return None
    return tree


def _ways(tree: Tree, length: int) -> int:
    """Count the ways to match *tree* with part of *length* characters; beyond `MOST_STEPS` it stops counting."""
    ways = 1
    if isinstance(tree, Sequence):
        for part in tree.parts:
            ways = min(ways * _ways(part, length), MOST_STEPS + 1)
    elif isinstance(tree, Alternation):
        ways = sum(_ways(part, length) for part in tree.parts)
    elif isinstance(tree, Ahead):
        ways = _ways(tree.part, length)
    elif isinstance(tree, Repeat):
        # Every round beyond the least number takes a character, or `re` stops.
        rounds = max(tree.least, length if tree.most is None else min(tree.most, length))
        ways = _ways_of_rounds(_ways(tree.part, length), tree.least, rounds)
    return min(ways, MOST_STEPS + 1)


def _ways_of_rounds(ways: int, least: int, rounds: int) -> int:
    """Count the ways of *least* to *rounds* rounds, each of which has *ways* by itself."""
    if ways == 1:
        return rounds - least + 1
    total = 0
    for number in range(least, rounds + 1):
        total += ways ** min(number, 21)  # two ways in 21 rounds are beyond every bound already
        if total > MOST_STEPS:
            break
    return total


def _is_anchored(tree: Tree) -> bool:
    if isinstance(tree, Alternation):
        return all(map(_is_anchored, tree.parts))
    if isinstance(tree, Sequence):
        return bool(tree.parts) and _is_anchored(tree.parts[0])
    return isinstance(tree, Start)
