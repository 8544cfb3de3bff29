"""Access log and metrics: one line and a few numbers for every request."""

import contextlib
import os
import re
import time
from datetime import UTC, datetime
from urllib.parse import unquote

import orjson
from prometheus_client import Counter, Gauge, Histogram

from moorings_registry.http.messages import Request

REQUESTS = Counter("moorings_http_requests", "Requests answered.", ["route", "method", "status"])
SECONDS = Histogram(
    "moorings_http_request_seconds",
    "Time from the whole request to the whole answer.",
    ["route"],
    buckets=(0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10),
)
KEPT = Counter("moorings_http_kept_answers", "Requests answered before the framework, from rendered bytes.")
REFUSALS = Counter("moorings_refusals", "Requests refused, by code of the catalogue.", ["code"])
SIGN_IN_FAULTS = Counter("moorings_sign_in_faults", "Credentials refused, by class of reason.", ["fault"])
VERIFIED = Counter("moorings_credentials_verified", "Credentials that held and were not remembered from before.")
POSITION = Gauge("moorings_ledger_position", "The position that this node has applied.", multiprocess_mode="max")


_IN_QUERY = re.compile(r"(access_token=)[^&]*", re.IGNORECASE)
_IN_AUTHORITY = re.compile(r"://[^/]*@")
_JWT = re.compile(r"eyJ[\w-]{8,}(?:\.[\w-]*)*")
_SUSPICIOUS = ("eyJ", "oken=", "OKEN=", "@")
"""Seldom in an address; one look for each costs less than the expressions."""
_SIGN_IN = re.compile(r"/admin/+(?:callback|login|open)", re.IGNORECASE)
"""Pages whose queries hold codes, also in an address that leads to none of them."""


def loggable(target: str) -> str:
    """*target* cut, and without credentials that somebody put into the address, or a code that is in the query."""
    path, asked, _ = target.partition("?")
    if asked and _SIGN_IN.search(unquote(path)):
        return f"{path[:200]}?…"
    if any(one in target for one in _SUSPICIOUS):
        target = _JWT.sub("…", _IN_AUTHORITY.sub("://…@", _IN_QUERY.sub(r"\1…", target)))
    return target[:500]


class AccessLog:
    """Writes one JSON object a line; a write is one system call, so that lines of several workers never mix."""

    def __init__(self, descriptor: int | None) -> None:
        """Write to an open file *descriptor*; None writes nothing."""
        self._descriptor = descriptor
        self._second = (0, "")

    def _moment(self) -> str:
        """The time as entries have it; all but its fraction is written once a second."""
        second, fraction_us = divmod(time.time_ns() // 1_000, 1_000_000)
        if second != self._second[0]:
            self._second = (second, datetime.fromtimestamp(second, UTC).strftime("%Y-%m-%dT%H:%M:%S"))
        return f"{self._second[1]}.{fraction_us:06}Z"

    def write(
        self,
        request: Request,
        status: int,
        size_bytes: int,
        seconds: float,
        correlation_id: str,
        principal: str = "",
        trace_id: str = "",
    ) -> None:
        """Write the line of a request that was answered with *size_bytes* of body after *seconds*; never raises."""
        if self._descriptor is None:
            return
        told = {
            "timestamp": self._moment(),
            "level": "info",
            "event": "request",
            "method": request.method[:16],
            "target": loggable(request.target),
            "status": status,
            "bytes": size_bytes,
            "ms": round(seconds * 1000, 3),
            "peer": request.peer,
            "principal": principal,
            "correlation_id": correlation_id,
        }
        if trace_id:
            told["trace_id"] = trace_id
        line = orjson.dumps(told, option=orjson.OPT_APPEND_NEWLINE)
        # Where nobody reads the log any more, or its disk is full, the request is answered nevertheless.
        with contextlib.suppress(OSError):
            os.write(self._descriptor, line)


class RequestObserver:
    """Counts and logs requests; label children are looked up once, since a lookup costs more than the count."""

    def __init__(self, log: AccessLog | None = None) -> None:
        self._log = log or AccessLog(None)
        self._counters: dict[tuple[str, str, int], Counter] = {}
        self._seconds: dict[str, Histogram] = {}

    def answered(
        self,
        request: Request,
        route: str,
        status: int,
        size_bytes: int,
        seconds: float,
        correlation_id: str,
        principal: str = "",
        trace_id: str = "",
    ) -> None:
        """Log and count one request that was answered."""
        method = request.method if request.method in METHODS else "OTHER"
        key = (route, method, status)
        counter = self._counters.get(key)
        if counter is None:
            self._seconds[route] = SECONDS.labels(route)  # first: whoever finds the counter looks for this one
            counter = self._counters[key] = REQUESTS.labels(route, method, str(status))
        counter.inc()
        self._seconds[route].observe(seconds)
        self._log.write(request, status, size_bytes, seconds, correlation_id, principal, trace_id)


METHODS = frozenset(("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"))
