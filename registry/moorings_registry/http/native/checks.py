"""Checks without registering, the reports of checks that left a trace, and the rules that they apply."""

from typing import Any

from moorings_compat import Level, Positions, catalogue
from moorings_registry.access import may_read
from moorings_registry.check_keeping import keep_check
from moorings_registry.commands import Assessment, Candidate, compared_schemas
from moorings_registry.errors import (
    BodyUnreadable,
    CompilerUnavailable,
    FieldReserved,
    KeptChecksUnavailable,
    MajorRetired,
    MajorUnknown,
    ReportNotFound,
    SchemaLimitExceeded,
    SubjectInvalid,
)
from moorings_registry.http.check_metrics import count_check
from moorings_registry.http.lifecycle_headers import names_major
from moorings_registry.http.native.blueprint import READING_A_SCHEMA, Answer, NativeBlueprint
from moorings_registry.http.native.check_shapes import ReportQuery, ReportShape, ReportsQuery, ReportsShape, RulesShape
from moorings_registry.http.native.drafts import read_draft, subject_meant
from moorings_registry.http.native.kept_check_shapes import CheckBody, CheckedShape
from moorings_registry.http.native.kept_checks import page_path
from moorings_registry.http.native.reader_shapes import impact_value
from moorings_registry.http.report_shapes import LabelledReport, verdict_value
from moorings_registry.http.requests import consult, current_principal, current_registry
from moorings_registry.kept_checks import CheckSource
from moorings_registry.principals import ANONYMOUS
from moorings_registry.report_changes import report_changes
from moorings_registry.reports import derive_report, derived_impacts, find_check, select_checks
from moorings_registry.second_opinion import second_opinions
from moorings_registry.state import State

checks = NativeBlueprint("checks", __name__, url_prefix="/v1", description="Checks, reports and rules.")


@checks.post("/checks")
@checks.operation(
    "checkSchema", SubjectInvalid, BodyUnreadable, *READING_A_SCHEMA, MajorUnknown, MajorRetired, FieldReserved
)
@checks.arguments(CheckBody)
@checks.response(200, CheckedShape)
def check(body: dict[str, Any]) -> Answer:
    """Check a schema as registering would, and leave no trace in the ledger.

    With `job`, what was found is kept for 90 days, once for each candidate and branch; `not_kept` says why it is not.
    """
    level = Level(body["level"]) if body["level"] else None
    assessed_at: list[tuple[State, Candidate, Assessment]] = []

    def find(state: State) -> Answer:
        subject = subject_meant(state, body["subject"])
        candidate, assessed = current_registry().assess(state, subject, read_draft(body), body["major"], level)
        assessed_at[:] = [(state, candidate, assessed)]
        names_major(state, subject, assessed.place.major)
        count_check(current_registry(), assessed.report.format, assessed.report.verdict, subject)
        labels = {one.number: one.label for one in assessed.place.older}
        compared = compared_schemas(state, candidate, assessed, current_registry().dependencies)
        positions = Positions(candidate.schema, compared.older, read_draft(body).text) if body["positions"] else None
        opinions, changes = second_opinions(assessed.report, compared), report_changes(assessed.report, compared)
        shown = LabelledReport(assessed.report, labels, opinions, positions, changes)
        return {
            "report": {
                "id": None,
                "subject": subject,
                "at": None,
                "by": None,
                "accepted": None,
                "major": assessed.place.major,
                "candidate": candidate,
                **verdict_value(shown),
                "consumers": [impact_value(one) for one in assessed.impacts],
            }
        }

    answer = consult(find)
    return {**answer, **_kept(body["job"], *assessed_at[0])}


def _kept(job: dict[str, str] | None, state: State, candidate: Candidate, assessed: Assessment) -> dict[str, Any]:
    """Keep a check for the job that asked; a check that cannot be kept is answered nevertheless."""
    if job is None:
        return {"kept": None, "not_kept": ""}
    principal = current_principal()
    if principal == ANONYMOUS:
        return {"kept": None, "not_kept": "callers without an identity keep nothing"}
    if not may_read(state, assessed.subject):
        return {"kept": None, "not_kept": "the caller may not read the subject"}
    source = CheckSource(**job)
    try:
        kept = keep_check(current_registry(), state, principal, assessed, candidate, source)
    except (KeptChecksUnavailable, SchemaLimitExceeded) as refusal:
        return {"kept": None, "not_kept": str(refusal)}
    return {"kept": {"id": kept.id, "page": page_path(kept)}, "not_kept": ""}


@checks.get("/reports")
@checks.operation("listReports")
@checks.arguments(ReportsQuery, location="query")
@checks.response(200, ReportsShape)
def list_reports(query: dict[str, Any]) -> Answer:
    """List the checks that left a trace, newest first."""
    filters = {name: query[name] for name in ("domain", "subject", "verdict", "rule", "since", "until", "accepted")}

    def find(state: State) -> Answer:
        found = select_checks(state, **{**filters, "subject": _recorded_under(state, query["subject"])})
        page = found[query["offset"] : query["offset"] + query["limit"]]
        return {"reports": [{"record": one} for one in page], "total": len(found)}

    return consult(find)


def _recorded_under(state: State, named: str) -> str:
    """The subject that reports have for *named*; a name that no subject can have stays, and finds nothing."""
    try:
        return str(subject_meant(state, named)) if named else ""
    except SubjectInvalid:
        return named


@checks.get("/reports/<int:id>")
@checks.operation("showReport", ReportNotFound, CompilerUnavailable)
@checks.arguments(ReportQuery, location="query")
@checks.response(200, ReportShape)
def show_report(query: dict[str, Any], id: int) -> Answer:
    """Show one report whole: every version compared, every finding, its witness."""

    def find(state: State) -> Answer:
        record = find_check(state, id)
        derived = derive_report(current_registry(), state, record)
        compared = derived.compared
        positions = Positions(derived.candidate, compared.older) if query["positions"] else None
        opinions, changes = second_opinions(derived.report, compared), report_changes(derived.report, compared)
        shown = LabelledReport(derived.report, derived.labels, opinions, positions, changes)
        return {
            "record": record,
            "candidate": {"definition": derived.definition},
            **verdict_value(shown),
            "consumers": [impact_value(one) for one in derived_impacts(current_registry(), state, derived)],
        }

    return consult(find)


@checks.get("/rules")
@checks.operation("listRules")
@checks.response(200, RulesShape)
def list_rules() -> Answer:
    """List every rule that a check applies."""
    return {"rules": [one for _, one in sorted(catalogue().items())]}
