"""What every store of drift counts does, and the values that it keeps.

A store is bounded: so many rows for each subject, so many days for each row. What finds no row of its own any more is
counted in one row of its subject, under the rule ``OTHER``.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

KEPT_DAYS = 30
"""Days after which a row that was not seen again is forgotten."""
BATCHES_KEPT = timedelta(days=1)
"""For how long a batch that comes again is known to have been counted."""
MOST_ROWS = 1_000
"""Rows of one subject."""
LARGEST_COUNT = 2**53 - 1
"""Where a count stays: the largest that every reader of JSON keeps exactly."""
OTHER = "OTHER"


class DriftStoreError(Exception):
    """The store cannot be reached or used right now; what it holds is not lost."""


@dataclass(frozen=True, slots=True)
class Observed:
    """What happened: in which direction, with which revisions, where, against which rule."""

    subject: str
    direction: str
    """``produce`` or ``consume``."""
    revision: str
    """The label of the revision that was written, or read as."""
    writer: str
    """Of what was read, the label of the revision that wrote it; empty where it is not known."""
    path: str
    rule: str


@dataclass(frozen=True, slots=True)
class Reporter:
    """Who saw it: the client library, and the service that it runs in."""

    client: str
    service: str


@dataclass(frozen=True, slots=True)
class DriftRow:
    """One row of counts; moments are texts in RFC 3339, UTC."""

    observed: Observed
    reporter: Reporter
    count: int
    first_seen: str
    last_seen: str


@dataclass(frozen=True, slots=True)
class Batch:
    """What one client sends at a time."""

    key: str
    """Names the batch, so that it counts once however often it arrives; empty where the client gave no name."""
    reporter: Reporter
    counts: Mapping[Observed, int]


class DriftStore(Protocol):
    """Keeps counts for all workers of all nodes; safe from any thread, any process, and across a fork.

    Every method but `close` raises `DriftStoreError` while the store is away or damaged.
    """

    def add(self, batch: Batch, at: datetime) -> bool:
        """Count a batch, all of it or nothing; False when it was counted before."""

    def of(self, subject: str, at: datetime) -> tuple[DriftRow, ...]:
        """Return the rows of a subject, the one seen last first."""

    def close(self) -> None:
        """Close files and connections; the store is not used afterwards."""


def other(observed: Observed) -> Observed:
    """The row that takes what finds no row of its own."""
    return Observed(observed.subject, observed.direction, "", "", "", OTHER)


NOBODY = Reporter("", "")
"""The reporter of that row."""


def newest_first(row: DriftRow) -> tuple[str, int, str, str]:
    """Sort rows, reversed, by when they were seen last, then by how often."""
    return (row.last_seen, row.count, row.observed.path, row.observed.rule)
