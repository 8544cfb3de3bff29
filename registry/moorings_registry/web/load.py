"""The load of an event on its page: what clients sampled of rates and sizes, beside what is expected."""

from dataclasses import dataclass

from moorings_registry.errors import UsageUnavailable
from moorings_registry.event_rules import declaration_of
from moorings_registry.http.requests import current_registry
from moorings_registry.names import Subject
from moorings_registry.observed_load import Departure, ObservedLoad, departures, rate_text
from moorings_registry.state import State


@dataclass(frozen=True, slots=True)
class LoadShown:
    """What was sampled, and which expectations it exceeds."""

    load: ObservedLoad
    busiest: str
    """The busiest hour as a moment; empty where nothing was seen to be written."""
    rate: str
    departures: tuple[Departure, ...]


def load_shown(state: State, subject: Subject) -> LoadShown | None:
    """What the page of an event says of its load; None where nothing was sampled, or the counts cannot be read."""
    registry = current_registry()
    try:
        load = registry.usage.load_of(subject, registry.now())
    except UsageUnavailable:
        return None
    if load.is_empty:
        return None
    declared, busiest = declaration_of(state, subject), load.busiest_hour
    return LoadShown(
        load,
        f"{busiest[0]}:00:00Z" if busiest else "",
        rate_text(busiest[1]) if busiest else "",
        departures(declared.expectations if declared else None, load),
    )
