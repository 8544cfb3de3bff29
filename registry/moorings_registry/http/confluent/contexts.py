"""Contexts: separate worlds of subjects and ids in one registry."""

from flask import Response

from moorings_registry.commands import DeleteContext
from moorings_registry.errors import ContextNotEmpty, ContextNotFound, OperationNotPermitted, SubjectInvalid
from moorings_registry.http.confluent.answers import answer, empty_answer
from moorings_registry.http.confluent.parameters import CONTEXT_PREFIX, LIMIT, OFFSET, page
from moorings_registry.http.confluent.route import Route
from moorings_registry.http.requests import current_caller, current_registry, current_state, wrote
from moorings_registry.names import context_name
from moorings_registry.version_queries import select_contexts


def list_contexts() -> Response:
    """List the contexts, sorted: the default one, and each that holds a subject."""
    return answer(page(select_contexts(current_state(), CONTEXT_PREFIX.value)))


def delete_context(context: str) -> Response:
    """Delete a context that holds no subject: what is left of it are its settings and its mode."""
    _, state = current_registry().execute(DeleteContext(context_name(context)), current_caller())
    return wrote(empty_answer(), state)


ROUTES = (
    Route(
        "GET",
        "/contexts",
        list_contexts,
        (CONTEXT_PREFIX, OFFSET, LIMIT),
        (),
        "A context appears with its first subject and goes with its last, so that no empty ones pile up.",
    ),
    Route(
        "DELETE",
        "/contexts/<context>",
        delete_context,
        (),
        (SubjectInvalid, ContextNotFound, ContextNotEmpty, OperationNotPermitted),
    ),
)
