"""The registry for its users' tests: what the entry point group `moorings.registries` leads to."""

from moorings_registry.app import build_application
from moorings_registry.engines import open_ledger
from moorings_registry.http.access_log import AccessLog
from moorings_registry.http.middleware import Middleware


def in_memory() -> Middleware:
    """Make an empty registry that keeps everything in memory, as a WSGI application."""
    return build_application(open_ledger("memory:"), access_log=AccessLog(None)).middleware
