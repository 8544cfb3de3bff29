"""Drift on the page of an event: what clients met that does not keep to the contract."""

from dataclasses import dataclass

from moorings_registry.drift import DriftRow
from moorings_registry.drift_counts import counts_of
from moorings_registry.errors import DriftUnavailable
from moorings_registry.http.requests import current_registry
from moorings_registry.state import SubjectState

MOST_ROWS = 25
"""Rows that are listed unless all are asked for."""


@dataclass(frozen=True, slots=True)
class DriftShown:
    """The rows of one event, the one seen last first."""

    rows: tuple[DriftRow, ...]
    hidden: int
    """Rows that are not listed."""
    count: int
    """Observations in all rows."""
    away: bool = False
    """The counts cannot be read right now."""


def drift_shown(held: SubjectState, *, show_all: bool) -> DriftShown:
    """What the page of *held* tells of drift; a store that is away does not keep the rest of the page away."""
    try:
        rows = counts_of(current_registry(), held.subject)
    except DriftUnavailable:
        return DriftShown((), 0, 0, away=True)
    listed = rows if show_all else rows[:MOST_ROWS]
    return DriftShown(listed, len(rows) - len(listed), sum(row.count for row in rows))
