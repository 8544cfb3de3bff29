"""Reports, derived again from the ledger whenever somebody asks: verdicts are deterministic, so nothing is stored."""

from dataclasses import dataclass

from moorings_compat import Level, Report, Schema
from moorings_registry.errors import SchemaNotFound
from moorings_registry.policy import comparison_policy
from moorings_registry.service import Registry
from moorings_registry.state import CheckRecord, Definition, State, Version


@dataclass(frozen=True, slots=True)
class DerivedReport:
    """A check as it was, with what it was about."""

    record: CheckRecord
    definition: Definition
    candidate: Schema
    report: Report
    older: tuple[tuple[Version, Schema], ...]
    """The versions it was compared with, newest first; those that are gone for good are left out."""

    @property
    def labels(self) -> dict[int, str]:
        """What people call each version compared: ``{5: "2.1"}``."""
        return {version.number: version.label for version, _ in self.older}


def find_check(state: State, id: int) -> CheckRecord:
    """The check that the entry at position *id* recorded.

    Raises:
        SchemaNotFound: that entry recorded none.
    """
    low, high = 0, len(state.checks)
    while low < high:
        middle = (low + high) // 2
        if state.checks[middle].id < id:
            low = middle + 1
        else:
            high = middle
    if low == len(state.checks) or state.checks[low].id != id:
        raise SchemaNotFound(f"of report {id}")
    return state.checks[low]


def derive_report(registry: Registry, state: State, record: CheckRecord) -> DerivedReport:
    """Run a check of the past again, against the versions that it was held to.

    Raises:
        SchemaNotFound: the version that it became is gone for good, and its report with it.
    """
    context = record.subject.context
    if record.accepted and not state.places_of(record.guid, context):
        raise SchemaNotFound(f"of report {record.id}")
    library = registry.tools.library
    definition = state.definitions[record.guid]
    candidate = library.schema(state, definition, context)
    held = state.subject(record.subject)
    versions = [one for number in record.compared if held and (one := held.by_number(number))]
    older = tuple((one, library.schema(state, state.definitions[one.guid], context)) for one in versions)
    report = registry.tools.reports.check(
        (record.guid, candidate),
        [(one.number, one.guid, schema) for one, schema in reversed(older)],
        Level(record.level),
        comparison_policy(state, record.subject),
    )
    return DerivedReport(record, definition, candidate, report, older)


def select_checks(
    state: State, *, domain: str = "", subject: str = "", verdict: str = "", rule: str = "", since: str = ""
) -> list[CheckRecord]:
    """The checks that left a trace and match every filter that is not empty, newest first."""

    def matches(record: CheckRecord) -> bool:
        of = record.subject.domain or ""
        return (
            (not domain or of == domain or of.startswith(domain + "."))
            and (not subject or str(record.subject) == subject)
            and (not verdict or record.verdict == verdict)
            and (not rule or rule in record.rules)
            and record.at >= since
        )

    return [record for record in reversed(state.checks) if matches(record)]
