"""Kept checks in this process, lost when it ends; for a ledger in memory."""

import threading
from datetime import datetime, timedelta

from moorings_registry.entries import moment_text
from moorings_registry.kept_checks.port import KEPT_DAYS, MOST_LISTED, MOST_OF_DOMAIN, StoredCheck
from moorings_registry.ledger import forks


class MemoryKeptChecks:
    """A dictionary by id."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._checks: dict[str, StoredCheck] = {}
        forks.watch(self)

    def put(self, check: StoredCheck, at: datetime) -> None:
        """Keep a check; see `KeptCheckStore.put`."""
        since = moment_text(at - timedelta(days=KEPT_DAYS))
        with self._lock:
            self._checks.pop(check.id, None)
            kept = [one for one in self._checks.values() if one.at >= since]
            of_domain = sorted((one for one in kept if one.domain == check.domain), key=_age)
            gone = {one.id for one in of_domain[: max(0, len(of_domain) + 1 - MOST_OF_DOMAIN)]}
            self._checks = {one.id: one for one in kept if one.id not in gone} | {check.id: check}

    def get(self, id: str, at: datetime) -> StoredCheck | None:
        """Return a check; see `KeptCheckStore.get`."""
        found = self._checks.get(id)
        return found if found is not None and found.at >= moment_text(at - timedelta(days=KEPT_DAYS)) else None

    def summaries(self, at: datetime) -> tuple[bytes, ...]:
        """Return the newest summaries; see `KeptCheckStore.summaries`."""
        since = moment_text(at - timedelta(days=KEPT_DAYS))
        newest = sorted((one for one in self._checks.values() if one.at >= since), key=_age, reverse=True)
        return tuple(one.summary for one in newest[:MOST_LISTED])

    def close(self) -> None:
        """Nothing to close."""

    def before_fork(self) -> None:
        """Keep other threads out of a half-done change."""
        self._lock.acquire()

    def after_fork(self) -> None:
        """Resume."""
        self._lock.release()


def _age(check: StoredCheck) -> tuple[str, str]:
    return (check.at, check.id)
