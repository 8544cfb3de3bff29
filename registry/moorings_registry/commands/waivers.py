"""Waivers: granting one takes a reason, two people and an end; withdrawing one takes nothing.

Where callers sign in, the two people are two callers: the one requests, the other one approves.
"""

from collections.abc import Iterator
from dataclasses import dataclass, fields
from datetime import UTC, datetime, timedelta

from moorings_compat import Problem
from moorings_registry.access import is_operator
from moorings_registry.commands.decision import Decision, Dependencies, Outcome
from moorings_registry.entries import moment_text
from moorings_registry.errors import DomainNotFound, OtherCallerNeeded, SubjectInvalid, WaiverInvalid, WaiverNotFound
from moorings_registry.facts import WaiverApproved, WaiverGranted, WaiverRequested, WaiverWithdrawn
from moorings_registry.modes import require_settable
from moorings_registry.names import REGISTRY_SCOPE, Subject
from moorings_registry.state import State, WaiverKind

LONGEST = timedelta(days=90)
LONGEST_REASON = 2_000
LONGEST_PERSON = 200


@dataclass(frozen=True, slots=True)
class GrantWaiver:
    """Suspend a rule of governance; its members are described at `facts.WaiverGranted`."""

    kind: WaiverKind
    domain: str
    reason: str
    requested_by: str = ""
    """Who requests it; empty where callers sign in, since then it is the caller."""
    approved_by: str = ""
    """Who approves it; empty where callers sign in, since then another caller has to."""
    until: datetime | None = None
    subject: str = ""
    major: int = 0
    guid: str = ""


@dataclass(frozen=True, slots=True)
class ApproveWaiver:
    """Agree to a waiver that another caller requested."""

    id: int


@dataclass(frozen=True, slots=True)
class WithdrawWaiver:
    """End a waiver early; one that has ended is left alone."""

    id: int


def grant_waiver(state: State, command: GrantWaiver, dependencies: Dependencies) -> Decision:
    """Decide a waiver.

    Raises:
        DomainNotFound: the domain is not registered.
        WaiverInvalid: something is missing or contradicts something else; says each location.
        OperationNotPermitted: the registry is read-only.
    """
    if command.domain not in state.domains:
        raise DomainNotFound(command.domain)
    by_callers = bool(state.issuers) or not is_operator(dependencies.principal)
    problems = [
        *_reason(command),
        *_people(command, by_callers=by_callers),
        *_end(command, dependencies.now()),
        *_scope(state, command),
    ]
    if problems:
        raise WaiverInvalid("The waiver cannot be granted as requested", problems)
    require_settable(state, REGISTRY_SCOPE)
    fact = WaiverRequested(
        kind=str(command.kind),
        domain=command.domain,
        subject=command.subject,
        major=command.major,
        guid=command.guid,
        reason=command.reason.strip(),
        requested_by=dependencies.principal.name if by_callers else command.requested_by.strip(),
        until=moment_text(command.until.astimezone(UTC)) if command.until else "",
    )
    outcome = Outcome(domain=command.domain, subject=command.subject, created=True)
    if by_callers:
        return Decision((fact,), outcome)
    members = {one.name: getattr(fact, one.name) for one in fields(fact)}
    return Decision((WaiverGranted(**members, approved_by=command.approved_by.strip()),), outcome)


def approve_waiver(state: State, command: ApproveWaiver, dependencies: Dependencies) -> Decision:
    """Decide that a waiver holds; one that does already is nothing new.

    Raises:
        WaiverNotFound, OperationNotPermitted
        OtherCallerNeeded: the caller requested it.
        WaiverInvalid: it was withdrawn, or its end has come.
    """
    waiver = state.waivers.get(command.id)
    if waiver is None:
        raise WaiverNotFound(command.id)
    outcome = Outcome(domain=waiver.domain, subject=waiver.subject)
    if waiver.approved_by and not waiver.withdrawn_at:
        return Decision((), outcome)
    if waiver.withdrawn_at or (waiver.until and waiver.until <= dependencies.now()):
        raise WaiverInvalid(f"Waiver {command.id} has ended")
    if dependencies.principal.name == waiver.requested_by:
        raise OtherCallerNeeded("The caller requested the waiver, so another one has to approve it")
    require_settable(state, REGISTRY_SCOPE)
    return Decision((WaiverApproved(command.id, dependencies.principal.name),), outcome)


def withdraw_waiver(state: State, command: WithdrawWaiver, dependencies: Dependencies) -> Decision:
    """Decide the end of a waiver.

    Raises:
        WaiverNotFound, OperationNotPermitted
    """
    waiver = state.waivers.get(command.id)
    if waiver is None:
        raise WaiverNotFound(command.id)
    outcome = Outcome(domain=waiver.domain, subject=waiver.subject)
    if not waiver.is_open(dependencies.now()) and not waiver.is_pending:
        return Decision((), outcome)
    require_settable(state, REGISTRY_SCOPE)
    return Decision((WaiverWithdrawn(command.id),), outcome)


def _reason(command: GrantWaiver) -> Iterator[Problem]:
    if not command.reason.strip() or len(command.reason) > LONGEST_REASON:
        yield Problem("/reason", f"reason must have 1 to {LONGEST_REASON} characters")


def _people(command: GrantWaiver, *, by_callers: bool) -> Iterator[Problem]:
    for name, text in (("requested_by", command.requested_by), ("approved_by", command.approved_by)):
        if by_callers and text:
            yield Problem(f"/{name}", f"{name} names somebody, but callers sign in here: leave it out")
        elif not by_callers and (not text.strip() or len(text) > LONGEST_PERSON):
            yield Problem(f"/{name}", f"{name} must have 1 to {LONGEST_PERSON} characters")
    if command.approved_by.strip() and command.requested_by.strip().lower() == command.approved_by.strip().lower():
        yield Problem("/approved_by", "the person who approves must be another one than the person who requests")


def _end(command: GrantWaiver, now: str) -> Iterator[Problem]:
    if command.kind is WaiverKind.FINDING:
        if command.until is not None:
            yield Problem("/until", "a waiver of kind finding does not end: leave until out")
        return
    if command.until is None:
        yield Problem(
            "/until", f"until is missing: the moment at which the waiver ends, at most {LONGEST.days} days away"
        )
        return
    today = datetime.fromisoformat(now)
    if command.until <= today:
        yield Problem("/until", "until lies in the past")
    if command.until > today + LONGEST:
        yield Problem("/until", f"until lies more than {LONGEST.days} days away")


def _scope(state: State, command: GrantWaiver) -> Iterator[Problem]:
    if command.subject:
        yield from _subject(command)
    if command.kind is WaiverKind.FINDING:
        for name, value in (("subject", command.subject), ("major", command.major), ("guid", command.guid)):
            if not value:
                yield Problem(f"/{name}", f"a waiver of kind finding needs {name}: it is for one change alone")
        if command.guid and command.guid not in state.definitions:
            yield Problem("/guid", "the registry has not seen a definition with this guid")
    elif command.guid:
        yield Problem("/guid", f"a waiver of kind {command.kind} is not for one definition: leave guid out")
    if command.kind in (WaiverKind.LEVEL, WaiverKind.IMPORT) and command.major:
        yield Problem("/major", f"a waiver of kind {command.kind} is not for one major: leave major out")


def _subject(command: GrantWaiver) -> Iterator[Problem]:
    try:
        subject = Subject.parse(command.subject)
    except SubjectInvalid:
        yield Problem("/subject", "not a subject name")
        return
    if command.domain not in subject.domains:
        yield Problem("/subject", f"the subject is not in domain {command.domain}")
