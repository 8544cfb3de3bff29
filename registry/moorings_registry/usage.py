"""Who was seen to use a major, by what clients report."""

from collections.abc import Iterator
from dataclasses import dataclass

from moorings_registry.drift_counts import counts_of
from moorings_registry.errors import DriftUnavailable, UsageUnavailable
from moorings_registry.lifecycle import Use, major_written
from moorings_registry.names import Subject
from moorings_registry.service import Registry
from moorings_registry.usage_counts import CONSUME


@dataclass(frozen=True, slots=True)
class KnownUse:
    """Who wrote with a major or read as it, the latest first, and since when nobody is missing."""

    uses: tuple[Use, ...] | None
    """None while it cannot be read."""
    since: str = ""
    """Empty: a use before the days of the counts may be missing."""


def known_use(registry: Registry, subject: Subject, major: int) -> KnownUse:
    """Return what is known of who used *major*."""
    now = registry.now()
    latest: dict[tuple[str, str], str] = {}
    try:
        for use in _uses(registry, subject, major):
            key = (use.direction, use.application)
            latest[key] = max(latest.get(key, ""), use.last_seen)
        since = registry.usage.last.since(now)
    except (DriftUnavailable, UsageUnavailable):
        return KnownUse(None)
    newest_first = sorted(latest.items(), key=lambda one: one[1], reverse=True)
    return KnownUse(tuple(Use(direction, service, seen) for (direction, service), seen in newest_first), since)


def last_read(registry: Registry, subject: Subject, major: int) -> dict[str, str]:
    """When each application read *major* last, within the days that last uses are kept: moments by application.

    Raises:
        UsageUnavailable
    """
    latest: dict[str, str] = {}
    for one in registry.usage.last.of(subject, registry.now()):
        if one.direction == CONSUME and one.major in (0, major):
            latest[one.application] = max(latest.get(one.application, ""), one.last_seen)
    return latest


def _uses(registry: Registry, subject: Subject, major: int) -> Iterator[Use]:
    now = registry.now()
    for row in counts_of(registry, subject):
        if major_written(row.observed.revision) == major:
            yield Use(row.observed.direction, row.reporter.service, row.last_seen)
    for counted in registry.usage.of(subject, now):
        if counted.used.major in (0, major):
            yield Use(counted.used.direction, counted.application, counted.last_seen)
    for last in registry.usage.last.of(subject, now):
        if last.major in (0, major):
            yield Use(last.direction, last.application, last.last_seen)
