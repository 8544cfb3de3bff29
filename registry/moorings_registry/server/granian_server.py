"""Serving under granian, the fast one: its workers start fresh, so each loads the state for itself.

Its WSGI side would be faster still, but there a thread waits for each body that a slow caller has begun to send, and a
few such callers would keep everybody else out. Its RSGI side costs less than ASGI, but tells paths only without their
escapes, and ``/subjects/a%2Fb`` is another subject than ``/subjects/a/b``.
"""

import signal
import sys
from functools import partial
from multiprocessing.util import Finalize

import structlog
from granian.constants import Interfaces
from granian.server import Server

from moorings_registry.access_evidence import record_evidence
from moorings_registry.errors import LedgerUnavailable
from moorings_registry.exit_codes import AWAY
from moorings_registry.http.asgi import AsgiMiddleware
from moorings_registry.ledger import LedgerError
from moorings_registry.server.ledger_wait import loaded_from_ledger
from moorings_registry.server.logs import configure_logs, log_config
from moorings_registry.server.options import Options, options_from_environment
from moorings_registry.server.worker import end_telemetry, keep_up, load

log = structlog.get_logger("moorings.server")


def serve(options: Options) -> None:
    """Run until a signal ends it.

    Raises:
        LedgerError: see `loaded_from_ledger`.
    """
    loaded_from_ledger(options, lambda ledger: ledger.close())  # each worker opens its own
    Server(
        "moorings_registry.server.granian_server:make_application",
        address="127.0.0.1" if options.host == "localhost" else options.host,  # it takes no names
        port=options.port,
        interface=Interfaces.ASGINL,
        workers=options.workers,
        factory=True,
        websockets=False,
        respawn_failed_workers=True,
        workers_kill_timeout=20,
        log_dictconfig=log_config(),
    ).serve()


def make_application() -> AsgiMiddleware:
    """Build the application inside a worker process."""
    for one in (signal.SIGTERM, signal.SIGINT):  # those of the master are there, and would note them for nobody
        signal.signal(one, signal.SIG_DFL)  # until granian sets its own
    configure_logs()
    options = options_from_environment()
    try:  # it may be away when a worker takes the place of another
        application = loaded_from_ledger(options, partial(load, options), answering=False)
    except (LedgerError, LedgerUnavailable) as error:
        log.error("worker_without_ledger", cause=str(error))
        sys.exit(AWAY)  # granian starts another one
    keep_up(application, options)
    # Such a process ends without what is registered with `atexit`.
    Finalize(None, record_evidence, (application.registry,), exitpriority=2)
    Finalize(None, end_telemetry, exitpriority=1)
    return AsgiMiddleware(application.middleware, options.threads)
