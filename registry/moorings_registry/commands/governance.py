"""Settings of a scope."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from moorings_registry.commands.decision import Decision, Dependencies, Outcome
from moorings_registry.commands.floors import subject_floor_facts
from moorings_registry.commands.preconditions import Expected, require_match
from moorings_registry.commands.simulation import simulate
from moorings_registry.errors import ContextNotEmpty, ContextNotFound
from moorings_registry.etags import event_etag
from moorings_registry.facts import ConfigChanged, Fact, ModeChanged
from moorings_registry.modes import require_settable
from moorings_registry.names import DEFAULT_CONTEXT, Scope
from moorings_registry.schema_contents.metadata import merge_metadata, require_nothing_secret
from moorings_registry.state import State


@dataclass(frozen=True, slots=True)
class SetConfig:
    """Change settings of a scope. A key with None is cleared, an absent one stays."""

    scope: Scope
    changes: Mapping[str, Any]
    expected: Expected = None
    """The etags (`etags.event_etag`) of which one has to hold; for a subject alone."""


@dataclass(frozen=True, slots=True)
class ClearConfig:
    """Drop all settings that a scope has of its own."""

    scope: Scope


@dataclass(frozen=True, slots=True)
class DeleteContext:
    """Forget a context that holds no subject."""

    context: str


def set_config(state: State, command: SetConfig, dependencies: Dependencies) -> Decision:
    """Decide the new settings; none is new when they are as they were.

    Raises:
        OperationNotPermitted: the scope is read-only.
        PolicyBelowFloor: a registered domain asks for more of the subject.
        MetadataInvalid: metadata has values that are marked sensitive.
    """
    if command.scope.subject is not None:
        require_match(command.expected, event_etag(state, command.scope.subject))
    before = dict(state.configs.get(command.scope.key, {}))
    after = {key: value for key, value in {**before, **command.changes}.items() if value is not None}
    if after == before:
        return Decision((), Outcome(subject=command.scope.key))
    require_settable(state, command.scope)
    if command.changes.keys() & {"defaultMetadata", "overrideMetadata"}:
        require_nothing_secret(merge_metadata(after.get("defaultMetadata"), after.get("overrideMetadata")))
    return _configured(state, command.scope, after, dependencies)


def _configured(state: State, scope: Scope, config: Mapping[str, Any], dependencies: Dependencies) -> Decision:
    changed = ConfigChanged(scope.key, config)
    held: tuple[Fact, ...] = ()
    if scope.subject is not None:
        held = subject_floor_facts(state, simulate(state, (changed,)), scope.subject, dependencies)
    return Decision((changed, *held), Outcome(subject=scope.key))


def clear_config(state: State, command: ClearConfig, dependencies: Dependencies) -> Decision:
    """Decide to drop a scope's settings; there may be none.

    Raises:
        OperationNotPermitted: the scope is read-only.
    """
    if command.scope.key not in state.configs:
        return Decision((), Outcome(subject=command.scope.key))
    require_settable(state, command.scope)
    return _configured(state, command.scope, {}, dependencies)


def delete_context(state: State, command: DeleteContext, _dependencies: Dependencies) -> Decision:
    """Decide to forget a context: it holds no subject, so its settings and its mode are all there is.

    Raises:
        ContextNotFound: nothing of it is known, or it is the default one, which is always there.
        ContextNotEmpty: a subject lies in it, perhaps soft-deleted.
        OperationNotPermitted: it is read-only.
    """
    context, scope = command.context, Scope(command.context)
    if any(subject.context == context for subject in state.subjects):
        raise ContextNotEmpty(context)
    known = context in state.last_id or scope.key in state.configs or scope.key in state.modes
    if context == DEFAULT_CONTEXT or not known:
        raise ContextNotFound(context)
    require_settable(state, scope)
    facts: list[Fact] = [ConfigChanged(scope.key, {})] if scope.key in state.configs else []
    if scope.key in state.modes:
        facts.append(ModeChanged(scope.key, ""))
    return Decision(tuple(facts), Outcome(subject=scope.key))
