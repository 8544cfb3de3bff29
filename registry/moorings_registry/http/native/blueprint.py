"""The native API as a whole: its blueprint, how it reads bodies, and its description."""

import json
from functools import cache
from typing import Any

from flask import Flask, Request, Response
from flask_smorest import Api, Blueprint
from marshmallow import RAISE
from marshmallow import Schema as Shape
from webargs.flaskparser import FlaskParser

from moorings_compat import Problem
from moorings_compat.json_text import pointer
from moorings_registry.errors import (
    CompilerUnavailable,
    Contention,
    IdempotencyKeyReused,
    MetadataInvalid,
    ReferenceNotFound,
    Refusal,
    RequestInvalid,
    RuleSetInvalid,
    SchemaInvalid,
    SchemaLimitExceeded,
    StateChanged,
)
from moorings_registry.http.error_answers import PROBLEM_TYPE
from moorings_registry.http.native.problem_shapes import ProblemShape
from moorings_registry.http.paths import keep_slashes_apart
from moorings_registry.http.requests import current_request, read_body, require_body_within
from moorings_registry.http.shape_problems import invalid_request
from moorings_registry.http.statuses import ANY_OPERATION, STATUSES

Answer = Any
"""What a view answers, to be written by the shape of its response: a value, or with its status or its headers."""


ERROR_CODES = "x-error-codes"
"""The member of an operation that lists the codes of the errors that it may answer."""

WRITING: tuple[type[Refusal], ...] = (Contention, IdempotencyKeyReused, MetadataInvalid, SchemaLimitExceeded)
"""What every write may answer besides."""
READING_A_SCHEMA: tuple[type[Refusal], ...] = (
    CompilerUnavailable,
    MetadataInvalid,
    ReferenceNotFound,
    RuleSetInvalid,
    SchemaInvalid,
    SchemaLimitExceeded,
)
"""What may be wrong with a schema that is sent."""


_WRITES = frozenset(("PUT", "POST", "DELETE"))


class StrictParser(FlaskParser):
    """Reads JSON the way the whole registry does, and names every wrong place by a JSON Pointer."""

    DEFAULT_UNKNOWN_BY_LOCATION = {**FlaskParser.DEFAULT_UNKNOWN_BY_LOCATION, "query": RAISE}  # noqa: RUF012 - webargs'

    def load_json(self, req: Any, schema: Shape) -> Any:
        return read_body(empty={})

    def handle_error(self, error: Any, req: Any, schema: Shape, **_rest: Any) -> Any:
        raise invalid_request(error.messages, schema)


class NativeBlueprint(Blueprint):
    """A blueprint whose bodies are read strictly."""

    ARGUMENTS_PARSER = StrictParser()

    def __init__(self, *names: Any, **options: Any) -> None:
        super().__init__(*names, **options)
        self._querying: set[str] = set()
        self._unconditional: set[str] = set()
        """The operations that no `If-Match` can hold back."""
        self._largest_bodies: dict[str, int] = {}
        """How many bytes the body of an operation may have, where that is less than any request may send."""
        self.before_request(self._refuse_beforehand)

    def arguments(self, shape: type[Shape], **options: Any) -> Any:
        """Read what a view takes by *shape*, which is built here, once, and not for every request."""
        reading = super().arguments(shape(), **options)

        def decorate(view: Any) -> Any:
            if options.get("location") == "query":
                self._querying.add(f"{self.name}.{view.__name__}")
            return reading(view)

        return decorate

    def _refuse_beforehand(self) -> None:
        """Refuse what the operation does not take, whatever its shapes say."""
        asked = current_request()
        self._refuse_large_bodies(asked)
        self._refuse_unknown_parameters(asked)
        self._refuse_conditions(asked)

    def _refuse_large_bodies(self, asked: Request) -> None:
        """Refuse what is larger than the operation takes before anything of it is read."""
        limit_bytes = self._largest_bodies.get(asked.endpoint or "")
        if limit_bytes is not None:
            require_body_within(limit_bytes)

    def _refuse_unknown_parameters(self, asked: Request) -> None:
        """Refuse query parameters where a view takes none; where it takes some, its shape refuses the others."""
        if asked.query_string and asked.args and asked.endpoint not in self._querying:
            problems = [Problem(pointer(name), "Unknown query parameter. There are none here.") for name in asked.args]
            raise RequestInvalid(f"Invalid query parameters: {problems[0]}", problems)

    def _refuse_conditions(self, asked: Request) -> None:
        """Refuse `If-Match` of a write that does not obey it: the caller relies on what would not be looked at."""
        if "If-Match" in asked.headers and asked.method in _WRITES and asked.endpoint in self._unconditional:
            raise RequestInvalid("This request does not support If-Match")

    def operation(self, operation_id: str, *refusals: type[Refusal], largest_body_bytes: int | None = None) -> Any:
        """Describe a view by its name, and by the refusals that it may answer besides those of every operation."""
        by_status: dict[int, list[type[Refusal]]] = {}
        for refusal in sorted({*ANY_OPERATION, *refusals}, key=lambda one: one.code):
            by_status.setdefault(STATUSES[refusal].native, []).append(refusal)
        responses = {
            str(status): {
                "description": "; ".join(f"`{one.code}`: {one.title}" for one in ones),
                "content": {PROBLEM_TYPE: {"schema": ProblemShape}},
            }
            for status, ones in sorted(by_status.items())
        }
        codes = sorted(one.code for ones in by_status.values() for one in ones)
        described = self.doc(operationId=operation_id, responses=responses, **{ERROR_CODES: codes})

        def decorate(view: Any) -> Any:
            endpoint = f"{self.name}.{view.__name__}"
            if StateChanged not in refusals:
                self._unconditional.add(endpoint)
            if largest_body_bytes is not None:
                self._largest_bodies[endpoint] = largest_body_bytes
            return described(view)

        return decorate


class Description(Api):
    """The document at /openapi.json, in which errors have the form and the media type that they are sent with."""

    ERROR_SCHEMA = ProblemShape

    def _register_responses(self) -> None:
        # It describes errors with the media type of everything else, and has no setting for another.
        self.DEFAULT_RESPONSE_CONTENT_TYPE = PROBLEM_TYPE
        super()._register_responses()
        del self.DEFAULT_RESPONSE_CONTENT_TYPE


def mount(app: Flask, blueprints: tuple[Blueprint, ...], version: str) -> None:
    """Register the native routes on *app*, and serve their description at /openapi.json.

    It is made when somebody asks for it, once a process: that takes longer than all the rest of an application.
    """
    for blueprint in blueprints:
        app.register_blueprint(blueprint)

    def openapi_json() -> Response:
        return Response(description(blueprints, version), content_type="application/json")

    app.add_url_rule("/openapi.json", view_func=openapi_json)


@cache
def description(blueprints: tuple[Blueprint, ...], version: str) -> str:
    """The description of the native routes, an OpenAPI document in JSON."""
    app = Flask("moorings_registry", static_folder=None, template_folder=None)
    app.config.update(API_TITLE="Moorings", API_VERSION=version, OPENAPI_VERSION="3.1.0")
    keep_slashes_apart(app.url_map)
    api = Description(app, spec_kwargs={"info": {"description": _DESCRIPTION, "license": {"name": "Apache-2.0"}}})
    for blueprint in blueprints:
        api.register_blueprint(blueprint)
    return json.dumps(api.spec.to_dict(), indent=2)


_DESCRIPTION = """Event contracts, explicit, owned and enforced.

Errors are problem details (RFC 9457) with a stable `code`. Writes take an `Idempotency-Key`, and answer with
`Moorings-Position`, which a later read may carry to be answered from a state at least that new.
The Confluent Schema Registry API is served beside this one, at the root."""
