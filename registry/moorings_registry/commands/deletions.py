"""Deleting in two steps, soft and then permanent; and taking the first step back."""

from dataclasses import dataclass

from moorings_registry.commands.decision import Decision, Dependencies, Outcome
from moorings_registry.commands.migrations import require_mappings_hold
from moorings_registry.commands.purging import purge_facts
from moorings_registry.commands.restoring import checked_restore
from moorings_registry.errors import (
    AssociatedSubjectKept,
    MajorNotRetired,
    ReferenceExists,
    SubjectAlreadyDeleted,
    SubjectNotDeletedFirst,
    SubjectNotFound,
    VersionAlreadyDeleted,
    VersionNotDeletedFirst,
)
from moorings_registry.facts import Fact, VersionsPermanentlyDeleted, VersionsRestored, VersionsSoftDeleted, WaiverUsed
from moorings_registry.modes import is_importing, require_writable
from moorings_registry.names import Subject
from moorings_registry.policy import owning_domains
from moorings_registry.state import MajorState, State, SubjectState, Version, Waiver, WaiverKind
from moorings_registry.version_selectors import select_version
from moorings_registry.waivers import open_waiver


@dataclass(frozen=True, slots=True)
class DeleteSubject:
    """Hide all active versions; or, once they are hidden, permanently delete them."""

    subject: Subject
    permanent: bool = False
    reason: str = ""
    """Why versions of a registered domain are deleted permanently."""


@dataclass(frozen=True, slots=True)
class DeleteVersion:
    """Hide one version; or, once it is hidden, permanently delete it."""

    subject: Subject
    number: int | str
    """Its number, or another name of it (`selectors`); ``latest`` is the newest that can still be deleted so."""
    permanent: bool = False
    reason: str = ""
    """Why a version of a registered domain is deleted permanently."""


@dataclass(frozen=True, slots=True)
class RestoreVersion:
    """Bring a soft-deleted version back under its number."""

    subject: Subject
    number: int | str


@dataclass(frozen=True, slots=True)
class RestoreSubject:
    """Bring every soft-deleted version of a subject back under its number."""

    subject: Subject


def delete_subject(state: State, command: DeleteSubject, dependencies: Dependencies) -> Decision:
    """Decide the deletion of a subject.

    Raises:
        SubjectNotFound, SubjectAlreadyDeleted, SubjectNotDeletedFirst, ReferenceExists, AssociatedSubjectKept,
        MajorNotRetired, MigrationUnfit, ReasonNeeded, OperationNotPermitted
    """
    subject = command.subject
    held = _held(state, subject)
    require_writable(state, subject)
    if command.permanent:
        if held.active:
            raise SubjectNotDeletedFirst(subject)
        return _remove(state, subject, held.versions, command.reason, dependencies)
    if not held.active:
        raise SubjectAlreadyDeleted(subject)
    return _hide(state, subject, held.active, dependencies)


def delete_version(state: State, command: DeleteVersion, dependencies: Dependencies) -> Decision:
    """Decide the deletion of one version.

    Raises:
        SubjectNotFound, VersionNotFound, VersionInvalid, VersionAlreadyDeleted, VersionNotDeletedFirst,
        ReferenceExists, MajorNotRetired, MigrationUnfit, ReasonNeeded, OperationNotPermitted
    """
    subject = command.subject
    version = _version(state, subject, command.number, permanent=command.permanent)
    number = version.number
    require_writable(state, subject)
    if command.permanent:
        if not version.deleted:
            raise VersionNotDeletedFirst(subject, number)
        return _remove(state, subject, (version,), command.reason, dependencies)
    if version.deleted:
        raise VersionAlreadyDeleted(subject, number)
    return _hide(state, subject, (version,), dependencies)


def restore_version(state: State, command: RestoreVersion, dependencies: Dependencies) -> Decision:
    """Decide an undelete; a version that is active already is left alone. In a domain it is checked as if registered.

    Raises:
        SubjectNotFound, VersionNotFound, VersionInvalid, MigrationUnfit, OperationNotPermitted
    """
    version = _version(state, command.subject, command.number)
    require_writable(state, command.subject)
    outcome = Outcome(subject=str(command.subject), versions=(version.number,))
    if not version.deleted:
        return Decision((), outcome)
    facts = (VersionsRestored(str(command.subject), [version.number]),)
    refused = checked_restore(state, (version,), dependencies)
    if refused is not None:
        return refused
    require_mappings_hold(state, command.subject, facts, dependencies)
    return Decision(facts, outcome)


def restore_subject(state: State, command: RestoreSubject, dependencies: Dependencies) -> Decision:
    """Decide the undelete of a subject; one without soft-deleted versions is left alone. In a domain all are checked.

    Raises:
        SubjectNotFound, MigrationUnfit, OperationNotPermitted
    """
    subject = command.subject
    held = _held(state, subject)
    require_writable(state, subject)
    deleted = tuple(one for one in held.versions if one.deleted)
    numbers = [one.number for one in deleted]
    facts = (VersionsRestored(str(subject), numbers),) if numbers else ()
    refused = checked_restore(state, deleted, dependencies)
    if refused is not None:
        return refused
    require_mappings_hold(state, subject, facts, dependencies)
    return Decision(facts, _outcome(subject, numbers))


def _held(state: State, subject: Subject) -> SubjectState:
    held = state.subject(subject)
    if held is None:
        raise SubjectNotFound(subject)
    return held


def _version(state: State, subject: Subject, name: int | str, *, permanent: bool = True) -> Version:
    held = _held(state, subject)
    moves = name == "latest" or str(name).startswith("v")
    return select_version(held, str(name), deleted=permanent or not moves)


def _hide(state: State, subject: Subject, versions: tuple[Version, ...], dependencies: Dependencies) -> Decision:
    _require_unreferenced(state, subject, versions, hidden_count=False)
    _require_not_the_last_of_a_resource(state, subject, versions)
    used = _waivers_used(state, subject, versions, dependencies)
    numbers = [one.number for one in versions]
    facts: tuple[Fact, ...] = (*used, VersionsSoftDeleted(str(subject), numbers))
    require_mappings_hold(state, subject, facts, dependencies)
    return Decision(facts, _outcome(subject, numbers))


def _waivers_used(
    state: State, subject: Subject, versions: tuple[Version, ...], dependencies: Dependencies
) -> tuple[WaiverUsed, ...]:
    """The waivers that let versions of majors in use be deleted; none outside the registered domains.

    Raises:
        MajorNotRetired: one of them is needed, and not open.
    """
    owners, held = owning_domains(state, subject), state.subject(subject)
    if not owners or held is None:
        return ()
    domain = subject.domain or owners[0].name
    used: dict[int, WaiverUsed] = {}
    for major in sorted({one.major for one in versions}):
        if held.life(major).state in (MajorState.DRAFT, MajorState.RETIRED):
            continue
        waiver = _deleting_waiver(state, domain, subject, major, dependencies.now())
        if waiver is None:
            raise MajorNotRetired(subject, major, owners[0].name)
        used[waiver.id] = WaiverUsed(waiver.id, domain, str(subject), 0, "", [])
    return tuple(used.values())


def _deleting_waiver(state: State, domain: str, subject: Subject, major: int, now: str) -> Waiver | None:
    """What lets versions of a major in use be deleted: a waiver for that, or of what brings them in from elsewhere."""
    kinds = (WaiverKind.RETIRE, WaiverKind.IMPORT) if is_importing(state, subject) else (WaiverKind.RETIRE,)
    found = (open_waiver(state, kind, domain, now, subject=subject, major=major) for kind in kinds)
    return next((one for one in found if one is not None), None)


def _remove(
    state: State, subject: Subject, versions: tuple[Version, ...], reason: str, dependencies: Dependencies
) -> Decision:
    _require_unreferenced(state, subject, versions, hidden_count=True)
    numbers = [one.number for one in versions]
    purged = purge_facts(state, subject, versions, reason, dependencies)
    return Decision((*purged, VersionsPermanentlyDeleted(str(subject), numbers)), _outcome(subject, numbers))


def _outcome(subject: Subject, numbers: list[int]) -> Outcome:
    return Outcome(subject=str(subject), versions=tuple(numbers))


def _require_not_the_last_of_a_resource(state: State, subject: Subject, versions: tuple[Version, ...]) -> None:
    held = state.subject(subject)
    if held is not None and len(held.active) == len(versions) and state.associations_of_subject(subject):
        raise AssociatedSubjectKept(subject)


def _require_unreferenced(state: State, subject: Subject, versions: tuple[Version, ...], *, hidden_count: bool) -> None:
    """Refuse while something else refers to one of *versions*.

    A soft-deleted referrer still resolves by its id, and one that was permanently deleted from a registered domain
    still counts in its major, so with *hidden_count* both prevent a permanent delete.
    """
    going = {(subject, one.number) for one in versions}
    for version in versions:
        for place in state.referrers.get((subject, version.number), ()):
            referrer = state.version_at(place)
            if place in going:
                continue
            if (hidden_count and referrer is None) or (referrer is not None and (hidden_count or not referrer.deleted)):
                raise ReferenceExists(subject, version.number)
