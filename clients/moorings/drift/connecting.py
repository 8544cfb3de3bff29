"""From what `connect` was told, and the environment, to what counts drift."""

import os
from collections.abc import Mapping
from typing import Any

from moorings.drift.reporter import Drift
from moorings.notices import Notices
from moorings.transport.sync_runner import SyncRunner
from moorings.transport.transport import Transport

_OFF = ("off", "0", "false", "no")


def drift_is_wanted(asked: bool | None) -> bool:
    """Say whether drift is to be counted: as *asked*, else unless `MOORINGS_DRIFT` is off."""
    if asked is not None:
        return asked
    return os.environ.get("MOORINGS_DRIFT", "").strip().lower() not in _OFF


def service_name() -> str:
    """The name that this process is known by: `MOORINGS_SERVICE`, else `OTEL_SERVICE_NAME`, else empty."""
    name = os.environ.get("MOORINGS_SERVICE") or os.environ.get("OTEL_SERVICE_NAME") or ""
    return "".join(letter for letter in name if letter.isprintable())[:100]


def drift_of(transport: Transport, runner: SyncRunner, notices: Notices) -> Drift:
    """Make what counts what *notices* tell, and sends it over *transport*; nothing is sent yet."""

    def send(body: Mapping[str, Any], key: str) -> None:
        runner.run(transport.request("POST", "/v1/drift", body=body, key=key, aside=True))

    drift = Drift(send, service=service_name())
    notices.add(drift.note)
    return drift
