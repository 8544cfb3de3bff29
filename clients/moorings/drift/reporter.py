"""Reporting drift to the registry: from a thread of its own, in batches, best effort.

Valid events do not come here. A failure is counted with one lock and a few dictionary look-ups;
everything else happens in the thread, which sends the counts about every half a minute, and once more, for a short
time only, when the process ends. Nothing raises, and nothing waits for the registry. What reads schemas is imported
by the first failure, or the first sample: a service without failures does not pay for it.
"""

import contextlib
import logging
import os
from collections import deque
from collections.abc import Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Any

from moorings.batch_reporter import BATCH_ROWS, LAST_WAIT_S, BatchReporter, SendBatch, client_name
from moorings.codecs.formats import event_name
from moorings.notices import (
    DraftRefused,
    EventNotRead,
    EventRefused,
    EventUnframed,
    Notice,
    Notices,
    RetiredRefused,
    WriterMissing,
)
from moorings.transport.sync_runner import SyncRunner
from moorings.transport.transport import Transport
from moorings_compat import Schema

if TYPE_CHECKING:
    from moorings.contracts.contract import EventContract, Sample
    from moorings.drift.counts import Counted, Counts

_log = logging.getLogger("moorings")

INTERVAL_S = 30.0
"""Seconds between two batches, more or less, and between two samples of the same writer's events."""
SAMPLED_BYTES = 1024 * 1024
"""A larger event is not examined."""

_COUNTED = (EventRefused, DraftRefused, RetiredRefused, WriterMissing, EventUnframed, EventNotRead)
_LARGEST_COUNT = 10**9
"""The largest count that the registry accepts in one row."""
_MOST_SAMPLES = 64
_OFF = ("off", "0", "false", "no")

Rows = tuple["list[Counted]", int]
"""Rows of counts, and how many observations found no row."""


class Drift(BatchReporter[Rows]):
    """Counts and reports the drift of one `Registry`; made by `connect`."""

    reports = "drift"
    spread = (0.7, 1.3)
    rest_turns = 120

    def __init__(
        self, send: SendBatch, *, service: str = "", interval_s: float = INTERVAL_S, last_wait_s: float = LAST_WAIT_S
    ) -> None:
        super().__init__(send, interval_s, last_wait_s)
        self._service = service
        self._counts: Counts | None = None
        self._samples: deque[Sample] = deque(maxlen=_MOST_SAMPLES)

    def note(self, notice: Notice) -> None:
        """Count the failure that a notice reports; a listener. Never raises."""
        if not isinstance(notice, _COUNTED):
            return
        try:
            self.start()
            observations = import_module("moorings.drift.observations")
            schemas = self._schemas(notice.subject, notice.major)
            self._table().add(observations.observations_of(notice, schemas))
        except Exception:  # noqa: BLE001 - counting must never break what is counted
            _log.debug("drift was not counted", exc_info=True)

    def watch(self, contract: "EventContract") -> None:
        """Use the names that *contract* declares, and sample one of its events now and then, while it exists."""
        with self._changing:
            self._contracts.add(contract)
        self.start()

    def _ask_contracts(self) -> None:
        for contract in self._watched():
            contract.sample(self._samples.append)

    def _has_rows(self) -> bool:
        return self._counts is not None and len(self._counts) > 0

    def _take_rows(self) -> Rows | None:
        rows, lost = self._table().take(BATCH_ROWS)
        return (rows, lost) if rows else None

    def _forget(self) -> None:
        self._counts = None

    def _table(self) -> "Counts":
        if self._counts is None:
            counts = import_module("moorings.drift.counts")
            with self._changing:
                if self._counts is None:
                    self._counts = counts.Counts()
        return self._counts

    def _schemas(self, subject: str, major: int) -> list[Schema]:
        """Return the schemas of the contracts of a major that this process uses."""
        contracts = [one for one in self._watched() if (one.subject, one.major) == (subject, major)]
        return list(dict.fromkeys(schema for one in contracts for schema in one.schemas))

    def _collect(self) -> None:
        while self._samples:
            subject, label, written, writer, reader, payload = self._samples.popleft()
            if len(payload) > SAMPLED_BYTES:
                continue
            event = event_name(subject)
            with contextlib.suppress(Exception):  # an event that cannot be examined must not stop the next
                finder = import_module("moorings.drift.undeclared").undeclared_finder(writer, reader, event)
                if finder is not None:
                    undeclared_at = import_module("moorings.drift.observations").undeclared_at
                    self._table().add(undeclared_at(subject, label, written, finder(payload), reader))

    def _body(self, rows: Rows) -> dict[str, Any]:
        counted, lost = rows
        return {
            "reporter": {"client": client_name(), "service": self._service},
            "observations": [_row(one) for one in counted],
            "lost": lost,
        }


def drift_is_wanted(asked: bool | None) -> bool:
    """Say whether to count drift: as *asked*, by default unless `MOORINGS_DRIFT` is off."""
    if asked is not None:
        return asked
    return os.environ.get("MOORINGS_DRIFT", "").strip().lower() not in _OFF


def service_name(application: str = "") -> str:
    """Return the name of this service: `MOORINGS_SERVICE`, else *application*, else `OTEL_SERVICE_NAME`, else empty.

    An application has one name in drift and in usage: under two, or none, it would count as two readers of an event.
    """
    name = os.environ.get("MOORINGS_SERVICE") or application or os.environ.get("OTEL_SERVICE_NAME") or ""
    return "".join(letter for letter in name if letter.isprintable())[:100]


def drift_of(transport: Transport, runner: SyncRunner, notices: Notices, application: str = "") -> Drift:
    """Make a counter of the failures in *notices* that reports over *transport*; nothing is sent yet."""

    def send(body: Mapping[str, Any], key: str) -> None:
        runner.run(transport.request("POST", "/v1/drift", body=body, key=key, aside=True))

    drift = Drift(send, service=service_name(application))
    notices.add(drift.note)
    return drift


def _row(one: "Counted") -> dict[str, Any]:
    seen = one.observation
    return {
        "subject": seen.subject,
        "direction": seen.direction,
        "revision": seen.revision,
        "writer": seen.writer,
        "path": seen.path,
        "rule": seen.rule,
        "count": min(one.count, _LARGEST_COUNT),
    }
