"""Serving under gunicorn, the default: one master that loads the state, workers that share its memory."""

import signal
import threading
from functools import partial
from typing import Any

from gunicorn.app.base import BaseApplication
from gunicorn.arbiter import Arbiter
from gunicorn.glogging import Logger as GunicornLogger
from prometheus_client.multiprocess import mark_process_dead

from moorings_registry.access_evidence import record_evidence
from moorings_registry.http.asgi import AsgiMiddleware
from moorings_registry.log_ids import background_pass
from moorings_registry.server.asgi_worker import ENDING, ConnectionCounts, Worker
from moorings_registry.server.ledger_wait import loaded_from_ledger
from moorings_registry.server.logs import log_config
from moorings_registry.server.open_files import most_connections
from moorings_registry.server.options import Options
from moorings_registry.server.worker import end_telemetry, keep_up, load

GRACE_S = 20
"""How long requests that have begun may take when the service ends."""


class Logger(GunicornLogger):  # type: ignore[misc]  # gunicorn carries no types
    """gunicorn's logger without its access log: the middleware writes one."""

    def _compute_access_log_enabled(self) -> bool:
        return False  # a configuration of logging makes gunicorn put together a line that no handler writes


class Master(Arbiter):  # type: ignore[misc]  # gunicorn carries no types
    """gunicorn's arbiter, whose workers miss no signal.

    A worker has the master's handlers until it sets its own. They would note the signal for a loop that it does not
    run, so a service that was stopped as it started waited out the time of a graceful stop.
    """

    def spawn_worker(self) -> Any:
        before = signal.pthread_sigmask(signal.SIG_BLOCK, ENDING)
        try:
            return super().spawn_worker()
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _end_by_signals() -> None:
    """Let a worker that has nothing to finish yet end by those that came, and those that come."""
    for one in ENDING:
        signal.signal(one, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDING)


class GunicornServer(BaseApplication):  # type: ignore[misc]  # gunicorn carries no types
    """gunicorn with settings that fit this service and this machine."""

    def __init__(self, options: Options) -> None:
        self._options = options
        self._application = loaded_from_ledger(options, partial(load, options))
        self._stop: threading.Event | None = None
        Worker.tls = options.tls
        Worker.counts = ConnectionCounts()
        Worker.most = most_connections(options.threads)
        super().__init__()

    def load_config(self) -> None:
        options = self._options
        host = f"[{options.host}]" if ":" in options.host else options.host
        chosen: dict[str, Any] = {
            "bind": [f"{host}:{options.port}", *((f"unix:{options.socket}",) if options.socket else ())],
            # Nobody is believed about schemes and addresses; a proxy that may call for others is known by its user.
            "forwarded_allow_ips": "",
            "workers": options.workers,
            # It answers kept bytes on its event loop at several times the rate of the threaded one; docs/decisions.
            "worker_class": Worker,
            "asgi_lifespan": "off",
            "preload_app": True,
            "http_parser": "auto",
            # Also the time that an idle connection holds up a graceful stop.
            "keepalive": 5,
            "timeout": 60,
            "graceful_timeout": GRACE_S,
            "limit_request_line": 8190,
            "control_socket_disable": True,
            "proc_name": "moorings-registry",
            "logconfig_dict": log_config(),
            "logger_class": Logger,
            "post_fork": self._forked,
            "worker_exit": self._leaving,
            "child_exit": _worker_gone,
        }
        for name, value in chosen.items():
            self.cfg.set(name, value)

    def run(self) -> None:
        Master(self).run()

    def load(self) -> AsgiMiddleware:
        return AsgiMiddleware(self._application.middleware, self._options.threads)

    def _forked(self, _arbiter: Any, _worker: Any) -> None:
        _end_by_signals()
        with background_pass("start"):
            self._application.registry.begin_from_base()  # the master knows what there was when it started
        self._stop = keep_up(self._application, self._options)

    def _leaving(self, _arbiter: Any, _worker: Any) -> None:
        if self._stop is not None:
            self._stop.set()
        record_evidence(self._application.registry)
        end_telemetry()


def _worker_gone(_arbiter: Any, worker: Any) -> None:
    worker.counts.forget(worker.age)
    mark_process_dead(worker.pid)  # type: ignore[no-untyped-call]  # prometheus-client types this one not
