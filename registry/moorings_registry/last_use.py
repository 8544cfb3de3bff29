"""When each application used a major last, for longer than its counts are kept: what a policy's quiet days ask for.

A row is an application, a direction and a major; revisions and clients are left to the counts, as every deployment of
a year would make a row, and applications without a row are nobody by name. A process writes a row once an hour.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from moorings_registry.drift import NOBODY, OTHER, Batch, DriftStore, DriftStoreError, Observed, Reporter
from moorings_registry.entries import moment_text
from moorings_registry.errors import UsageUnavailable
from moorings_registry.names import Subject

LAST_USE_DAYS = 400
"""Days after which a use that did not occur again is forgotten: a year, and its yearly jobs with some delay."""
_USED = "USED"
_SINCE = "\t"
"""In place of the name of an event, since when last uses are written down: no name is so."""
_MOST_NOTED = 50_000
"""Rows of an hour that a process remembers as written."""
_HOUR = len("2027-01-31T12")

_Row = tuple[Observed, Reporter]


@contextmanager
def usage_store() -> Iterator[None]:
    """Ask a store of usage in a block: that it cannot be used right now is `UsageUnavailable`."""
    try:
        yield
    except DriftStoreError as error:
        raise UsageUnavailable from error


def major_of(observed: Observed) -> int:
    """The major of a row; 0 for what found no row of its own."""
    return 0 if observed.rule == OTHER else int(observed.path)


@dataclass(frozen=True, slots=True)
class LastUse:
    """An application that produced or consumed events of a major; moments are texts in RFC 3339, UTC."""

    direction: str
    application: str
    """Empty: further applications, which had no room of their own, or one without a name."""
    major: int
    """0: of any major; what found no row of its own."""
    reported_by: str
    """The caller who signed in to report it; empty where callers do not sign in."""
    first_seen: str
    last_seen: str
    """Up to an hour before the use itself."""


class LastUses:
    """Last uses for all workers of all nodes; safe from any thread, any process, and across a fork."""

    def __init__(self, store: DriftStore) -> None:
        """Keep them in *store*, which holds nothing else, and forgets after `LAST_USE_DAYS`."""
        self._store = store
        self._noted: tuple[str, set[_Row]] = ("", set())
        """An hour, and what this process has written in it. Without a lock: two threads may write a row twice."""

    def note(
        self, application: str, uses: Iterable[tuple[str, str, int]], at: datetime, *, reported_by: str = ""
    ) -> None:
        """Note that *application* used events at *at*: the subject, the direction and the major of each.

        Raises:
            UsageUnavailable: the store cannot be used right now.
        """
        by = Reporter("", application)
        rows = {Observed(subject, direction, "", reported_by, str(major), _USED) for subject, direction, major in uses}
        noted = self._noted_in(moment_text(at)[:_HOUR])
        new = {(one, by) for one in rows} - noted
        if not new:
            return
        self.since(at)
        with usage_store():
            self._store.add(Batch("", by, {observed: 1 for observed, _ in new}), at)
        noted |= new

    def of(self, subject: Subject, at: datetime) -> tuple[LastUse, ...]:
        """Return who used an event, the one seen last first.

        Raises:
            UsageUnavailable: the store cannot be used right now.
        """
        with usage_store():
            rows = self._store.of(str(subject), at)
        return tuple(
            LastUse(
                one.observed.direction,
                one.reporter.service,
                major_of(one.observed),
                one.observed.writer,
                one.first_seen,
                one.last_seen,
            )
            for one in rows
        )

    def since(self, at: datetime) -> str:
        """Return the moment since which every use is noted, and begin now where none is known.

        A store that was lost, or whose clock was ahead, begins again: what it does not know is not taken for "nobody".

        Raises:
            UsageUnavailable: the store cannot be used right now.
        """
        now = moment_text(at)
        with usage_store():
            begun = [row for row in self._store.of(_SINCE, at) if row.first_seen <= now]
            first = min(begun, key=lambda row: row.first_seen, default=None)
            self._store.add(Batch("", NOBODY, {first.observed if first else _begin(now): 1}), at)
        return first.first_seen if first else now

    def close(self) -> None:
        """Close files and connections; the store is not used afterwards."""
        self._store.close()

    def _noted_in(self, hour: str) -> set[_Row]:
        """What is known to be written in *hour*, to add to."""
        held = self._noted
        if held[0] != hour or len(held[1]) > _MOST_NOTED:
            held = self._noted = (hour, set())
        return held[1]


def _begin(now: str) -> Observed:
    """The row of a beginning, named by its moment: one that a clock ahead wrote is not written again."""
    return Observed(_SINCE, "", "", "", now, "SINCE")
