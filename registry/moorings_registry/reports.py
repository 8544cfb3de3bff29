"""Reports, derived again from the ledger whenever somebody asks: verdicts are deterministic, so nothing is stored."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import overload

from moorings_compat import Report, Schema
from moorings_registry.commands import Candidate, ReaderImpact, check_again, impacts_of, nobody_observed, read_as
from moorings_registry.errors import ReferenceNotFound, ReportNotFound, SubjectInvalid, UsageUnavailable
from moorings_registry.names import Subject, is_within
from moorings_registry.second_opinion import ComparedSchemas
from moorings_registry.service import Registry
from moorings_registry.state import CheckRecord, Definition, State, Version
from moorings_registry.state.checks import Checks

_DELETED = "its schema was permanently deleted, and the report with it"


@dataclass(frozen=True, slots=True)
class DerivedReport:
    """A check as it was, with what it was about."""

    record: CheckRecord
    definition: Definition
    candidate: Schema
    report: Report
    older: tuple[tuple[Version, Schema], ...]
    """The versions it was compared with, newest first; permanently deleted ones are left out."""
    labels: dict[int, str]
    """What people call each version compared: ``{5: "2.1"}``."""
    compared: ComparedSchemas


def find_check(state: State, id: int) -> CheckRecord:
    """The check whose report is called *id*.

    Raises:
        ReportNotFound: there is none.
    """
    record = state.check_at(id)
    if record is None:
        raise ReportNotFound(id)
    return record


def derive_report(registry: Registry, state: State, record: CheckRecord) -> DerivedReport:
    """Run a check of the past again, against the versions that it was held to.

    Raises:
        ReportNotFound: what it was about, or what that refers to, was permanently deleted, and its report with it.
    """
    if record.accepted and not state.places_of(record.guid, record.subject.context):
        raise ReportNotFound(record.id, _DELETED)
    try:
        again = check_again(state, record, registry.dependencies)
    except ReferenceNotFound:
        raise ReportNotFound(record.id, _DELETED) from None
    definition = state.definitions[record.guid]
    return DerivedReport(record, definition, again.candidate, again.report, again.older, again.labels, again.compared)


def derived_impacts(registry: Registry, state: State, derived: DerivedReport) -> tuple[ReaderImpact, ...]:
    """What the change of a report does to those who read the event today; whoever came since is among them.

    While the counts of usage cannot be read, those alone who declare it.
    """
    if not derived.older:
        return ()
    record, definition = derived.record, derived.definition
    candidate = Candidate(
        record.guid, derived.candidate, definition.references, definition.metadata, definition.rule_set
    )
    read = read_as([version for version, _ in reversed(derived.older)])
    try:
        return impacts_of(state, read, candidate, registry.dependencies)
    except UsageUnavailable:
        declared = replace(registry.dependencies, observe=nobody_observed)
        return impacts_of(state, read, candidate, declared)


def select_checks(
    state: State,
    *,
    domain: str = "",
    subject: str = "",
    verdict: str = "",
    rule: str = "",
    since: str = "",
    until: str = "",
    accepted: bool | None = None,
) -> Sequence[CheckRecord]:
    """The checks that left a trace and match every filter that is not empty, newest first.

    *since* and *until* are the beginnings of moments as entries have them: a day, or more of it. What begins with
    *until* is still in: with a day, the whole of it.
    """

    def matches(record: CheckRecord) -> bool:
        of = record.subject.domain or ""
        return (
            (not domain or of == domain or of.startswith(domain + "."))
            and (not subject or str(record.subject) == subject)
            and (not verdict or record.verdict == verdict)
            and (not rule or rule in record.rules)
            and record.at >= since
            and (not until or record.at[: len(until)] <= until)
            and accepted in (None, record.accepted)
        )

    if not (domain or subject or verdict or rule or since or until or accepted is not None):
        return NewestFirst(state.checks)
    return [record for record in _candidates(state, domain, subject, rule, accepted) if matches(record)]


class NewestFirst(Sequence[CheckRecord]):
    """All checks from the last one to the first, of which only those are read that are asked for."""

    def __init__(self, checks: Checks) -> None:
        self._checks = checks

    def __len__(self) -> int:
        return len(self._checks)

    @overload
    def __getitem__(self, index: int) -> CheckRecord: ...
    @overload
    def __getitem__(self, index: slice) -> list[CheckRecord]: ...
    def __getitem__(self, index: int | slice) -> CheckRecord | list[CheckRecord]:
        if isinstance(index, slice):
            return [self[at] for at in range(*index.indices(len(self)))]
        return self._checks[-1 - index]


def _candidates(state: State, domain: str, subject: str, rule: str, accepted: bool | None) -> Iterator[CheckRecord]:
    """The checks among which those of a question are, newest first: as few as can be found without reading each."""
    checks = state.checks
    if subject:
        try:
            checks = checks.of_subject(Subject.parse(subject))
        except SubjectInvalid:
            return iter(())
    elif domain:
        checks = checks.about(lambda one: is_within(one.domain, domain))
    return checks.unusual() if rule or accepted is False else reversed(checks)
