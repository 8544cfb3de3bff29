"""Property names: those that a goal mentions, and the kinds of name that its conditions distinguish.

Patterns can distinguish names in exponentially many ways, of which few matter. So one name is tried after the other,
and with each name that fails, all names are ruled out that fail for the same reason.
"""

from collections.abc import Container, Iterable
from dataclasses import dataclass, field
from typing import TypeAlias

from moorings_compat.json_schema.nodes.evaluating import holds
from moorings_compat.json_schema.nodes.nodes import (
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
    Required,
    SchemaReference,
    Types,
    UnevaluatedProperties,
    Values,
)
from moorings_compat.json_schema.solving.goals import Goal
from moorings_compat.json_schema.solving.search import Search
from moorings_compat.json_schema.solving.strings import fresh_words

MOST_AVOIDED = 60
"""Names that are put aside one by one while a condition on names has to be met."""
_STRINGS = Node((Types((), frozenset([STRING])),))
Signed: TypeAlias = tuple[Node, bool]
"""A condition on a name, and whether the name meets it."""


class NameSearch:
    """Finds names that the goal does not mention, one after the other, each of a kind that was not ruled out."""

    def __init__(self, search: Search, mentioned: Container[str], yes: Iterable[Node], no: Iterable[Node]) -> None:
        self._search = search
        self._mentioned = mentioned
        self._yes = list(yes)
        self._no = list(no)
        self._avoided: dict[str, None] = {}
        self._words = fresh_words(lambda word: word in self._mentioned or word in self._avoided)
        self.uncertain = False
        """There may be names that were not found."""

    def next(self) -> str | None:
        """Find another name; None if there is none, or none was found."""
        if not self._yes and not self._no:
            return next(self._words)
        while True:
            answer = self._search.solve(Goal([_STRINGS, *self._yes], [*self._no, *_among(self._avoided)]))
            if not answer.found or len(self._avoided) > MOST_AVOIDED:
                self.uncertain = self.uncertain or not answer.none
                return None
            name = str(answer.value)
            if name not in self._mentioned and name not in self._avoided:
                return name
            self._avoided[name] = None

    def put_aside(self, name: str) -> None:
        """Exclude *name*."""
        self._avoided[name] = None

    def rule_out(self, signs: Iterable[Signed]) -> None:
        """Exclude every name for which all of *signs* hold."""
        atoms: list[Atom] = []
        for condition, met in signs:
            atoms.extend(condition.atoms if met else [Negation((), condition)])
        self._no.append(Node(tuple(atoms)))


@dataclass(slots=True)
class Vocabulary:
    """The names that a goal mentions anywhere about the object itself, and the conditions it puts on names."""

    names: dict[str, None] = field(default_factory=dict)
    """Ordered, as a set."""
    conditions: dict[bytes, Node] = field(default_factory=dict)
    """Patterns and schemas for names, that distinguish them."""

    @staticmethod
    def of(goal: Goal) -> "Vocabulary":
        """Collect from every assertion that *goal* can make about the object."""
        vocabulary = Vocabulary()
        seen: set[bytes] = set()
        open_atoms: list[Atom] = [*goal.atoms.values()]
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
                self._tell_apart(matching(atom.pattern))
            case Additional():
                self.names.update(dict.fromkeys(atom.names))
                for pattern in atom.patterns:
                    self._tell_apart(matching(pattern))
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

    def signs(self, name: str) -> list[Signed]:
        """Return the kind of *name*: each condition, and whether it meets it."""
        return [(condition, holds(condition, name)) for condition in self.conditions.values()]


def matching(pattern: str) -> Node:
    """The condition that a name matches *pattern*."""
    return Node((Matches((), pattern),))


def _among(texts: Iterable[str]) -> list[Node]:
    values = tuple(texts)
    return [Node((Values((), values, frozenset(("str", text) for text in values)),))] if values else []


def _about_the_same(atom: Atom) -> Iterable[Node]:
    match atom:
        case SchemaReference():
            yield atom.target.node
        case AnyOf() | OneOf():
            yield from atom.nodes
        case Negation() | Implies():
            yield atom.node
        case Conditional():
            yield from (atom.condition, atom.then, atom.otherwise)
        case UnevaluatedProperties():
            yield atom.adjacent
