"""Prometheus counters and histograms, made from notices.

moorings.connect(notices=ClientMetrics())
"""

from typing import Any

from moorings.errors import ExtraMissing
from moorings.notices import (
    CacheAnswered,
    CircuitChanged,
    ContractMoved,
    EventNotRead,
    EventRefused,
    Notice,
    RequestEnded,
    RequestRetried,
    StaleAnswerServed,
    TokenFailed,
    WriterMissing,
)
from moorings.transport.breaker import Circuit

try:
    from prometheus_client import REGISTRY, CollectorRegistry, Counter, Gauge, Histogram
except ModuleNotFoundError:
    raise ExtraMissing("prometheus", "metrics of the client") from None

_BUCKETS_S = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_CIRCUITS = {str(Circuit.CLOSED): 0, str(Circuit.HALF_OPEN): 1, str(Circuit.OPEN): 2}


class ClientMetrics:
    """A listener that counts; one for each collector, by default Prometheus's own. Labels hold no path and no id."""

    def __init__(self, registry: CollectorRegistry = REGISTRY) -> None:
        def counter(name: str, text: str, *labels: str) -> Any:
            return Counter(f"moorings_client_{name}", text, labels, registry=registry)

        self._requests = Histogram(
            "moorings_client_request_seconds",
            "Requests to the registry, by method and status.",
            ("method", "status"),
            buckets=_BUCKETS_S,
            registry=registry,
        )
        self._circuit = Gauge(
            "moorings_client_circuit", "0 closed, 1 half open, 2 open.", ("place",), registry=registry
        )
        self._retries = counter("retries", "Requests that were retried.")
        self._stale = counter("stale_answers", "Cached responses used while the registry was unavailable.")
        self._cache = counter("schema_lookups", "Schemas looked up in a cache.", "cache", "found")
        self._moved = counter("contract_moves", "Handles that moved to another revision.", "subject")
        self._refused = counter("events_refused", "Events that were not written.", "subject", "major")
        self._unread = counter("events_not_read", "Events that could not be read.", "subject", "major")
        self._tokens = counter("token_failures", "Failures to get a token.")

    def __call__(self, notice: Notice) -> None:
        if isinstance(notice, RequestEnded):
            status = "none" if notice.status is None else str(notice.status)
            self._requests.labels(notice.method, status).observe(notice.lasted_s)
        elif isinstance(notice, CacheAnswered):
            self._cache.labels(notice.cache, "yes" if notice.hit else "no").inc()
        elif isinstance(notice, CircuitChanged):
            self._circuit.labels(notice.place).set(_CIRCUITS[notice.after])
        else:
            self._count(notice)

    def _count(self, notice: Notice) -> None:
        if isinstance(notice, EventRefused):
            self._refused.labels(notice.subject, notice.major).inc()
        elif isinstance(notice, EventNotRead | WriterMissing):
            self._unread.labels(notice.subject, notice.major).inc()
        elif isinstance(notice, ContractMoved):
            self._moved.labels(notice.subject).inc()
        elif isinstance(notice, RequestRetried):
            self._retries.inc()
        elif isinstance(notice, StaleAnswerServed):
            self._stale.inc()
        elif isinstance(notice, TokenFailed):
            self._tokens.inc()
