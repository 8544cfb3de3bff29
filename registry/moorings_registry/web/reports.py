"""Reports of checks: a list to filter, and one with its findings, both schemas, and the ways forward."""

from collections.abc import Iterable
from functools import partial
from typing import Any

from flask import Response, request

from moorings_compat import Promise, Verdict, catalogue
from moorings_compat.changes.corrections import way_title
from moorings_registry.errors import VersionNotFound
from moorings_registry.http.requests import consult, current_registry
from moorings_registry.report_changes import report_changes
from moorings_registry.reports import DerivedReport, derive_report, derived_impacts, find_check, select_checks
from moorings_registry.reviews import about_report
from moorings_registry.second_opinion import second_opinions
from moorings_registry.state import CheckRecord, State, Version
from moorings_registry.web import links, query_params
from moorings_registry.web.changes import ChangeShown, marks_of, shown_changes, shown_corrected
from moorings_registry.web.event import text_shown, waivers_about
from moorings_registry.web.labels import listed
from moorings_registry.web.next_major import next_major
from moorings_registry.web.paging import page_of
from moorings_registry.web.rendering import page
from moorings_registry.web.review_forms import ReviewsShown, reviews_shown
from moorings_registry.web.side_by_side import Side, SideBySide, side_by_side
from moorings_registry.web.waiver_forms import pending_waivers, report_waiver_form

REPORTS_A_PAGE = 50
MOST_IMPACTS = 50
"""Consumers that a report lists."""
OUTCOMES = ("accepted", "refused")


def list_reports() -> Response:
    """Show the checks that left a trace and match every filter, newest first."""
    return consult(_list)


def _list(state: State) -> Response:
    asked = {name: query_params.text(name) for name in ("domain", "subject", "rule")}
    asked["verdict"] = query_params.choice("verdict", tuple(Verdict))
    since, until = query_params.day("since"), query_params.day("until")
    outcome = query_params.choice("outcome", OUTCOMES)
    accepted = outcome == "accepted" if outcome else None
    found = select_checks(state, **asked, since=since, until=until, accepted=accepted)
    filters = {**asked, "outcome": outcome, "since": since, "until": until}
    return page(
        "reports.html",
        title="Reports",
        section="Reports",
        state=state,
        filters=filters,
        outcomes=OUTCOMES,
        domains=sorted(state.domains),
        rules=sorted({rule for one in state.checks.unusual() for rule in one.rules}),
        reports=page_of(
            found, query_params.number("page", 1), REPORTS_A_PAGE, lambda at: links.reports_href(**filters, page=at)
        ),
        version_of=lambda record: _version_of(state, record),
    )


def _version_of(state: State, record: CheckRecord) -> Version | None:
    """The version that a check's candidate became; None where it was refused, or is permanently deleted."""
    return state.version_at((record.subject, record.number)) if record.number is not None else None


def show_report(id: int) -> Response:
    """Show one report.

    Raises:
        ReportNotFound: no check has that id, or what it was about is permanently deleted.
    """
    return consult(lambda state: _show(state, find_check(state, id)))


def _show(state: State, record: CheckRecord) -> Response:
    derived = derive_report(current_registry(), state, record)
    became = _version_of(state, record)
    return page(
        "report.html",
        title=f"Report {record.id}: {record.subject}",
        section="Reports",
        state=state,
        became=became,
        waivers=waivers_about(state, record.subject),
        pending=pending_waivers(state, record.subject.domain or "", record.subject),
        waiver_form=report_waiver_form(state, record),
        next_major=None if record.accepted else next_major(state, derived, request.host_url.rstrip("/")),
        against_href=partial(links.report_href, record.id),
        api=links.report_api(record.id),
        reviews=_reviews(state, record),
        **report_values(state, derived, became.label if became else "the candidate"),
    )


def _reviews(state: State, record: CheckRecord) -> ReviewsShown | None:
    """What is said about a refusal; a registration that was accepted asks nothing of anybody."""
    if record.accepted:
        return None
    return reviews_shown(state, about_report(record.id), record.subject, links.review_report_action(record.id))


def report_values(state: State, derived: DerivedReport, candidate: str) -> dict[str, Any]:
    """What `report_body.html` shows of a check, but for its addresses; *candidate* is what was checked, in words."""
    registry = current_registry()
    opinions = second_opinions(derived.report, derived.compared)
    derived_changes = report_changes(derived.report, derived.compared)
    changes = shown_changes(derived_changes.changes, derived.labels, opinions)
    corrected, definition = derived_changes.corrected, derived.definition
    against = _against(derived, query_params.text("against"))
    return {
        "record": derived.record,
        "derived": derived,
        "sentence": verdict_sentence(derived),
        "candidate": candidate,
        "changes": changes,
        "corrected": corrected,
        "corrected_text": shown_corrected(corrected.text, definition.text, definition.format) if corrected else None,
        "way_title": way_title,
        "opinions": opinions,
        "rules": catalogue(),
        "verdicts": {(one.version, one.promise): one.verdict for one in derived.report.comparisons},
        "promises": tuple(Promise),
        "impacts": derived_impacts(registry, state, derived),
        "most_impacts": MOST_IMPACTS,
        "against": against,
        "difference": _difference(derived, changes.found, against, unfolded=query_params.flag("lines")),
        "text": None if derived.older else text_shown(definition.text, definition.format),
        "text_href": links.text_href(derived.record.guid),
    }


def _against(derived: DerivedReport, text: str) -> Version | None:
    """The older version to show beside the candidate: the one asked for, else the newest that fails, else the newest.

    Raises:
        VersionNotFound: none of those compared is called *text*.
    """
    versions = {version.label: version for version, _ in derived.older}
    if text:
        if text not in versions:
            raise VersionNotFound(text)
        return versions[text]
    failing = {one.version for one in derived.report.failing}
    return next((one for one in versions.values() if one.number in failing), next(iter(versions.values()), None))


def _difference(
    derived: DerivedReport, found: Iterable[ChangeShown], against: Version | None, *, unfolded: bool
) -> SideBySide | None:
    """The older version and the candidate beside each other, what was found between them marked."""
    if against is None:
        return None
    older = next(schema for version, schema in derived.older if version == against)
    older_marks, candidate_marks = marks_of(found, against.number)
    return side_by_side(Side.of(older, older_marks), Side.of(derived.candidate, candidate_marks), unfolded=unfolded)


_KEPT = {
    Promise.REPLAY_SAFE: "new readers could read every stored event",
    Promise.CONSUMERS_SAFE: "today's readers could read every new event",
}
_BROKEN = {promise: kept.replace("could", "could not") for promise, kept in _KEPT.items()}


def verdict_sentence(derived: DerivedReport) -> str:
    """Say in one sentence what the check found."""
    report, record, labels = derived.report, derived.record, derived.labels
    if not report.comparisons:
        return f"Nothing was compared: {_why_nothing(record)}."
    if report.verdict is Verdict.COMPATIBLE:
        compared = listed(list(dict.fromkeys(labels[one.version] for one in report.comparisons)))
        return f"The change keeps the promises of level {record.level} against {compared}."
    broken = [promise for promise in Promise if any(one.promise is promise for one in report.failing)]
    failing = listed(list(dict.fromkeys(labels[one.version] for one in report.failing)))
    if report.verdict is Verdict.BREAKING:
        return f"With this change, {' and '.join(_BROKEN[one] for one in broken)}. It fails against {failing}."
    return f"It could not be proven that {' and '.join(_KEPT[one] for one in broken)}. Undecided against {failing}."


def _why_nothing(record: CheckRecord) -> str:
    if record.level == "NONE":
        return "level NONE checks nothing, and neither does an import"
    if record.compared:
        return "the versions that it was compared with were permanently deleted"
    return f"it is the first revision of major {record.major}"
