"""How values of the registry look as JSON on this API, and the answers that carry them."""

from datetime import datetime
from typing import Any

import orjson
from flask import Response, g

from moorings_registry.state import Definition, State, Version

Json = dict[str, Any]

FOR_EVER = "private, max-age=31536000, immutable"
ASK_AGAIN = "private, no-cache"


def answer(content: Any, status: int = 200, *, cache: str = "no-store") -> Response:
    """Render *content* as JSON in the media type that was negotiated."""
    response = Response(orjson.dumps(content), status, content_type=g.media_type)
    response.headers["Cache-Control"] = cache
    return response


def text_answer(text: str, *, cache: str = "no-store") -> Response:
    """Hand out a schema's text as it is: for Avro and JSON Schema that is JSON."""
    response = Response(text.encode(), content_type=g.media_type)
    response.headers["Cache-Control"] = cache
    return response


def empty_answer() -> Response:
    """Say that it is done, and nothing more."""
    return Response(status=204)


def version_object(state: State, version: Version, text: str | None = None) -> Json:
    """A version in full; *text* stands in for the stored one where another form was asked for."""
    definition = state.definitions[version.guid]
    return {
        "subject": str(version.subject),
        "version": version.number,
        "id": version.id,
        **definition_object(definition, text),
        "ts": timestamp_ms(version),
        **({"deleted": True} if version.deleted else {}),
    }


def definition_object(definition: Definition, text: str | None = None) -> Json:
    """What a definition says of itself, whoever uses it; members without content are left out."""
    shown: Json = {"guid": definition.guid, "schemaType": str(definition.format)}
    if definition.references:
        shown["references"] = [
            {"name": one.name, "subject": one.subject, "version": one.version} for one in definition.references
        ]
    if definition.metadata:
        shown["metadata"] = definition.metadata
    if definition.rule_set:
        shown["ruleSet"] = definition.rule_set
    shown["schema"] = definition.text if text is None else text
    return shown


def timestamp_ms(version: Version) -> int:
    """When a version was registered, in milliseconds since 1970."""
    return int(datetime.fromisoformat(version.registered_at).timestamp() * 1000)
