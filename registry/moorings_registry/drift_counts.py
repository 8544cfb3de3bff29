"""Drift counts of the service: errors of the store become errors of the catalogue here."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from moorings_registry.access import may_read
from moorings_registry.drift import NOBODY, Batch, DriftRow, DriftStoreError, Observed
from moorings_registry.errors import DriftUnavailable, UsageUnavailable
from moorings_registry.lifecycle import major_written
from moorings_registry.names import Subject
from moorings_registry.service import Registry
from moorings_registry.state import State

DAYS = 14
"""Days of which the counts are compared."""
_DAY = "DAY"
_LEAST = 10
"""Observations of a day below which nothing is above the usual."""
_TIMES = 2
"""A day is above the usual with more than so many times the average of those before."""

log = structlog.get_logger("moorings.drift")


def keep_counts(registry: Registry, batch: Batch) -> bool:
    """Count a batch; False when it was counted before.

    Raises:
        DriftUnavailable: the store cannot be used right now.
    """
    if not batch.counts:
        return True
    now = registry.now()
    try:
        _note_use(registry, batch, now)
        counted = registry.drift.add(batch, now)
    except (DriftStoreError, UsageUnavailable) as error:
        log.warning("drift_not_counted", cause=str(error))
        raise DriftUnavailable from error
    if counted:
        _count_day(registry, batch, now)
    return counted


def _note_use(registry: Registry, batch: Batch, now: datetime) -> None:
    """Note who used which majors: an event that breaks its contract was produced or consumed, too.

    Raises:
        UsageUnavailable
    """
    uses = {(one.subject, one.direction, major_written(one.revision)) for one in batch.counts}
    registry.usage.last.note(batch.reporter.service, (one for one in uses if one[2]), now)


def _count_day(registry: Registry, batch: Batch, now: datetime) -> None:
    """Add a batch to the counts of its day, which only the overview needs: it is taken even where these cannot be."""
    day: Counter[Observed] = Counter()
    for observed, count in batch.counts.items():
        day[Observed(now.date().isoformat(), "", "", "", observed.subject, _DAY)] += count
    try:
        registry.drift_days.add(Batch("", NOBODY, day), now)
    except DriftStoreError as error:
        log.warning("drift_of_day_not_counted", cause=str(error))


@dataclass(frozen=True, slots=True)
class DriftTrend:
    """How often clients saw drift of one event."""

    subject: Subject
    days: tuple[int, ...]
    """Observations of each of the last `DAYS` days, today last."""
    last_seen: str

    @property
    def week(self) -> int:
        """Observations of the last seven days."""
        return sum(self.days[-7:])

    @property
    def week_before(self) -> int:
        return sum(self.days[-14:-7])

    @property
    def usual(self) -> float:
        """What a day had on average, today and yesterday left out."""
        before = self.days[:-2]
        return sum(before) / len(before)

    @property
    def is_above_usual(self) -> bool:
        """Whether today or yesterday has far more than a day usually has."""
        latest = max(self.days[-2:])
        return latest >= _LEAST and latest > _TIMES * self.usual


def drift_trends(registry: Registry, state: State) -> list[DriftTrend]:
    """The events with drift in the last two weeks, the most frequent of the last week first.

    Those that whoever sees *state* may read; of one day, at most a thousand events have counts of their own.

    Raises:
        DriftUnavailable: the store cannot be used right now.
    """
    now = registry.now()
    counted: dict[str, list[int]] = {}
    seen: dict[str, str] = {}
    try:
        for at in range(DAYS):
            day = (now - timedelta(days=DAYS - 1 - at)).date().isoformat()
            for row in registry.drift_days.of(day, now):
                if row.observed.rule == _DAY:
                    counted.setdefault(row.observed.path, [0] * DAYS)[at] += row.count
                    seen[row.observed.path] = row.last_seen
    except DriftStoreError as error:
        log.warning("drift_of_days_not_read", cause=str(error))
        raise DriftUnavailable from error
    trends = (DriftTrend(Subject.parse(name), tuple(days), seen[name]) for name, days in counted.items())
    known = (one for one in trends if one.subject in state.subjects and may_read(state, one.subject))
    return sorted(known, key=lambda one: (-one.week, -one.week_before, str(one.subject)))


def counts_of(registry: Registry, subject: Subject) -> tuple[DriftRow, ...]:
    """Return what was counted of *subject*, the row seen last first.

    Raises:
        DriftUnavailable: the store cannot be used right now.
    """
    try:
        return registry.drift.of(str(subject), registry.now())
    except DriftStoreError as error:
        log.warning("drift_not_read", cause=str(error))
        raise DriftUnavailable from error
