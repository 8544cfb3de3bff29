"""Contexts: separate worlds of subjects and ids in one registry."""

from collections.abc import Mapping
from typing import Any

from moorings_registry.commands import DeleteContext
from moorings_registry.errors import ContextNotEmpty, ContextNotFound, OperationNotPermitted, SubjectInvalid
from moorings_registry.http.confluent.answer import Answer
from moorings_registry.http.confluent.answer_shapes import STRINGS
from moorings_registry.http.confluent.query_shapes import ContextsQuery, page
from moorings_registry.http.confluent.route import Route
from moorings_registry.http.requests import current_caller, current_registry, current_state
from moorings_registry.names import context_name
from moorings_registry.version_queries import select_contexts


def list_contexts(query: Mapping[str, Any]) -> Answer:
    """List the contexts, sorted: the default one, and each that holds a subject."""
    return Answer(page(select_contexts(current_state(), query["context_prefix"]), query))


def delete_context(context: str) -> Answer:
    """Delete a context that holds no subject, with its settings and its mode."""
    _, state = current_registry().execute(DeleteContext(context_name(context)), current_caller())
    return Answer(written=state)


ROUTES = (
    Route(
        "GET",
        "/contexts",
        "listContexts",
        list_contexts,
        STRINGS,
        query=ContextsQuery(),
        note="A context appears with its first subject and disappears with its last, so that no empty ones pile up.",
    ),
    Route(
        "DELETE",
        "/contexts/<context>",
        "deleteContext",
        delete_context,
        status=204,
        errors=(SubjectInvalid, ContextNotFound, ContextNotEmpty, OperationNotPermitted),
    ),
)
