"""Running the exporters: one thread of one worker follows the ledger, and never holds up an answer.

Where an exporter stands is kept in memory and, every 1,000 entries, in the ledger. What is lost in between costs some
looking again and changes nothing, since an export says what has to be there, and not what has to happen. A lease sees
to it that of all workers and nodes one exports at a time.
"""

import ssl
import threading
import time
from collections.abc import Callable
from itertools import islice

import httpx2
import structlog

from moorings_registry.callers import Caller
from moorings_registry.commands import RecordExport
from moorings_registry.errors import LedgerUnavailable, Refusal
from moorings_registry.export_statuses import ERROR, RUNNING, ExportStatus, now_ms
from moorings_registry.exporting.leases import Lease
from moorings_registry.exporting.selecting import Selection, touched_by
from moorings_registry.exporting.signing_in import sign_in_of
from moorings_registry.exporting.syncing import NotOurs, Syncing
from moorings_registry.exporting.target import LeaseLost, Target, TargetAway, TargetRefuses
from moorings_registry.log_ids import background_pass, current_correlation_id
from moorings_registry.migration.imported import SourceUnreadable
from moorings_registry.own_keys import OwnKeys
from moorings_registry.principals import Principal
from moorings_registry.service import Registry
from moorings_registry.state import Exporter

ENTRIES_AT_A_TIME = 200
RECORDED_EVERY = 1_000
"""Entries between two records of an exporter's position."""
PAUSE_S = 0.2
LONGEST_PAUSE_S = 30.0
ELECTION_PAUSE_S = 1.0
_FAILURES = (TargetAway, TargetRefuses, NotOurs, SourceUnreadable, LedgerUnavailable, Refusal)

log = structlog.get_logger("moorings.exporting")


class Runner:
    """Works the exporters off in turn, again and again."""

    def __init__(
        self,
        registry: Registry,
        lease: Lease,
        *,
        own_keys: OwnKeys | None = None,
        transport: httpx2.BaseTransport | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Export from *registry* while *lease* is held, and sign in with *own_keys*; a *transport* replaces the
        network."""
        self._registry = registry
        self._lease = lease
        self._own_keys = own_keys
        self._transport = transport
        self._clock = clock
        self._runs: dict[str, ExporterRun] = {}

    def keep_exporting(self, stop: threading.Event) -> None:
        """Export until *stop* is set, whenever nobody else does; meant for a thread of its own."""
        pause_s = PAUSE_S
        while not stop.wait(pause_s):
            with background_pass("exporting"):
                pause_s = self._pass()
        self._forget()
        self._lease.release()

    def _pass(self) -> float:
        """Take one turn, if nobody else exports; seconds until the next one."""
        try:
            if self._lease.held():
                self.turn()
                return PAUSE_S
            self._forget()
        except Exception:
            # The thread is the node's only one for it, so it continues: a disk may have been full for a moment.
            log.exception("exporting_failed")
            return LONGEST_PAUSE_S
        return ELECTION_PAUSE_S

    def turn(self) -> None:
        """Let each exporter that is not paused take one step."""
        exporters = self._registry.state.exporters
        for name in [one for one in self._runs if one not in exporters or exporters[one].paused]:
            self._runs.pop(name).close()
        for exporter in exporters.values():
            if not exporter.paused:
                self._run(exporter).step(self._clock())

    def _forget(self) -> None:
        """Forget what is known of the targets: another worker may change them from now on."""
        for run in self._runs.values():
            run.close()
        self._runs.clear()

    def _run(self, exporter: Exporter) -> "ExporterRun":
        run = self._runs.get(exporter.name)
        if run is None or run.exporter.begun != exporter.begun:
            if run is not None:
                run.close()
            sign_in = sign_in_of(self._own_keys, exporter.name, exporter.url)
            target = Target(exporter.url, self._lease, self._transport, sign_in, self._trust(exporter))
            run = self._runs[exporter.name] = ExporterRun(self._registry, exporter, target)
        return run

    def _trust(self, exporter: Exporter) -> Callable[[], ssl.SSLContext] | None:
        """What reads the authority of an exporter's target, and trusts no other; None for those of the machine."""
        if not exporter.authority:
            return None
        path = dict(self._registry.settings.exporter_authorities).get(exporter.authority)

        def read() -> ssl.SSLContext:
            if path is None:  # another node of the service was started with it
                raise FileNotFoundError(exporter.authority)
            return ssl.create_default_context(cafile=path)

        return read


class ExporterRun:
    """One exporter at work, from where it is known to have been."""

    def __init__(self, registry: Registry, exporter: Exporter, target: Target) -> None:
        self.exporter = exporter
        self._registry = registry
        self._target = target
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
        except LeaseLost:
            return  # the worker that has it publishes the status
        except _FAILURES as error:
            if self._failures == 0:
                log.warning("export_failed", exporter=self.exporter.name, cause=str(error))
            self._stumble(now, str(error))
        except Exception:
            # Whatever it is, it concerns this exporter alone: the others continue.
            log.exception("export_failed", exporter=self.exporter.name)
            self._stumble(now, "Internal error; see the registry's log")
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
        self._syncing.bring(state, touched_by(entries))
        self._position = entries[-1].position
        if self._position - self._recorded >= RECORDED_EVERY:
            record = RecordExport(self.exporter.name, self.exporter.begun, self._position)
            self._registry.execute(record, Caller(Principal("moorings-exporter"), current_correlation_id()))
            self._recorded = self._position

    def _tell(self, state: str, trace: str = "") -> None:
        status = ExportStatus(state, self._position, now_ms(), trace, self.exporter.begun)
        self._registry.exports.put(self.exporter.name, status)
        self._told = state == RUNNING
