"""The counts of a replay: by the writer's revision, and the first failure of each kind."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

MOST_FAILURES = 1_000
"""Kinds of failures that are counted separately; further ones count as ``OTHER``."""
_MOST_DAMAGES = 100
OTHER_RULE = "OTHER"


@dataclass(slots=True)
class WriterCounts:
    """Events that one revision wrote."""

    readable: int = 0
    unreadable: int = 0


@dataclass(slots=True)
class FailureCount:
    """Events that failed at one place, by one rule."""

    writer: str
    path: str
    """A JSON Pointer of declared names; ``*`` for places in arrays, keys of maps, and any other name."""
    rule: str
    first: str
    """The place of the first of them in the archive."""
    reason: str
    count: int = 0


@dataclass(slots=True)
class DamagedPlace:
    """A place of the archive that could not be read."""

    place: str
    reason: str


@dataclass(slots=True)
class Tally:
    """The counts, of bounded size."""

    tombstones: int = 0
    damaged: int = 0
    writers: dict[str, WriterCounts] = field(default_factory=dict)
    failures: dict[tuple[str, str, str], FailureCount] = field(default_factory=dict)
    damages: list[DamagedPlace] = field(default_factory=list)
    """The first damaged places."""

    @property
    def readable(self) -> int:
        return sum(one.readable for one in self.writers.values())

    @property
    def unreadable(self) -> int:
        return sum(one.unreadable for one in self.writers.values())

    @property
    def events(self) -> int:
        return self.readable + self.unreadable

    @property
    def is_clean(self) -> bool:
        return not self.unreadable and not self.damaged

    def read(self, writer: str) -> None:
        """Count an event that could be read."""
        self._written(writer).readable += 1

    def failed(self, writer: str, place: str, found: "list[tuple[str, str, str]]") -> None:
        """Count an event that could not; *found* has (path, rule, reason) of each thing wrong with it."""
        self._written(writer).unreadable += 1
        for path, rule, reason in found:
            key = (writer, path, rule)
            if key not in self.failures and len(self.failures) >= MOST_FAILURES:
                key, path, rule, reason = ("", "", OTHER_RULE), "", OTHER_RULE, "further kinds of failures"
            failing = self.failures.setdefault(key, FailureCount(key[0], path, rule, place, reason))
            failing.count += 1

    def broken(self, place: str, reason: str) -> None:
        """Count a place that could not be read."""
        self.damaged += 1
        if len(self.damages) < _MOST_DAMAGES:
            self.damages.append(DamagedPlace(place, reason))

    def as_json(self) -> dict[str, Any]:
        return {
            "tombstones": self.tombstones,
            "damaged": self.damaged,
            "writers": {name: asdict(one) for name, one in self.writers.items()},
            "failures": [asdict(one) for one in self.failures.values()],
            "damages": [asdict(one) for one in self.damages],
        }

    @classmethod
    def from_json(cls, found: Mapping[str, Any]) -> "Tally":
        """Read what `as_json` wrote; raises KeyError, TypeError or ValueError for anything else."""
        failures = [FailureCount(**one) for one in found["failures"]]
        return cls(
            int(found["tombstones"]),
            int(found["damaged"]),
            {str(name): WriterCounts(**one) for name, one in found["writers"].items()},
            {(one.writer, one.path, one.rule): one for one in failures},
            [DamagedPlace(**one) for one in found["damages"]],
        )

    def _written(self, writer: str) -> WriterCounts:
        found = self.writers.get(writer)
        if found is None:
            found = self.writers[writer] = WriterCounts()
        return found
