"""Usage: which applications produce and consume events, as their clients report it; counts, never values.

Kept by the same stores as drift, in rows of their own. An application is named by whoever reports, so it is a claim.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from moorings_compat.load_buckets import RATES, SIZES, bucket_of
from moorings_registry.drift import NOBODY, Batch, DriftStore, MemoryDrift, Observed, Reporter
from moorings_registry.last_use import LAST_USE_DAYS, LastUses, major_of, usage_store
from moorings_registry.names import Subject
from moorings_registry.observed_load import HOUR, ObservedLoad, load_from

PRODUCE, CONSUME = "produce", "consume"
_USED = "USED"
_LOAD = "\t"
"""Before the name of an event, where its load is kept: no name begins so."""


@dataclass(frozen=True, slots=True)
class Used:
    """What was done: events of a major were produced or consumed, with a revision."""

    subject: str
    direction: str
    major: int
    """0: of any major; what found no row of its own."""
    revision: str
    """The label that was written with, or read as; empty for a reader of the application's own."""


@dataclass(frozen=True, slots=True)
class UsageRow:
    """One row of counts; moments are texts in RFC 3339, UTC."""

    used: Used
    application: str
    """Empty: further applications, which had no room of their own."""
    reported_by: str
    """The caller who signed in to report it; empty where callers do not sign in."""
    client: str
    count: int
    """Reports in which the application had produced or consumed, one a minute at most."""
    first_seen: str
    last_seen: str


@dataclass(frozen=True, slots=True)
class SampledLoad:
    """What one client sampled of an event: pairs of a number and how often it was met."""

    subject: str
    direction: str
    seconds: tuple[tuple[int, int], ...] = ()
    """Events that were written in one second."""
    sizes: tuple[tuple[int, int], ...] = ()
    """Bytes of an event."""


class Usage:
    """Counts of usage for all workers of all nodes; safe from any thread, any process, and across a fork."""

    def __init__(self, store: DriftStore, last_uses: DriftStore | None = None) -> None:
        """Keep the counts in *store*, and when each application used a major last in another one."""
        self.store = store
        self.last = LastUses(last_uses or MemoryDrift(timedelta(days=LAST_USE_DAYS)))

    def add(
        self,
        key: str,
        application: str,
        client: str,
        counts: Mapping[Used, int],
        at: datetime,
        *,
        reported_by: str = "",
    ) -> bool:
        """Count a batch, all of it or nothing; False when *key* was counted before.

        Raises:
            UsageUnavailable: the store cannot be used right now.
        """
        rows = {
            Observed(one.subject, one.direction, one.revision, reported_by, str(one.major), _USED): counts[one]
            for one in counts
        }
        # First, and each time: what is counted without it would not be sent again.
        self.last.note(
            application, ((one.subject, one.direction, one.major) for one in counts), at, reported_by=reported_by
        )
        with usage_store():
            return self.store.add(Batch(key, Reporter(client, application), rows), at)

    def add_load(self, key: str, sampled: Sequence[SampledLoad], at: datetime) -> None:
        """Add what a client sampled, all of it or nothing; once for each *key*.

        The registry's clock says when: what a client's own clock says does not count.

        Raises:
            UsageUnavailable: the store cannot be used right now.
        """
        rows: Counter[Observed] = Counter()
        for one in sampled:
            for events, times in one.seconds:
                if one.direction == PRODUCE:
                    rows[_load_row(one, "HOUR", at.strftime(HOUR))] += events * times
                    rows[_load_row(one, "SECOND", str(bucket_of(RATES, events)))] += times
            for size, times in one.sizes:
                rows[_load_row(one, "SIZE", str(bucket_of(SIZES, size)))] += times
        if not rows:
            return
        with usage_store():
            self.store.add(Batch(f"{key} load" if key else "", NOBODY, rows), at)

    def load_of(self, subject: Subject, at: datetime) -> ObservedLoad:
        """Return what was sampled of an event in the last 30 days.

        Raises:
            UsageUnavailable: the store cannot be used right now.
        """
        with usage_store():
            rows = self.store.of(f"{_LOAD}{subject}", at)
        return load_from(((one.observed.rule, one.observed.path, one.count) for one in rows), at)

    def of(self, subject: Subject, at: datetime) -> tuple[UsageRow, ...]:
        """Return the rows of an event, the one seen last first.

        Raises:
            UsageUnavailable: the store cannot be used right now.
        """
        with usage_store():
            rows = self.store.of(str(subject), at)
        return tuple(
            UsageRow(
                Used(
                    one.observed.subject,
                    one.observed.direction,
                    major_of(one.observed),
                    one.observed.revision,
                ),
                one.reporter.service,
                one.observed.writer,
                one.reporter.client,
                one.count,
                one.first_seen,
                one.last_seen,
            )
            for one in rows
        )

    def close(self) -> None:
        """Close files and connections; the store is not used afterwards."""
        self.store.close()
        self.last.close()


def _load_row(one: SampledLoad, kind: str, key: str) -> Observed:
    """A row of an event's load: 720 hours, 21 rates and 96 sizes for each direction fit into what a store keeps."""
    return Observed(f"{_LOAD}{one.subject}", one.direction, "", "", key, kind)
