"""Checks without registering, the reports of checks that left a trace, and the rules that they apply."""

from typing import Any

from moorings_compat import Level, Positions, catalogue
from moorings_registry.commands import compared_schemas
from moorings_registry.errors import (
    BodyUnreadable,
    CompilerUnavailable,
    MajorRetired,
    MajorUnknown,
    SchemaNotFound,
    SubjectInvalid,
)
from moorings_registry.http.lifecycle_headers import names_major
from moorings_registry.http.native.blueprint import READING_A_SCHEMA, Answer, NativeBlueprint
from moorings_registry.http.native.drafts import read_draft
from moorings_registry.http.native.shapes import (
    CheckBody,
    CheckedShape,
    ReportQuery,
    ReportShape,
    ReportsQuery,
    ReportsShape,
    RulesShape,
)
from moorings_registry.http.report_shapes import LabelledReport, verdict_value
from moorings_registry.http.requests import consult, current_registry
from moorings_registry.names import Subject
from moorings_registry.reports import derive_report, find_check, select_checks
from moorings_registry.second_opinion import second_opinions
from moorings_registry.state import State

checks = NativeBlueprint("checks", __name__, url_prefix="/v1", description="Checks, reports and rules.")


@checks.post("/checks")
@checks.operation("checkSchema", SubjectInvalid, BodyUnreadable, *READING_A_SCHEMA, MajorUnknown, MajorRetired)
@checks.arguments(CheckBody)
@checks.response(200, CheckedShape)
def check(body: dict[str, Any]) -> Answer:
    """Check a schema as registering would, and leave no trace."""
    subject = Subject.parse(body["subject"])
    level = Level(body["level"]) if body["level"] else None

    def find(state: State) -> Answer:
        candidate, assessed = current_registry().assess(state, subject, read_draft(body), body["major"], level)
        names_major(state, subject, assessed.place.major)
        labels = {one.number: one.label for one in assessed.place.older}
        compared = compared_schemas(state, candidate, assessed, current_registry().dependencies)
        positions = Positions(candidate.schema, compared.older, read_draft(body).text) if body["positions"] else None
        shown = LabelledReport(assessed.report, labels, second_opinions(assessed.report, compared), positions)
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
            }
        }

    return consult(find)


@checks.get("/reports")
@checks.operation("listReports")
@checks.arguments(ReportsQuery, location="query")
@checks.response(200, ReportsShape)
def list_reports(query: dict[str, Any]) -> Answer:
    """List the checks that left a trace, newest first."""
    filters = {name: query[name] for name in ("domain", "subject", "verdict", "rule", "since", "until", "accepted")}

    def find(state: State) -> Answer:
        found = select_checks(state, **filters)
        page = found[query["offset"] : query["offset"] + query["limit"]]
        return {"reports": [{"record": one} for one in page], "total": len(found)}

    return consult(find)


@checks.get("/reports/<int:id>")
@checks.operation("showReport", SchemaNotFound, CompilerUnavailable)
@checks.arguments(ReportQuery, location="query")
@checks.response(200, ReportShape)
def show_report(query: dict[str, Any], id: int) -> Answer:
    """Show one report whole: every version compared, every finding, its witness."""

    def find(state: State) -> Answer:
        record = find_check(state, id)
        derived = derive_report(current_registry(), state, record)
        compared = derived.compared
        positions = Positions(derived.candidate, compared.older) if query["positions"] else None
        shown = LabelledReport(derived.report, derived.labels, second_opinions(derived.report, compared), positions)
        return {
            "record": record,
            "candidate": {"definition": derived.definition},
            **verdict_value(shown),
        }

    return consult(find)


@checks.get("/rules")
@checks.operation("listRules")
@checks.response(200, RulesShape)
def list_rules() -> Answer:
    """List every rule that a check applies."""
    return {"rules": [one for _, one in sorted(catalogue().items())]}
