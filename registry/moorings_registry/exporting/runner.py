"""Running the exporters of a node: one thread of one worker follows the ledger, and never holds up an answer.

Where an exporter stands is kept in memory and, every 1,000 entries, in the ledger. What is lost in between costs some
looking again and changes nothing, since an export says what has to be there, and not what has to happen. Nodes that
export side by side agree in the end for the same reason.
"""

import fcntl
import threading
import time
from collections.abc import Callable
from itertools import islice
from pathlib import Path

import httpx2
import structlog

from moorings_registry.commands import RecordExport
from moorings_registry.errors import LedgerAway, Refusal
from moorings_registry.export_statuses import ERROR, RUNNING, ExportStatus, now_ms
from moorings_registry.exporting.selecting import Selection, touched_by
from moorings_registry.exporting.syncing import NotOurs, Syncing
from moorings_registry.exporting.target import Target, TargetAway, TargetRefuses
from moorings_registry.migration.imported import SourceUnreadable
from moorings_registry.service import Caller, Registry
from moorings_registry.state import Exporter

ENTRIES_AT_A_TIME = 200
RECORDED_EVERY = 1_000
"""Entries between two records of where an exporter stands."""
PAUSE_S = 0.2
LONGEST_PAUSE_S = 30.0
ELECTION_PAUSE_S = 1.0
_FAILURES = (TargetAway, TargetRefuses, NotOurs, SourceUnreadable, LedgerAway, Refusal)

log = structlog.get_logger("moorings.exporting")


class Runner:
    """Works the exporters off in turn, again and again."""

    def __init__(
        self,
        registry: Registry,
        *,
        transport: httpx2.BaseTransport | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Export from *registry*; a *transport* stands in for the network."""
        self._registry = registry
        self._transport = transport
        self._clock = clock
        self._runs: dict[str, Run] = {}

    def keep_exporting(self, lock: Path, stop: threading.Event) -> None:
        """Export until *stop* is set, as soon as no other worker of the node does; meant for a thread of its own.

        The lock ends with the process that holds it, however that ends.
        """
        with lock.open("ab") as file:
            while not _locked(file.fileno()):
                if stop.wait(ELECTION_PAUSE_S):
                    return
            while not stop.wait(PAUSE_S):
                try:
                    self.turn()
                except Exception:
                    # This thread is the node's only one for it, so it goes on: perhaps a disk was full for a moment.
                    log.exception("exporting_failed")
                    stop.wait(LONGEST_PAUSE_S)

    def turn(self) -> None:
        """Let each exporter that is not at rest take one step."""
        exporters = self._registry.state.exporters
        for name in [one for one in self._runs if one not in exporters or exporters[one].paused]:
            self._runs.pop(name).close()
        for exporter in exporters.values():
            if not exporter.paused:
                self._run(exporter).step(self._clock())

    def _run(self, exporter: Exporter) -> "Run":
        run = self._runs.get(exporter.name)
        if run is None or run.exporter.begun != exporter.begun:
            if run is not None:
                run.close()
            run = self._runs[exporter.name] = Run(self._registry, exporter, self._transport)
        return run


class Run:
    """One exporter at work, from where it is known to have been."""

    def __init__(self, registry: Registry, exporter: Exporter, transport: httpx2.BaseTransport | None) -> None:
        self.exporter = exporter
        self._registry = registry
        self._target = Target(exporter.url, transport)
        self._syncing = Syncing(Selection(exporter), self._target)
        told = registry.exports.of(exporter)
        self._position = max(exporter.advanced, told.offset)
        self._recorded = exporter.advanced
        self._failures = 0
        self._not_before = 0.0
        self._told = False

    def close(self) -> None:
        self._target.close()

    def step(self, now: float) -> None:
        """Export the next entries, if there are any and it is time; what fails is tried again, ever more slowly."""
        if now < self._not_before or (self._told and self._position >= self._registry.known.position):
            return
        try:
            self._export()
        except _FAILURES as error:
            if self._failures == 0:
                log.warning("export_failed", exporter=self.exporter.name, cause=str(error))
            self._stumble(now, str(error))
        except Exception:
            # Whatever it is, it concerns this exporter alone: the others go on.
            log.exception("export_failed", exporter=self.exporter.name)
            self._stumble(now, "Something went wrong inside the registry; its log tells")
        else:
            self._failures = 0
            self._tell(RUNNING)

    def _stumble(self, now: float, trace: str) -> None:
        self._failures += 1
        self._not_before = now + min(LONGEST_PAUSE_S, PAUSE_S * 2 ** min(self._failures, 10))
        self._tell(ERROR, trace)

    def _export(self) -> None:
        entries = list(islice(self._registry.entries(self._position), ENTRIES_AT_A_TIME))
        if not entries:
            return
        state = self._registry.state_at_least(entries[-1].position)
        versions, settings = touched_by(entries)
        self._syncing.bring(state, versions, settings)
        self._position = entries[-1].position
        if self._position - self._recorded >= RECORDED_EVERY:
            record = RecordExport(self.exporter.name, self.exporter.begun, self._position)
            self._registry.execute(record, Caller("moorings-exporter"))
            self._recorded = self._position

    def _tell(self, state: str, trace: str = "") -> None:
        status = ExportStatus(state, self._position, now_ms(), trace, self.exporter.begun)
        self._registry.exports.put(self.exporter.name, status)
        self._told = state == RUNNING


def _locked(handle: int) -> bool:
    try:
        fcntl.lockf(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
