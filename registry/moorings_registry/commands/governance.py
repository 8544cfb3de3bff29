"""Settings of a scope, its mode, and the lives of majors."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from moorings_registry.commands.decision import Decision, Outcome, Tools
from moorings_registry.errors import MajorUnknown, SubjectNotFound
from moorings_registry.facts import ConfigChanged, MajorLifecycleChanged, ModeChanged
from moorings_registry.names import Subject
from moorings_registry.state import Lifecycle, MajorState, State


@dataclass(frozen=True, slots=True)
class SetConfig:
    """Change settings of a scope: a subject, a context as ``:.name:``, or empty for the whole registry.

    A key with None is cleared, an absent one stays.
    """

    scope: str
    changes: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ClearConfig:
    """Drop all settings that a scope has of its own."""

    scope: str


@dataclass(frozen=True, slots=True)
class SetMode:
    """Give a scope a mode; empty clears it."""

    scope: str
    mode: str


@dataclass(frozen=True, slots=True)
class SetMajorLifecycle:
    """Make a major active, deprecated or retired."""

    subject: Subject
    major: int
    state: MajorState
    sunset: str = ""


def set_config(state: State, command: SetConfig, _tools: Tools) -> Decision:
    """Decide the new settings; none is new when they are as they were."""
    before = dict(state.configs.get(command.scope, {}))
    after = {key: value for key, value in {**before, **command.changes}.items() if value is not None}
    facts = () if after == before else (ConfigChanged(command.scope, after),)
    return Decision(facts, Outcome(subject=command.scope))


def clear_config(state: State, command: ClearConfig, _tools: Tools) -> Decision:
    """Decide to drop a scope's settings; there may be none."""
    facts = (ConfigChanged(command.scope, {}),) if command.scope in state.configs else ()
    return Decision(facts, Outcome(subject=command.scope))


def set_mode(state: State, command: SetMode, _tools: Tools) -> Decision:
    """Decide a scope's mode."""
    same = state.modes.get(command.scope, "") == command.mode
    facts = () if same else (ModeChanged(command.scope, command.mode),)
    return Decision(facts, Outcome(subject=command.scope))


def set_major_lifecycle(state: State, command: SetMajorLifecycle, _tools: Tools) -> Decision:
    """Decide the life of a major.

    Raises:
        SubjectNotFound, MajorUnknown
    """
    held = state.subject(command.subject)
    if held is None:
        raise SubjectNotFound(command.subject)
    if command.major not in held.majors:
        raise MajorUnknown(command.subject, command.major, max(held.majors))
    same = held.life(command.major) == Lifecycle(command.state, command.sunset)
    fact = MajorLifecycleChanged(str(command.subject), command.major, str(command.state), command.sunset)
    return Decision(() if same else (fact,), Outcome(subject=str(command.subject)))
