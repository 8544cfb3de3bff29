"""Property names: those that a goal mentions, and the kinds of name that it tells apart without mentioning any."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import product
from typing import TYPE_CHECKING

from moorings_compat.json_schema.nodes import (
    STRING,
    Additional,
    AnyOf,
    Atom,
    Conditional,
    Implies,
    Matches,
    Names,
    Needs,
    Negation,
    Node,
    OneOf,
    PatternProperty,
    Property,
    Reference,
    Required,
    Types,
    UnevaluatedProperties,
    Values,
)
from moorings_compat.json_schema.solving.facts import SomeProperty
from moorings_compat.json_schema.solving.goals import Goal, Status
from moorings_compat.json_schema.solving.strings import fresh_words

if TYPE_CHECKING:
    from moorings_compat.json_schema.solving.solver import Solver

MOST_TELLING = 5
"""Patterns and conditions on names that are told apart in all combinations; beyond, a search is not exhaustive."""
_STRINGS = Node((Types((), frozenset([STRING])),))


@dataclass(slots=True)
class NameKind:
    """Names that satisfy some conditions and violate the others, and that nothing mentions."""

    yes: tuple[Node, ...]
    no: tuple[Node, ...]
    mentioned: dict[str, None]
    uncertain: bool = False
    """A name of this kind was neither found nor ruled out."""

    def fresh(self, solver: "Solver", names: tuple[Node, ...], fact: SomeProperty | None, used: set[str]) -> str | None:
        """Find a name of this kind that *fact* allows and that is not *used* yet."""
        yes, no = [*self.yes, *names], [*self.no]
        if fact is not None:
            no.extend(_condition(pattern) for pattern in fact.others)
            yes.extend([_condition(fact.pattern)] if fact.pattern is not None else [])
            no.extend([fact.name_node] if fact.name_node is not None else [])
        if not yes and not no:
            return next(fresh_words(lambda word: word in self.mentioned or word in used))
        avoided: list[str] = []
        while True:
            taken = _among(avoided)
            answer = solver.solve(Goal([_STRINGS, *yes], [*no, *taken]))
            if not answer.found:
                self.uncertain = self.uncertain or answer.status is Status.OPEN
                return None
            if answer.value not in self.mentioned and answer.value not in used:
                return str(answer.value)
            avoided.append(answer.value)


@dataclass(slots=True)
class Vocabulary:
    """The names that a goal mentions anywhere about the object itself, and the conditions it puts on names."""

    names: dict[str, None] = field(default_factory=dict)
    """Ordered, as a set."""
    conditions: dict[bytes, Node] = field(default_factory=dict)
    _kinds: list[NameKind] | None = None

    @property
    def complete(self) -> bool:
        """True where all combinations of conditions are looked at."""
        return len(self.conditions) <= MOST_TELLING

    @staticmethod
    def of(goal: Goal) -> "Vocabulary":
        """Collect from everything that *goal* may come to say about the object."""
        vocabulary = Vocabulary()
        seen: set[bytes] = set()
        open_atoms: list[Atom] = [*goal.yes.values()]
        for node in goal.no.values():
            open_atoms.extend(node.atoms)
        while open_atoms:
            atom = open_atoms.pop()
            if atom.key not in seen:
                seen.add(atom.key)
                vocabulary._note(atom)
                open_atoms.extend(inner for node in _about_the_same(atom) for inner in node.atoms)
        vocabulary.names = dict.fromkeys(sorted(vocabulary.names))
        vocabulary.conditions = dict(sorted(vocabulary.conditions.items()))
        return vocabulary

    def _note(self, atom: Atom) -> None:
        match atom:
            case Property() | Required() | Implies():
                self.names[atom.name] = None
            case Needs():
                self.names.update({atom.name: None, atom.other: None})
            case PatternProperty():
                self._tell_apart(_condition(atom.pattern))
            case Additional():
                self.names.update(dict.fromkeys(atom.names))
                for pattern in atom.patterns:
                    self._tell_apart(_condition(pattern))
            case Names():
                self._tell_apart(atom.node)
            case Values():
                for value in atom.values:
                    if isinstance(value, dict):
                        self.names.update(dict.fromkeys(value))

    def _tell_apart(self, condition: Node) -> None:
        self.conditions[condition.key] = condition
        for atom in condition.atoms:
            if isinstance(atom, Values):
                self.names.update({value: None for value in atom.values if isinstance(value, str)})

    def kinds(self, solver: "Solver") -> Iterator[NameKind]:
        """Yield the kinds of unmentioned names; the plainest, which satisfies no condition, comes last."""
        conditions = list(self.conditions.values())[:MOST_TELLING]
        for signs in product((True, False), repeat=len(conditions)):
            solver.budget.spend(5)
            yes = tuple(node for node, sign in zip(conditions, signs, strict=True) if sign)
            no = tuple(node for node, sign in zip(conditions, signs, strict=True) if not sign)
            yield NameKind(yes, no, self.names)


def _condition(pattern: str) -> Node:
    return Node((Matches((), pattern),))


def _among(texts: list[str]) -> list[Node]:
    return [Node((Values((), tuple(texts), frozenset(("str", text) for text in texts)),))] if texts else []


def _about_the_same(atom: Atom) -> Iterable[Node]:
    match atom:
        case Reference():
            yield atom.target.node
        case AnyOf() | OneOf():
            yield from atom.nodes
        case Negation() | Implies():
            yield atom.node
        case Conditional():
            yield from (atom.condition, atom.then, atom.otherwise)
        case UnevaluatedProperties():
            yield atom.adjacent
