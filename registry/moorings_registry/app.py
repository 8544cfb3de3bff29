"""Wires the registry together, by plain constructor calls, in one place."""

from dataclasses import dataclass
from importlib.metadata import version

from moorings_registry.drift import DriftStore
from moorings_registry.export_statuses import ExportStatuses
from moorings_registry.http.access_log import AccessLog, RequestObserver
from moorings_registry.http.authentication import LoopbackAuthentication
from moorings_registry.http.confluent import confluent_blueprint
from moorings_registry.http.flask_app import answer_errors, build
from moorings_registry.http.middleware import Middleware
from moorings_registry.http.native import mount_native
from moorings_registry.http.operations import operations_blueprint
from moorings_registry.http.response_cache import ResponseCache
from moorings_registry.ledger import Ledger
from moorings_registry.node_position import NodePosition
from moorings_registry.service import Registry
from moorings_registry.settings import Settings
from moorings_registry.web import pages_blueprint


@dataclass(frozen=True, slots=True)
class Application:
    """A registry with its door; what a server runs, and what tests call."""

    registry: Registry
    middleware: Middleware


def build_application(
    ledger: Ledger,
    settings: Settings | None = None,
    *,
    node_position: NodePosition | None = None,
    exports: ExportStatuses | None = None,
    drift: DriftStore | None = None,
    access_log: AccessLog | None = None,
) -> Application:
    """Put a registry on *ledger* and a door before it. The state is loaded here, before any worker forks."""
    registry = Registry(ledger, settings, node_position=node_position, exports=exports, drift=drift)
    registry.catch_up()
    response_cache = ResponseCache(registry)
    blueprints = (operations_blueprint(), pages_blueprint(), confluent_blueprint())
    framework = build(registry, response_cache, blueprints)
    mount_native(framework, version("moorings"))
    answer_errors(framework)
    middleware = Middleware(framework, response_cache, LoopbackAuthentication(), RequestObserver(access_log))
    return Application(registry, middleware)
