"""Reporting usage to the registry: from a thread of its own, one batch a minute at most, best effort.

An event costs nothing more, but in one second of each minute. Once a minute each handle is asked to note its next use:
the next event of each writer's schema passes through a function that notes it and takes itself away again, and so do
the events that are written within a second, which tell rates and sizes. So what is counted are minutes in which an
application read or wrote a contract, and a process whose contracts are all cached goes on reporting.
"""

import os
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from moorings.batch_reporter import BATCH_ROWS, LAST_WAIT_S, BatchReporter, SendBatch, client_name
from moorings.contracts.load import Load
from moorings.errors import SettingInvalid
from moorings.transport.sync_runner import SyncRunner
from moorings.transport.transport import Transport

if TYPE_CHECKING:
    from moorings.contracts.contract import EventContract

INTERVAL_S = 60.0
"""Seconds between two batches, at least."""
_MOST_ROWS = 5_000
PRODUCE = "produce"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
_LABEL = re.compile(r"[0-9]{1,6}\.[0-9]{1,6}")

Row = tuple[str, str, int, str]
"""Subject, direction, major, revision."""
Rows = list[tuple[Row, "Counted"]]
_MOST_PAIRS = 100
"""Of one row, as many as the registry accepts."""
_MOST_SIZES = 4_000
"""Sizes in one batch, so that its body stays small."""


@dataclass(slots=True)
class Counted:
    """What was counted of one row."""

    minutes: int = 0
    """Intervals in which the application used it."""
    seconds: Counter[int] = field(default_factory=Counter)
    """How many of the sampled seconds had how many events written in them, where there was any."""
    sizes: Counter[int] = field(default_factory=Counter)
    """How many of the sampled events had which size."""


class Usage(BatchReporter[Rows]):
    """Notes and reports what one `Registry` is used for; made by `connect`."""

    reports = "usage"
    spread = (1.0, 1.2)
    rest_turns = 60

    def __init__(
        self, send: SendBatch, application: str, *, interval_s: float = INTERVAL_S, last_wait_s: float = LAST_WAIT_S
    ) -> None:
        super().__init__(send, interval_s, last_wait_s)
        self.application = application
        self._rows: dict[Row, Counted] = {}

    def watch(self, contract: "EventContract") -> None:
        """Report the uses of *contract* while it exists."""
        with self._changing:
            self._contracts.add(contract)
        contract.note_next_use()
        self.start()

    def _collect(self) -> None:
        """Count what the handles noted since the last turn, and ask them to note their next use."""
        for contract in self._watched():
            load = contract.take_load()
            for direction, label in contract.take_uses():
                row = (contract.subject, direction, contract.major, label if _LABEL.fullmatch(label) else "")
                if row in self._rows or len(self._rows) < _MOST_ROWS:
                    self._count(self._rows.setdefault(row, Counted()), direction, load)
            if not self._closed:
                contract.note_next_use()

    def _count(self, counted: Counted, direction: str, load: Load) -> None:
        """Add one interval; its load belongs to the first revision of each direction, as one is usual."""
        counted.minutes += 1
        counted.sizes.update(load.sizes.pop(direction, {}))
        if direction == PRODUCE and load.in_a_second:
            counted.seconds[load.in_a_second] += 1
            load.in_a_second = 0

    def _has_rows(self) -> bool:
        return bool(self._rows)

    def _take_rows(self) -> Rows | None:
        rows: Rows = []
        sizes = 0
        for row, counted in list(self._rows.items())[:BATCH_ROWS]:
            sizes += len(counted.sizes) + len(counted.seconds)
            if rows and sizes > _MOST_SIZES:
                break
            rows.append((row, counted))
            del self._rows[row]
        return rows or None

    def _forget(self) -> None:
        self._rows = {}

    def _body(self, rows: Rows) -> dict[str, Any]:
        return {"application": self.application, "client": client_name(), "used": [_written(*one) for one in rows]}


def _written(row: Row, counted: Counted) -> dict[str, Any]:
    subject, direction, major, revision = row
    written = {
        "subject": subject,
        "direction": direction,
        "major": major,
        "revision": revision,
        "count": counted.minutes,
    }
    for name, counts in (("seconds", counted.seconds), ("sizes", counted.sizes)):
        if counts:
            written[name] = [[number, count] for number, count in sorted(counts.items())[:_MOST_PAIRS]]
    return written


def application_name(given: str | None) -> str:
    """Return the name of this application: as given, else `MOORINGS_APPLICATION`, else empty.

    Raises:
        SettingInvalid: it has other characters than names of applications have.
    """
    name = given if given is not None else os.environ.get("MOORINGS_APPLICATION", "").strip()
    if name and not _NAME.fullmatch(name):
        raise SettingInvalid(
            f"the application name {name[:100]!r} has other characters than letters, digits, '.', '_', '-'"
        )
    return name


def usage_of(transport: Transport, runner: SyncRunner, application: str) -> Usage:
    """Make a reporter of what *application* uses, which sends over *transport*; nothing is sent yet."""

    def send(body: Mapping[str, Any], key: str) -> None:
        runner.run(transport.request("POST", "/v1/usage", body=body, key=key, aside=True))

    return Usage(send, application)
