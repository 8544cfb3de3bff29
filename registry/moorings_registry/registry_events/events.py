"""From an entry of the ledger to the events for one reader."""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from moorings_registry import facts
from moorings_registry.entries import Entry
from moorings_registry.registry_events.kinds import Telling, told_to
from moorings_registry.registry_events.readers import Reader
from moorings_registry.state import State, report_id

Describe = Callable[[facts.Fact, int], tuple[str, str]]
"""Makes a sentence of a fact, and the address of a page about it (empty for none); takes the position of its entry, of
a check the id of its report."""
_CHECKS = facts.SchemaRegistered | facts.SchemaRefused


@dataclass(frozen=True, slots=True)
class RegistryEvent:
    """Something that happened to the registry, as one reader may see it."""

    position: int
    """Of its entry."""
    index: int
    """Of its fact in the entry, from 0."""
    kind: str
    recorded_at: str
    actor: str
    correlation_id: str
    subject: str
    """The subject, the domain or the node that it is about; empty for the registry as a whole."""
    domain: str
    """The domain of that; empty where there is none."""
    summary: str
    link: str
    """The path of a page about it; empty where there is none."""
    data: Mapping[str, Any]
    """What happened, as JSON; no texts of schemas."""

    @property
    def id(self) -> str:
        """Unique in one registry, and the same whenever it is sent."""
        return f"{self.position}.{self.index}"


def events_of(
    entry: Entry, state: State, reader: Reader, describe: Describe, kinds: Collection[str] = ()
) -> Iterator[RegistryEvent]:
    """Yield the events of *entry* that *reader* may see, of *kinds* alone where they are named, in order.

    *state* is one that holds the entry: what facts name by a number is looked for there.
    """
    checks = 0
    for index, stored in enumerate(entry.facts):
        fact = facts.from_json(stored)
        is_check = isinstance(fact, _CHECKS)
        telling = told_to(fact, entry, state, reader)
        if telling is not None and (not kinds or telling.kind in kinds):
            yield _event(entry, index, telling, describe, report_id(entry.position, checks if is_check else 0))
        checks += is_check


def _event(entry: Entry, index: int, telling: Telling, describe: Describe, number: int) -> RegistryEvent:
    summary, link = describe(telling.fact, number)
    return RegistryEvent(
        position=entry.position,
        index=index,
        kind=telling.kind,
        recorded_at=entry.recorded_at,
        actor=entry.actor,
        correlation_id=entry.correlation_id,
        subject=telling.about,
        domain=telling.domain,
        summary=telling.summary or summary,
        link=link,
        data=telling.data,
    )
