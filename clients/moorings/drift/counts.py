"""Counts in a table of bounded size, safe from any thread."""

import threading
from collections.abc import Iterable
from dataclasses import dataclass, replace

from moorings.drift.observations import OTHER_RULE, Observation

MOST_ROWS = 1_000


@dataclass(frozen=True, slots=True)
class Counted:
    """An observation and its count."""

    observation: Observation
    count: int


class Counts:
    """At most *most* rows; after that, new observations count under the rule ``OTHER`` of their subject.

    Those rows are bounded too, by as many again; what exceeds them is only counted as `lost`.
    """

    def __init__(self, most: int = MOST_ROWS) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._rows: dict[Observation, int] = {}
        self._lost = 0

    def add(self, observations: Iterable[Observation], times: int = 1) -> None:
        """Count each of *observations*."""
        with self._lock:
            for one in observations:
                self._add(one, times)

    def take(self, at_most: int) -> tuple[list[Counted], int]:
        """Remove and return the first rows, and how many observations were lost."""
        with self._lock:
            taken = [Counted(one, self._rows[one]) for one in list(self._rows)[:at_most]]
            for row in taken:
                del self._rows[row.observation]
            lost, self._lost = self._lost, 0
            return taken, lost

    def __len__(self) -> int:
        return len(self._rows)

    def _add(self, one: Observation, times: int) -> None:
        if one not in self._rows and len(self._rows) >= self._most:
            one = replace(one, writer="", path="", rule=OTHER_RULE)
            if one not in self._rows and len(self._rows) >= 2 * self._most:
                self._lost += times
                return
        self._rows[one] = self._rows.get(one, 0) + times
