"""Modes: what a scope lets happen to its schemas."""

from dataclasses import dataclass

from moorings_registry.commands.decision import Decision, Dependencies, Outcome
from moorings_registry.commands.purging import purge_facts
from moorings_registry.errors import ModeInvalid, OperationNotPermitted, WaiverNeeded
from moorings_registry.facts import Fact, ModeChanged, VersionsPermanentlyDeleted, WaiverUsed
from moorings_registry.modes import MODES, mode_in
from moorings_registry.names import LAST_SCOPE, REGISTRY_SCOPE, Scope
from moorings_registry.policy import owning_domains
from moorings_registry.state import State, SubjectState, WaiverKind
from moorings_registry.waivers import open_waiver

WHOLE_ALONE = ("READONLY_OVERRIDE", "FORWARD")
"""Modes of the registry as a whole alone."""
IMPORTING = ("IMPORT", "FORWARD")


@dataclass(frozen=True, slots=True)
class SetMode:
    """Give a scope a mode; *force* lets a scope that holds schemas take imports."""

    scope: Scope
    mode: str
    force: bool = False


@dataclass(frozen=True, slots=True)
class ClearMode:
    """Take away the mode that a scope has of its own; *recursive* those of the subjects of a context, too."""

    scope: Scope
    recursive: bool = False


def set_mode(state: State, command: SetMode, dependencies: Dependencies) -> Decision:
    """Decide a scope's mode.

    Raises:
        ModeInvalid: unknown, or not for this scope.
        OperationNotPermitted: modes are locked, or schemas stand where imports are to come.
    """
    scope, mode = command.scope, command.mode
    if mode not in MODES:
        raise ModeInvalid(mode)
    if mode in WHOLE_ALONE and scope not in (REGISTRY_SCOPE, LAST_SCOPE):
        raise ModeInvalid(mode, only_whole=True)
    if state.modes.get(scope.key) == mode:
        return Decision((), Outcome(subject=scope.key))
    _require_unlocked(dependencies)
    used = _import_waiver(state, scope, dependencies) if mode in IMPORTING else ()
    purged: tuple[Fact, ...] = ()
    if mode in IMPORTING and mode_in(state, scope) not in IMPORTING and not command.force:
        purged = _emptied(state, scope, dependencies)
    return Decision((*used, *purged, ModeChanged(scope.key, mode)), Outcome(subject=scope.key))


def clear_mode(state: State, command: ClearMode, dependencies: Dependencies) -> Decision:
    """Decide to take a scope's mode away; it may have none.

    Raises:
        OperationNotPermitted: modes are locked.
    """
    keys = [command.scope.key]
    if command.recursive:
        keys += [str(held.subject) for held in _subjects_in(state, command.scope)]
    facts = tuple(ModeChanged(key, "") for key in keys if key in state.modes)
    if facts:
        _require_unlocked(dependencies)
    return Decision(facts, Outcome(subject=command.scope.key))


def _require_unlocked(dependencies: Dependencies) -> None:
    if dependencies.settings.modes_locked:
        raise OperationNotPermitted("Modes of this registry are locked by its operator")


def _import_waiver(state: State, scope: Scope, dependencies: Dependencies) -> tuple[WaiverUsed, ...]:
    """The fact that a waiver lets a subject of a registered domain take imports; none elsewhere.

    A context or the registry as a whole may take imports; subjects of registered domains in it do not without a waiver.

    Raises:
        WaiverNeeded: none of kind ``import`` is open.
    """
    subject = scope.subject
    owners = owning_domains(state, subject) if subject else []
    if subject is None or not owners:
        return ()
    domain = subject.domain or owners[0].name
    waiver = open_waiver(state, WaiverKind.IMPORT, domain, dependencies.now(), subject=subject)
    if waiver is None:
        raise WaiverNeeded(WaiverKind.IMPORT, owners[0].name, f"Import mode of subject '{subject}'")
    return (WaiverUsed(waiver.id, domain, str(subject), 0, "", []),)


def _emptied(state: State, scope: Scope, dependencies: Dependencies) -> tuple[Fact, ...]:
    """What removes the soft-deleted leftovers of a scope that is about to take imports.

    Raises:
        OperationNotPermitted: it holds active versions.
    """
    subjects = _subjects_in(state, scope)
    if any(held.latest for held in subjects):
        raise OperationNotPermitted("Cannot import since found existing subjects")
    leaving = {(held.subject, one.number) for held in subjects for one in held.versions}
    facts: list[Fact] = []
    for held in subjects:
        going = tuple(
            one for one in held.versions if leaving.issuperset(state.referrers.get((held.subject, one.number), ()))
        )
        if going:
            facts += purge_facts(state, held.subject, going, "Its scope was emptied for imports", dependencies)
            facts.append(VersionsPermanentlyDeleted(str(held.subject), [one.number for one in going]))
    return tuple(facts)


def _subjects_in(state: State, scope: Scope) -> list[SubjectState]:
    """The subjects that a scope is made of, by name."""
    if scope.subject is not None:
        held = state.subject(scope.subject)
        return [held] if held else []
    inside = [held for held in state.subjects.values() if scope == LAST_SCOPE or held.subject.context == scope.context]
    return sorted(inside, key=lambda held: held.subject)
