"""Forms about a check: a comment, who acts on it, and that it is handled."""

from dataclasses import dataclass

from flask import Response, request

from moorings_compat import Problem
from moorings_registry.access import Verb
from moorings_registry.commands import ReviewCheck
from moorings_registry.errors import RequestInvalid
from moorings_registry.http.native.review_shapes import ReviewBody
from moorings_registry.http.native.reviews import subject_of_kept_check, subject_of_report
from moorings_registry.http.requests import consult
from moorings_registry.names import Subject
from moorings_registry.reviews import about_kept_check, about_report, assignee_of, is_handled
from moorings_registry.state import Review, State
from moorings_registry.web import forms, links

_BODY = ReviewBody()
_HANDLED = {"yes": True, "no": False}


@dataclass(frozen=True, slots=True)
class ReviewsShown:
    """What was said about a check, and the form for more."""

    said: tuple[Review, ...]
    assignee: str
    handled: bool
    action: str
    """Where the form is sent to; empty for callers who may not send it."""


def reviews_shown(state: State, about: str, subject: Subject, action: str) -> ReviewsShown:
    """What `reviews.html` shows of the check that reviews are filed under as *about*."""
    said = state.reviews.get(about, ())
    allowed = forms.may(Verb.REGISTER, subject)
    return ReviewsShown(said, assignee_of(said), is_handled(said), action if allowed else "")


def review_report(id: int) -> Response:
    """Say what the form says about a report, and lead back to it.

    Raises:
        CrossSiteRefused, ReportNotFound, RequestInvalid, and what `ReviewCheck` raises.
    """
    return _review(about_report(id), subject_of_report(id), links.report_href(id))


def review_kept_check(id: str) -> Response:
    """The same about a kept check.

    Raises:
        CrossSiteRefused, KeptCheckNotFound, RequestInvalid, and what `ReviewCheck` raises.
    """
    return _review(about_kept_check(id), subject_of_kept_check(id), links.kept_check_href(id))


def _review(about: str, subject: Subject, page: str) -> Response:
    handled = forms.field("handled")
    if handled not in ("", *_HANDLED):
        raise RequestInvalid("handled is not one of: yes, no")
    assign = "assignee" in request.form
    sent = {"comment": forms.field("comment"), "handled": _HANDLED.get(handled)}
    body = forms.read(_BODY, {**sent, **({"assignee": forms.field("assignee")} if assign else {})})
    command = ReviewCheck(about, subject, **body)
    if not forms.was_carried_out():
        _require_news(command)
    return forms.carry_out(command, f"{page}#reviews")


def _require_news(command: ReviewCheck) -> None:
    """Pass a form that says something: the fields of one that nobody filled in hold what is so already.

    Raises:
        RequestInvalid
    """
    said = consult(lambda state: state.reviews.get(command.about, ()))
    assigns = command.assignee is not None and command.assignee != assignee_of(said)
    if not command.comment and not assigns and command.handled in (None, is_handled(said)):
        missing = "Write a comment, assign somebody else, or change the state"
        raise RequestInvalid("The review changes nothing", [Problem("/comment", missing)])
