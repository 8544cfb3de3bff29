"""Maps in two layers: what a base has, which is read when it is asked for, and what has changed since.

They answer as `immutables.Map` does, so the fold, and everybody who reads a state, runs on them
unchanged. What is read twice is the same object as long as it is remembered: kept answers go by that, and one whose
object was read again is rendered again.
"""

import threading
from collections.abc import Callable, ItemsView, Iterator, Mapping, ValuesView
from typing import Any, Generic, TypeVar
from weakref import WeakValueDictionary

from immutables import Map

from moorings_registry.bases.tables import Table

K = TypeVar("K")
V = TypeVar("V")

MOST_KEPT = 16_384
"""Values of one map that a process keeps as objects; the oldest are dropped first, and read again when asked for."""


class _Absent:
    """The type of what stands for a key that was removed, or is not there."""


GONE = _Absent()
_MISSING = _Absent()


class Remembered(Generic[K, V]):
    """Objects that were made of a base, by their keys, while they are in use or not yet too many."""

    def __init__(self, *, weakly: bool) -> None:
        self._kept: dict[K, V] = {}
        self._held: Any = WeakValueDictionary() if weakly else {}
        self._weakly = weakly
        self._lock = threading.Lock()

    def find(self, key: K) -> V | None:
        found = self._kept.get(key)
        return found if found is not None else self._held.get(key)

    def keep(self, key: K, value: V) -> V:
        """Keep *value*, or the one that another thread was first with; returns the one that is kept."""
        with self._lock:
            known = self.find(key)
            value = value if known is None else known
            self._kept[key] = value
            if self._weakly:
                self._held[key] = value
            if len(self._kept) > MOST_KEPT:
                del self._kept[next(iter(self._kept))]
        return value


class BaseMap(Generic[K, V]):
    """A table of a base, and the objects that were made of it in this process."""

    __slots__ = ("_remembered", "_rows", "table")

    def __init__(self, table: Table[K, V]) -> None:
        self.table = table
        self._rows: dict[Callable[[V], bool], frozenset[int]] = {}
        self._remembered: Remembered[K, V] = Remembered(weakly=table.codec.is_weakly_referable)

    def __len__(self) -> int:
        return len(self.table)

    def get(self, key: K) -> V | _Absent:
        found = self._remembered.find(key)
        if found is not None:
            return found
        row = self.table.row_of(key)
        return _MISSING if row is None else self._remembered.keep(key, self.table.value_at(row))

    def __contains__(self, key: K) -> bool:
        return self._remembered.find(key) is not None or self.table.row_of(key) is not None

    def keys(self) -> Iterator[K]:
        return map(self.table.key_at, self.table.live_rows())

    def keys_where(self, asked: Callable[[V], bool], *, holds: bool) -> Iterator[K]:
        """Yield the keys whose values *asked* holds for, or does not hold for: a pure function, for few of them true.

        The values are read once in this process, whoever asks and how often.
        """
        rows = self._rows.get(asked)
        if rows is None:
            table = self.table
            rows = self._rows[asked] = frozenset(row for row in table.live_rows() if asked(table.value_at(row)))
        chosen = rows if holds else (row for row in self.table.live_rows() if row not in rows)
        return map(self.table.key_at, chosen)

    def items(self) -> Iterator[tuple[K, V]]:
        """Yield each key with its value: what is remembered, and else an object that is made for this alone."""
        table, find = self.table, self._remembered.find
        for row in table.live_rows():
            key = table.key_at(row)
            found = find(key)
            yield key, table.value_at(row) if found is None else found


class Layered(Mapping[K, V]):
    """An immutable map: *base*, less what *changed* replaces, removes (`GONE`) or adds; *length* keys."""

    __slots__ = ("base", "changed", "length")

    def __init__(self, base: BaseMap[K, V], changed: "Map[K, V | _Absent]", length: int) -> None:
        self.base = base
        self.changed = changed
        self.length = length

    def _found(self, key: Any) -> Any:
        found = self.changed.get(key, _MISSING)
        return self.base.get(key) if found is _MISSING else found

    def __getitem__(self, key: K) -> V:
        found = self._found(key)
        if isinstance(found, _Absent):
            raise KeyError(key)
        value: V = found
        return value

    def get(self, key: Any, default: Any = None) -> Any:
        found = self._found(key)
        return default if isinstance(found, _Absent) else found

    def __contains__(self, key: object) -> bool:
        found: Any = self.changed.get(key, _MISSING)  # type: ignore[arg-type]  # any key may be asked for
        return key in self.base if found is _MISSING else found is not GONE  # type: ignore[operator]

    def __iter__(self) -> Iterator[K]:
        yield from (key for key in self.base.keys() if key not in self.changed)  # noqa: SIM118 - not a mapping
        yield from (key for key, value in self.changed.items() if value is not GONE)

    def __len__(self) -> int:
        return self.length

    def items(self) -> ItemsView[K, V]:
        return _Items(self)

    def values(self) -> ValuesView[V]:
        return _Values(self)

    def pairs(self) -> Iterator[tuple[K, V]]:
        """Yield each key with its value, in no order."""
        yield from (pair for pair in self.base.items() if pair[0] not in self.changed)
        yield from ((key, value) for key, value in self.changed.items() if not isinstance(value, _Absent))

    def keys_where(self, asked: Callable[[V], bool], *, holds: bool) -> Iterator[K]:
        """Yield the keys whose values *asked* holds for, or does not hold for; see `BaseMap.keys_where`."""
        changed = self.changed
        yield from (key for key in self.base.keys_where(asked, holds=holds) if not changed or key not in changed)
        for key, value in changed.items():
            if not isinstance(value, _Absent) and asked(value) is holds:
                yield key

    def mutate(self) -> "LayeredMutation[K, V]":
        return LayeredMutation(self)

    def set(self, key: K, value: V) -> "Layered[K, V]":
        mutation = self.mutate()
        mutation[key] = value
        return mutation.finish()

    def delete(self, key: K) -> "Layered[K, V]":
        """The map without *key*.

        Raises:
            KeyError
        """
        mutation = self.mutate()
        del mutation[key]
        return mutation.finish()


class _Items(ItemsView[K, V]):
    def __iter__(self) -> Iterator[tuple[K, V]]:
        layered: Any = self._mapping  # type: ignore[attr-defined]  # what collections.abc has it under
        return layered.pairs()  # type: ignore[no-any-return]


class _Values(ValuesView[V]):
    def __iter__(self) -> Iterator[V]:
        layered: Any = self._mapping  # type: ignore[attr-defined]  # as above
        return (value for _, value in layered.pairs())


class LayeredMutation(Generic[K, V]):
    """A layered map that is being changed; what it was made of stays as it is."""

    def __init__(self, before: Layered[K, V]) -> None:
        self._base = before.base
        self._changed = before.changed.mutate()
        self._length = before.length

    def _found(self, key: K) -> V | _Absent:
        found = self._changed.get(key, _MISSING)
        return self._base.get(key) if found is _MISSING else found

    def __getitem__(self, key: K) -> V:
        found = self._found(key)
        if isinstance(found, _Absent):
            raise KeyError(key)
        return found

    def get(self, key: K, default: Any = None) -> Any:
        found = self._found(key)
        return default if isinstance(found, _Absent) else found

    def __contains__(self, key: K) -> bool:
        return not isinstance(self._found(key), _Absent)

    def __setitem__(self, key: K, value: V) -> None:
        if key not in self:
            self._length += 1
        self._changed[key] = value

    def __delitem__(self, key: K) -> None:
        if key not in self:
            raise KeyError(key)
        self._remove(key)

    def pop(self, key: K, default: Any = None) -> Any:
        """Remove *key*, and return what it led to; *default* where it led to nothing."""
        found = self._found(key)
        if isinstance(found, _Absent):
            return default
        self._remove(key)
        return found

    def _remove(self, key: K) -> None:
        self._length -= 1
        self._changed[key] = GONE

    def finish(self) -> Layered[K, V]:
        return Layered(self._base, self._changed.finish(), self._length)
