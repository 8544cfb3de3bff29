"""Health and metrics, for orchestrators and scrapers, and the registry's public keys, for everybody."""

import os
from collections.abc import Iterator
from pathlib import Path

from flask import Blueprint, Response, current_app
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, generate_latest
from prometheus_client.metrics_core import Metric
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead

from moorings_registry.errors import LedgerHistoryLost, LedgerTooNew, LedgerUnavailable, NotFound
from moorings_registry.http.base_metrics import NewestBase
from moorings_registry.http.issuer_metrics import IssuerMetrics
from moorings_registry.http.ledger_metrics import StateMetrics
from moorings_registry.http.requests import current_registry
from moorings_registry.http.token_endpoint import server_metadata
from moorings_registry.issuers import Trust
from moorings_registry.own_keys import OwnKeys
from moorings_registry.service import Registry


def operations_blueprint() -> Blueprint:
    """The paths for health checks, metrics and keys."""
    blueprint = Blueprint("operations", __name__)
    blueprint.get("/healthz")(healthz)
    blueprint.get("/readyz")(readyz)
    blueprint.get("/metrics")(metrics)
    blueprint.get("/.well-known/jwks.json")(public_keys)
    blueprint.get("/.well-known/oauth-authorization-server")(server_metadata)
    return blueprint


def healthz() -> Response:
    """The process answers."""
    return Response("ok\n", content_type="text/plain; charset=utf-8")


def readyz() -> Response:
    """The ledger can be read and written, and the state is up to date with it."""
    registry = current_registry()
    try:
        state = registry.catch_up()
    except (LedgerHistoryLost, LedgerTooNew) as error:
        return Response(f"{error}\n", 503, content_type="text/plain; charset=utf-8")
    except LedgerUnavailable:
        return Response("the ledger cannot be read\n", 503, content_type="text/plain; charset=utf-8")
    try:
        registry.require_writable()
    except LedgerUnavailable as error:
        return Response(f"{error}\n", 503, content_type="text/plain; charset=utf-8")
    trust: Trust | None = current_app.extensions["moorings.trust"]
    ahead = trust.clocks_differ() if trust else ()
    told = f"the clock differs by more than a minute from that of: {', '.join(ahead)}\n" if ahead else ""
    return Response(f"ready at position {state.position}\n{told}", content_type="text/plain; charset=utf-8")


def public_keys() -> Response:
    """The keys that verify what this service signs (RFC 7517)."""
    own_keys: OwnKeys | None = current_app.extensions["moorings.own_keys"]
    if own_keys is None:
        raise NotFound
    # Not kept by anybody for longer than it is true: a node that starts uses its first key immediately.
    headers = {"Cache-Control": "no-cache"}
    return Response(own_keys.key_set(), headers=headers, content_type="application/jwk-set+json")


def metrics() -> Response:
    """Prometheus metrics, summed over the workers of this node."""
    registry = REGISTRY
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        registry = CollectorRegistry()
        registry.register(WorkersMetrics(Path(os.environ["PROMETHEUS_MULTIPROC_DIR"])))
    now = CollectorRegistry()
    trust: Trust | None = current_app.extensions["moorings.trust"]
    for one in (StateMetrics(current_registry()), NewestBase(current_registry()), IssuerMetrics(trust)):
        now.register(one)
    return Response(generate_latest(registry) + generate_latest(now), content_type=CONTENT_TYPE_LATEST)


class WorkersMetrics:
    """The metrics of all workers of this node, out of the files that they share."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def collect(self) -> Iterator[Metric]:
        """The metrics, as a collector of prometheus-client gives them.

        A file is empty for a moment when a worker begins it, and the library's own collector fails on that.
        """
        forget_the_dead(self._folder)
        begun = [str(one) for one in self._folder.glob("*.db") if _has_begun(one)]
        yield from MultiProcessCollector.merge(begun, accumulate=True)  # type: ignore[no-untyped-call]


def _has_begun(path: Path) -> bool:
    try:
        return path.stat().st_size > 0
    except FileNotFoundError:  # that of a worker that has ended: another scrape has removed it
        return False


def forget_the_dead(folder: Path) -> None:
    """Forget gauges of workers that have ended, whichever server ran them: what they told last is not so any more."""
    for path in folder.glob("gauge_live*.db"):
        pid = path.stem.rpartition("_")[2]
        if pid.isdecimal() and not _runs(int(pid)):
            mark_process_dead(int(pid), folder)  # type: ignore[no-untyped-call]  # prometheus-client types this one not


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def of_worker(registry: Registry, trust: Trust | None) -> Iterator[Metric]:
    """The same metrics, as this worker alone has counted them."""
    yield from REGISTRY.collect()
    yield from IssuerMetrics(trust).collect()
    yield from StateMetrics(registry).collect()
    yield from NewestBase(registry).collect()
