"""Kept checks of the service: keeping what a CI job asked, and what became of it since.

The report of a kept check is derived again like that of any other, so only the candidate and what it was compared with
are stored. Errors of the store become errors of the catalogue here.
"""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from typing import Any

import structlog

from moorings_registry.access import Verb, may_read
from moorings_registry.commands import Assessment, Candidate, simulate
from moorings_registry.entries import moment_text
from moorings_registry.errors import KeptCheckNotFound, KeptChecksUnavailable, ReportNotFound, SchemaLimitExceeded
from moorings_registry.facts import SchemaDefined
from moorings_registry.kept_checks import (
    LARGEST_BYTES,
    CheckSource,
    KeptCheck,
    KeptCheckStoreError,
    StoredCheck,
    check_id,
)
from moorings_registry.kept_checks.values import KeptCandidate, read_candidate, read_summary, stored
from moorings_registry.names import Subject
from moorings_registry.policy import owning_domains, policy_record
from moorings_registry.principals import Principal
from moorings_registry.reports import DerivedReport, derive_report
from moorings_registry.service import Registry
from moorings_registry.state import CheckRecord, HeldReader, State, Version

_READERS = "\treaders"
"""After the domain that checks of its readers count for: no domain is named so."""
log = structlog.get_logger("moorings.kept_checks")


class Fate(StrEnum):
    """What became of a checked candidate."""

    REGISTERED = "registered"
    """It is a version of its event now."""
    SUPERSEDED = "superseded"
    """The same branch has another candidate since."""
    OUTDATED = "outdated"
    """A revision was registered since that it was not compared with."""
    OPEN = "open"


@dataclass(frozen=True, slots=True)
class Became:
    """What became of a candidate, as far as the caller may see it."""

    fate: Fate
    version: Version | None = None
    """What it is, or which revision came since."""
    later: KeptCheck | None = None
    """The check that supersedes it."""
    also_on: tuple[str, ...] = ()
    """Other branches on which the same candidate was checked: the one that it was merged into."""


def keep_check(
    registry: Registry,
    state: State,
    principal: Principal,
    assessed: Assessment,
    candidate: Candidate,
    source: CheckSource,
) -> KeptCheck:
    """Keep what was found about *candidate*; the same candidate on the same branch is kept once.

    Raises:
        KeptChecksUnavailable: the store cannot be used right now.
        SchemaLimitExceeded: the candidate is too large to be kept.
    """
    check, kept = as_kept(registry, state, principal, assessed, candidate, source)
    before = _stored(registry, check.id)
    if before is not None:
        check = replace(check, first_at=read_summary(before.summary).first_at)
    row = stored(check, kept, _counted_with(registry, state, principal, assessed.subject, before))
    if len(row.content) > LARGEST_BYTES:
        raise SchemaLimitExceeded(
            f"The check is not kept: its candidate has more than {LARGEST_BYTES} bytes compressed"
        )
    try:
        registry.kept_checks.put(row, registry.now())
    except KeptCheckStoreError as error:
        log.warning("check_not_kept", cause=str(error))
        raise KeptChecksUnavailable from error
    return check


def _counted_with(
    registry: Registry, state: State, principal: Principal, subject: Subject, before: StoredCheck | None
) -> str:
    """The checks that a check counts with, of which the oldest are removed for newer ones: those of its domain.

    Checks of callers who may not register count apart, so that they push out one another's alone. One that was kept by
    somebody who may stays where it is, whoever runs it again.
    """
    owners = owning_domains(state, subject)
    domain = owners[0].name if owners else ""
    may_register = registry.authorization.allows(principal, Verb.REGISTER, str(subject))
    return domain if may_register or (before is not None and before.domain == domain) else f"{domain}{_READERS}"


def as_kept(
    registry: Registry,
    state: State,
    principal: Principal,
    assessed: Assessment,
    candidate: Candidate,
    source: CheckSource,
) -> tuple[KeptCheck, KeptCandidate]:
    """A check in the form in which it would be kept; nothing is stored."""
    subject, now = assessed.subject, moment_text(registry.now())
    check = KeptCheck(
        id=check_id(str(subject), assessed.place.major, candidate.guid, source),
        subject=str(subject),
        major=assessed.place.major,
        guid=candidate.guid,
        level=str(assessed.level),
        verdict=str(assessed.report.verdict),
        rules=tuple(assessed.report.rules),
        against=tuple((one.number, one.position) for one in assessed.against),
        policy=policy_record(assessed.policy),
        held=tuple(asdict(one) for one in assessed.held),
        source=source,
        kept_by=principal.name,
        first_at=now,
        at=now,
        position=state.position,
    )
    schema = candidate.schema
    return check, KeptCandidate(
        schema.format, schema.text, candidate.references, candidate.metadata, candidate.rule_set
    )


def kept_checks(registry: Registry, state: State) -> list[KeptCheck]:
    """List the kept checks of the subjects that whoever sees *state* may read, the newest first.

    Raises:
        KeptChecksUnavailable
    """
    try:
        summaries = registry.kept_checks.summaries(registry.now())
    except KeptCheckStoreError as error:
        log.warning("kept_checks_not_read", cause=str(error))
        raise KeptChecksUnavailable from error
    found = map(read_summary, summaries)
    return [one for one in found if may_read(state, Subject.parse(one.subject))]


def find_kept(registry: Registry, state: State, id: str) -> tuple[KeptCheck, KeptCandidate]:
    """Find a kept check of a readable subject, with its candidate.

    Raises:
        KeptCheckNotFound, KeptChecksUnavailable
    """
    found = _stored(registry, id)
    check = read_summary(found.summary) if found else None
    if found is None or check is None or not may_read(state, Subject.parse(check.subject)):
        raise KeptCheckNotFound(id)
    return check, read_candidate(found.content)


def derive_kept(registry: Registry, state: State, check: KeptCheck, candidate: KeptCandidate) -> DerivedReport:
    """Run a kept check again, against the versions that it was held to.

    Raises:
        KeptCheckNotFound: what its candidate refers to was permanently deleted, or the caller does not see it.
    """
    if check.guid not in state.definitions:
        references: list[Mapping[str, Any]] = [asdict(one) for one in candidate.references]
        told = (candidate.metadata, candidate.rule_set)
        fact = SchemaDefined(check.guid, str(candidate.format), candidate.text, references, *told)
        then = simulate(state, [fact])
        state = replace(then, position=state.position, digest=state.digest)
    try:
        return derive_report(registry, state, record_of(state, check))
    except ReportNotFound:
        raise KeptCheckNotFound(check.id) from None


def record_of(state: State, check: KeptCheck) -> CheckRecord:
    """A kept check in the form that checks of the ledger have; it has no entry."""
    subject = Subject.parse(check.subject)
    versions = [(state.version_at((subject, number)), position) for number, position in check.against]
    return CheckRecord(
        id=0,
        subject=subject,
        guid=check.guid,
        major=check.major,
        number=None,
        level=check.level,
        verdict=check.verdict,
        rules=check.rules,
        against=tuple(one for one, position in versions if one is not None and one.position == position),
        policy=check.policy,
        at=check.at,
        by=check.kept_by,
        held=tuple(HeldReader(**one) for one in check.held),
    )


def what_became(state: State, check: KeptCheck, others: Iterable[KeptCheck]) -> Became:
    """Say what became of a candidate; *others* are kept checks, among which it may be."""
    others = list(others)
    held = state.subject(Subject.parse(check.subject))
    versions = [one for one in held.versions if one.major == check.major] if held else []
    same = [one for one in others if one.subject == check.subject and one.guid == check.guid and one.id != check.id]
    also_on = tuple(dict.fromkeys(one.source.branch for one in same if one.source.branch))
    registered = next((one for one in reversed(versions) if one.guid == check.guid), None)
    if registered is not None:
        return Became(Fate.REGISTERED, registered, also_on=also_on)
    later = next((one for one in others if supersedes(one, check)), None)
    if later is not None:
        return Became(Fate.SUPERSEDED, later=later, also_on=also_on)
    since = next((one for one in reversed(versions) if one.position > check.position), None)
    return Became(Fate.OUTDATED if since else Fate.OPEN, since, also_on=also_on)


def supersedes(other: KeptCheck, check: KeptCheck) -> bool:
    """Whether *other* is a later candidate of the same change. Without a branch, nobody knows which change it is."""
    if not check.source.branch or other.branch != check.branch or other.major != check.major:
        return False
    return other.guid != check.guid and other.at > check.at


def _stored(registry: Registry, id: str) -> StoredCheck | None:
    try:
        return registry.kept_checks.get(id, registry.now())
    except KeptCheckStoreError as error:
        log.warning("kept_check_not_read", cause=str(error))
        raise KeptChecksUnavailable from error
