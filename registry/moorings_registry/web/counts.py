"""Counting what the registry holds, in one pass over its events."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from moorings_registry.names import Subject, domain_and_ancestors
from moorings_registry.state import Domain, MajorState, State, SubjectState
from moorings_registry.version_queries import kept_while_same


@dataclass(slots=True)
class EventCounts:
    """Numbers of events, of their majors, of those deprecated, and of active versions."""

    events: int = 0
    majors: int = 0
    deprecated: int = 0
    versions: int = 0

    def count(self, majors: int, deprecated: int, versions: int) -> None:
        """Count one more event, with so many of each."""
        self.events += 1
        self.majors += majors
        self.deprecated += deprecated
        self.versions += versions


@dataclass(frozen=True, slots=True)
class Tallies:
    """The whole registry, each registered domain with those below it, and what nobody owns."""

    whole: EventCounts
    domains: dict[str, EventCounts]
    unowned: EventCounts


def tallies(state: State) -> Tallies:
    """Count every event with an active version."""
    return _tallies(state.subjects, state.domains)


@kept_while_same
def _tallies(subjects: Mapping[Subject, SubjectState], known: Mapping[str, Domain]) -> Tallies:
    whole, unowned = EventCounts(), EventCounts()
    domains = {name: EventCounts() for name in known}
    counted: dict[str, list[EventCounts]] = {}
    for held in subjects.values():
        active = [one.major for one in held.versions if not one.deleted]
        if not active:
            continue
        majors = set(active)
        deprecated = sum(held.life(one).state is MajorState.DEPRECATED for one in majors) if held.lives else 0
        domain = held.subject.domain or ""
        if domain not in counted:
            owners = [domains[name] for name in domain_and_ancestors(domain) if name in domains]
            counted[domain] = [whole, *(owners or (unowned,))]
        for counts in counted[domain]:
            counts.count(len(majors), deprecated, len(active))
    return Tallies(whole, domains, unowned)


def registered_domains(state: State, subject: Subject) -> list[str]:
    """The names of the registered domains that an event lies in, nearest first."""
    return [name for name in subject.domains if name in state.domains]


def active_majors(held: SubjectState) -> tuple[int, ...]:
    """The majors that have an active version, ascending."""
    return tuple(sorted({one.major for one in held.active}))


def by_name(domains: Iterable[Domain]) -> list[Domain]:
    """Domains in the order of their tree: ``shop``, ``shop.orders``, ``shop-tools``."""
    return sorted(domains, key=lambda one: one.name.split("."))
