"""Settings of the registry, of a context, of a subject. Aliases are not followed here."""

from typing import Any

from flask import Response, g

from moorings_registry.commands import ClearConfig, SetConfig
from moorings_registry.configuration import read_settings
from moorings_registry.errors import (
    LevelInvalid,
    LevelNotSet,
    MetadataInvalid,
    OperationNotPermitted,
    RuleSetInvalid,
    SubjectInvalid,
    SubjectNotFound,
)
from moorings_registry.http.confluent.answers import Json, answer
from moorings_registry.http.confluent.bodies import read_object
from moorings_registry.http.confluent.parameters import DEFAULT_TO_GLOBAL
from moorings_registry.http.confluent.route import Route
from moorings_registry.http.confluent.scoping import current_scope, scope_meant
from moorings_registry.http.requests import consult, current_caller, current_registry, current_state, wrote
from moorings_registry.names import REGISTRY_SCOPE, Scope
from moorings_registry.policy import effective_settings
from moorings_registry.state import State


def show_config() -> Response:
    """Show the settings of the registry; below a context, those that hold there."""
    state, scope, settings = current_state(), current_scope(), current_registry().settings
    if scope == REGISTRY_SCOPE:
        own = state.configs.get(REGISTRY_SCOPE.key, {})
        return answer(_shown({"compatibility": str(settings.default_level), **own}))
    return answer(_shown(effective_settings(state, scope, settings)))


def put_config() -> Response:
    """Change settings of the registry, or of the context that the path stands in."""
    return _put(current_scope())


def clear_config() -> Response:
    """Go back to the settings that the registry started with; what was set comes back."""
    scope, settings = current_scope(), current_registry().settings
    before = {"compatibility": str(settings.default_level), **current_state().configs.get(scope.key, {})}
    _, state = current_registry().execute(ClearConfig(scope), current_caller())
    return wrote(answer(_shown(before)), state)


def show_subject_config(subject: str) -> Response:
    """Show the settings that a subject has of its own, or with `defaultToGlobal` those that hold for it."""
    scope, effective = scope_meant(subject), DEFAULT_TO_GLOBAL.value
    state = current_state()
    if effective or (scope == REGISTRY_SCOPE and g.context is None):
        return answer(_shown(effective_settings(state, scope, current_registry().settings)))
    own = state.configs.get(scope.key)
    if not own:
        raise LevelNotSet(subject)
    return answer(_shown(own))


def put_subject_config(subject: str) -> Response:
    """Change settings of a subject, which need not exist yet; null clears one, absence keeps it."""
    return _put(scope_meant(subject))


def clear_subject_config(subject: str) -> Response:
    """Drop the settings that a subject has of its own; they come back in the answer."""
    scope = scope_meant(subject)

    def find(state: State) -> Json:
        own = state.configs.get(scope.key)
        if not own:
            raise SubjectNotFound(subject)
        return dict(own)

    before = consult(find)
    _, state = current_registry().execute(ClearConfig(scope), current_caller())
    return wrote(answer(_shown(before)), state)


def _put(scope: Scope) -> Response:
    body = dict(read_object())
    if "compatibility" not in body and "compatibilityLevel" in body:
        body["compatibility"] = body["compatibilityLevel"]
    changes = read_settings(body)
    _, state = current_registry().execute(SetConfig(scope, changes), current_caller())
    return wrote(answer({name: value for name, value in changes.items() if value is not None}), state)


def _shown(settings: Any) -> Json:
    """Settings as they are answered: the level under another name than it is sent."""
    shown = {name: value for name, value in settings.items() if name != "compatibility"}
    return {"compatibilityLevel": settings["compatibility"], **shown} if "compatibility" in settings else shown


_CHANGE = (LevelInvalid, MetadataInvalid, RuleSetInvalid, OperationNotPermitted)
_FIELD_BY_FIELD = (
    "Every setting but an alias comes from the nearest scope that has it, and an owned domain's level stands before "
    "that of its context: one rule for all settings."
)

ROUTES = (
    Route("GET", "/config", show_config),
    Route("PUT", "/config", put_config, (), (SubjectInvalid, *_CHANGE)),
    Route("DELETE", "/config", clear_config, (), (OperationNotPermitted,)),
    Route(
        "GET",
        "/config/<subject>",
        show_subject_config,
        (DEFAULT_TO_GLOBAL,),
        (SubjectInvalid, LevelNotSet),
        _FIELD_BY_FIELD,
    ),
    Route("PUT", "/config/<subject>", put_subject_config, (), (SubjectInvalid, *_CHANGE)),
    Route(
        "DELETE",
        "/config/<subject>",
        clear_subject_config,
        (),
        (SubjectInvalid, SubjectNotFound, OperationNotPermitted),
    ),
)
