"""Exporting from one worker: begun after its fork, ended within a bound."""

import os
import socket
import threading
import time
from importlib.metadata import version
from pathlib import Path

import structlog
from opentelemetry.sdk.resources import OTELResourceDetector, Resource

from moorings_registry import tracing
from moorings_registry.log_ids import background_pass
from moorings_registry.telemetry.environment import wanted
from moorings_registry.telemetry.metrics import Collect, PeriodicExport
from moorings_registry.telemetry.outcomes import quiet_library
from moorings_registry.telemetry.spans import OpenTelemetryTracer
from moorings_registry.telemetry.written_traces import WrittenTraces

STOP_S = 3.0
"""How long the end of a worker may wait for a collector."""
_INSTANCE = "service.instance.id"

log = structlog.get_logger("moorings.telemetry")


class Running:
    """What exports, in threads of this process."""

    def __init__(self, collect: Collect, runtime: Path) -> None:
        """Start what the environment asks for. *collect* reads the metrics of this process; workers of a node share the
        folder *runtime*."""
        quiet_library()
        asked, resource = wanted(), resource_of_worker()
        self._tracer = OpenTelemetryTracer(resource, WrittenTraces(runtime / "traces")) if asked.traces else None
        self._reader = PeriodicExport(collect, resource) if asked.metrics else None
        tracing.use(self._tracer)

    def stop(self) -> None:
        """Send what there is, unless that takes too long: then it is lost."""
        tracing.use(None)
        parts = [one for one in (self._tracer, self._reader) if one is not None]
        ending = [threading.Thread(target=one.stop, name="telemetry-end", daemon=True) for one in parts]
        until = time.monotonic() + STOP_S
        for one in ending:
            one.start()
        for one in ending:
            one.join(max(0.0, until - time.monotonic()))
        if any(one.is_alive() for one in ending):
            with background_pass("telemetry"):
                log.warning("telemetry_not_flushed")


def resource_of_worker() -> Resource:
    """Who sends this: what OTEL_RESOURCE_ATTRIBUTES and OTEL_SERVICE_NAME say, and which of the workers it is."""
    ours = Resource({"service.name": "moorings-registry", "service.version": version("moorings")})
    told = ours.merge(OTELResourceDetector().detect())
    node = told.attributes.get(_INSTANCE) or socket.gethostname()
    sdk = Resource({"telemetry.sdk.language": "python", "telemetry.sdk.name": "opentelemetry"})
    return sdk.merge(told).merge(Resource({_INSTANCE: f"{node}:{os.getpid()}"}))
