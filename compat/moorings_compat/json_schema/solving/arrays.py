"""Branches about arrays: how many items, the schemas of each, and which item is the one that must exist somewhere.

Items that must exist somewhere (one that violates `items`, enough that satisfy `contains`, two that are equal) are
placed by a search over lengths. Positions behind the last one of a tuple are all alike, so an array longer than that
plus one item for each such demand could be shortened: longer arrays need no search.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Self

from moorings_compat.json_schema.nodes.nodes import ARRAY, Atom, Contains, Item, ItemCount, Node, Rest, Unique
from moorings_compat.json_schema.solving.array_slots import MOST_DISTINCT, Slot, SlotFiller
from moorings_compat.json_schema.solving.branches import Branch
from moorings_compat.json_schema.solving.facts import AtLeast, AtMost, BadItem, Fact, Repeated, SomeItem
from moorings_compat.json_schema.solving.goals import NONE, OPEN, Goal, GoalAnswer, Status
from moorings_compat.json_schema.solving.search import Search

MOST_ITEMS = 100_000
MOST_PLACINGS = 3_000


@dataclass(frozen=True, slots=True)
class _WantedItem:
    """An item that must exist: from `start` on, satisfying or violating `node`; one of each `group` per position."""

    start: int
    node: Node
    positive: bool
    group: int


class ArrayBranch(Branch):
    """Facts about an array."""

    kind = ARRAY

    def __init__(self, search: Search, goal: Goal) -> None:
        super().__init__(search, goal)
        self.items: tuple[Item, ...] = ()
        self.rests: tuple[Rest, ...] = ()
        self.given: tuple[BadItem, ...] = ()
        self.wanted: tuple[_WantedItem, ...] = ()
        self.at_most: tuple[AtMost, ...] = ()
        self.least = 0
        self.most: int | None = None
        self.unique = False
        self.repeated = False

    def _copy_facts(self, copied: Self) -> None:
        copied.items, copied.rests, copied.given = self.items, self.rests, self.given
        copied.wanted, copied.at_most = self.wanted, self.at_most
        copied.least, copied.most = self.least, self.most
        copied.unique, copied.repeated = self.unique, self.repeated

    def _assert_own(self, atom: Atom) -> bool:
        match atom:
            case Item():
                self.items = (*self.items, atom)
            case Rest():
                self.rests = (*self.rests, atom)
            case Unique():
                self.unique = True
            case Contains():
                self._want(atom.node, atom.least)
                if atom.most is not None:
                    self.at_most = (*self.at_most, AtMost(atom.node, atom.most))
            case ItemCount():
                if atom.lower:
                    self.least = max(self.least, atom.bound)
                else:
                    self.most = atom.bound if self.most is None else min(self.most, atom.bound)
        return self._consistent

    def _learn_own(self, fact: Fact) -> bool:
        match fact:
            case BadItem():
                self.given = (*self.given, fact)
                self.least = max(self.least, fact.index + 1)
            case SomeItem():
                self.wanted = (*self.wanted, _WantedItem(fact.start, fact.node, False, len(self.wanted)))
                self.least = max(self.least, fact.start + 1)
            case AtLeast():
                self._want(fact.node, fact.count)
            case AtMost():
                self.at_most = (*self.at_most, fact)
            case Repeated():
                self.repeated = True
                self.least = max(self.least, 2)
        return self._consistent

    def _want(self, node: Node, count: int) -> None:
        if count <= MOST_DISTINCT:
            group = len(self.wanted)
            self.wanted = (*self.wanted, *(_WantedItem(0, node, True, group) for _ in range(count)))
        self.least = max(self.least, count)
        self.unexplored = self.unexplored or count > MOST_DISTINCT

    @property
    def _consistent(self) -> bool:
        if self.unique and self.repeated:
            return False
        return self.most is None or self.least <= self.most

    def find(self) -> GoalAnswer:
        longest = max(self.least, self._last_special() + len(self.wanted) + 2 * self.repeated)
        longest = longest if self.most is None else min(longest, self.most)
        if self.least > MOST_ITEMS:
            return OPEN
        status = Status.NONE
        tried = 0
        for length in range(self.least, longest + 1):
            for placing in self._placings(length):
                tried += 1
                self.search.budget.spend(60 + length // 20 + 20 * len(self.wanted))
                answer = self._filled(length, placing)
                if answer.found:
                    return answer
                if answer.status is Status.OPEN:
                    status = Status.OPEN
                if tried >= MOST_PLACINGS:
                    return OPEN
        return NONE if status is Status.NONE else OPEN

    def _last_special(self) -> int:
        """The first position from which on all are alike."""
        ends = [one.index + 1 for one in self.items] + [one.index + 1 for one in self.given]
        return max([*ends, *(rest.start for rest in self.rests), *(one.start for one in self.wanted)], default=0)

    def _placings(self, length: int) -> Iterator[tuple[int, ...]]:
        """Yield positions for every wanted item, and then for the two equal items, if any."""
        special = min(self._last_special(), length)
        yield from self._extended((), length, special)

    def _extended(self, chosen: tuple[int, ...], length: int, special: int) -> Iterator[tuple[int, ...]]:
        at = len(chosen)
        if at == len(self.wanted):
            yield from self._with_pair(chosen, length, special) if self.repeated else (chosen,)
            return
        wanted = self.wanted[at]
        same = [position for position, other in zip(chosen, self.wanted, strict=False) if other.group == wanted.group]
        self.search.budget.spend(2 + len(chosen) * len(same) // 16)
        for position in self._open_positions(chosen, length, special):
            if position >= wanted.start and all(position > other for other in same):
                yield from self._extended((*chosen, position), length, special)

    def _open_positions(self, chosen: tuple[int, ...], length: int, special: int) -> list[int]:
        """Positions that differ: the special ones, those taken already, and one more."""
        behind = sorted({position for position in chosen if position >= special})
        following = (behind[-1] if behind else special - 1) + 1
        fresh = [following] if following < length else []
        return [*behind, *fresh, *range(special)]

    def _with_pair(self, chosen: tuple[int, ...], length: int, special: int) -> Iterator[tuple[int, ...]]:
        for first in self._open_positions(chosen, length, special):
            for second in self._open_positions((*chosen, first), length, special):
                if first != second:
                    yield (*chosen, first, second)

    def _filled(self, length: int, placing: tuple[int, ...]) -> GoalAnswer:
        return SlotFiller(self.search, length, self.at_most, unique=self.unique).of(self._slots(length, placing))

    def _slots(self, length: int, placing: tuple[int, ...]) -> list[Slot]:
        """Group the positions: each special one by itself, equal ones together, and all plain ones together."""
        special: dict[int, tuple[list[Node], list[Node]]] = {
            index: self._at(index) for index in range(min(self._last_special(), length))
        }
        for wanted, position in zip(self.wanted, placing, strict=False):
            special.setdefault(position, self._at(position))[0 if wanted.positive else 1].append(wanted.node)
        together: dict[int, int] = {}
        if self.repeated:
            first, second = placing[-2:]
            for index in (first, second):
                special.setdefault(index, self._at(index))
            yes, no = special.pop(second)
            special[first] = ([*special[first][0], *yes], [*special[first][1], *no])
            together[first] = second
        slots = [
            Slot((index, together[index]) if index in together else (index,), yes, no)
            for index, (yes, no) in special.items()
        ]
        taken = {position for slot in slots for position in slot.positions}
        plain = tuple(index for index in range(length) if index not in taken)
        return [*slots, Slot(plain, *self._at(length), equal=False)] if plain else slots

    def _at(self, index: int) -> tuple[list[Node], list[Node]]:
        yes = [one.node for one in self.items if one.index == index]
        yes += [one.node for one in self.rests if one.start <= index]
        return yes, [one.node for one in self.given if one.index == index]
