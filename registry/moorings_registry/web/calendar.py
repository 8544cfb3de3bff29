"""The calendar of deprecations: by month, what is deprecated and what ends, and what to use instead."""

from datetime import date
from itertools import groupby

from flask import Response

from moorings_registry.deprecation_calendar import CalendarDate, DateKind, calendar_dates
from moorings_registry.http.requests import consult, current_registry
from moorings_registry.lifecycle import DAY
from moorings_registry.state import State
from moorings_registry.web import query_params
from moorings_registry.web.readers import readers_left
from moorings_registry.web.rendering import page

MOST_COUNTED = 50
"""Sunsets of which the readers are counted, the first ones."""


def show_calendar() -> Response:
    """Show the days of every deprecated major, or of those in a domain."""
    return consult(_show)


def _show(state: State) -> Response:
    domain = query_params.text("domain")
    dates = calendar_dates(state, domain)
    sunsets = [one for one in dates if one.kind is DateKind.SUNSET]
    return page(
        "calendar.html",
        title="Calendar",
        section="Calendar",
        state=state,
        readers_left=readers_left(current_registry(), state, sunsets[:MOST_COUNTED]),
        months=[(name, list(of_month)) for name, of_month in groupby(dates, _month)],
        today=current_registry().dependencies.now()[:DAY],
        domain=domain,
    )


def _month(one: CalendarDate) -> str:
    return f"{date.fromisoformat(one.day):%B %Y}"
