"""What a decision reads of a state: enough to tell whether it would be the same on a newer one.

A registration is decided before its turn to be written, and by then others have been written. Most of them are about
other schemas, and change nothing that this decision went by. So it is reached on a state that notes what is looked up
in the maps that registrations change; a newer state that says the same there, and has every other member that was
read unchanged, leads to the same decision.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from moorings_registry.state.state import State

_LOOKED_UP = ("subjects", "definitions", "ids", "id_of", "last_id", "uses", "referrers", "refused", "keys")
"""The maps that a registration changes: each look into them is noted."""
_UNASKED = frozenset(("position", "digest", "key_order", "keys_seen"))
"""What every entry changes, and no decision of a registration goes by."""
_ALWAYS = ("grants", "issuers")
"""What callers may do: that is asked of the newest state, whatever a decision is reached on."""


class Reads:
    """What was read of one state."""

    __slots__ = ("found", "state", "whole")

    def __init__(self, state: State) -> None:
        self.state = state
        self.found: dict[tuple[str, Any], Any] = {}
        """The name of a map and a key, to the value that was found; None where there was none."""
        self.whole: set[str] = set(_ALWAYS)
        """The members of the state that were read as they are, or looked through."""

    def hold_on(self, newer: State, *, but: tuple[tuple[str, Any], ...] = ()) -> bool:
        """Whether *newer* says the same wherever the state was read, apart from the looks in *but*."""
        state = self.state
        for name in self.whole:
            if getattr(newer, name) is not getattr(state, name):
                return False
        for look, value in self.found.items():
            if getattr(newer, look[0]).get(look[1]) is not value and look not in but:
                return False
        return True


def watched(state: State) -> tuple[State, Reads]:
    """*state* itself, with what is read of it from now on."""
    reads = Reads(state)
    made = object.__new__(_WatchedState)
    object.__setattr__(made, "watched", reads)
    return made, reads


class _WatchedState(State):
    """A state that has each of its members once that is asked for."""

    __slots__ = ("watched",)
    watched: Reads

    def __getattr__(self, name: str) -> Any:
        reads = self.watched
        value = getattr(reads.state, name)
        if name in _LOOKED_UP:
            value = _WatchedMap(name, value, reads)
        elif name == "checks":
            value = _WatchedSequence(name, value, reads)
        elif name not in _UNASKED:
            reads.whole.add(name)
        object.__setattr__(self, name, value)
        return value


class _WatchedMap(Mapping[Any, Any]):
    """A map that notes each key that is looked up, or that it was looked through."""

    __slots__ = ("_all", "_found", "_get", "_name", "_reads")

    def __init__(self, name: str, everything: Mapping[Any, Any], reads: Reads) -> None:
        self._name = name
        self._all = everything
        self._get = everything.get
        self._reads = reads
        self._found = reads.found

    def get(self, key: Any, default: Any = None) -> Any:
        value = self._found[self._name, key] = self._get(key)
        return default if value is None else value

    def __getitem__(self, key: Any) -> Any:
        value = self._found[self._name, key] = self._get(key)
        if value is None:
            raise KeyError(key)
        return value

    def __contains__(self, key: object) -> bool:
        value = self._found[self._name, key] = self._get(key)
        return value is not None

    def __iter__(self) -> Iterator[Any]:
        self._reads.whole.add(self._name)
        return iter(self._all)

    def __len__(self) -> int:
        self._reads.whole.add(self._name)
        return len(self._all)

    def __getattr__(self, name: str) -> Any:
        """Whatever else maps can do: for that, all of it counts as read."""
        self._reads.whole.add(self._name)
        return getattr(self._all, name)


class _WatchedSequence(Sequence[Any]):
    """A sequence that notes that it was looked at."""

    __slots__ = ("_all", "_name", "_reads")

    def __init__(self, name: str, everything: Sequence[Any], reads: Reads) -> None:
        self._name = name
        self._all = everything
        self._reads = reads

    def __getitem__(self, index: Any) -> Any:
        self._reads.whole.add(self._name)
        return self._all[index]

    def __len__(self) -> int:
        self._reads.whole.add(self._name)
        return len(self._all)

    def __getattr__(self, name: str) -> Any:
        self._reads.whole.add(self._name)
        return getattr(self._all, name)
