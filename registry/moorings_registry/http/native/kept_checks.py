"""Kept checks: what CI jobs asked, and what became of it. They are kept by `POST /v1/checks` with a job."""

from collections.abc import Sequence
from typing import Any

from moorings_registry.check_keeping import Became, derive_kept, find_kept, kept_checks, what_became
from moorings_registry.errors import CompilerUnavailable, KeptCheckNotFound, KeptChecksUnavailable
from moorings_registry.http.native.blueprint import Answer, NativeBlueprint
from moorings_registry.http.native.kept_check_shapes import FullKeptCheckShape, KeptChecksQuery, KeptChecksShape
from moorings_registry.http.native.reader_shapes import impact_value
from moorings_registry.http.report_shapes import LabelledReport, verdict_value
from moorings_registry.http.requests import consult, current_registry
from moorings_registry.kept_checks import KeptCheck
from moorings_registry.names import Subject, is_within
from moorings_registry.report_changes import report_changes
from moorings_registry.reports import derived_impacts
from moorings_registry.second_opinion import second_opinions
from moorings_registry.state import State

checks_kept = NativeBlueprint(
    "kept-checks", __name__, url_prefix="/v1/kept-checks", description="Checks of CI jobs, kept for 90 days."
)


def page_path(kept: KeptCheck) -> str:
    """The path of the page of a kept check."""
    return f"/admin/checks/{kept.id}"


def select_kept(found: Sequence[KeptCheck], asked: dict[str, str]) -> list[KeptCheck]:
    """Those that match every filter that is not empty."""

    def matches(one: KeptCheck) -> bool:
        source = one.source
        return (
            (not asked["domain"] or is_within(Subject.parse(one.subject).domain, asked["domain"]))
            and asked["subject"] in ("", one.subject)
            and asked["repository"] in ("", source.repository)
            and asked["branch"] in ("", source.branch)
            and asked["pull_request"] in ("", source.pull_request)
            and asked["verdict"] in ("", one.verdict)
        )

    return [one for one in found if matches(one)]


def _became_value(became: Became) -> dict[str, Any]:
    """What `BecameShape` writes."""
    version, later = became.version, became.later
    return {
        "fate": became.fate,
        "version": version.number if version else None,
        "label": version.label if version else None,
        "later": later.id if later else None,
        "also_on": became.also_on,
    }


@checks_kept.get("")
@checks_kept.operation("listKeptChecks", KeptChecksUnavailable)
@checks_kept.arguments(KeptChecksQuery, location="query")
@checks_kept.response(200, KeptChecksShape)
def list_kept_checks(query: dict[str, Any]) -> Answer:
    """List kept checks, the newest first, each with what became of it."""

    def find(state: State) -> Answer:
        found = kept_checks(current_registry(), state)
        asked = select_kept(found, query)
        page = asked[query["offset"] : query["offset"] + query["limit"]]
        shown = [
            {"kept": one, "page": page_path(one), "became": _became_value(what_became(state, one, found))}
            for one in page
        ]
        return {"checks": shown, "total": len(asked)}

    return consult(find)


@checks_kept.get("/<id>")
@checks_kept.operation("showKeptCheck", KeptCheckNotFound, KeptChecksUnavailable, CompilerUnavailable)
@checks_kept.response(200, FullKeptCheckShape)
def show_kept_check(id: str) -> Answer:
    """Show one kept check with its report, and what became of it."""
    registry = current_registry()

    def find(state: State) -> Answer:
        kept, candidate = find_kept(registry, state, id)
        derived = derive_kept(registry, state, kept, candidate)
        opinions = second_opinions(derived.report, derived.compared)
        changes = report_changes(derived.report, derived.compared)
        shown = LabelledReport(derived.report, derived.labels, opinions, None, changes)
        return {
            "kept": kept,
            "page": page_path(kept),
            "became": _became_value(what_became(state, kept, kept_checks(registry, state))),
            "report": {
                "record": derived.record,
                "candidate": {"definition": derived.definition},
                **verdict_value(shown),
                "consumers": [impact_value(one) for one in derived_impacts(registry, state, derived)],
            },
        }

    return consult(find)
