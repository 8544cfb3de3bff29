"""The feed: what happened to the registry, for whoever may read it, as Atom (RFC 4287)."""

from typing import Any

from flask import Response, g, request
from marshmallow import Schema as Shape
from marshmallow import fields, validate

from moorings_registry.access import access_of
from moorings_registry.http.atom import MEDIA_TYPE, atom_feed
from moorings_registry.http.native.blueprint import Answer, NativeBlueprint
from moorings_registry.http.requests import consult, current_registry
from moorings_registry.http.telling import current_telling
from moorings_registry.names import is_within
from moorings_registry.registry_events import Describe, RegistryEvent, events_of, kinds_asked_for, reader_of_access
from moorings_registry.state import State

feed = NativeBlueprint("feed", __name__, url_prefix="/v1", description="What happened, to subscribe to.")


class FeedQuery(Shape):
    domain = fields.String(load_default="", metadata={"description": "This domain and those below it."})
    kind = fields.List(
        fields.String(),
        load_default=[],
        validate=validate.Length(max=100),
        metadata={"description": "A kind of event, such as `SchemaRefused`; may be repeated. Left out: all."},
    )
    limit = fields.Integer(load_default=50, validate=validate.Range(min=1, max=200))


@feed.get("/feed.atom")
@feed.operation("showFeed")
@feed.arguments(FeedQuery, location="query")
@feed.response(200, {"type": "string"}, content_type="application/atom+xml")
def show_feed(query: dict[str, Any]) -> Answer:
    """Show the newest events of what the caller may read, newest first; readers ask again with `If-None-Match`."""
    kinds = kinds_asked_for(query["kind"], "kind")

    def find(state: State) -> Response:
        telling = current_telling()
        events = _newest(state, query["domain"], kinds, query["limit"], telling.describe)
        address = request.full_path.rstrip("?")
        response = Response(atom_feed(telling.source, telling.public_url, address, events), content_type=MEDIA_TYPE)
        response.headers["Cache-Control"] = "private, no-cache"
        response.add_etag()
        return response.make_conditional(request.environ)  # type: ignore[return-value]  # it returns itself

    return consult(find)


def _newest(state: State, domain: str, kinds: tuple[str, ...], limit: int, describe: Describe) -> list[RegistryEvent]:
    registry = current_registry()
    reader = reader_of_access(access_of(state.grants, g.principal, registry.dependencies.now()))
    found: list[RegistryEvent] = []
    for entry in registry.recent.until(state.position):
        events = list(events_of(entry, state, reader, describe, kinds))
        found += [one for one in reversed(events) if not domain or is_within(one.domain, domain)]
        if len(found) >= limit:
            break
    return found[:limit]
