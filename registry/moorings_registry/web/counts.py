"""Counting what the registry holds, in one pass over its events."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from moorings_registry.names import domain_and_ancestors
from moorings_registry.state import Domain, MajorState, State, SubjectState


@dataclass(frozen=True, slots=True)
class EventCounts:
    """Numbers of events, of their majors, of those deprecated, and of active versions."""

    events: int = 0
    majors: int = 0
    deprecated: int = 0
    versions: int = 0

    def and_also(self, held: SubjectState) -> "EventCounts":
        """Count *held* too."""
        majors = active_majors(held)
        return replace(
            self,
            events=self.events + 1,
            majors=self.majors + len(majors),
            deprecated=self.deprecated + sum(held.life(one).state is MajorState.DEPRECATED for one in majors),
            versions=self.versions + len(held.active),
        )


@dataclass(frozen=True, slots=True)
class Tallies:
    """The whole registry, each registered domain with those below it, and what nobody owns."""

    whole: EventCounts
    domains: dict[str, EventCounts]
    unowned: EventCounts


def tallies(state: State) -> Tallies:
    """Count every event with an active version."""
    whole = unowned = EventCounts()
    domains = dict.fromkeys(state.domains, EventCounts())
    for held in state.active_subjects():
        whole = whole.and_also(held)
        owners = registered_domains(state, held)
        for name in owners:
            domains[name] = domains[name].and_also(held)
        if not owners:
            unowned = unowned.and_also(held)
    return Tallies(whole, domains, unowned)


def registered_domains(state: State, held: SubjectState) -> list[str]:
    """The names of the registered domains that an event lies in, nearest first."""
    return [name for name in domain_and_ancestors(held.subject.domain or "") if name in state.domains]


def active_majors(held: SubjectState) -> tuple[int, ...]:
    """The majors that have an active version, ascending."""
    return tuple(sorted({one.major for one in held.active}))


def by_name(domains: Iterable[Domain]) -> list[Domain]:
    """Domains in the order of their tree: ``shop``, ``shop.orders``, ``shop-tools``."""
    return sorted(domains, key=lambda one: one.name.split("."))
