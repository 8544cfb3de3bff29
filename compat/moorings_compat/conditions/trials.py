"""Which events to try: one place varied at a time, then all of them together, then a spread of all combinations."""

from collections.abc import Iterator, Sequence
from typing import Any

from moorings_compat.conditions.events.port import Path, Site

_MOST_TOGETHER = 400
_STRIDE = 7_919
"""A prime: steps of it through all combinations meet every one, or a spread of them."""


def trials(sites: Sequence[Site]) -> Iterator[dict[Path, Any]]:
    """Yield choices, the simplest first, the same every time."""
    yield {}
    if not sites:
        return
    for number in range(max(len(one.options) for one in sites)):
        yield {one.path: one.options[number % len(one.options)] for one in sites}
    for site in sites:
        yield from ({site.path: option} for option in site.options)
    yield from _combinations(sites)


def _combinations(sites: Sequence[Site]) -> Iterator[dict[Path, Any]]:
    total = 1
    for site in sites:
        total *= len(site.options)
    stride = _STRIDE if total % _STRIDE else 1
    for count in range(min(total, _MOST_TOGETHER)):
        left = count * stride % total
        chosen = {}
        for site in sites:
            left, number = divmod(left, len(site.options))
            chosen[site.path] = site.options[number]
        yield chosen
