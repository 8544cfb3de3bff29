"""The catalogue of events: a list that can be searched."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from flask import Response

from moorings_compat import Format
from moorings_registry.http.requests import consult
from moorings_registry.names import Subject, is_within
from moorings_registry.policy import owning_domains
from moorings_registry.state import Lifecycle, MajorState, State, SubjectState, Version
from moorings_registry.version_queries import by_name, event_named
from moorings_registry.web import links, query_params
from moorings_registry.web.counts import active_majors, registered_domains
from moorings_registry.web.paging import page_of
from moorings_registry.web.rendering import page

EVENTS_A_PAGE = 50
DELETED = "deleted"
"""The state, beside those of majors, of an event without any active version."""
STATES = (*map(str, MajorState), DELETED)


@dataclass(frozen=True, slots=True)
class EventRow:
    """One event in a list."""

    held: SubjectState
    owner: str
    format: Format | None
    newest: Version | None
    """The latest active version, or the newest deleted one where none is active; None before the first one."""
    lives: tuple[tuple[int, Lifecycle], ...]
    """Its majors with an active version, newest first."""


def event_rows(state: State, events: Iterable[SubjectState]) -> list[EventRow]:
    """Make rows of *events*, in the order given."""
    return [_row(state, held) for held in events]


def _row(state: State, held: SubjectState) -> EventRow:
    newest = held.latest or next(reversed(held.versions), None)
    owners = owning_domains(state, held.subject)
    return EventRow(
        held=held,
        owner=owners[0].owner if owners else "",
        format=state.definitions[newest.guid].format if newest else None,
        newest=newest,
        lives=tuple((one, held.life(one)) for one in reversed(active_majors(held))),
    )


@dataclass(frozen=True, slots=True)
class Filters:
    """What the list was asked for; empty means anything."""

    q: str
    domain: str
    state: str
    unowned: bool

    @property
    def any_set(self) -> bool:
        """Whether anything was asked for; an empty list then says less about the registry."""
        return bool(self.q or self.domain or self.state or self.unowned)

    def match(self, state: State, event: Subject) -> bool:
        if self.q.lower() not in str(event).lower():
            return False
        if self.domain and not is_within(event.domain, self.domain):
            return False
        return not (self.unowned and registered_domains(state, event))

    def events_in_state(self, state: State) -> Iterator[Subject]:
        """Yield the names of the events of the state that was asked for; without one, of those that are not deleted."""
        if self.state == DELETED:
            yield from state.dormant_names()
        elif self.state:
            active = (held for held in state.active_subjects() if self._has_major(held))
            yield from (held.subject for held in active)
        else:
            yield from state.active_names()
            yield from (one for one in state.declarations if one not in state.subjects)

    def _has_major(self, held: SubjectState) -> bool:
        return any(held.life(one).state == self.state for one in active_majors(held))


def list_events() -> Response:
    """Show the events that match, by name."""
    return consult(_list)


def _list(state: State) -> Response:
    filters = Filters(
        q=query_params.text("q"),
        domain=query_params.text("domain"),
        state=query_params.choice("state", STATES),
        unowned=query_params.flag("unowned"),
    )
    known = (one for one in filters.events_in_state(state) if filters.match(state, one))
    shown = page_of(
        sorted(known, key=by_name), query_params.number("page", 1), EVENTS_A_PAGE, lambda at: _href(filters, at)
    )
    return page(
        "events.html",
        title="Events",
        section="Events",
        state=state,
        filters=filters,
        filtered=filters.any_set,
        domains=sorted(state.domains),
        states=STATES,
        events=shown,
        rows=event_rows(state, (event_named(state, one) for one in shown.items)),
    )


def _href(filters: Filters, number: int) -> str:
    unowned = "1" if filters.unowned else ""
    return links.events_href(q=filters.q, domain=filters.domain, state=filters.state, unowned=unowned, page=number)
