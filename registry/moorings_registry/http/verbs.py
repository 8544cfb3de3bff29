"""What each route does, as one of the verbs that permissions are made of. A route without a verb cannot be served."""

from collections.abc import Mapping

from werkzeug.routing import Map

from moorings_registry.access import Verb
from moorings_registry.http.confluent.scoping import WITHIN

_IN_CONTEXT = f"/contexts/<{WITHIN}>"
_AUTOMATIC = frozenset(("HEAD", "OPTIONS"))

ROUTES: dict[Verb, tuple[str, ...]] = {
    Verb.OPEN: (
        "GET /healthz",
        "GET /readyz",
        "GET /.well-known/jwks.json",
        "GET /.well-known/oauth-authorization-server",
        "POST /v1/token",
        "GET /v1/principal",
        "GET /v1/sign-in",
        "GET /admin/login",
        "GET /admin/login/<alias>",
        "GET /admin/callback",
        "GET /admin/open",
        "POST /admin/open",
        "POST /admin/logout",
        "POST /admin/issuer-logout",
        "GET /admin/static/<name>",
        "GET /admin/<path:_elsewhere>",
        "GET /schemas/types",
    ),
    Verb.READ: (
        "GET /openapi.json",
        "GET /openapi/confluent.json",
        "GET /v1/rules",
        "GET /v1/domains",
        "GET /v1/domains/<domain>",
        "GET /v1/domains/<domain>/owners",
        "GET /v1/grants",
        "GET /v1/grants/<int:id>",
        "GET /v1/access",
        "GET /v1/domains/<domain>/contracts",
        "GET /v1/events",
        "GET /v1/events/<path:subject>",
        "GET /v1/events/<path:subject>/compare",
        "GET /v1/events/<path:subject>/drift",
        "GET /v1/events/<path:subject>/level",
        "GET /v1/events/<path:subject>/majors/<int:major>/migration",
        "GET /v1/events/<path:subject>/majors/<int:major>/retirement",
        "GET /v1/events/<path:subject>/versions",
        "GET /v1/events/<path:subject>/versions/<version>",
        "POST /v1/events/<path:subject>/lookup",
        "GET /v1/schemas/<uuid:guid>",
        "GET /v1/schemas/ids/<int:id>",
        "GET /v1/calendar",
        "GET /v1/feed.atom",
        "GET /v1/webhooks",
        "GET /v1/webhooks/<int:id>",
        "GET /v1/calendar.ics",
        "GET /v1/level",
        "GET /v1/waivers",
        "GET /v1/waivers/<int:id>",
        "GET /v1/reports",
        "GET /v1/reports/<int:id>",
        "POST /v1/checks",
        "GET /v1/inbox",
        "GET /v1/kept-checks",
        "GET /v1/kept-checks/<id>",
        "GET /v1/kept-checks/<id>/reviews",
        "GET /v1/reports/<int:id>/reviews",
        "POST /v1/drift",
        "GET /v1/consumers",
        "GET /v1/consumers/<application>",
        "GET /v1/deployments",
        "GET /v1/events/<path:subject>/usage",
        "POST /v1/usage",
        "POST /v1/sign-in/links",
        "GET /v1/questions/who-reads",
        "GET /v1/questions/unused-fields",
        "GET /v1/questions/as-expected",
        "POST /v1/questions/can-break",
        "GET /v1/questions/can-retire",
        "GET /v1/questions/can-deploy",
        "GET /admin/",
        "GET /admin/domains",
        "GET /admin/domains/<domain>",
        "GET /admin/domains/<domain>/access",
        "GET /admin/access",
        "GET /admin/event",
        "GET /admin/event/compare",
        "GET /admin/events",
        "GET /admin/events/<subject>",
        "GET /admin/events/<subject>/compare",
        "GET /admin/schemas/<guid>",
        "GET /admin/reports",
        "GET /admin/reports/<int:id>",
        "GET /admin/checks",
        "GET /admin/checks/<id>",
        "GET /admin/checks/<id>/schema",
        "GET /admin/checks/<id>/again",
        "GET /admin/reports/<int:id>/again",
        "GET /admin/new-domain",
        "GET /admin/try",
        "POST /admin/try",
        "GET /admin/inbox",
        "GET /admin/policies",
        "GET /admin/domains/<domain>/consumers",
        "GET /admin/search",
        "GET /v1/search",
        "GET /admin/drift",
        "GET /admin/rules",
        "GET /admin/waivers",
        "GET /admin/consumers",
        "GET /admin/questions",
        "GET /admin/calendar",
        "GET /admin/webhooks",
        "GET /",
        "POST /",
        "GET /v1/metadata/id",
        "GET /v1/metadata/version",
        "GET /v1/metadata/deployment",
        "GET /contexts",
        "GET /subjects",
        "POST /subjects/<subject>",
        "GET /subjects/<subject>/metadata",
        "GET /subjects/<subject>/versions",
        "GET /subjects/<subject>/versions/<version>",
        "GET /subjects/<subject>/versions/<version>/schema",
        "GET /subjects/<subject>/versions/<version>/referencedby",
        "GET /schemas",
        "GET /schemas/guids/<guid>",
        "GET /schemas/guids/<guid>/ids",
        "GET /schemas/ids/<int:id>",
        "GET /schemas/ids/<int:id>/schema",
        "GET /schemas/ids/<int:id>/subjects",
        "GET /schemas/ids/<int:id>/versions",
        "POST /compatibility/subjects/<subject>/versions",
        "POST /compatibility/subjects/<subject>/versions/<version>",
        "GET /config",
        "GET /config/<subject>",
        "GET /mode",
        "GET /mode/<subject>",
        "GET /associations/resources/<resource>",
        "GET /associations/resources/<namespace>/<name>",
        "GET /associations/subjects/<subject>",
        "POST /associations:batchGet",
        "GET /dek-registry/v1/keks",
        "GET /dek-registry/v1/keks/<kek>",
        "GET /dek-registry/v1/keks/<kek>/deks",
        "GET /dek-registry/v1/keks/<kek>/deks/<subject>",
        "GET /dek-registry/v1/keks/<kek>/deks/<subject>/versions",
        "GET /dek-registry/v1/keks/<kek>/deks/<subject>/versions/<version>",
    ),
    Verb.REGISTER: (
        "POST /v1/kept-checks/<id>/reviews",
        "POST /v1/reports/<int:id>/reviews",
        "POST /admin/checks/<id>/reviews",
        "POST /admin/reports/<int:id>/reviews",
        "POST /v1/events/<path:subject>/versions",
        "PUT /v1/domains/<domain>/contracts",
        "PUT /v1/consumers/<application>",
        "DELETE /v1/consumers/<application>",
        "PUT /v1/consumers/<application>/holders",
        "PUT /v1/deployments/<environment>/<application>",
        "POST /subjects/<subject>/versions",
        "POST /dek-registry/v1/keks",
        "POST /dek-registry/v1/keks/<kek>/deks",
        "POST /dek-registry/v1/keks/<kek>/deks/<subject>",
    ),
    Verb.GOVERN: (
        "PUT /v1/domains/<domain>",
        "POST /v1/waivers",
        "POST /v1/waivers/<int:id>/approval",
        "DELETE /v1/waivers/<int:id>",
        "POST /v1/domains/<domain>/transfer/acceptance",
        "DELETE /v1/domains/<domain>/transfer",
        "POST /v1/webhooks",
        "DELETE /v1/webhooks/<int:id>",
        "POST /v1/webhooks/<int:id>/replay",
        "POST /v1/webhooks/<int:id>/test",
        "POST /v1/grants",
        "DELETE /v1/grants/<int:id>",
        "GET /v1/domains/<domain>/grants",
        "POST /v1/domains/<domain>/grants",
        "DELETE /v1/domains/<domain>/grants/<int:id>",
        "PUT /v1/events/<name:subject>",
        "DELETE /v1/events/<path:subject>",
        "DELETE /v1/events/<path:subject>/versions/<version>",
        "POST /v1/events/<path:subject>/versions/<version>/restore",
        "PUT /v1/events/<path:subject>/majors/<int:major>",
        "PUT /v1/events/<path:subject>/majors/<int:major>/migration",
        "POST /admin/events/<subject>/level",
        "POST /admin/events/<subject>/majors/<int:major>",
        "POST /admin/events/<subject>/versions/<int:version>/restore",
        "POST /admin/domains",
        "POST /admin/domains/<domain>/profile",
        "POST /admin/domains/<domain>/policy",
        "POST /admin/domains/<domain>/transfer/acceptance",
        "POST /admin/domains/<domain>/transfer/end",
        "POST /admin/domains/<domain>/waivers",
        "POST /admin/reports/<int:id>/waivers",
        "POST /admin/waivers/<int:id>/approval",
        "POST /admin/waivers/<int:id>/end",
        "PUT /v1/events/<path:subject>/level",
        "DELETE /subjects/<subject>",
        "DELETE /subjects/<subject>/versions/<version>",
        "POST /subjects/<subject>/undelete",
        "POST /subjects/<subject>/versions/<version>/undelete",
        "POST /subjects/<subject>/versions/<version>/tags",
        "PUT /config/<subject>",
        "DELETE /config/<subject>",
        "POST /associations",
        "PUT /associations",
        "PUT /associations/resources/<resource>",
        "DELETE /associations/resources/<resource>",
        "POST /associations:batch",
        "POST /associations:batchMutate",
        "PUT /dek-registry/v1/keks/<kek>",
        "DELETE /dek-registry/v1/keks/<kek>",
        "POST /dek-registry/v1/keks/<kek>/undelete",
        "POST /dek-registry/v1/keks/<kek>/test",
        "DELETE /dek-registry/v1/keks/<kek>/deks/<subject>",
        "POST /dek-registry/v1/keks/<kek>/deks/<subject>/undelete",
        "DELETE /dek-registry/v1/keks/<kek>/deks/<subject>/versions/<version>",
        "POST /dek-registry/v1/keks/<kek>/deks/<subject>/versions/<version>/undelete",
    ),
    Verb.OPERATE: (
        "PUT /v1/level",
        "PUT /config",
        "DELETE /config",
        "PUT /mode",
        "DELETE /mode",
        "PUT /mode/<subject>",
        "DELETE /mode/<subject>",
        "DELETE /contexts/<context>",
        "GET /exporters",
        "POST /exporters",
        "GET /exporters/<name>",
        "PUT /exporters/<name>",
        "DELETE /exporters/<name>",
        "GET /exporters/<name>/config",
        "PUT /exporters/<name>/config",
        "GET /exporters/<name>/status",
        "PUT /exporters/<name>/pause",
        "PUT /exporters/<name>/resume",
        "PUT /exporters/<name>/reset",
    ),
    Verb.AUDIT: (
        "GET /metrics",
        "GET /v1/audit",
        "GET /v1/ledger",
        "GET /v1/ledger/head",
        "GET /admin/ledger",
    ),
}
"""By verb: the method and the path of every route. Those below ``/contexts/{c}`` do what the same path does at the
root."""

DECIDED_BY_COMMAND = frozenset(
    (
        "POST /v1/kept-checks/<id>/reviews",
        "POST /v1/reports/<int:id>/reviews",
        "POST /admin/checks/<id>/reviews",
        "POST /admin/reports/<int:id>/reviews",
        "POST /v1/waivers",
        "POST /v1/waivers/<int:id>/approval",
        "DELETE /v1/waivers/<int:id>",
        "POST /admin/domains/<domain>/waivers",
        "POST /admin/reports/<int:id>/waivers",
        "POST /admin/waivers/<int:id>/approval",
        "POST /admin/waivers/<int:id>/end",
        "POST /v1/domains/<domain>/transfer/acceptance",
        "DELETE /v1/domains/<domain>/transfer",
        "POST /admin/domains",
        "POST /admin/domains/<domain>/transfer/acceptance",
        "POST /admin/domains/<domain>/transfer/end",
        "POST /v1/grants",
        "DELETE /v1/grants/<int:id>",
        "POST /v1/webhooks",
        "DELETE /v1/webhooks/<int:id>",
        "POST /v1/webhooks/<int:id>/replay",
        "POST /v1/webhooks/<int:id>/test",
        "PUT /v1/consumers/<application>",
        "DELETE /v1/consumers/<application>",
        "PUT /v1/consumers/<application>/holders",
        "PUT /v1/deployments/<environment>/<application>",
        "POST /associations",
        "PUT /associations",
        "PUT /associations/resources/<resource>",
        "DELETE /associations/resources/<resource>",
        "POST /associations:batch",
        "POST /associations:batchMutate",
        "POST /dek-registry/v1/keks",
        "PUT /dek-registry/v1/keks/<kek>",
        "DELETE /dek-registry/v1/keks/<kek>",
        "POST /dek-registry/v1/keks/<kek>/undelete",
        "POST /dek-registry/v1/keks/<kek>/deks",
    )
)
"""Writes whose path does not name what they touch: a body does, or an id. The command asks for the permission, and the
route for no more than to be signed in."""


def route_name(method: str, rule: str) -> str:
    """What `ROUTES` calls the route with this method and rule."""
    return f"{method} {rule.removeprefix(_IN_CONTEXT)}"


class VerbMissing(RuntimeError):
    """The routes and their verbs do not match, so permissions cannot be asked for."""


def verbs_of(url_map: Map) -> Mapping[tuple[str, str], Verb]:
    """The verb of every route of *url_map*, by its method and its rule.

    Raises:
        VerbMissing: a route has no verb, or a verb has no route.
    """
    table = _table()
    verbs: dict[tuple[str, str], Verb] = {}
    used: set[str] = set()
    missing: list[str] = []
    for rule in url_map.iter_rules():
        for method in sorted((rule.methods or set()) - _AUTOMATIC):
            route = route_name(method, rule.rule)
            if route in table:
                verbs[method, rule.rule] = table[route]
                used.add(route)
            else:
                missing.append(route)
    if missing:
        raise VerbMissing(f"Routes without a verb in http/verbs.py: {', '.join(sorted(set(missing)))}")
    if DECIDED_BY_COMMAND - table.keys():
        raise VerbMissing(f"Routes decided by commands without a verb: {', '.join(DECIDED_BY_COMMAND - table.keys())}")
    if table.keys() - used:
        raise VerbMissing(f"Verbs in http/verbs.py without a route: {', '.join(sorted(table.keys() - used))}")
    return verbs


def _table() -> dict[str, Verb]:
    table: dict[str, Verb] = {}
    for verb, routes in ROUTES.items():
        for route in routes:
            if route in table:
                raise VerbMissing(f"Two verbs for one route in http/verbs.py: {route}")
            table[route] = verb
    return table
