"""Trying a schema: pasted, or the candidate of an earlier check, it is checked as registering would be."""

from dataclasses import asdict, dataclass
from typing import Any

from flask import Response, g, request

from moorings_compat import Format, Problem
from moorings_registry.check_keeping import as_kept, derive_kept, find_kept
from moorings_registry.commands import Draft
from moorings_registry.errors import KeptCheckNotFound, ReferenceNotFound, Refusal, ReportNotFound, RequestInvalid
from moorings_registry.http.check_metrics import count_check
from moorings_registry.http.native.drafts import subject_meant
from moorings_registry.http.requests import consult, current_registry
from moorings_registry.kept_checks import CheckSource
from moorings_registry.names import Subject
from moorings_registry.reports import DerivedReport, find_check
from moorings_registry.state import State
from moorings_registry.web import forms, links, query_params
from moorings_registry.web.labels import FORMATS
from moorings_registry.web.next_major import next_major
from moorings_registry.web.rendering import page
from moorings_registry.web.reports import report_values
from moorings_registry.web.sent_forms import hold

_NEXT = "next"


@dataclass(frozen=True, slots=True)
class Trial:
    """What the form holds; everything as it was sent."""

    subject: str = ""
    format: str = str(Format.AVRO)
    major: str = ""
    text: str = ""


def show_try() -> Response:
    """Show the form, with the event that the query names."""
    return consult(lambda state: _form(state, Trial(query_params.text("subject"))))


def try_schema() -> Response:
    """Check what the form holds, and show the report below it.

    Raises:
        CrossSiteRefused, RequestInvalid, SchemaInvalid, SubjectInvalid
        Refusal: any other reason why it cannot be checked.
    """
    asked = Trial(forms.field("subject"), forms.field("format"), forms.field("major"), request.form.get("text", ""))
    if asked.format not in [str(one) for one in Format]:
        fault = f"format is not one of: {', '.join(Format)}"
        raise RequestInvalid(fault, [Problem("/format", fault)])
    return consult(lambda state: _checked(state, asked))


def recheck_report(id: int) -> Response:
    """Check the candidate of a report against what is registered now.

    Raises:
        ReportNotFound
    """

    def show(state: State) -> Response:
        record = find_check(state, id)
        definition = state.definitions[record.guid]
        draft = Draft(
            definition.format, definition.text, definition.references, definition.metadata, definition.rule_set
        )
        missing = ReportNotFound(id)
        return _again(state, record.subject, draft, record.major, links.report_href(id), missing)

    return consult(show)


def recheck_kept(id: str) -> Response:
    """Check the candidate of a kept check against what is registered now.

    Raises:
        KeptCheckNotFound, KeptChecksUnavailable
    """

    def show(state: State) -> Response:
        kept, candidate = find_kept(current_registry(), state, id)
        told = (candidate.references, candidate.metadata, candidate.rule_set)
        draft = Draft(candidate.format, candidate.text, *told)
        back, missing = links.kept_check_href(id), KeptCheckNotFound(id)
        return _again(state, Subject.parse(kept.subject), draft, kept.major, back, missing)

    return consult(show)


def _form(state: State, trial: Trial, **more: Any) -> Response:
    return page(
        "trial.html",
        title="Try a schema",
        section="Reports",
        state=state,
        trial=trial,
        formats=[(one, FORMATS[one]) for one in Format],
        **{"from_page": "", "derived": None, "reviews": None, **more},
    )


def _checked(state: State, trial: Trial) -> Response:
    subject = subject_meant(state, trial.subject)
    draft = Draft(Format(trial.format), trial.text)
    derived = _derived(state, subject, draft, _major(trial.major))
    return _form(state, trial, **_report(state, derived))


def _again(
    state: State,
    subject: Subject,
    draft: Draft,
    major: int,
    from_page: str,
    missing: KeptCheckNotFound | ReportNotFound,
) -> Response:
    """Check an earlier candidate; raise *missing* where it refers to what the caller does not see, as its report does.

    What somebody else sent may not name that.
    """
    trial = Trial(str(subject), str(draft.format), str(major), draft.text)
    try:
        derived = _derived(state, subject, draft, major)
    except ReferenceNotFound:
        raise missing from None
    except Refusal as refusal:
        hold(refusal, links.TRY, asdict(trial))
        return _form(state, trial)
    return _form(state, trial, **{**_report(state, derived), "from_page": from_page})


def _major(text: str) -> int | str | None:
    """A major, ``next``, or None for the newest one.

    Raises:
        RequestInvalid
    """
    if text in ("", _NEXT):
        return text or None
    if not (text.isascii() and text.isdigit() and len(text) <= 10 and 0 < int(text) < 2**31):
        fault = "The major is not a number from 1, next, or empty for the newest one"
        raise RequestInvalid(fault, [Problem("/major", fault)])
    return int(text)


def _derived(state: State, subject: Subject, draft: Draft, major: int | str | None) -> DerivedReport:
    registry = current_registry()
    candidate, assessed = registry.assess(state, subject, draft, major)
    count_check(registry, assessed.report.format, assessed.report.verdict, subject)
    kept, definition = as_kept(registry, state, g.principal, assessed, candidate, CheckSource())
    return derive_kept(registry, state, kept, definition)


def _report(state: State, derived: DerivedReport) -> dict[str, Any]:
    passes = derived.report.passes
    return {
        **report_values(state, derived, "the candidate"),
        "text_href": "",
        "against_href": None,
        "api": "",
        "next_major": None if passes else next_major(state, derived, request.host_url.rstrip("/")),
    }
