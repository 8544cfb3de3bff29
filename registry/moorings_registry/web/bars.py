"""A row of bars as a small picture: counts of days, with the words for those who do not see it."""

from collections.abc import Sequence

from markupsafe import Markup

from moorings_registry.web.labels import counted

_WIDTH, _GAP, _HEIGHT = 5, 1, 18


def bars(counts: Sequence[int]) -> Markup:
    """Draw *counts*, the newest last, as bars of at most the height of a line (SVG)."""
    highest = max(counts, default=0) or 1
    drawn = Markup().join(_bar(at, max(1, round(_HEIGHT * one / highest))) for at, one in enumerate(counts) if one)
    label = f"{sum(counts):,} in {counted(len(counts), 'day')}, at most {max(counts, default=0):,} a day"
    size = (len(counts) * (_WIDTH + _GAP), _HEIGHT)
    whole = Markup('<svg class="bars" viewBox="0 0 {} {}" role="img" aria-label="{}">{}</svg>')
    return whole.format(*size, label, drawn)


def _bar(at: int, tall: int) -> Markup:
    place = (at * (_WIDTH + _GAP), _HEIGHT - tall, _WIDTH, tall)
    return Markup('<rect x="{}" y="{}" width="{}" height="{}"/>').format(*place)
