"""Reporting drift to the registry: from a thread of its own, in batches, best effort.

Valid events do not come here. A failure is counted with one lock and a few dictionary look-ups;
everything else happens in the thread, which sends the counts about every half a minute, and once more, for a short
time only, when the process ends. Nothing raises, and nothing waits for the registry. What reads schemas is imported
by the first failure, or the first sample: a service without failures does not pay for it.
"""

import atexit
import contextlib
import logging
import os
import random
import threading
import uuid
import weakref
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Any, Protocol

from moorings.codecs.formats import event_name
from moorings.errors import MooringsError, RegistryRefused
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
_JITTER = 0.3
_BATCH_ROWS = 500
_LAST_WAIT_S = 1.0
_LARGEST_COUNT = 10**9
"""The largest count that the registry accepts in one row."""
_REST_TURNS = 120
"""Turns skipped after the registry refused drift reports, or ours: about an hour."""
_MOST_SAMPLES = 64
_OFF = ("off", "0", "false", "no")


class SendBatch(Protocol):
    """Sends one batch, under a key that makes repeating it harmless; raises one of `MooringsError`."""

    def __call__(self, body: Mapping[str, Any], key: str) -> None: ...


class Drift:
    """Counts and reports the drift of one `Registry`; made by `connect`."""

    def __init__(
        self, send: SendBatch, *, service: str = "", interval_s: float = INTERVAL_S, last_wait_s: float = _LAST_WAIT_S
    ) -> None:
        self._send = send
        self._service = service
        self._interval_s = interval_s
        self._last_wait_s = last_wait_s
        self._counts: Counts | None = None
        self._pending: tuple[str, list[Counted], int] | None = None
        self._samples: deque[Sample] = deque(maxlen=_MOST_SAMPLES)
        self._contracts: weakref.WeakSet[EventContract] = weakref.WeakSet()
        self._rest = 0
        self._turning = threading.Lock()
        self._changing = threading.Lock()
        self._wake = threading.Event()
        self._closed = False
        self._thread: threading.Thread | None = None
        self._process = 0

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

    def start(self) -> None:
        """Start the thread if this process has none; a forked child starts from zero, as its parent has the counts."""
        if self._process == os.getpid() or self._closed:
            return
        forked = self._process != 0
        self._process = os.getpid()
        if forked:
            self._counts = self._pending = None
            self._turning, self._changing = threading.Lock(), threading.Lock()
            self._wake = threading.Event()
        reference = weakref.WeakMethod(self.turn)
        arguments = (reference, self._wake, self._interval_s)
        self._thread = threading.Thread(target=_take_turns, args=arguments, name="moorings-drift", daemon=True)
        self._thread.start()
        _living.add(self)

    def flush(self) -> bool:
        """Send the counts now, in this thread; True if nothing is left. For tests and for shutting down."""
        with contextlib.suppress(Exception):  # best effort, as ever
            self._count_samples()
            while self._is_due:
                if not self._tell():
                    return False
        return not self._is_due

    def close(self) -> None:
        """Send the counts, waiting a short time at most, and end the thread."""
        if self._closed:
            return
        self._closed = True
        _living.discard(self)
        self._wake.set()
        if self._thread is not None and self._process == os.getpid():
            self._thread.join(self._last_wait_s)

    def turn(self) -> bool:
        """Do what is due; False if this was the last turn. Called by the thread."""
        with contextlib.suppress(Exception):  # a dead thread would count nothing
            self._count_samples()
            if self._rest > 0 and not self._closed:
                self._rest -= 1
            elif self._is_due:
                self._tell()
            if not self._closed:
                for contract in self._watched():
                    contract.sample(self._samples.append)
        return not self._closed

    @property
    def _is_due(self) -> bool:
        return self._pending is not None or (self._counts is not None and len(self._counts) > 0)

    def _table(self) -> "Counts":
        if self._counts is None:
            counts = import_module("moorings.drift.counts")
            with self._changing:
                if self._counts is None:
                    self._counts = counts.Counts()
        return self._counts

    def _watched(self) -> "list[EventContract]":
        with self._changing:
            return list(self._contracts)

    def _schemas(self, subject: str, major: int) -> list[Schema]:
        """Return the schemas of the contracts of a major that this process uses."""
        contracts = [one for one in self._watched() if (one.subject, one.major) == (subject, major)]
        return list(dict.fromkeys(schema for one in contracts for schema in one.schemas))

    def _count_samples(self) -> None:
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

    def _tell(self) -> bool:
        """Send one batch; a batch that may have arrived is kept unchanged, and sent again under the same key."""
        with self._turning:
            if self._pending is None:
                rows, lost = self._table().take(_BATCH_ROWS)
                if not rows:
                    return True
                self._pending = (str(uuid.uuid4()), rows, lost)
            key, rows, lost = self._pending
            try:
                self._send(self._body(rows, lost), key)
            except RegistryRefused as error:
                if not error.retryable:
                    self._pending = None
                    self._rest = _REST_TURNS
                    _log.info("the registry refuses drift reports, pausing: %s", error.code)
                return False
            except MooringsError as error:
                _log.debug("drift could not be sent, keeping it: %s", error.code)
                return False
            self._pending = None
            return True

    def _body(self, rows: "Sequence[Counted]", lost: int) -> dict[str, Any]:
        return {
            "reporter": {"client": client_name(), "service": self._service},
            "observations": [_row(one) for one in rows],
            "lost": lost,
        }


def drift_is_wanted(asked: bool | None) -> bool:
    """Say whether to count drift: as *asked*, by default unless `MOORINGS_DRIFT` is off."""
    if asked is not None:
        return asked
    return os.environ.get("MOORINGS_DRIFT", "").strip().lower() not in _OFF


def service_name() -> str:
    """Return the name of this service: `MOORINGS_SERVICE`, else `OTEL_SERVICE_NAME`, else empty."""
    name = os.environ.get("MOORINGS_SERVICE") or os.environ.get("OTEL_SERVICE_NAME") or ""
    return "".join(letter for letter in name if letter.isprintable())[:100]


def drift_of(transport: Transport, runner: SyncRunner, notices: Notices) -> Drift:
    """Make a counter of the failures in *notices* that reports over *transport*; nothing is sent yet."""

    def send(body: Mapping[str, Any], key: str) -> None:
        runner.run(transport.request("POST", "/v1/drift", body=body, key=key, aside=True))

    drift = Drift(send, service=service_name())
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


def client_name() -> str:
    """Return the name and version of this library, as reports carry it."""
    from importlib.metadata import PackageNotFoundError, version  # 10 ms, paid by the thread and not by the import

    try:
        return f"moorings-python/{version('moorings')}"
    except PackageNotFoundError:
        return "moorings-python"


def _take_turns(turn: "weakref.WeakMethod[Callable[[], bool]]", wake: threading.Event, interval_s: float) -> None:
    """Take turns until the last one, or until the `Drift` is garbage-collected."""
    while True:
        wake.wait(interval_s * random.uniform(1 - _JITTER, 1 + _JITTER))  # noqa: S311 - spreads clients, hides nothing
        due = turn()
        if due is None or not due():
            return
        del due


_living: "weakref.WeakSet[Drift]" = weakref.WeakSet()


@atexit.register
def _last_words() -> None:
    for drift in list(_living):
        drift.close()
