"""Usage: which applications produce and consume events, as their clients report it; counts, never values.

Kept by the same stores as drift, in rows of their own. An application is named by whoever reports, so it is a claim.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from moorings_registry.drift import KEPT_DAYS, OTHER, Batch, DriftStore, DriftStoreError, Observed, Reporter
from moorings_registry.errors import UsageUnavailable
from moorings_registry.names import Subject

QUIET_DAYS = KEPT_DAYS
"""Days after which an application that was not seen again is forgotten."""
PRODUCE, CONSUME = "produce", "consume"
_USED = "USED"


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
    client: str
    count: int
    """Reports in which the application had produced or consumed, one a minute at most."""
    first_seen: str
    last_seen: str


class Usage:
    """Counts of usage for all workers of all nodes; safe from any thread, any process, and across a fork."""

    def __init__(self, store: DriftStore) -> None:
        """Keep the counts in *store*, which holds nothing else."""
        self.store = store

    def add(self, key: str, application: str, client: str, counts: Mapping[Used, int], at: datetime) -> bool:
        """Count a batch, all of it or nothing; False when *key* was counted before.

        Raises:
            UsageUnavailable: the store cannot be used right now.
        """
        rows = {
            Observed(one.subject, one.direction, one.revision, "", str(one.major), _USED): counts[one] for one in counts
        }
        try:
            return self.store.add(Batch(key, Reporter(client, application), rows), at)
        except DriftStoreError as error:
            raise UsageUnavailable from error

    def of(self, subject: Subject, at: datetime) -> tuple[UsageRow, ...]:
        """Return the rows of an event, the one seen last first.

        Raises:
            UsageUnavailable: the store cannot be used right now.
        """
        try:
            rows = self.store.of(str(subject), at)
        except DriftStoreError as error:
            raise UsageUnavailable from error
        return tuple(
            UsageRow(
                Used(
                    one.observed.subject,
                    one.observed.direction,
                    0 if one.observed.rule == OTHER else int(one.observed.path),
                    one.observed.revision,
                ),
                one.reporter.service,
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
