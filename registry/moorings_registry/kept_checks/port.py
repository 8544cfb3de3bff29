"""What every store of kept checks does, and its bounds: so many checks of each domain, so many days for each."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

KEPT_DAYS = 90
"""Days after which a check that no job has run again is forgotten."""
MOST_OF_DOMAIN = 200
"""Checks of one registered domain, and of all events outside of any; the oldest are removed."""
MOST_LISTED = 2_000
"""Checks that a store lists, the newest ones."""
LARGEST_BYTES = 512 * 1024
"""Bytes of one check as it is stored, compressed."""


class KeptCheckStoreError(Exception):
    """The store cannot be reached or used right now; what it holds is not lost."""


@dataclass(frozen=True, slots=True)
class StoredCheck:
    """One check as a store has it."""

    id: str
    domain: str
    """The registered domain that it counts for; empty for events outside of any."""
    at: str
    """When it was kept last: a moment in RFC 3339, UTC."""
    summary: bytes
    """What lists show."""
    content: bytes
    """The candidate."""


class KeptCheckStore(Protocol):
    """Keeps checks for all workers of all nodes; safe from any thread, any process, and across a fork.

    Every method but `close` raises `KeptCheckStoreError` while the store is away or damaged.
    """

    def put(self, check: StoredCheck, at: datetime) -> None:
        """Keep a check in place of an earlier one with its id, and forget what is too old or too much."""

    def get(self, id: str, at: datetime) -> StoredCheck | None:
        """Return a check; None where there is none, or it is too old."""

    def summaries(self, at: datetime) -> tuple[bytes, ...]:
        """Return the summaries of the newest checks, the newest first."""

    def close(self) -> None:
        """Close files and connections; the store is not used afterwards."""
