"""The walk along the reader's schema: which of its assertions, looked at one by one, the writer can violate.

A schema is a conjunction, and so is what it asserts about a property or an item. Each conjunct is tried by itself, as a
schema for the whole document that asserts nothing else: a *focus*. A conjunct that is proven needs no further look;
one that is not proven is split further, down to the assertion to name.
"""

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from moorings_compat.json_schema.explaining.writer_constraints import WriterConstraints, keyword_pointer
from moorings_compat.json_schema.nodes.evaluating import holds
from moorings_compat.json_schema.nodes.nodes import (
    FALSE,
    TRUE,
    Additional,
    AnyOf,
    Atom,
    Conditional,
    Implies,
    Item,
    Node,
    OneOf,
    PatternProperty,
    Property,
    Rest,
    SchemaReference,
)
from moorings_compat.json_schema.nodes.validator import matches as _matches
from moorings_compat.json_schema.solving import Goal, GoalAnswer, Solver, Status
from moorings_compat.json_schema.solving.violations import only

_MOST_DEEP = 60
_MOST_ALTERNATIVES = 30


@dataclass(frozen=True, slots=True)
class Spot:
    """A schema of the reader at one location of a value, and what the writer asserts there."""

    node: Node
    pointer: str
    constraints: WriterConstraints
    focus: Callable[[Node], Node]
    """Makes a schema for the whole document from one for this location."""
    trail: "tuple[tuple[WriterConstraints, str | int], ...] | None" = ()
    """The steps that lead here, each with what the writer asserts where it starts; None if one has no single name."""
    where: str = ""
    """The location as people write it: ``lines[].price``."""
    undeclared: bool = False
    """It lies within `additionalProperties`."""
    depth: int = 0


@dataclass(frozen=True, slots=True)
class FailingAssertion:
    """An assertion of the reader that the writer can violate, or that could not be proven."""

    atom: Atom
    spot: Spot
    pointer: str
    focus: Node
    answer: GoalAnswer

    @property
    def where(self) -> str:
        return self.spot.where


class AssertionWalk:
    """Finds the failing assertions of one comparison."""

    def __init__(self, solver: Solver, writer: Node) -> None:
        self._solver = solver
        self._writer = writer
        self._whole = Goal([writer])
        self._goals: dict[frozenset[bytes], Goal] = {}
        self._seen: set[tuple[bytes, frozenset[bytes], str]] = set()

    def failing_assertions(self, spot: Spot) -> Iterator[FailingAssertion]:
        """Yield what fails at *spot* and inside it: by depth, then in the order of the reader's text."""
        waiting = deque([spot])
        while waiting:
            current = waiting.popleft()
            seen = (current.node.key, current.constraints.key, current.pointer)  # alike elsewhere is another edit
            if seen in self._seen or current.depth > _MOST_DEEP:
                continue
            self._seen.add(seen)
            certain = {one.atom.key for one in current.constraints.assertions if one.certain}
            for atom in current.node.atoms:
                if atom.key not in certain:
                    for part in _split(atom, current):
                        yield from self._of_atom(part, current, waiting)

    def _of_atom(self, atom: Atom, spot: Spot, waiting: deque[Spot]) -> Iterator[FailingAssertion]:
        """Yield what fails of *atom*; what lies inside it joins the *waiting*."""
        local = self._local(atom, spot)
        if local.none:
            return
        inner = inside(atom, spot)
        if inner is not None:
            waiting.extend(inner)
            return
        focus = spot.focus(only(atom))
        answer = self._embedded(local, atom, spot, focus)
        if answer is None:
            answer = self._solver.solve(self._whole.without([focus]))
        if answer.none:
            return
        pointer = keyword_pointer(spot.pointer, atom.steps)
        yield FailingAssertion(atom, spot, pointer, focus, answer)
        if answer.found and isinstance(atom, AnyOf | OneOf):
            for other in self._by_alternative(spot, focus):
                yield FailingAssertion(atom, spot, pointer, focus, other)

    def _by_alternative(self, spot: Spot, focus: Node) -> Iterator[GoalAnswer]:
        """Violate the focus with each of the writer's alternatives, since each may do so in its own way."""
        asserted = (
            one.atom for one in spot.constraints.assertions if one.certain and isinstance(one.atom, AnyOf | OneOf)
        )
        alternatives = next(asserted, None)
        for node in alternatives.inner[:_MOST_ALTERNATIVES] if alternatives is not None else ():
            answer = self._solver.solve(Goal([self._writer, spot.focus(node)], [focus]))
            if answer.found:
                yield answer

    def _local(self, atom: Atom, spot: Spot) -> GoalAnswer:
        """Try the assertion against what the writer certainly asserts at this location alone."""
        if isinstance(atom, Property):
            return self._solver.solve(Goal(spot.constraints.at_property(atom.name).certain, [atom.node]))
        return self._solver.solve(self._goal_of(spot.constraints).without([only(atom)]))

    def _goal_of(self, constraints: WriterConstraints) -> Goal:
        goal = self._goals.get(constraints.key)
        if goal is None:
            goal = self._goals[constraints.key] = Goal(constraints.certain)
        return goal

    def _embedded(self, local: GoalAnswer, atom: Atom, spot: Spot, focus: Node) -> GoalAnswer | None:
        """Put the value that violates the assertion into smallest values for everything around it."""
        if not local.found or spot.trail is None:
            return None
        value = local.value
        trail = [*spot.trail, (spot.constraints, atom.name)] if isinstance(atom, Property) else spot.trail
        for constraints, step in reversed(trail):
            value = _placed(value, step, self._solver.solve(self._goal_of(constraints)).value)
            if value is None:
                return None
        budget = self._solver.budget
        if holds(self._writer, value, budget) and not holds(focus, value, budget):
            return GoalAnswer(Status.FOUND, value)
        return None


def _placed(value: Any, step: str | int, around: Any) -> Any:
    """Put *value* at *step* of the smallest value around it; None if that has no such step."""
    if isinstance(step, str):
        return {**around, step: value} if isinstance(around, dict) else {step: value}
    items = around if isinstance(around, list) else []
    return [*items[:step], value, *items[step + 1 :]] if step <= len(items) else None


def _split(atom: Atom, spot: Spot) -> Iterator[Atom]:
    """Apply what the reader asserts about further properties to each one that only the writer describes."""
    if isinstance(atom, Additional):
        names = [name for name in spot.constraints.names() if name not in atom.names]
        inner = [name for name in names if not any(_matches(pattern, name) for pattern in atom.patterns)]
        for name in inner:
            yield Property(atom.steps, name, atom.node)
        if inner:
            atom = replace(atom, names=atom.names | set(inner))
    yield atom


def inside(atom: Atom, spot: Spot) -> list[Spot] | None:
    """Return the spots that *atom* leads to; None if it is the assertion to name."""
    deeper = replace(spot, depth=spot.depth + 1, pointer=keyword_pointer(spot.pointer, atom.steps))
    match atom:
        case SchemaReference():
            return [replace(deeper, node=atom.target.node, pointer=atom.target.pointer)]
        case Property() | PatternProperty() | Additional():
            return _inside_object(atom, deeper)
        case Item() | Rest() if atom.node.key != FALSE.key:
            return _inside_array(atom, deeper)
        case Implies():
            return _inside_implication(atom, deeper)
        case Conditional():
            return _inside_condition(atom, deeper)
    return None


def _inside_object(atom: Property | PatternProperty | Additional, spot: Spot) -> list[Spot] | None:
    if atom.node.key == FALSE.key:
        return None
    if isinstance(atom, Property):
        if not spot.constraints.declares(atom.name):
            return None
        constraints, name = spot.constraints.at_property(atom.name), atom.name
    elif isinstance(atom, PatternProperty):
        constraints, name = spot.constraints.at_pattern(atom.pattern), "*"
    else:
        constraints, name = spot.constraints.at_additional(), "*"
    if not constraints.schemas:
        return None
    where = f"{spot.where}.{name}" if spot.where else name
    undeclared = spot.undeclared or isinstance(atom, Additional)
    trail = (*spot.trail, (spot.constraints, name)) if spot.trail is not None and isinstance(atom, Property) else None
    inner = replace(spot, node=atom.node, constraints=constraints, where=where, undeclared=undeclared, trail=trail)
    return [replace(inner, focus=_around(atom, spot.focus))]


def _inside_array(atom: Item | Rest, spot: Spot) -> list[Spot] | None:
    index = atom.index if isinstance(atom, Item) else atom.start
    constraints = spot.constraints.at_item(index)
    if not constraints.schemas:
        return None
    where = f"{spot.where}[{index if isinstance(atom, Item) else ''}]"
    trail = (*spot.trail, (spot.constraints, index)) if spot.trail is not None else None
    return [
        replace(
            spot, node=atom.node, constraints=constraints, where=where, trail=trail, focus=_around(atom, spot.focus)
        )
    ]


def _inside_implication(atom: Implies, spot: Spot) -> list[Spot] | None:
    known = any(isinstance(one.atom, Implies) and one.atom.name == atom.name for one in spot.constraints.assertions)
    return [replace(spot, node=atom.node, focus=_around(atom, spot.focus))] if known else None


def _inside_condition(atom: Conditional, spot: Spot) -> list[Spot] | None:
    asserted = (one.atom for one in spot.constraints.assertions if isinstance(one.atom, Conditional))
    if not any(one.condition.key == atom.condition.key for one in asserted):
        return None

    def then(node: Node) -> Node:
        return spot.focus(only(replace(atom, then=node, otherwise=TRUE)))

    def otherwise(node: Node) -> Node:
        return spot.focus(only(replace(atom, then=TRUE, otherwise=node)))

    return [
        replace(spot, node=atom.then, pointer=f"{spot.pointer}/then", focus=then),
        replace(spot, node=atom.otherwise, pointer=f"{spot.pointer}/else", focus=otherwise),
    ]


def _around(
    atom: Property | PatternProperty | Additional | Item | Rest | Implies, focus: Callable[[Node], Node]
) -> Callable[[Node], Node]:
    return lambda node: focus(only(replace(atom, node=node)))
