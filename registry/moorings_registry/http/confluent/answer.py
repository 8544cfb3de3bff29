"""Answers as values, and how they are written: by the shape that describes them, in the negotiated media type."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson
from flask import Response, g
from marshmallow import fields

from moorings_compat import Format
from moorings_registry.http.confluent.answer_shapes import DefinitionShape, SchemaText
from moorings_registry.http.confluent.fields import JsonShape
from moorings_registry.http.older_clients import is_older
from moorings_registry.http.requests import wrote
from moorings_registry.state import State

FOR_EVER = "private, max-age=31536000, immutable"
ASK_AGAIN = "private, no-cache"

AnswerShape = JsonShape | fields.Field[Any]
"""An object or a list of them, or a plain value that is written as it is."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a view answers."""

    content: Any = None
    """What the shape of the route writes."""
    cache: str = "no-store"
    """How callers may keep it (`Cache-Control`)."""
    written: State | None = None
    """The state that shows what was written."""


def write(answer: Answer, shape: AnswerShape | None, status: int) -> Response:
    """Render *answer* by *shape*; without one, only the status says that it is done."""
    if shape is None:
        response = Response(status=status)
    else:
        response = Response(_body(answer.content, shape), status, content_type=g.media_type)
        response.headers["Cache-Control"] = answer.cache
    return wrote(response, answer.written) if answer.written is not None else response


def _body(content: Any, shape: AnswerShape) -> bytes:
    if isinstance(shape, SchemaText):
        return str(content).encode()
    written = shape.dump(content) if isinstance(shape, JsonShape) else content
    if isinstance(shape, DefinitionShape) and is_older(g.entered.request.headers):
        written = [_as_before(one, shape) for one in written] if shape.many else _as_before(written, shape)
    return orjson.dumps(written)


def _as_before(written: Mapping[str, Any], shape: DefinitionShape) -> dict[str, Any]:
    """A schema with the members that older clients know, of which the oldest know no type: absent, it is Avro."""
    kept = {name: value for name, value in written.items() if name in shape.known_before}
    return {name: value for name, value in kept.items() if (name, value) != ("schemaType", Format.AVRO)}
