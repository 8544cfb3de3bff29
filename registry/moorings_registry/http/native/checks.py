"""Checks without registering, the reports of checks that left a trace, and the rules that they apply."""

from typing import Any

from flask import Response, jsonify

from moorings_compat import Level, Positions, Schema, catalogue
from moorings_registry.commands import Assessment, parsed
from moorings_registry.http.native.blueprint import NativeBlueprint
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
from moorings_registry.http.requests import consult, current_registry
from moorings_registry.http.views import candidate_view, check_view, definition_view, report_view, rule_view
from moorings_registry.names import Subject
from moorings_registry.reports import derive_report, find_check, select_checks
from moorings_registry.state import State

checks = NativeBlueprint("checks", __name__, url_prefix="/v1", description="Checks, reports and rules.")


@checks.post("/checks")
@checks.arguments(CheckBody)
@checks.response(200, CheckedShape)
def check(body: dict[str, Any]) -> Response:
    """Check a schema as registering would, and leave no trace."""
    subject = Subject.parse(body["subject"])
    level = Level(body["level"]) if body["level"] else None

    def find(state: State) -> Response:
        candidate, assessed = current_registry().assess(state, subject, read_draft(body), body["major"], level)
        labels = {one.number: one.label for one in assessed.place.older}
        positions = _positions(state, candidate.schema, assessed, body) if body["positions"] else None
        return jsonify(
            report={
                "id": None,
                "subject": str(subject),
                "at": None,
                "by": None,
                "accepted": None,
                "major": assessed.place.major,
                "candidate": candidate_view(candidate.schema, candidate.guid, candidate.references),
                "consumers": [],
                **report_view(assessed.report, labels, positions),
            }
        )

    return consult(find)


def _positions(state: State, candidate: Schema, assessed: Assessment, body: dict[str, Any]) -> Positions:
    """The texts of a check: the candidate's as it was sent, the older ones as they are kept."""
    dependencies = current_registry().dependencies
    failing = {one.version for one in assessed.report.comparisons if one.findings}
    older = {one.number: parsed(state, one, dependencies) for one in assessed.against if one.number in failing}
    return Positions(candidate, older, read_draft(body).text)


@checks.get("/reports")
@checks.arguments(ReportsQuery, location="query")
@checks.response(200, ReportsShape)
def list_reports(query: dict[str, Any]) -> Response:
    """List the checks that left a trace, newest first."""
    filters = {name: query[name] for name in ("domain", "subject", "verdict", "rule", "since", "until", "accepted")}

    def find(state: State) -> Response:
        found = select_checks(state, **filters)
        page = found[query["offset"] : query["offset"] + query["limit"]]
        return jsonify(reports=[check_view(one) for one in page], total=len(found))

    return consult(find)


@checks.get("/reports/<int:id>")
@checks.arguments(ReportQuery, location="query")
@checks.response(200, ReportShape)
def show_report(query: dict[str, Any], id: int) -> Response:
    """Show one report whole: every version compared, every finding, its witness."""

    def find(state: State) -> Response:
        record = find_check(state, id)
        derived = derive_report(current_registry(), state, record)
        older = {version.number: schema for version, schema in derived.older}
        positions = Positions(derived.candidate, older) if query["positions"] else None
        return jsonify(
            **check_view(record)
            | {"candidate": definition_view(derived.definition), "consumers": []}
            | report_view(derived.report, derived.labels, positions)
        )

    return consult(find)


@checks.get("/rules")
@checks.response(200, RulesShape)
def list_rules() -> Response:
    """List every rule that a check applies."""
    return jsonify(rules=[rule_view(one) for _, one in sorted(catalogue().items())])
