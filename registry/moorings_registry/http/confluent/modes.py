"""Modes of the registry, of a context, of a subject. Aliases are not followed here."""

from flask import Response

from moorings_registry.commands import ClearMode, SetMode
from moorings_registry.errors import ModeInvalid, ModeNotSet, OperationNotPermitted, SubjectInvalid, SubjectNotFound
from moorings_registry.http.confluent.answers import answer
from moorings_registry.http.confluent.bodies import read_object, text_of
from moorings_registry.http.confluent.parameters import DEFAULT_TO_GLOBAL, FORCE, RECURSIVE
from moorings_registry.http.confluent.route import Route
from moorings_registry.http.confluent.scoping import current_scope, scope_meant
from moorings_registry.http.requests import consult, current_caller, current_registry, current_state, wrote
from moorings_registry.names import REGISTRY_SCOPE, Scope
from moorings_registry.policy import READWRITE, mode_in
from moorings_registry.state import State


def show_mode() -> Response:
    """Show the mode of the registry; below a context, the one that holds there."""
    state, scope = current_state(), current_scope()
    own = state.modes.get(scope.key, READWRITE)
    return answer({"mode": own if scope == REGISTRY_SCOPE else mode_in(state, scope)})


def put_mode() -> Response:
    """Change the mode of the registry, or of the context that the path stands in; null takes it away."""
    return _put(current_scope())


def clear_mode() -> Response:
    """Go back to reading and writing; the mode that was set comes back."""
    scope = current_scope()
    before = current_state().modes.get(scope.key, READWRITE)
    _, state = current_registry().execute(ClearMode(scope, RECURSIVE.value), current_caller())
    return wrote(answer({"mode": before}), state)


def show_subject_mode(subject: str) -> Response:
    """Show the mode that a subject has of its own, or with `defaultToGlobal` the one that holds for it."""
    scope, state = scope_meant(subject), current_state()
    if DEFAULT_TO_GLOBAL.value:
        return answer({"mode": mode_in(state, scope)})
    own = state.modes.get(scope.key) or (READWRITE if scope == REGISTRY_SCOPE else None)
    if own is None:
        raise ModeNotSet(subject)
    return answer({"mode": own})


def put_subject_mode(subject: str) -> Response:
    """Change the mode of a subject, which need not exist yet; null takes it away."""
    return _put(scope_meant(subject))


def clear_subject_mode(subject: str) -> Response:
    """Take away the mode that a subject or a context has of its own; it comes back in the answer."""
    scope, recursive = scope_meant(subject), RECURSIVE.value

    def find(state: State) -> str:
        own = state.modes.get(scope.key)
        if own is None and not recursive:
            raise SubjectNotFound(subject)
        return own or READWRITE

    before = consult(find)
    _, state = current_registry().execute(ClearMode(scope, recursive), current_caller())
    return wrote(answer({"mode": before}), state)


def _put(scope: Scope) -> Response:
    mode = text_of(read_object(), "mode")
    command = SetMode(scope, mode.upper(), FORCE.value) if mode else ClearMode(scope)
    _, state = current_registry().execute(command, current_caller())
    return wrote(answer({"mode": mode.upper()} if mode else {}), state)


_CHANGE = (ModeInvalid, OperationNotPermitted)

ROUTES = (
    Route("GET", "/mode", show_mode),
    Route("PUT", "/mode", put_mode, (FORCE,), _CHANGE),
    Route("DELETE", "/mode", clear_mode, (RECURSIVE,), (OperationNotPermitted,)),
    Route("GET", "/mode/<subject>", show_subject_mode, (DEFAULT_TO_GLOBAL,), (SubjectInvalid, ModeNotSet)),
    Route("PUT", "/mode/<subject>", put_subject_mode, (FORCE,), (SubjectInvalid, *_CHANGE)),
    Route(
        "DELETE",
        "/mode/<subject>",
        clear_subject_mode,
        (RECURSIVE,),
        (SubjectInvalid, SubjectNotFound, OperationNotPermitted),
    ),
)
