"""Expiring records in this process, lost when it ends; for a ledger in memory."""

import threading

from moorings_registry.ledger import forks

_SWEPT_EVERY_S = 60.0


class MemoryRecords:
    """A dictionary for each kind."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kinds: dict[str, dict[str, tuple[float, bytes]]] = {}
        self._swept_s = 0.0
        forks.watch(self)

    def put(self, kind: str, name: str, value: bytes, until_s: float, now_s: float) -> None:
        """Store a record; see `ExpiringRecords.put`."""
        with self._lock:
            self._sweep(now_s)
            self._kinds.setdefault(kind, {})[name] = (until_s, value)

    def add(self, kind: str, name: str, value: bytes, until_s: float, now_s: float) -> bool:
        """Store a record unless there is one; see `ExpiringRecords.add`."""
        with self._lock:
            self._sweep(now_s)
            found = self._kinds.setdefault(kind, {}).get(name)
            if found is not None and now_s < found[0]:
                return False
            self._kinds[kind][name] = (until_s, value)
            return True

    def get(self, kind: str, name: str, now_s: float) -> bytes | None:
        """The value of a record; see `ExpiringRecords.get`."""
        with self._lock:
            return _held(self._kinds.get(kind, {}).get(name), now_s)

    def take(self, kind: str, name: str, now_s: float) -> bytes | None:
        """Remove a record; see `ExpiringRecords.take`."""
        with self._lock:
            return _held(self._kinds.get(kind, {}).pop(name, None), now_s)

    def every(self, kind: str, now_s: float) -> dict[str, bytes]:
        """All records of a kind; see `ExpiringRecords.every`."""
        with self._lock:
            return {name: value for name, (until_s, value) in self._kinds.get(kind, {}).items() if now_s < until_s}

    def close(self) -> None:
        """Nothing has to be closed."""

    def before_fork(self) -> None:
        """Wait until nobody is half-way through anything."""
        self._lock.acquire()

    def after_fork(self) -> None:
        """Go on."""
        self._lock.release()

    def _sweep(self, now_s: float) -> None:
        if abs(now_s - self._swept_s) < _SWEPT_EVERY_S:
            return
        self._swept_s = now_s
        for records in self._kinds.values():
            for name in [name for name, (until_s, _) in records.items() if until_s <= now_s]:
                del records[name]


def _held(found: tuple[float, bytes] | None, now_s: float) -> bytes | None:
    return found[1] if found is not None and now_s < found[0] else None
