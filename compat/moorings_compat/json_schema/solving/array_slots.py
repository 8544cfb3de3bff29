"""The positions of one array filled with values: within limits on how often items occur, all different if required.

The limits that an item counts towards are chosen position by position; a choice that fails is not tried again.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from moorings_compat.json_schema.nodes.nodes import Node, value_key
from moorings_compat.json_schema.solving.facts import AtMost
from moorings_compat.json_schema.solving.goals import NONE, OPEN, Goal, GoalAnswer, Status, found_whole
from moorings_compat.json_schema.solving.search import Search
from moorings_compat.json_schema.solving.violations import exactly

MOST_DISTINCT = 60
"""Different values for an array of unique items, at most; and positions whose limits are chosen one by one."""
_MOST_LIMITS = 4
_MOST_CHOICES = 100
"""Choices of limits that are tried for unique items."""


@dataclass(slots=True)
class Slot:
    """Positions whose items satisfy and violate the same nodes; with `equal`, one value for all of them."""

    positions: tuple[int, ...]
    yes: list[Node]
    no: list[Node]
    equal: bool = True

    @property
    def goal(self) -> Goal:
        return Goal(self.yes, self.no)


class SlotFiller:
    """Fills arrays of one length."""

    def __init__(self, search: Search, length: int, at_most: tuple[AtMost, ...], *, unique: bool) -> None:
        self._search = search
        self._length = length
        limits: dict[bytes, AtMost] = {}
        for limit in at_most:
            known = limits.get(limit.node.key)
            limits[limit.node.key] = limit if known is None or limit.count < known.count else known
        self._limits = tuple(limits.values())
        self._unique = unique
        self._uncertain = False
        """A choice may have been missed."""

    def of(self, slots: list[Slot]) -> GoalAnswer:
        """Find a value for every slot."""
        for slot in slots:
            answer = self._search.solve(slot.goal)
            if not answer.found:
                return answer
        if not self._limits:
            return self._with_values(slots)
        if self._exceeds(slots):
            return NONE
        status = Status.NONE
        for tried, limited in enumerate(self._limited(self._split(slots))):
            answer = self._with_values(limited)
            if answer.found:
                return answer
            if answer.status is Status.OPEN or tried >= _MOST_CHOICES:
                status = Status.OPEN
                break
        return OPEN if self._uncertain or status is Status.OPEN else NONE

    def _with_values(self, slots: list[Slot]) -> GoalAnswer:
        if self._unique:
            return self._distinct(slots)
        values: dict[int, Any] = {}
        size = 1
        for slot in slots:
            answer = self._search.solve(slot.goal)
            values.update(dict.fromkeys(slot.positions, answer.value))
            size += answer.size * len(slot.positions)
        return found_whole([values[index] for index in range(self._length)], size)

    def _exceeds(self, slots: list[Slot]) -> bool:
        """Say whether more items must count towards one limit than it allows."""
        for limit in self._limits:
            bound = [slot for slot in slots if self._search.solve(Goal(slot.yes, [*slot.no, limit.node])).none]
            if sum(len(slot.positions) for slot in bound) > limit.count:
                return True
        return False

    def _split(self, slots: list[Slot]) -> list[Slot]:
        """Make one slot of each position that need not be equal to others."""
        if self._length > MOST_DISTINCT or len(self._limits) > _MOST_LIMITS:
            self._uncertain = True
            return slots
        split: list[Slot] = []
        for slot in slots:
            parts = [slot.positions] if slot.equal else [(position,) for position in slot.positions]
            split.extend(Slot(part, slot.yes, slot.no) for part in parts)
        return split

    def _limited(self, slots: list[Slot]) -> Iterator[list[Slot]]:
        """Yield the ways to count each item towards some of the limits without exceeding any."""
        dead: set[tuple[int, tuple[int, ...]]] = set()

        def completed(at: int, left: tuple[int, ...]) -> Iterator[list[Slot]]:
            if at == len(slots):
                yield []
                return
            if (at, left) in dead:
                return
            any_found = False
            for counted, slot in self._counted(slots[at], left):
                after = tuple(rest - len(slot.positions) * (index in counted) for index, rest in enumerate(left))
                for others in completed(at + 1, after):
                    any_found = True
                    yield [slot, *others]
            if not any_found:
                dead.add((at, left))

        yield from completed(0, tuple(limit.count for limit in self._limits))

    def _counted(self, slot: Slot, left: tuple[int, ...]) -> Iterator[tuple[tuple[int, ...], Slot]]:
        """Yield the sets of limits that items here can count towards without exceeding any, small sets first."""
        open_limits = [index for index, count in enumerate(left) if count >= len(slot.positions)]
        for size in range(min(len(open_limits), _MOST_LIMITS) + 1):
            for counted in combinations(open_limits, size):
                self._search.budget.spend(20)
                inside = [self._limits[index].node for index in counted]
                outside = [limit.node for index, limit in enumerate(self._limits) if index not in counted]
                tried = Slot(slot.positions, [*slot.yes, *inside], [*slot.no, *outside])
                answer = self._search.solve(tried.goal)
                self._uncertain = self._uncertain or answer.status is Status.OPEN
                if answer.found:
                    yield counted, tried

    def _distinct(self, slots: list[Slot]) -> GoalAnswer:
        """Choose a different value for each position, as a matching of positions and values."""
        if self._length > MOST_DISTINCT:
            return OPEN
        domains: dict[int, dict[object, Any]] = {}
        for slot in slots:
            domain = self._domain(slot.goal)
            if domain is None:
                return OPEN
            domains.update(dict.fromkeys(slot.positions, domain))
        owner: dict[object, int] = {}
        for index in sorted(domains, key=lambda one: len(domains[one])):
            if not _augment(index, domains, owner, set()):
                return NONE
        chosen = {index: domains[index][key] for key, index in owner.items()}
        sizes = sum(self._search.solve(slot.goal).size * len(slot.positions) for slot in slots)
        return found_whole([chosen[index] for index in range(self._length)], 1 + sizes)

    def _domain(self, goal: Goal) -> dict[object, Any] | None:
        """List different values that reach *goal*: all of them, or as many as there are positions; None: maybe more."""
        values: dict[object, Any] = {}
        others: list[Node] = []
        while len(values) < self._length:
            self._search.budget.spend(len(others))
            answer = self._search.solve(goal.without(others))
            if answer.status is Status.OPEN:
                return None
            if answer.none:
                break
            values[value_key(answer.value)] = answer.value
            others.append(exactly(answer.value))
        return values


def _augment(index: int, domains: dict[int, dict[object, Any]], owner: dict[object, int], seen: set[object]) -> bool:
    """Find a value for *index*, moving others to another value where that helps (Kuhn's algorithm)."""
    for key in domains[index]:
        if key in seen:
            continue
        seen.add(key)
        if key not in owner or _augment(owner[key], domains, owner, seen):
            owner[key] = index
            return True
    return False
