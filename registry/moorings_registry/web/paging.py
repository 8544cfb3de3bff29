"""One page of a long list."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """The items of one page, and the addresses of its neighbours."""

    items: Sequence[T]
    first: int
    """The place of the first item in the whole list, from 1; 0 where there is none."""
    total: int
    newer: str
    """The page before; empty on the first."""
    older: str
    """The page after; empty on the last."""

    @property
    def last(self) -> int:
        return self.first + len(self.items) - 1 if self.items else 0


def page_of(items: Sequence[T], number: int, size: int, href: Callable[[int], str]) -> Page[T]:
    """Cut page *number*, counted from 1, out of *items*; a number past the end gives the last page."""
    pages = max(1, -(-len(items) // size))
    number = min(max(number, 1), pages)
    start = (number - 1) * size
    shown = items[start : start + size]
    return Page(
        items=shown,
        first=start + 1 if shown else 0,
        total=len(items),
        newer=href(number - 1) if number > 1 else "",
        older=href(number + 1) if number < pages else "",
    )
