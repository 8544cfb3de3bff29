"""What people say about checks: comments, who acts on them, and that they are handled."""

from typing import Any

from moorings_registry.check_keeping import find_kept
from moorings_registry.commands import ReviewCheck
from moorings_registry.errors import (
    BodyUnreadable,
    KeptCheckNotFound,
    KeptChecksUnavailable,
    OperationNotPermitted,
    ReportNotFound,
)
from moorings_registry.http.native.blueprint import WRITING, Answer, NativeBlueprint
from moorings_registry.http.native.review_shapes import ReviewBody, ReviewsShape
from moorings_registry.http.requests import consult, current_caller, current_registry, position_header
from moorings_registry.names import Subject
from moorings_registry.reports import find_check
from moorings_registry.reviews import about_kept_check, about_report, assignee_of, is_handled
from moorings_registry.state import State

reviews = NativeBlueprint("reviews", __name__, url_prefix="/v1", description="What people say about checks.")


@reviews.post("/reports/<int:id>/reviews")
@reviews.operation("reviewReport", *WRITING, BodyUnreadable, ReportNotFound, OperationNotPermitted)
@reviews.arguments(ReviewBody)
@reviews.response(200, ReviewsShape)
def review_report(body: dict[str, Any], id: int) -> Answer:
    """Comment on a report, assign it to somebody, or mark it as handled; needs `register` on its event."""
    return _review(about_report(id), subject_of_report(id), body)


@reviews.get("/reports/<int:id>/reviews")
@reviews.operation("listReportReviews", ReportNotFound)
@reviews.response(200, ReviewsShape)
def list_report_reviews(id: int) -> Answer:
    """List what was said about a report, oldest first."""

    def find(state: State) -> Answer:
        find_check(state, id)
        return _value(state, about_report(id))

    return consult(find)


@reviews.post("/kept-checks/<id>/reviews")
@reviews.operation(
    "reviewKeptCheck", *WRITING, BodyUnreadable, KeptCheckNotFound, KeptChecksUnavailable, OperationNotPermitted
)
@reviews.arguments(ReviewBody)
@reviews.response(200, ReviewsShape)
def review_kept_check(body: dict[str, Any], id: str) -> Answer:
    """Comment on a kept check, assign it to somebody, or mark it as handled; needs `register` on its event."""
    return _review(about_kept_check(id), subject_of_kept_check(id), body)


@reviews.get("/kept-checks/<id>/reviews")
@reviews.operation("listKeptCheckReviews", KeptCheckNotFound, KeptChecksUnavailable)
@reviews.response(200, ReviewsShape)
def list_kept_check_reviews(id: str) -> Answer:
    """List what was said about a kept check, oldest first."""

    def find(state: State) -> Answer:
        find_kept(current_registry(), state, id)
        return _value(state, about_kept_check(id))

    return consult(find)


def subject_of_report(id: int) -> Subject:
    """The event of a report that the caller may see.

    Raises:
        ReportNotFound
    """
    return consult(lambda state: find_check(state, id).subject)


def subject_of_kept_check(id: str) -> Subject:
    """The event of a kept check that the caller may see.

    Raises:
        KeptCheckNotFound, KeptChecksUnavailable
    """
    return consult(lambda state: Subject.parse(find_kept(current_registry(), state, id)[0].subject))


def _review(about: str, subject: Subject, body: dict[str, Any]) -> Answer:
    _, state = current_registry().execute(ReviewCheck(about, subject, **body), current_caller())
    return _value(state, about), position_header(state)


def _value(state: State, about: str) -> dict[str, Any]:
    said = state.reviews.get(about, ())
    return {"assignee": assignee_of(said), "handled": is_handled(said), "reviews": list(said)}
