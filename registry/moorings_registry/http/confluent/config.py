"""Settings of the registry, of a context, of a subject. Aliases are not followed here."""

from collections.abc import Mapping
from typing import Any

from flask import g

from moorings_registry.commands import ClearConfig, SetConfig
from moorings_registry.errors import (
    LevelInvalid,
    LevelNotSet,
    MetadataInvalid,
    OperationNotPermitted,
    PolicyBelowFloor,
    RuleSetInvalid,
    SubjectInvalid,
    SubjectNotFound,
)
from moorings_registry.http.confluent.answer import Answer
from moorings_registry.http.confluent.answer_shapes import ChangedConfigShape, ConfigShape
from moorings_registry.http.confluent.body_shapes import ConfigBody
from moorings_registry.http.confluent.query_shapes import EffectiveQuery
from moorings_registry.http.confluent.route import Route
from moorings_registry.http.confluent.scoping import current_scope, scope_meant
from moorings_registry.http.requests import consult, current_caller, current_registry, current_state
from moorings_registry.names import REGISTRY_SCOPE, Scope
from moorings_registry.policy import effective_settings
from moorings_registry.state import State


def show_config() -> Answer:
    """Show the settings of the registry; below a context, those in effect there."""
    state, scope, settings = current_state(), current_scope(), current_registry().settings
    if scope == REGISTRY_SCOPE:
        own = state.configs.get(REGISTRY_SCOPE.key, {})
        return Answer({"compatibility": str(settings.default_level), **own})
    return Answer(effective_settings(state, scope, settings))


def put_config(body: Mapping[str, Any]) -> Answer:
    """Change settings of the registry, or of the context of the path; without any, show those in effect."""
    scope = current_scope()
    answer = _set(scope, body)
    if body:
        return answer
    state, settings = current_state(), current_registry().settings
    return Answer(effective_settings(state, scope, settings), written=answer.written)


def clear_config() -> Answer:
    """Drop the settings of the registry; the answer has those that were set."""
    scope, settings = current_scope(), current_registry().settings
    before = {"compatibility": str(settings.default_level), **current_state().configs.get(scope.key, {})}
    _, state = current_registry().execute(ClearConfig(scope), current_caller())
    return Answer(before, written=state)


def show_subject_config(subject: str, query: Mapping[str, Any]) -> Answer:
    """Show the settings of a subject itself, or with `defaultToGlobal` those in effect for it."""
    scope, effective = scope_meant(current_state(), subject), query["default_to_global"]
    state = current_state()
    if effective or (scope == REGISTRY_SCOPE and g.context is None):
        return Answer(effective_settings(state, scope, current_registry().settings))
    own = state.configs.get(scope.key)
    if not own:
        raise LevelNotSet(subject)
    return Answer(own)


def put_subject_config(subject: str, body: Mapping[str, Any]) -> Answer:
    """Change settings of a subject, which need not exist yet; null clears one, absence keeps it."""
    return _set(scope_meant(current_state(), subject), body)


def clear_subject_config(subject: str) -> Answer:
    """Drop the settings of a subject itself; the answer has them."""
    scope = scope_meant(current_state(), subject)

    def find(state: State) -> dict[str, Any]:
        own = state.configs.get(scope.key)
        if not own:
            raise SubjectNotFound(subject)
        return dict(own)

    before = consult(find)
    _, state = current_registry().execute(ClearConfig(scope), current_caller())
    return Answer(before, written=state)


def _set(scope: Scope, changes: Mapping[str, Any]) -> Answer:
    _, state = current_registry().execute(SetConfig(scope, changes), current_caller())
    return Answer({name: value for name, value in changes.items() if value is not None}, written=state)


_CHANGE_ERRORS = (LevelInvalid, MetadataInvalid, RuleSetInvalid, PolicyBelowFloor, OperationNotPermitted)
_FIELD_BY_FIELD = (
    "Every setting but an alias comes from the nearest scope that has it (the subject, its context, `:.__GLOBAL:`; the "
    "registry as a whole is the default context), and the level of an owned domain comes "
    "before that of the context: one rule for all settings. A setting that cannot be obeyed is refused (422) "
    "with the reason: `validateNewSchemas` false."
)

ROUTES = (
    Route("GET", "/config", "getConfig", show_config, ConfigShape()),
    Route(
        "PUT",
        "/config",
        "setConfig",
        put_config,
        ChangedConfigShape(),
        body=ConfigBody(),
        errors=(SubjectInvalid, *_CHANGE_ERRORS),
    ),
    Route("DELETE", "/config", "deleteConfig", clear_config, ConfigShape(), errors=(OperationNotPermitted,)),
    Route(
        "GET",
        "/config/<subject>",
        "getSubjectConfig",
        show_subject_config,
        ConfigShape(),
        EffectiveQuery(),
        errors=(SubjectInvalid, LevelNotSet),
        note=_FIELD_BY_FIELD,
    ),
    Route(
        "PUT",
        "/config/<subject>",
        "setSubjectConfig",
        put_subject_config,
        ChangedConfigShape(),
        body=ConfigBody(),
        errors=(SubjectInvalid, *_CHANGE_ERRORS),
    ),
    Route(
        "DELETE",
        "/config/<subject>",
        "deleteSubjectConfig",
        clear_subject_config,
        ConfigShape(),
        errors=(SubjectInvalid, SubjectNotFound, OperationNotPermitted),
    ),
)
