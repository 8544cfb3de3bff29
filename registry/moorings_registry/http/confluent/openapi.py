"""The description of this API: an OpenAPI document made from its routes, and from the shapes that read and write."""

from collections.abc import Iterable, Mapping
from functools import cache
from http import HTTPStatus
from importlib.metadata import version
from typing import Any

import orjson
from apispec import APISpec
from apispec.ext.marshmallow import MarshmallowPlugin
from flask import Response

from moorings_registry.errors import Refusal
from moorings_registry.http.confluent.answer_shapes import ErrorShape
from moorings_registry.http.confluent.fields import JsonShape
from moorings_registry.http.confluent.negotiation import MEDIA_TYPES
from moorings_registry.http.confluent.route import EVERYWHERE, Route
from moorings_registry.http.statuses import STATUSES

PATH = "/openapi/confluent.json"
ERROR_CODES = "x-error-codes"
"""Of an operation, and of each of its statuses: what `error_code` may be."""

_DESCRIPTION = """The Confluent Schema Registry API, as Moorings serves it.

Unknown members of a body and unknown parameters are ignored, and so are values of flags other than `true` and `false`.
Bodies are read as `application/octet-stream`, too. Writes take an `Idempotency-Key`, and answer with
`Moorings-Position`, which a later read may send to be answered from a state at least that new. The native API is
described at `/openapi.json`."""
_ARGUMENTS = {
    "subject": "A subject, or `:.context:subject`; for settings and modes also a context, `:.context:`.",
    "version": "A number from 1, `latest` or `-1`.",
    "id": "The id of a schema.",
    "guid": "The guid of a schema.",
    "kek": "The name of a key encryption key.",
    "context": "A context, such as `.tenant`.",
    "namespace": "The namespace that a resource is in; `-` for any.",
    "name": "The name of a resource or of an exporter.",
    "resource": "The id of a resource.",
}
_SERVERS: list[dict[str, Any]] = [
    {"url": "/"},
    {
        "url": "/contexts/{context}",
        "description": "The same within one context, where plain names are those of that context.",
        "variables": {"context": {"default": "."}},
    },
]

Meanings = dict[int, str]
"""What each `error_code` of a status means."""


def description_response(routes: tuple[Route, ...]) -> Response:
    """Hand out the document."""
    return Response(_rendered(routes), content_type="application/json")


@cache
def _rendered(routes: tuple[Route, ...]) -> bytes:
    return orjson.dumps(describe(routes))


def describe(routes: Iterable[Route]) -> dict[str, Any]:
    """Describe *routes* as an OpenAPI document."""
    plugin = MarshmallowPlugin(schema_name_resolver=_component_name)
    document = APISpec(
        "Confluent Schema Registry API of Moorings",
        version("moorings"),
        "3.1.0",
        [plugin],
        info={"description": _DESCRIPTION, "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"}},
        servers=_SERVERS,
    )
    for status, meanings in _COMMON.items():
        document.components.response(_common_name(status), _refused(status, meanings))
    for route in routes:
        document.path(route.shown_path, operations={route.method.lower(): _operation(route, plugin)})
    return document.to_dict()


def _component_name(shape: Any) -> str:
    name = shape.__name__ if isinstance(shape, type) else type(shape).__name__
    return str(name).removesuffix("Shape")


def _operation(route: Route, plugin: MarshmallowPlugin) -> dict[str, Any]:
    errors = _errors(route)
    operation: dict[str, Any] = {
        "operationId": route.operation,
        "summary": route.summary,
        "parameters": [_argument(name, is_integer=is_integer) for name, is_integer in route.arguments],
        "responses": {**_success(route, plugin), **_refusals(errors)},
        ERROR_CODES: sorted({code for meanings in errors.values() for code in meanings}),
    }
    if route.note:
        operation["description"] = route.note
    if route.query is not None:
        operation["parameters"].append({"in": "query", "schema": route.query})
    if route.body is not None:
        operation["requestBody"] = {"required": True, "content": _content(route.body)}
    return operation


def _argument(name: str, *, is_integer: bool) -> dict[str, Any]:
    schema = {"type": "integer", "minimum": 0} if is_integer else {"type": "string", "minLength": 1}
    return {"name": name, "in": "path", "required": True, "description": _ARGUMENTS[name], "schema": schema}


def _content(schema: Any) -> dict[str, Any]:
    return {media_type: {"schema": schema} for media_type in MEDIA_TYPES}


def _success(route: Route, plugin: MarshmallowPlugin) -> dict[str, Any]:
    """The success of a route, by its status; empty where there is none."""
    if route.status >= HTTPStatus.BAD_REQUEST:
        return {}
    success: dict[str, Any] = {"description": HTTPStatus(route.status).phrase}
    if isinstance(route.answer, JsonShape):
        success["content"] = _content(route.answer)
    elif route.answer is not None and plugin.converter is not None:
        success["content"] = _content(plugin.converter.field2property(route.answer))
    return {str(route.status): success}


def _refusals(errors: Mapping[int, Meanings]) -> dict[str, Any]:
    """The errors of a route, by status; those that any route may answer are described once."""
    return {
        str(status): _common_name(status) if meanings == _COMMON.get(status) else _refused(status, meanings)
        for status, meanings in sorted(errors.items())
    }


def _errors(route: Route) -> dict[int, Meanings]:
    """What a route may refuse with, by status."""
    found = {status: dict(meanings) for status, meanings in _COMMON.items()}
    if route.method not in ("POST", "PUT"):
        del found[HTTPStatus.UNSUPPORTED_MEDIA_TYPE]
    _add(found, route.errors)
    return found


def _add(found: dict[int, Meanings], refusals: Iterable[type[Refusal]]) -> None:
    for one in refusals:
        row = STATUSES[one]
        meanings = found.setdefault(row.confluent, {})
        if one.title not in meanings.get(row.error_code, ""):
            meanings[row.error_code] = "; ".join(filter(None, (meanings.get(row.error_code), one.title)))


def _common() -> dict[int, Meanings]:
    """What any route may refuse with, by status; the first two are errors of HTTP that are not in the catalogue."""
    found: dict[int, Meanings] = {
        406: {406: "None of the media types is accepted"},
        415: {415: "The body is in another media type"},
    }
    _add(found, EVERYWHERE)
    return found


def _common_name(status: int) -> str:
    return f"Error{int(status)}"


def _refused(status: int, meanings: Meanings) -> dict[str, Any]:
    lines = "\n".join(f"- `{code}`: {meaning}" for code, meaning in sorted(meanings.items()))
    return {
        "description": f"{HTTPStatus(status).phrase}.\n\n{lines}",
        "content": {MEDIA_TYPES[0]: {"schema": ErrorShape()}},
        ERROR_CODES: sorted(meanings),
    }


_COMMON = _common()
