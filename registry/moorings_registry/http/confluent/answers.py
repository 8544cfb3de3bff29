"""How values of the registry look as JSON on this API, and the answers that carry them."""

from datetime import datetime
from typing import Any

import orjson
from flask import Response, g

from moorings_compat import Reference
from moorings_registry.http.confluent.parameters import FIND_TAGS, FORMAT, REFERENCE_FORMAT
from moorings_registry.http.requests import current_registry
from moorings_registry.names import Subject
from moorings_registry.schema_contents.inline_tags import tags_in
from moorings_registry.schema_contents.schema_formats import render
from moorings_registry.state import State, Version

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


def text_asked(state: State, guid: str, context: str) -> str:
    """The text of a definition in the form that the request asks for; *context* is where its references lead."""
    definition, form = state.definitions[guid], FORMAT.value
    if not form:
        return definition.text
    return render(current_registry().dependencies.schema_cache.schema(state, definition, context), form)


def version_object(state: State, version: Version) -> Json:
    """A version in full, its text in the form that the request asks for."""
    return {
        "subject": str(version.subject),
        "version": version.number,
        "id": version.id,
        **definition_object(state, version.guid, version.subject.context),
        "ts": timestamp_ms(version),
        **({"deleted": True} if version.deleted else {}),
    }


def definition_object(state: State, guid: str, context: str) -> Json:
    """What a definition says of itself, whoever uses it; members without content are left out."""
    definition = state.definitions[guid]
    shown: Json = {"guid": definition.guid, "schemaType": str(definition.format)}
    if definition.references:
        shown["references"] = [_reference_object(one, context) for one in definition.references]
    if definition.metadata:
        shown["metadata"] = definition.metadata
    if definition.rule_set:
        shown["ruleSet"] = definition.rule_set
    shown["schema"] = text_asked(state, guid, context)
    return shown | _tags_asked(state, guid, context)


def _tags_asked(state: State, guid: str, context: str) -> Json:
    """The tags inside a schema that the request asks for; nothing where it asks for none."""
    asked = FIND_TAGS.value
    if not asked:
        return {}
    schema = current_registry().dependencies.schema_cache.schema(state, state.definitions[guid], context)
    found = [
        {
            "schemaEntity": {"entityPath": one.entity.path, "entityType": one.entity.kind},
            "tags": [tag for tag in one.tags if "*" in asked or tag in asked],
        }
        for one in tags_in(schema)
    ]
    return {"schemaTags": [one for one in found if one["tags"]]}


def _reference_object(reference: Reference, context: str) -> Json:
    subject = reference.subject
    if REFERENCE_FORMAT.value.lower() == "qualified":
        subject = str(Subject.parse(subject, context=context))
    return {"name": reference.name, "subject": subject, "version": reference.version}


def timestamp_ms(version: Version) -> int:
    """When a version was registered, in milliseconds since 1970."""
    return int(datetime.fromisoformat(version.registered_at).timestamp() * 1000)
