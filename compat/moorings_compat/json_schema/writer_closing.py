"""A writer's schema that declares all it allows: no field that is not declared is left in its values."""

from dataclasses import replace

from moorings_compat.json_schema.declared_fields import Location
from moorings_compat.json_schema.location_keys import compile_targets, location_key
from moorings_compat.json_schema.nodes.compiling import with_steps
from moorings_compat.json_schema.nodes.nodes import (
    FALSE,
    TRUE,
    Additional,
    Atom,
    Item,
    Node,
    PatternProperty,
    Property,
    ReferenceTarget,
    Rest,
    SchemaReference,
    digest,
)
from moorings_compat.limits import Budget


class WriterClosing:
    """Closes nodes of one writer; what a location declares holds beside what its schemas assert."""

    def __init__(self, budget: Budget) -> None:
        self._budget = budget
        self._keys: dict[Location, bytes] = {}
        self._targets: dict[bytes, ReferenceTarget] = {}

    def whole(self, node: Node, location: Location | None) -> Node:
        """Return *node* without the values that have an undeclared field, and all that it refers to likewise.

        Raises:
            BudgetSpent: the budget ended first.
        """
        closed = self._closed(node, location)
        compile_targets(self._targets)
        return closed

    def _closed(self, node: Node, location: Location | None) -> Node:
        if location is None:
            return node
        self._budget.spend(1 + len(node.atoms))
        references = [atom for atom in node.atoms if isinstance(atom, SchemaReference)]
        if references:  # what is declared holds for the whole value: it is enough to say it once
            return _with(node, references[0], self._reference(references[0], location))
        atoms = [self._inside(atom, location) for atom in node.atoms]
        return Node((*atoms, *self._missing(node, location), *_closing(location)))

    def _reference(self, atom: SchemaReference, location: Location) -> SchemaReference:
        target = atom.target
        key = digest("closed", target.key, location_key(location, self._keys))
        if key not in self._targets:
            self._targets[key] = ReferenceTarget(key, target.pointer, lambda: self._closed(target.node, location))
        return SchemaReference(atom.steps, self._targets[key])

    def _inside(self, atom: Atom, location: Location) -> Atom:
        match atom:
            case Property() if location.declares(atom.name):
                return _inner(atom, self._closed(atom.node, location.below(atom.name)))
            case PatternProperty() if atom.pattern in location.patterns:
                return _inner(atom, self._closed(atom.node, location.of_patterns))
            case Item() | Rest():
                return _inner(atom, self._closed(atom.node, location.items))
        return atom

    def _missing(self, node: Node, location: Location) -> list[Atom]:
        """Describe what lies below *location* and is not described by *node* itself."""
        names = {atom.name for atom in node.atoms if isinstance(atom, Property)}
        patterns = {atom.pattern for atom in node.atoms if isinstance(atom, PatternProperty)}
        found: list[Atom] = [
            Property(("properties", name), name, self._alone(one))
            for name, one in location.names.items()
            if one is not None and name not in names
        ]
        if location.of_patterns is not None:
            found += [
                PatternProperty(("patternProperties", one), one, self._alone(location.of_patterns))
                for one in location.patterns
                if one not in patterns
            ]
        if location.further is not None:
            further = self._alone(location.further)
            found.append(Additional(("additionalProperties",), frozenset(location.names), location.patterns, further))
        if location.items is not None and not any(isinstance(one, Rest) and one.start == 0 for one in node.atoms):
            found.append(Rest(("items",), 0, self._alone(location.items)))
        return found

    def _alone(self, location: Location) -> Node:
        """Return what *location* declares, as a schema of its own; behind a reference, since it may contain itself."""
        key = digest("declared", location_key(location, self._keys))
        if key not in self._targets:
            self._targets[key] = ReferenceTarget(key, location.pointer, lambda: self._closed(TRUE, location))
        return Node((SchemaReference((), self._targets[key]),))


def _closing(location: Location) -> list[Atom]:
    if not location.closed:
        return []
    return [Additional(("additionalProperties",), frozenset(location.names), location.patterns, FALSE)]


def _inner(atom: Property | PatternProperty | Item | Rest, node: Node) -> Atom:
    return atom if node is atom.node else replace(atom, node=node)


def _with(node: Node, atom: Atom, other: Atom) -> Node:
    return Node(tuple(with_steps(other, one.steps) if one is atom else one for one in node.atoms))
