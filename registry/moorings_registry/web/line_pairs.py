"""Which line became which, within a stretch that changed: by how much two lines have in common, in order."""

import re
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from itertools import zip_longest

Pair = tuple[int | None, int | None]
"""A line of each text, by its place; None where the other has no counterpart."""
Ranges = list[tuple[int, int]]
"""From and to, in characters."""

_SAME_LINE = 0.5
"""The share of words above which two lines count as one that was changed."""
_SHOW_CHANGES = 0.5
"""The share of words and signs from which it helps to show what changed between two lines."""
_MOST_COMPARED = 400
"""Pairs of lines compared in one stretch; in a longer one, lines pair in their order."""
_LONGEST_LINE = 400
"""Characters of a line up to which it is compared."""
_WORD = re.compile(r"\w+")
_PIECE = re.compile(r"\w+|\W")


def paired(first: Sequence[str], second: Sequence[str]) -> list[Pair]:
    """Put the lines of *second* beside those of *first*, in order, so that lines with much in common meet."""
    alike = _alike(first, second) if len(first) * len(second) <= _MOST_COMPARED else []
    return list(_filled(alike, len(first), len(second)))


def _filled(alike: list[tuple[int, int]], length: int, other_length: int) -> Iterator[Pair]:
    """The pairs *alike*, and between them the lines that are left, in their order."""
    done = other_done = 0
    for at, other in alike:
        yield from zip_longest(range(done, at), range(other_done, other))
        yield at, other
        done, other_done = at + 1, other + 1
    yield from zip_longest(range(done, length), range(other_done, other_length))


def _alike(first: Sequence[str], second: Sequence[str]) -> list[tuple[int, int]]:
    """Rising pairs of lines that share most of their words; of all such choices the one that shares most."""
    likeness = [[_likeness(one, other) for other in second] for one in first]
    best = [[0.0] * (len(second) + 1) for _ in range(len(first) + 1)]
    for at in reversed(range(len(first))):
        for other in reversed(range(len(second))):
            together = likeness[at][other] + best[at + 1][other + 1] if likeness[at][other] else 0.0
            best[at][other] = max(together, best[at + 1][other], best[at][other + 1])
    pairs: list[tuple[int, int]] = []
    at = other = 0
    while best[at][other]:
        if best[at][other] == best[at + 1][other]:
            at += 1
        elif best[at][other] == best[at][other + 1]:
            other += 1
        else:
            pairs.append((at, other))
            at, other = at + 1, other + 1
    return pairs


def _likeness(first: str, second: str) -> float:
    """The share of words that two lines have in common; 0 where it is too small to call them one."""
    if len(first) > _LONGEST_LINE or len(second) > _LONGEST_LINE:
        return 0.0
    ratio = _matcher(_WORD, first, second).ratio()
    return ratio if ratio > _SAME_LINE else 0.0


def changed_within(first: str, second: str) -> tuple[Ranges, Ranges]:
    """The ranges of characters in which two lines differ; none where they have little in common, or are long."""
    if len(first) > _LONGEST_LINE or len(second) > _LONGEST_LINE:
        return [], []
    matcher = _matcher(_PIECE, first, second)
    if matcher.ratio() < _SHOW_CHANGES:
        return [], []
    starts, other_starts = _starts(first), _starts(second)
    changes = [code for code in matcher.get_opcodes() if code[0] != "equal"]
    return (
        [(starts[low], starts[high]) for _, low, high, _, _ in changes if low < high],
        [(other_starts[low], other_starts[high]) for _, _, _, low, high in changes if low < high],
    )


def _matcher(pieces: re.Pattern[str], first: str, second: str) -> SequenceMatcher[str]:
    return SequenceMatcher(None, pieces.findall(first), pieces.findall(second), autojunk=False)


def _starts(line: str) -> list[int]:
    """Where each piece of *line* begins, and at last where the line ends."""
    return [*(match.start() for match in _PIECE.finditer(line)), len(line)]
