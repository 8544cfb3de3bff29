"""Serving under granian, the fast one: its workers start fresh, so each loads the state for itself."""

from granian.constants import Interfaces
from granian.server import Server

from moorings_registry.http.door import Door
from moorings_registry.server.logs import configure_logs, log_config
from moorings_registry.server.options import Options, options_from_environment
from moorings_registry.server.worker import keep_up, load


def serve(options: Options) -> None:
    """Run until a signal ends it."""
    Server(
        "moorings_registry.server.granian_server:make_door",
        address=options.host,
        port=options.port,
        interface=Interfaces.WSGI,
        workers=options.workers,
        blocking_threads=options.threads,
        factory=True,
        websockets=False,
        respawn_failed_workers=True,
        workers_kill_timeout=20,
        process_name="moorings-registry",
        log_dictconfig=log_config(),
    ).serve()


def make_door() -> Door:
    """Build the application inside a worker process."""
    configure_logs()
    application = load(options_from_environment())
    keep_up(application)
    return application.door
