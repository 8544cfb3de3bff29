"""Every route of the Confluent API, at the root and once more below each context."""

from flask import Blueprint

from moorings_registry.http.confluent import (
    association_batches,
    associations,
    compatibility,
    config,
    contexts,
    exporters,
    keys,
    modes,
    openapi,
    schemas,
    server,
    subjects,
    tags,
    undelete,
    version_list,
    versions,
)
from moorings_registry.http.confluent.negotiation import negotiate
from moorings_registry.http.confluent.route import Route
from moorings_registry.http.confluent.scoping import WITHIN, enter_context, take_context

FAMILIES = (
    server,
    subjects,
    versions,
    tags,
    undelete,
    version_list,
    schemas,
    compatibility,
    config,
    modes,
    contexts,
    associations,
    association_batches,
    exporters,
    keys,
)

ROUTES: tuple[Route, ...] = tuple(route for family in FAMILIES for route in family.ROUTES)


def confluent_blueprint() -> Blueprint:
    """Every path of the Confluent API that is served."""
    whole = Blueprint("confluent", __name__)
    whole.add_url_rule(openapi.PATH, "description", lambda: openapi.description_response(ROUTES))
    whole.register_blueprint(_routes("routes"))
    whole.register_blueprint(_routes("routes_in_context"), url_prefix=f"/contexts/<{WITHIN}>")
    return whole


def _routes(name: str) -> Blueprint:
    blueprint = Blueprint(name, __name__)
    blueprint.before_request(negotiate)
    blueprint.url_value_preprocessor(take_context)
    blueprint.before_request(enter_context)
    for route in ROUTES:
        blueprint.add_url_rule(route.path, route.operation, route.serve, methods=[route.method])
    return blueprint
