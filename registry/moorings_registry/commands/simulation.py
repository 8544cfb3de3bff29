"""The state as it would be after some facts: for decisions in several steps, and for answers to dry runs."""

from collections.abc import Iterable

from moorings_registry import facts
from moorings_registry.entries import Entry, Head
from moorings_registry.state import State, apply

_UNRECORDED = "1970-01-01T00:00:00.000000Z"


def simulate(state: State, new: Iterable[facts.Fact]) -> State:
    """Apply facts that nobody has recorded; the result is for reading only, never to append to."""
    told = [facts.to_json(fact) for fact in new]
    if not told:
        return state
    head = Head(state.position, state.digest)
    entry = Entry.following(head, recorded_at=_UNRECORDED, actor="", correlation_id="", facts=told)
    return apply(state, (entry,))
