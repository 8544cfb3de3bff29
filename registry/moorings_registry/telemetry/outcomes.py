"""What becomes of what is exported: counted, and logged once when a collector goes away and once when it is back."""

import logging
import threading
from typing import Any

import structlog
from prometheus_client import Counter

from moorings_registry.log_ids import background_pass

EXPORTS = Counter(
    "moorings_telemetry_exports", "Requests to the collector, by signal and outcome.", ["signal", "outcome"]
)
SPANS_DROPPED = Counter(
    "moorings_telemetry_spans_dropped",
    "Spans that were not sent: the queue was full, or the collector did not take them.",
)

log = structlog.get_logger("moorings.telemetry")


class Outcomes:
    """How exporting of one signal goes; safe from any thread."""

    def __init__(self, signal: str) -> None:
        self._signal = signal
        self._is_away = False
        self._lock = threading.Lock()

    def note(self, *, taken: bool) -> None:
        """Count an export that the collector has *taken*, or has not."""
        EXPORTS.labels(self._signal, "taken" if taken else "failed").inc()
        with self._lock:
            is_news, self._is_away = self._is_away is taken, not taken
        if is_news:
            with background_pass("telemetry"):
                if taken:
                    log.info("telemetry_back", signal=self._signal)
                else:
                    log.warning("telemetry_away", signal=self._signal)


class Once:
    """Logs an event the first time."""

    def __init__(self, event: str, **facts: Any) -> None:
        self._event, self._facts, self._is_told = event, facts, False

    def tell(self) -> None:
        if not self._is_told:
            self._is_told = True
            log.warning(self._event, **self._facts)


def quiet_library() -> None:
    """Keep the exporters' own lines out of the log: one for each attempt, with what the collector says."""
    for name in ("opentelemetry.exporter", "opentelemetry.sdk"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
