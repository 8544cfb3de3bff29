"""An in-process registry: the real service on the memory engine.

The client never imports the service. A package with a service declares the entry point group `moorings.registries`, in
which ``memory`` is a function that returns a WSGI application; the service does (`pip install moorings-registry`).
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import entry_points
from typing import TYPE_CHECKING, Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from moorings.errors import ExtraMissing

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

GROUP = "moorings.registries"


def registry_application() -> "WSGIApplication":
    """Make a new, empty registry that keeps everything in memory.

    Raises:
        ExtraMissing: the service is not installed.
    """
    found = list(entry_points(group=GROUP, name="memory"))
    if not found:
        raise ExtraMissing("server", "an in-process registry", "moorings-registry")
    try:
        make: Any = found[0].load()
    except ModuleNotFoundError:
        raise ExtraMissing("server", "an in-process registry", "moorings-registry") from None
    application: WSGIApplication = make()
    return application


@contextmanager
def served(application: "WSGIApplication") -> Iterator[str]:
    """Serve an application on a free port of the loopback, in a thread; give its URL."""
    with make_server("127.0.0.1", 0, application, _Server, _Quiet) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


class _Server(WSGIServer):
    def handle_error(self, request: Any, client_address: Any) -> None:
        """Ignore disconnected clients: cutting connections is what fault tests do."""


class _Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        """Keep requests out of the tests' output."""
