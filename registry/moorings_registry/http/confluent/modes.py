"""Modes of the registry, of a context, of a subject. Aliases are not followed here."""

from collections.abc import Mapping
from typing import Any

from moorings_registry.commands import ClearMode, SetMode
from moorings_registry.errors import (
    ModeInvalid,
    ModeNotSet,
    OperationNotPermitted,
    SubjectInvalid,
    SubjectNotFound,
    WaiverNeeded,
)
from moorings_registry.http.confluent.answer import Answer
from moorings_registry.http.confluent.answer_shapes import ModeShape
from moorings_registry.http.confluent.body_shapes import ModeBody
from moorings_registry.http.confluent.query_shapes import ClearModeQuery, EffectiveQuery, SetModeQuery
from moorings_registry.http.confluent.route import Route
from moorings_registry.http.confluent.scoping import current_scope, scope_meant
from moorings_registry.http.requests import consult, current_caller, current_registry, current_state
from moorings_registry.modes import READWRITE, mode_in
from moorings_registry.names import REGISTRY_SCOPE, Scope
from moorings_registry.state import State


def show_mode() -> Answer:
    """Show the mode of the registry; below a context, the one in effect there."""
    state, scope = current_state(), current_scope()
    own = state.modes.get(scope.key, READWRITE)
    return Answer({"mode": own if scope == REGISTRY_SCOPE else mode_in(state, scope)})


def put_mode(query: Mapping[str, Any], body: Mapping[str, Any]) -> Answer:
    """Change the mode of the registry, or of the context of the path; null removes it."""
    return _set(current_scope(), query, body)


def clear_mode(query: Mapping[str, Any]) -> Answer:
    """Remove the mode of the registry, which then reads and writes; the answer has the mode that was set."""
    scope = current_scope()
    before = current_state().modes.get(scope.key, READWRITE)
    _, state = current_registry().execute(ClearMode(scope, query["recursive"]), current_caller())
    return Answer({"mode": before}, written=state)


def show_subject_mode(subject: str, query: Mapping[str, Any]) -> Answer:
    """Show the mode of a subject itself, or with `defaultToGlobal` the one in effect for it."""
    scope, state = scope_meant(current_state(), subject), current_state()
    if query["default_to_global"]:
        return Answer({"mode": mode_in(state, scope)})
    own = state.modes.get(scope.key) or (READWRITE if scope == REGISTRY_SCOPE else None)
    if own is None:
        raise ModeNotSet(subject)
    return Answer({"mode": own})


def put_subject_mode(subject: str, query: Mapping[str, Any], body: Mapping[str, Any]) -> Answer:
    """Change the mode of a subject, which need not exist yet; null removes it."""
    return _set(scope_meant(current_state(), subject), query, body)


def clear_subject_mode(subject: str, query: Mapping[str, Any]) -> Answer:
    """Remove the mode of a subject or a context itself; the answer has it."""
    scope, recursive = scope_meant(current_state(), subject), query["recursive"]

    def find(state: State) -> str:
        own = state.modes.get(scope.key)
        if own is None and not recursive:
            raise SubjectNotFound(subject)
        return own or READWRITE

    before = consult(find)
    _, state = current_registry().execute(ClearMode(scope, recursive), current_caller())
    return Answer({"mode": before}, written=state)


def _set(scope: Scope, query: Mapping[str, Any], body: Mapping[str, Any]) -> Answer:
    mode = (body["mode"] or "").upper()
    command = SetMode(scope, mode, query["force"]) if mode else ClearMode(scope)
    _, state = current_registry().execute(command, current_caller())
    return Answer({"mode": mode} if mode else {}, written=state)


_CHANGE_ERRORS = (ModeInvalid, OperationNotPermitted)

ROUTES = (
    Route("GET", "/mode", "getMode", show_mode, ModeShape()),
    Route("PUT", "/mode", "setMode", put_mode, ModeShape(), SetModeQuery(), ModeBody(), errors=_CHANGE_ERRORS),
    Route("DELETE", "/mode", "deleteMode", clear_mode, ModeShape(), ClearModeQuery(), errors=(OperationNotPermitted,)),
    Route(
        "GET",
        "/mode/<subject>",
        "getSubjectMode",
        show_subject_mode,
        ModeShape(),
        EffectiveQuery(),
        errors=(SubjectInvalid, ModeNotSet),
    ),
    Route(
        "PUT",
        "/mode/<subject>",
        "setSubjectMode",
        put_subject_mode,
        ModeShape(),
        SetModeQuery(),
        ModeBody(),
        errors=(SubjectInvalid, WaiverNeeded, *_CHANGE_ERRORS),
    ),
    Route(
        "DELETE",
        "/mode/<subject>",
        "deleteSubjectMode",
        clear_subject_mode,
        ModeShape(),
        ClearModeQuery(),
        errors=(SubjectInvalid, SubjectNotFound, OperationNotPermitted),
    ),
)
