"""A sequence that snapshots share: each sees its own length, and only the newest may grow it."""

import operator
import threading
from collections.abc import Iterator, Sequence
from typing import Generic, Self, TypeVar, overload

T = TypeVar("T")

_growing = threading.Lock()
"""Simulations of writes grow a sequence too, beside the one writer."""


class AppendOnly(Sequence[T], Generic[T]):
    """An immutable view of the first *n* items of a list that may have grown since."""

    __slots__ = ("_items", "_length")

    def __init__(self, items: list[T] | None = None, length: int = 0) -> None:
        self._items: list[T] = [] if items is None else items
        self._length = length

    def and_then(self, item: T) -> Self:
        """Return this sequence with *item* at its end; constant time unless somebody branched off before."""
        with _growing:
            items = self._items
            if len(items) != self._length:
                items = items[: self._length]
            items.append(item)
        return type(self)(items, self._length + 1)

    def __len__(self) -> int:
        return self._length

    @overload
    def __getitem__(self, index: int) -> T: ...
    @overload
    def __getitem__(self, index: slice) -> list[T]: ...
    def __getitem__(self, index: int | slice) -> T | list[T]:
        if isinstance(index, slice):
            return [self._items[at] for at in range(*index.indices(self._length))]
        if not -self._length <= index < self._length:
            raise IndexError(index)
        return self._items[index % self._length]

    def __iter__(self) -> Iterator[T]:
        return (self._items[at] for at in range(self._length))

    def __reversed__(self) -> Iterator[T]:
        return (self._items[at] for at in range(self._length - 1, -1, -1))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, AppendOnly) and len(self) == len(other) and all(map(operator.eq, self, other))

    def __hash__(self) -> int:
        return hash(tuple(self))
