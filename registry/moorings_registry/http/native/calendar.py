"""The calendar of deprecations, as JSON and as iCalendar."""

from typing import Any

from flask import Response
from marshmallow import Schema as Shape
from marshmallow import fields, validate

from moorings_registry.deprecation_calendar import DateKind, calendar_dates
from moorings_registry.http.icalendar import MEDIA_TYPE, icalendar
from moorings_registry.http.native.blueprint import Answer, NativeBlueprint
from moorings_registry.http.native.lifecycle_shapes import SuccessorShape
from moorings_registry.http.report_shapes import AnswerShape
from moorings_registry.http.requests import consult, current_registry
from moorings_registry.state import State

calendar = NativeBlueprint("calendar", __name__, url_prefix="/v1", description="When majors are deprecated and end.")


class CalendarQuery(Shape):
    domain = fields.String(load_default="", metadata={"description": "This domain and those below it."})


class CalendarDateShape(AnswerShape):
    """One day in the life of a major that is deprecated; written from a `CalendarDate`."""

    day = fields.String(metadata={"example": "2027-03-31"})
    kind = fields.String(
        validate=validate.OneOf([str(one) for one in DateKind]),
        metadata={"description": "The first day of the deprecation, or the last day of the major."},
    )
    subject = fields.String()
    major = fields.Integer()
    owner = fields.String(metadata={"description": "Empty where no domain owns the event."})
    successor = fields.Nested(SuccessorShape, allow_none=True)
    page = fields.String()


class CalendarShape(AnswerShape):
    dates = fields.List(fields.Nested(CalendarDateShape))


@calendar.get("/calendar")
@calendar.operation("showCalendar")
@calendar.arguments(CalendarQuery, location="query")
@calendar.response(200, CalendarShape)
def show_calendar(query: dict[str, Any]) -> Answer:
    """List the days on which majors are deprecated and end, in order; retired ones are over."""
    return consult(lambda state: {"dates": calendar_dates(state, query["domain"])})


@calendar.get("/calendar.ics")
@calendar.operation("showCalendarFile")
@calendar.arguments(CalendarQuery, location="query")
@calendar.response(200, {"type": "string"}, content_type="text/calendar")
def show_calendar_file(query: dict[str, Any]) -> Answer:
    """Show the same as iCalendar (RFC 5545), to subscribe to: days without a time, a reminder before each sunset."""

    def find(state: State) -> Response:
        written = icalendar(calendar_dates(state, query["domain"]), current_registry().now())
        response = Response(written, content_type=MEDIA_TYPE)
        response.headers["Content-Disposition"] = 'inline; filename="deprecations.ics"'
        response.headers["Cache-Control"] = "private, no-cache"
        return response

    return consult(find)
