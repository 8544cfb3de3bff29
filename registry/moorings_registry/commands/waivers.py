"""Waivers: granting one takes a reason, two people and an end; withdrawing one takes nothing."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from moorings_compat import Problem
from moorings_registry.commands.decision import Decision, Dependencies, Outcome
from moorings_registry.entries import moment_text
from moorings_registry.errors import DomainNotFound, SubjectInvalid, WaiverInvalid, WaiverNotFound
from moorings_registry.facts import WaiverGranted, WaiverWithdrawn
from moorings_registry.names import REGISTRY_SCOPE, Subject, domain_and_ancestors
from moorings_registry.policy import require_settable
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
    requested_by: str
    approved_by: str
    until: datetime | None = None
    subject: str = ""
    major: int = 0
    guid: str = ""


@dataclass(frozen=True, slots=True)
class WithdrawWaiver:
    """End a waiver before its time; one that has ended is left alone."""

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
    problems = [*_people(command), *_end(command, dependencies.now()), *_scope(state, command)]
    if problems:
        raise WaiverInvalid("The waiver cannot be granted as requested", problems)
    require_settable(state, REGISTRY_SCOPE)
    fact = WaiverGranted(
        kind=str(command.kind),
        domain=command.domain,
        subject=command.subject,
        major=command.major,
        guid=command.guid,
        reason=command.reason.strip(),
        requested_by=command.requested_by.strip(),
        approved_by=command.approved_by.strip(),
        until=moment_text(command.until.astimezone(UTC)) if command.until else "",
    )
    return Decision((fact,), Outcome(domain=command.domain, subject=command.subject, created=True))


def withdraw_waiver(state: State, command: WithdrawWaiver, dependencies: Dependencies) -> Decision:
    """Decide the end of a waiver.

    Raises:
        WaiverNotFound, OperationNotPermitted
    """
    waiver = state.waivers.get(command.id)
    if waiver is None:
        raise WaiverNotFound(command.id)
    outcome = Outcome(domain=waiver.domain, subject=waiver.subject)
    if not waiver.is_open(dependencies.now()):
        return Decision((), outcome)
    require_settable(state, REGISTRY_SCOPE)
    return Decision((WaiverWithdrawn(command.id),), outcome)


def _people(command: GrantWaiver) -> Iterator[Problem]:
    for name, text, longest in (
        ("reason", command.reason, LONGEST_REASON),
        ("requested_by", command.requested_by, LONGEST_PERSON),
        ("approved_by", command.approved_by, LONGEST_PERSON),
    ):
        if not text.strip() or len(text) > longest:
            yield Problem(f"/{name}", f"{name} must have 1 to {longest} characters")
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
    if command.domain not in domain_and_ancestors(subject.domain or ""):
        yield Problem("/subject", f"the subject is not in domain {command.domain}")
