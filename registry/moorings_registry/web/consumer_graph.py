"""The graph of a domain's consumers: its events on the left, the applications that declare to read them on the right.

A picture that the server draws (SVG), within bounds; a table beside it says the same in words.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import Response
from markupsafe import Markup

from moorings_registry.http.requests import consult
from moorings_registry.names import Subject, is_within
from moorings_registry.state import State
from moorings_registry.version_queries import known_domain
from moorings_registry.web import links
from moorings_registry.web.invisible_characters import plain
from moorings_registry.web.rendering import page

MOST_EVENTS, MOST_APPLICATIONS, MOST_READS = 40, 40, 400
_ROW, _WIDTH, _LEFT, _RIGHT, _LONGEST = 26, 960, 400, 560, 46


@dataclass(frozen=True, slots=True)
class Reading:
    """One application reads one major of an event."""

    subject: Subject
    major: int
    application: str
    team: str
    fields: int
    """How many fields it says that it reads; 0 where it does not say which."""


def show_consumer_graph(domain: str) -> Response:
    """Show who reads the events of a domain and of those below it.

    Raises:
        DomainNotFound
    """
    return consult(lambda state: _show(state, domain))


def _show(state: State, name: str) -> Response:
    known_domain(state, name)
    found = readings(state, name)
    drawn = found[:MOST_READS]
    return page(
        "consumer_graph.html",
        title=f"Consumers of {name}",
        section="Domains",
        state=state,
        domain=name,
        readings=drawn,
        hidden=len(found) - len(drawn),
        picture=draw(drawn),
        crumbs=[("Domains", links.DOMAINS), (name, links.domain_href(name))],
    )


def readings(state: State, domain: str) -> list[Reading]:
    """Who declares to read which major of the events of *domain*, by event and application."""
    found = [
        Reading(read.event, read.major, one.application, one.team, len(read.reads.fields) if read.reads.known else 0)
        for _, one in state.consumers.items()
        for read in one.reads
        if is_within(read.event.domain, domain)
    ]
    return sorted(found, key=lambda one: (str(one.subject), one.major, one.application))


def draw(found: Sequence[Reading]) -> Markup:
    """Draw the readings of the first `MOST_EVENTS` majors and `MOST_APPLICATIONS` applications."""
    events = list(dict.fromkeys((one.subject, one.major) for one in found))[:MOST_EVENTS]
    applications = sorted(dict.fromkeys(one.application for one in found))[:MOST_APPLICATIONS]
    rows = max(len(events), len(applications))
    if not rows:
        return Markup()
    left = {key: _place(at, len(events), rows) for at, key in enumerate(events)}
    right = {key: _place(at, len(applications), rows) for at, key in enumerate(applications)}
    lines = Markup().join(
        _line(left[one.subject, one.major], right[one.application])
        for one in found
        if (one.subject, one.major) in left and one.application in right
    )
    names = Markup().join(
        [
            *(_text(_LEFT - 12, y, f"{subject.event} v{major}", "end") for (subject, major), y in left.items()),
            *(_text(_RIGHT + 12, y, application, "start") for application, y in right.items()),
        ]
    )
    return Markup('<svg class="graph" viewBox="0 0 {} {}" role="img" aria-labelledby="graph-title">{}{}</svg>').format(
        _WIDTH, rows * _ROW, lines, names
    )


def _place(at: int, count: int, rows: int) -> float:
    """The middle of row *at*: the shorter side is spread over the height of the longer one."""
    return round((at + 0.5) * rows * _ROW / count, 1)


def _line(left: float, right: float) -> Markup:
    middle = (_LEFT + _RIGHT) // 2
    return Markup('<path d="M{} {}C{} {} {} {} {} {}"/>').format(
        _LEFT, left, middle, left, middle, right, _RIGHT, right
    )


def _text(x: int, y: float, name: str, anchor: str) -> Markup:
    shown = plain(name)
    cut = shown if len(shown) <= _LONGEST else shown[: _LONGEST - 1] + "…"
    return Markup('<text x="{}" y="{}" text-anchor="{}">{}</text>').format(x, y + 4, anchor, cut)
