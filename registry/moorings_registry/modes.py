"""Modes of subjects, contexts and the registry: what may be written there, as pure functions."""

from moorings_registry.errors import ContextHoldsSettings, OperationNotPermitted
from moorings_registry.names import LAST_SCOPE, REGISTRY_SCOPE, Scope, Subject
from moorings_registry.policy import scopes_of
from moorings_registry.state import State

READWRITE = "READWRITE"
MODES = (READWRITE, "READONLY", "READONLY_OVERRIDE", "IMPORT", "FORWARD")
_READ_ONLY = ("READONLY", "READONLY_OVERRIDE")


def effective_mode(state: State, subject: Subject) -> str:
    """The mode that holds for *subject*; see `mode_in`."""
    return mode_in(state, Scope.of(subject))


def mode_in(state: State, scope: Scope) -> str:
    """The mode that holds in *scope*: the nearest, unless the registry as a whole is read-only by force.

    A registry that follows another one does so in every context.
    """
    whole = [state.modes.get(one.key, "") for one in (REGISTRY_SCOPE, LAST_SCOPE)]
    if "READONLY_OVERRIDE" in whole:
        return "READONLY_OVERRIDE"
    nearest = next((state.modes[one] for one in scopes_of(scope) if one in state.modes), "")
    return nearest or ("FORWARD" if "FORWARD" in whole else READWRITE)


def is_importing(state: State, subject: Subject) -> bool:
    """Whether schemas come with ids and versions of their own."""
    return effective_mode(state, subject) in ("IMPORT", "FORWARD")


def require_writable(state: State, subject: Subject) -> None:
    """Pass, or refuse because of the mode.

    Raises:
        OperationNotPermitted: the subject, its context or the registry is read-only.
    """
    if effective_mode(state, subject) in _READ_ONLY:
        raise OperationNotPermitted(f"Subject {subject} is in read-only mode")


def require_subjects_in(context: str) -> None:
    """Pass, or refuse subjects of the context that holds settings and modes alone.

    Raises:
        ContextHoldsSettings
    """
    if context == LAST_SCOPE.context:
        raise ContextHoldsSettings


def require_settable(state: State, scope: Scope) -> None:
    """Pass, or refuse to change settings of a scope that is read-only.

    Raises:
        OperationNotPermitted
    """
    if mode_in(state, scope) in _READ_ONLY:
        raise OperationNotPermitted(f"{f'Subject {scope.key}' if scope.key else 'The registry'} is in read-only mode")
