"""Who was seen to use a major lately, by what clients report."""

from moorings_registry.drift import DriftRow
from moorings_registry.drift_counts import counts_of
from moorings_registry.errors import DriftUnavailable, UsageUnavailable
from moorings_registry.lifecycle import Use
from moorings_registry.names import Subject
from moorings_registry.service import Registry


def uses_of(registry: Registry, subject: Subject, major: int) -> tuple[Use, ...] | None:
    """Return who wrote with *major* or read as it, the latest first; None while the counts cannot be read."""
    try:
        rows = counts_of(registry, subject)
        counted = registry.usage.of(subject, registry.now())
    except (DriftUnavailable, UsageUnavailable):
        return None
    latest: dict[tuple[str, str], str] = {}
    for used in counted:
        if used.used.major in (0, major):
            key = (used.used.direction, used.application)
            latest[key] = max(latest.get(key, ""), used.last_seen)
    for row in rows:
        if _major(row) == major:
            key = (row.observed.direction, row.reporter.service)
            latest[key] = max(latest.get(key, ""), row.last_seen)
    newest_first = sorted(latest.items(), key=lambda one: one[1], reverse=True)
    return tuple(Use(direction, service, seen) for (direction, service), seen in newest_first)


def _major(row: DriftRow) -> int:
    """The major of the revision that was written, or read as; 0 where the client did not say."""
    number = row.observed.revision.partition(".")[0]
    return int(number) if number.isascii() and number.isdecimal() and len(number) < 11 else 0
