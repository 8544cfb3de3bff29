"""Which line became which, within a stretch that changed: by how much two lines have in common, in order."""

import re
from collections.abc import Sequence
from difflib import SequenceMatcher
from itertools import zip_longest

Pair = tuple[int | None, int | None]
"""A line of each text, by its place; None where the other stands alone."""
Ranges = list[tuple[int, int]]
"""From and to, in characters."""

_ALIKE = 0.5
"""The share of pieces from which two lines count as one that was changed."""
_MOST_COMPARED = 400
"""Pairs of lines compared in one stretch; in a longer one, lines pair in the order they stand."""
_LONGEST_LINE = 400
"""Characters of a line up to which it is compared."""
_PIECE = re.compile(r"\w+|\W")


def paired(first: Sequence[str], second: Sequence[str]) -> list[Pair]:
    """Pair the lines of *first* with those of *second*, in order, each at most once, so that most is shared."""
    if len(first) * len(second) > _MOST_COMPARED:
        return list(zip_longest(range(len(first)), range(len(second))))
    likeness = [[_likeness(one, other) for other in second] for one in first]
    best = [[0.0] * (len(second) + 1) for _ in range(len(first) + 1)]
    for at in reversed(range(len(first))):
        for other in reversed(range(len(second))):
            together = likeness[at][other] + best[at + 1][other + 1] if likeness[at][other] else 0.0
            best[at][other] = max(together, best[at + 1][other], best[at][other + 1])
    return list(_walk(best, likeness, len(first), len(second)))


def _walk(best: list[list[float]], likeness: list[list[float]], length: int, other_length: int) -> list[Pair]:
    pairs: list[Pair] = []
    at = other = 0
    while at < length and other < other_length:
        alike = likeness[at][other]
        if alike and best[at][other] == alike + best[at + 1][other + 1]:
            pairs.append((at, other))
            at, other = at + 1, other + 1
        elif best[at][other] == best[at + 1][other]:
            pairs.append((at, None))
            at += 1
        else:
            pairs.append((None, other))
            other += 1
    pairs.extend((one, None) for one in range(at, length))
    pairs.extend((None, one) for one in range(other, other_length))
    return pairs


def _likeness(first: str, second: str) -> float:
    """The share of pieces that two lines have in common; 0 where it is too small to call them one."""
    if len(first) > _LONGEST_LINE or len(second) > _LONGEST_LINE:
        return 0.0
    ratio = _matcher(first.strip(), second.strip()).ratio()
    return ratio if ratio >= _ALIKE else 0.0


def changed_within(first: str, second: str) -> tuple[Ranges, Ranges]:
    """The ranges of characters in which two paired lines differ; none in lines too long to compare."""
    if len(first) > _LONGEST_LINE or len(second) > _LONGEST_LINE:
        return [], []
    starts, other_starts = _starts(first), _starts(second)
    changes = [code for code in _matcher(first, second).get_opcodes() if code[0] != "equal"]
    return (
        [(starts[low], starts[high]) for _, low, high, _, _ in changes if low < high],
        [(other_starts[low], other_starts[high]) for _, _, _, low, high in changes if low < high],
    )


def _matcher(first: str, second: str) -> SequenceMatcher[str]:
    return SequenceMatcher(None, _PIECE.findall(first), _PIECE.findall(second), autojunk=False)


def _starts(line: str) -> list[int]:
    """Where each piece of *line* begins, and at last where the line ends."""
    return [*(match.start() for match in _PIECE.finditer(line)), len(line)]
