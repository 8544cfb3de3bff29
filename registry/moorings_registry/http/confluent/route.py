"""What a route of this API is, as data: it is served, described and documented from it."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from flask import Response

from moorings_registry.errors import (
    BodyUnreadable,
    CompilerUnavailable,
    Contention,
    ContextHoldsSettings,
    IdempotencyKeyReused,
    Refusal,
    SubjectInvalid,
    TopicAmbiguous,
)
from moorings_registry.http.confluent.answer import Answer, AnswerShape, write
from moorings_registry.http.confluent.fields import JsonShape
from moorings_registry.http.confluent.query_shapes import Parameter, QueryShape
from moorings_registry.http.confluent.request_reading import read_object, read_query
from moorings_registry.http.statuses import ANY_OPERATION

Errors = tuple[type[Refusal], ...]

EVERYWHERE: Errors = (
    *ANY_OPERATION,
    ContextHoldsSettings,
    BodyUnreadable,
    IdempotencyKeyReused,
    Contention,
    CompilerUnavailable,
)
"""What any route may refuse with."""

_ARGUMENT = re.compile(r"<(?:(?P<converter>\w+):)?(?P<name>\w+)>")


@dataclass(frozen=True, slots=True)
class Route:
    """One method of one path."""

    method: str
    path: str
    """With its arguments as the framework writes them: ``/subjects/<subject>``."""
    operation: str
    """Its id in the description; it never changes."""
    view: Callable[..., Answer]
    """Called with the arguments of the path, and with ``query`` and ``body`` where the route has them.

    Its docstring's first line says what it does.
    """
    answer: AnswerShape | None = None
    """What a success is written by; None for an answer without a body."""
    query: QueryShape | None = None
    body: JsonShape | None = None
    status: int = field(kw_only=True, default=200)
    """Of a success; the status of the error where there is only that."""
    errors: Errors = ()
    """Refusals of its own, besides those that every route may give."""
    note: str = ""
    """Where it deliberately differs from Confluent's own registry, and why."""

    @property
    def refusals(self) -> Errors:
        """Its own errors, and what a name may be wrong about besides its form."""
        return (*self.errors, TopicAmbiguous) if SubjectInvalid in self.errors else self.errors

    @property
    def shown_path(self) -> str:
        """The path as people write it: ``/subjects/{subject}``."""
        return _ARGUMENT.sub(r"{\g<name>}", self.path)

    @property
    def arguments(self) -> tuple[tuple[str, bool], ...]:
        """The name of each argument of the path, and whether it is an integer."""
        return tuple((one["name"], one["converter"] == "int") for one in _ARGUMENT.finditer(self.path))

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        """The parameters that may follow the path."""
        return self.query.parameters if self.query else ()

    @property
    def summary(self) -> str:
        """What it does, in one sentence."""
        return (self.view.__doc__ or "").partition("\n")[0]

    def serve(self, **arguments: Any) -> Response:
        """Answer the request at hand."""
        if self.query is not None:
            arguments["query"] = read_query(self.query)
        if self.body is not None:
            arguments["body"] = read_object(self.body)
        return write(self.view(**arguments), self.answer, self.status)
