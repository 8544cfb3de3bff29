"""What every store of expiring records does."""

from typing import Protocol

LARGEST_VALUE_BYTES = 16 * 1024


class RecordsUnavailable(Exception):
    """The store cannot be used now; the text says why, without passwords."""


class ExpiringRecords(Protocol):
    """Small values by kind and name, each until a moment; safe from any thread, any process, and across a fork.

    Moments are seconds since 1970 by the caller's clock: a record is there while *now_s* is before its *until_s*. What
    ended is removed some time later. Every method but `close` raises `RecordsUnavailable`.
    """

    def put(self, kind: str, name: str, value: bytes, until_s: float, now_s: float) -> None:
        """Store a record, in place of one with that name."""

    def add(self, kind: str, name: str, value: bytes, until_s: float, now_s: float) -> bool:
        """Store a record unless there is one with that name; of several callers, exactly one gets True."""

    def get(self, kind: str, name: str, now_s: float) -> bytes | None:
        """The value of a record; None if there is none."""

    def take(self, kind: str, name: str, now_s: float) -> bytes | None:
        """Remove a record and return its value; of several callers, exactly one gets it."""

    def every(self, kind: str, now_s: float) -> dict[str, bytes]:
        """The values of all records of a kind, by name. For kinds that are never many."""

    def close(self) -> None:
        """Close files and connections; the store is not used afterwards."""
