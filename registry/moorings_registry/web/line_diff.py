"""What two texts share, line by line, in time that no text can drive up.

Lines that occur exactly once in both texts are anchors ("patience diff"); between two anchors the search starts again,
and small gaps without anchors go to difflib. Larger ones are shown as replaced whole: readable, and never slow.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

_SMALL_GAP = 100_000
"""Pairs of lines up to which a gap without anchors is searched through."""
_WORK = 1_500_000
"""Lines and pairs looked at before the rest is shown as replaced; about a second."""

Gap = tuple[int, int, int, int]
"""Lines of the first text from, to; lines of the second from, to."""


@dataclass(frozen=True, slots=True)
class Block:
    """A stretch of lines that both texts share, or that one has in place of the other's."""

    same: bool
    first: range
    """Lines of the first text; empty where the second adds some."""
    second: range


def difference(first: Sequence[str], second: Sequence[str]) -> list[Block]:
    """Cut both texts into blocks, in order, that together hold every line of each."""
    blocks: list[Block] = []
    done_first = done_second = 0
    for at_first, at_second, length in _matches(first, second):
        if at_first > done_first or at_second > done_second:
            blocks.append(Block(False, range(done_first, at_first), range(done_second, at_second)))
        if length:
            _append_same(blocks, at_first, at_second, length)
        done_first, done_second = at_first + length, at_second + length
    return blocks


def _append_same(blocks: list[Block], at_first: int, at_second: int, length: int) -> None:
    before = blocks[-1] if blocks else None
    if before and before.same:
        blocks[-1] = Block(
            True, range(before.first.start, at_first + length), range(before.second.start, at_second + length)
        )
    else:
        blocks.append(Block(True, range(at_first, at_first + length), range(at_second, at_second + length)))


def _matches(first: Sequence[str], second: Sequence[str]) -> Iterator[tuple[int, int, int]]:
    """Yield (line of the first, line of the second, length) of each shared stretch, and one of length 0 at the end."""
    open_gaps: list[Gap] = [(0, len(first), 0, len(second))]
    left = _WORK
    while open_gaps:
        low, high, other_low, other_high = open_gaps.pop()
        while low < high and other_low < other_high and first[low] == second[other_low]:
            yield low, other_low, 1
            low, other_low = low + 1, other_low + 1
        if low == high or other_low == other_high:
            continue
        gap = (low, high, other_low, other_high)
        left -= high - low + other_high - other_low
        anchors = _anchors(first, second, gap) if left > 0 else []
        pairs = (high - low) * (other_high - other_low)
        if anchors:
            open_gaps.extend(reversed(_between(anchors, gap)))
        elif pairs <= min(_SMALL_GAP, left):
            left -= pairs
            matcher = SequenceMatcher(None, first[low:high], second[other_low:other_high], autojunk=False)
            yield from ((low + one.a, other_low + one.b, one.size) for one in matcher.get_matching_blocks() if one.size)
    yield len(first), len(second), 0


def _between(anchors: list[tuple[int, int]], gap: Gap) -> list[Gap]:
    """The gaps from each anchor, itself included, to the next; before them, the one up to the first."""
    low, high, other_low, other_high = gap
    starts = [(low, other_low), *anchors]
    ends = [*anchors, (high, other_high)]
    return [(a, b, c, d) for (a, c), (b, d) in zip(starts, ends, strict=True) if a < b or c < d]


def _anchors(first: Sequence[str], second: Sequence[str], gap: Gap) -> list[tuple[int, int]]:
    """The longest rising run of lines that occur once on each side."""
    low, high, other_low, other_high = gap
    counts, other_counts = Counter(first[low:high]), Counter(second[other_low:other_high])
    place = {second[at]: at for at in range(other_low, other_high) if other_counts[second[at]] == 1}
    pairs = [(at, place[first[at]]) for at in range(low, high) if counts[first[at]] == 1 and first[at] in place]
    return _rising(pairs)


def _rising(pairs: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """The longest subsequence of *pairs* whose second members rise too (patience sorting)."""
    tops: list[int] = []
    top_at: list[int] = []
    before: list[int] = []
    for at, (_, second) in enumerate(pairs):
        pile = bisect_left(tops, second)
        before.append(top_at[pile - 1] if pile else -1)
        if pile == len(tops):
            tops.append(second)
            top_at.append(at)
        else:
            tops[pile], top_at[pile] = second, at
    run: list[tuple[int, int]] = []
    at = top_at[-1] if top_at else -1
    while at >= 0:
        run.append(pairs[at])
        at = before[at]
    return run[::-1]
