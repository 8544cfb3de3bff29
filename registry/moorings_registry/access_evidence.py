"""The thread that moves counts of access into their file, and evidence of them into the ledger."""

import socket
import sqlite3
import threading

import structlog

from moorings_registry.callers import Caller
from moorings_registry.commands import RecordAccess
from moorings_registry.errors import Refusal
from moorings_registry.facts import AccessDenied, AccessSealed
from moorings_registry.log_ids import background_pass, current_correlation_id
from moorings_registry.principals import Principal
from moorings_registry.service import Registry

PAUSE_S = 60.0
MOST_FACTS = 200
"""Facts of one entry."""

log = structlog.get_logger("moorings.access")
_recording = threading.Lock()
_SERVICE = Principal("moorings-registry")


def keep_evidence(registry: Registry, stop: threading.Event, pause_s: float = PAUSE_S) -> None:
    """Record evidence every minute, and once more when *stop* is set; meant for a thread of its own."""
    while not stop.wait(pause_s):
        record_evidence(registry)
    record_evidence(registry)


def record_evidence(registry: Registry) -> None:
    """Move what was counted, and record denied writes and the digests of closed hours.

    Returns after what another thread is recording is recorded, too: the process may end then.
    """
    with _recording, background_pass("access"):
        _record_all(registry)


def _record_all(registry: Registry) -> None:
    registry.access_counts.flush()
    try:
        denied = registry.access_counts.take_denied()
        for at in range(0, len(denied), MOST_FACTS):
            _record(registry, tuple(denied[at : at + MOST_FACTS]))
        for hour, rows, digest in registry.access_counts.claim_closed_hours():
            if not _record(registry, (AccessSealed(hour, socket.gethostname(), rows, digest),)):
                registry.access_counts.release_hour(hour)
    except (sqlite3.Error, OSError) as error:
        log.warning("access_not_recorded", cause=str(error))


def _record(registry: Registry, evidence: tuple[AccessDenied | AccessSealed, ...]) -> bool:
    try:
        registry.execute(RecordAccess(evidence), Caller(_SERVICE, current_correlation_id()))
    except Refusal as refusal:
        log.warning("access_not_recorded", cause=str(refusal))
        return False
    return True
