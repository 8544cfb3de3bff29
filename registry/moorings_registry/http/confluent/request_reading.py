"""What a request sends, read by the shapes that describe it."""

from collections.abc import Mapping
from typing import Any, cast

from flask import request
from marshmallow import ValidationError

from moorings_registry.errors import RequestInvalid
from moorings_registry.http.confluent.fields import JsonShape
from moorings_registry.http.confluent.query_shapes import QueryShape
from moorings_registry.http.requests import read_body
from moorings_registry.http.shape_problems import invalid_request


def read_query(shape: QueryShape) -> Mapping[str, Any]:
    """The parameters of the request at hand.

    Raises:
        RequestInvalid: one of them has a wrong value.
    """
    if not request.args:
        return shape.absent
    sent = {}
    for parameter in shape.parameters:
        name = str(parameter.data_key)
        values = [value for one in (name, *parameter.spellings) for value in request.args.getlist(one)]
        if values:
            sent[name] = parameter.pick(values)
    try:
        return cast(dict[str, Any], shape.load(sent))
    except ValidationError as error:
        name, messages = next(iter(error.messages_dict.items()))
        raise RequestInvalid(f"Invalid query parameter {name}: {messages[0]}") from None


def read_object(shape: JsonShape) -> dict[str, Any]:
    """The body of the request at hand, which is an object.

    Raises:
        BodyUnreadable, RequestInvalid, and what the members of the shape raise.
    """
    body = read_body()
    if body is None:
        raise RequestInvalid("Missing request body: a JSON object")
    return load_object(shape, body)


def load_object(shape: JsonShape, sent: Any) -> dict[str, Any]:
    """An object inside a body, or the whole body.

    Raises:
        RequestInvalid, and what the members of the shape raise.
    """
    try:
        return cast(dict[str, Any], shape.load(sent))
    except ValidationError as error:
        raise invalid_request({"body": error.messages}, shape) from None
