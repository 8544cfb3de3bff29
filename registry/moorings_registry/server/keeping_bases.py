"""The thread that has a base written whenever enough entries have come since the last one."""

import os
import subprocess
import sys
import threading
from dataclasses import asdict

import msgspec
import structlog

from moorings_registry.exporting.leases import Lease
from moorings_registry.http import base_metrics
from moorings_registry.log_ids import background_pass
from moorings_registry.server.base_writing import Told
from moorings_registry.service import Registry

PAUSE_S = 5.0
LONGEST_PAUSE_S = 600.0
"""The pause after one that could not be written, or that another node is writing, doubles up to this."""
LEAST_PART = 50
"""One is due after a fiftieth of what the last one has: to write it is to copy all of that."""
_WRITER = (sys.executable, "-m", "moorings_registry.server.base_writing")
_LOOK_S = 0.5

log = structlog.get_logger("moorings.bases")


def keep_bases(registry: Registry, lease: Lease, entries: int, stop: threading.Event, pause_s: float = PAUSE_S) -> None:
    """Have one written after *entries* or more, by one worker of the node; meant for a thread of its own."""
    pause, failure = pause_s, ""
    while not stop.wait(pause):
        if not _is_due(registry, entries) or not lease.held():
            pause = pause_s
            continue
        with background_pass("bases"):
            told = _write(stop)
            failure = _note(told, failure)
        pause = pause_s if told.written or stop.is_set() else min(2 * max(pause, 1.0), LONGEST_PAUSE_S)


def _is_due(registry: Registry, entries: int) -> bool:
    if registry.bases is None or registry.known.position < entries:
        return False
    position, _ = registry.bases.newest() or (0, 0.0)
    return registry.known.position - position >= max(entries, position // LEAST_PART)


def _write(stop: threading.Event) -> Told:
    """Start a writer and wait for it; it is ended when *stop* is set."""
    environment = {name: value for name, value in os.environ.items() if name != "PROMETHEUS_MULTIPROC_DIR"}
    try:
        writer = subprocess.Popen(_WRITER, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
    except OSError as error:
        return Told(failure=f"its process could not be started: {error}")
    with writer:
        while writer.poll() is None:
            if stop.wait(_LOOK_S):
                writer.terminate()
                return Told()
        said = writer.stdout.read() if writer.stdout else b""
    try:
        return msgspec.json.decode(said, type=Told)
    except msgspec.MsgspecError:
        return Told(failure=f"its process ended with {writer.returncode}")


def _note(told: Told, before: str) -> str:
    """Count what a writer said, and log what is news; *before* and the result are why one could not be written."""
    base_metrics.thrown_away(told.thrown_away)
    if told.written:
        log.info("base_written", **asdict(told.written))
        base_metrics.written(told.written.seconds)
        return ""
    if told.failure:
        base_metrics.not_written()
        if told.failure != before:
            log.error("base_not_written", cause=told.failure)
    return told.failure or before
