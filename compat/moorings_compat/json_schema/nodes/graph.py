"""A document compiled to nodes: references resolved, recursion kept as targets, dynamic scopes followed.

A reference is a `ReferenceTarget` that is compiled when it is first needed. Its key says what it leads to: that of the
node, or, for schemas that contain themselves, a digest of the whole strongly connected component and the place in it.
So two versions that share a recursive definition are known to share it.

`$dynamicRef` and `$recursiveRef` depend on the path by which they are reached: the outermost resource on that path that
has the anchor. Where several resources share one, a target is a place together with that scope; otherwise, which is
nearly always, these keywords are plain references.
"""

from collections.abc import Iterator
from typing import Any, TypeAlias

from moorings_compat.errors import SchemaLimitExceeded
from moorings_compat.json_schema.documents.documents import Document, Place, Resource, reference_texts
from moorings_compat.json_schema.documents.drafts import Draft, children
from moorings_compat.json_schema.documents.pointers import Steps, split_fragment
from moorings_compat.json_schema.documents.resolving import target_of
from moorings_compat.json_schema.nodes.compiling import atoms_of, boolean_node, unevaluated_atoms
from moorings_compat.json_schema.nodes.nodes import Atom, Node, ReferenceTarget, SchemaReference, digest
from moorings_compat.json_schema.nodes.self_contained import SelfContainedNodes
from moorings_compat.json_schema.nodes.strongly_connected import strongly_connected_components

Scope: TypeAlias = tuple[tuple[str, Resource], ...]
"""Dynamic anchors with the outermost resource that has each; the empty name stands for `$recursiveAnchor`."""
_ScopedPlace: TypeAlias = tuple[Place, Scope]


MOST_SCOPED = 1_000
"""Targets of references, which dynamic scopes can multiply."""


class Graph:
    """The nodes of one document and of all that it refers to, under one choice about `format`."""

    def __init__(self, document: Document, *, formats: bool) -> None:
        self._formats = formats
        self._documents = reachable(document)
        self._dynamic = _shares_dynamic_anchors(self._documents)
        self._marks = any(map(_has_unevaluated, self._documents))
        self._self_contained = SelfContainedNodes(formats=formats, marks=self._marks)
        self._numbers = {one: number for number, one in enumerate(self._documents)}
        self._targets: dict[_ScopedPlace, ReferenceTarget] = {}
        place = document.places[()]
        scope = self._entered((), place.resource)
        self._key_targets(place, scope)
        self.root = self._node(place, scope)
        for target in self._targets.values():
            assert target.node is not None  # compiled now, as the root is

    def _node(self, place: Place, scope: Scope) -> Node:
        content, draft = place.content, place.draft
        if isinstance(content, bool):
            return boolean_node(content)
        references = [
            SchemaReference((keyword,), self._targets[self._led_to(place, scope, keyword, text)])
            for keyword, text in reference_texts(place)
        ]
        if references and draft.ref_hides_siblings:
            return Node(tuple(references))

        def inner(steps: Steps, inside: Any) -> Node:
            closed = self._self_contained.node(inside, draft)
            if closed is not None:
                return closed
            child = place.resource.document.places[place.steps + steps]
            return self._node(child, self._entered(scope, child.resource))

        atoms: list[Atom] = [*references]
        atoms.extend(atoms_of(content, draft, inner, formats=self._formats, marks=self._marks))
        if self._marks:
            atoms.extend(unevaluated_atoms(content, draft, inner, Node(tuple(atoms))))
        return Node(tuple(atoms))

    def _entered(self, scope: Scope, resource: Resource) -> Scope:
        if not self._dynamic:
            return ()
        known = {name for name, _ in scope}
        own = [*resource.dynamic_anchors, *([""] if resource.recursive else [])]
        return (*scope, *((name, resource) for name in sorted(own) if name not in known))

    def _led_to(self, place: Place, scope: Scope, keyword: str, text: str) -> _ScopedPlace:
        target = target_of(place, keyword, text)
        if keyword != "$ref" and self._dynamic:
            target = _dynamic_target(target, scope, keyword, text)
        return target, self._entered(scope, target.resource)

    def _key_targets(self, place: Place, scope: Scope) -> None:
        """Find all targets, and give each a key; targets inside others come first."""
        edges: dict[_ScopedPlace, list[_ScopedPlace]] = {}
        open_targets = list(self._targets_inside(place, scope))
        while open_targets:
            target = open_targets.pop()
            if target not in edges:
                if self._dynamic and len(edges) >= MOST_SCOPED:
                    raise SchemaLimitExceeded("the number of schemas by dynamic scope", len(edges) + 1, MOST_SCOPED)
                edges[target] = list(self._targets_inside(*target))
                open_targets.extend(edges[target])
        for component in strongly_connected_components(edges):
            self._key_component(component, recursive=len(component) > 1 or component[0] in edges[component[0]])

    def _key_component(self, component: list[_ScopedPlace], *, recursive: bool) -> None:
        if not recursive:
            node = self._node(*component[0])
            self._targets[component[0]] = ReferenceTarget(node.key, component[0][0].pointer, lambda: node)
            return
        for target in component:  # provisional keys, distinct by place alone, to digest the content of the component
            self._targets[target] = self._target(target, digest("inside", self._name(target)))
        content = digest(*sorted((self._name(target), self._node(*target).key) for target in component))
        for target in component:
            self._targets[target] = self._target(target, digest("knot", self._name(target), content))

    def _target(self, target: _ScopedPlace, key: bytes) -> ReferenceTarget:
        return ReferenceTarget(key, target[0].pointer, lambda: self._node(*target))

    def _name(self, target: _ScopedPlace) -> tuple[object, ...]:
        place, scope = target
        scoped = tuple((name, self._numbers[one.document], one.steps) for name, one in scope)
        return self._numbers[place.resource.document], place.steps, scoped

    def _targets_inside(self, place: Place, scope: Scope) -> Iterator[_ScopedPlace]:
        """Yield what the schema at *place* and those inside it refer to."""
        document = place.resource.document
        if not document.referring:
            return
        open_places = [(place, scope)]
        while open_places:
            current, current_scope = open_places.pop()
            targets = [
                self._led_to(current, current_scope, keyword, text) for keyword, text in reference_texts(current)
            ]
            yield from targets
            if not isinstance(current.content, dict) or (targets and current.draft.ref_hides_siblings):
                continue
            for steps, _ in children(current.content, current.draft):
                if steps[0] not in _DEFINITIONS:
                    child = document.places[current.steps + steps]
                    open_places.append((child, self._entered(current_scope, child.resource)))


_UNEVALUATED = ("unevaluatedProperties", "unevaluatedItems")
_DEFINITIONS = ("$defs", "definitions", "contentSchema")


def _dynamic_target(initial: Place, scope: Scope, keyword: str, text: str) -> Place:
    """Follow the dynamic scope where the place first found takes part in it (Core 2020-12, section 8.2.3.2)."""
    name = split_fragment(text)[1] if keyword == "$dynamicRef" else ""
    resource = initial.resource
    if keyword == "$dynamicRef":
        takes_part = resource.dynamic_anchors.get(name) == initial.steps
    else:
        takes_part = resource.recursive and initial.steps == resource.steps
    outermost = dict(scope).get(name) if takes_part else None
    if outermost is None:
        return initial
    steps = outermost.dynamic_anchors[name] if name else outermost.steps
    return outermost.document.places[steps]


def reachable(document: Document) -> list[Document]:
    """List *document* and all that it refers to, directly or through others."""
    found = [document]
    for current in found:
        for place in current.referring:
            for keyword, text in reference_texts(place):
                other = target_of(place, keyword, text).resource.document
                if other not in found:
                    found.append(other)
    return found


def _shares_dynamic_anchors(documents: list[Document]) -> bool:
    seen: set[str] = set()
    for document in documents:
        for resource in document.resources.values():
            names = {*resource.dynamic_anchors, *([""] if resource.recursive else [])}
            if names & seen:
                return True
            seen |= names
    return False


def _has_unevaluated(document: Document) -> bool:
    return not document.words.isdisjoint(_UNEVALUATED) and any(
        isinstance(place.content, dict)
        and place.draft >= Draft.DRAFT_2019_09
        and not place.content.keys().isdisjoint(_UNEVALUATED)
        for place in document.places.values()
    )
