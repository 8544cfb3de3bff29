"""A schema document in parts: resources (what an `$id` names), anchors, and every place that holds a schema.

Only places where the draft expects a schema are scanned, so that a property named ``$ref`` or a constant that looks
like a schema is not mistaken for one. Sources: JSON Schema Core 2020-12, sections 8.2 and 9; draft 7, section 8.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from moorings_compat.errors import Problem, SchemaInvalid
from moorings_compat.json_schema.documents.drafts import Draft, children, draft_named, is_foreign
from moorings_compat.json_schema.documents.pointers import Steps, pointer_text, resolve_uri, split_fragment

_REFERENCES: dict[str, Draft | None] = {
    "$ref": None,
    "$recursiveRef": Draft.DRAFT_2019_09,
    "$dynamicRef": Draft.DRAFT_2020_12,
}
"""The keywords for references, and the only draft that has each; None: all have it."""


@dataclass(slots=True, eq=False)
class Resource:
    """A schema with an identity of its own: the root of a document, or a schema inside it that has an `$id`."""

    document: "Document"
    steps: Steps
    uri: str
    """Resolved against the resources around it; empty for a root without `$id`."""
    draft: Draft
    anchors: dict[str, Steps] = field(default_factory=dict)
    dynamic_anchors: dict[str, Steps] = field(default_factory=dict)
    recursive: bool = False
    """`$recursiveAnchor` is true at its root (2019-09)."""


@dataclass(frozen=True, slots=True, eq=False)
class Place:
    """One schema within a document: its steps, and its resource."""

    resource: Resource
    steps: Steps
    content: Any

    @property
    def draft(self) -> Draft:
        return self.resource.draft

    @property
    def pointer(self) -> str:
        return pointer_text(self.steps)


class Document:
    """One text, scanned; `links` lead from the names of its declared references to other documents."""

    def __init__(self, content: Any, draft: Draft, links: "dict[str, Document] | None" = None) -> None:
        self.content = content
        self.draft = draft
        self.links = links or {}
        self.resources: dict[str, Resource] = {}
        self.places: dict[Steps, Place] = {}
        self.assumed = ""
        """The dialect of another party that `$schema` names, where *draft* was chosen for it."""
        self.patterns_in_other_words = False
        """The validator gets some pattern in other words than those of the text."""
        self.patterns_not_run: dict[str, str] = {}
        """By pointer, why a pattern is not checked."""
        self.referring: list[Place] = []
        """The places that refer to another schema, in the order of the scan."""
        self.words: set[str] = set()
        """Every key of every schema."""
        self._resource_at: dict[Steps, Resource] = {}
        own_id = content.get(draft.id_keyword) if isinstance(content, dict) else None
        named = isinstance(own_id, str) and not _reference_alone(content, draft)
        uri = resolve_uri("", split_fragment(own_id)[0]) if named and isinstance(own_id, str) else ""
        self.root = Resource(self, (), uri, draft)
        self._add_resource(self.root)
        self.scan((), content)

    def scan(self, steps: Steps, content: Any) -> None:
        """Note the schema at *steps* and all inside it; known places are skipped.

        Raises:
            SchemaInvalid: two schemas share an `$id` or an anchor, or an `$id` names an unknown dialect.
        """
        open_places = [(steps, content, self.resource_around(steps))]
        while open_places:
            steps, content, resource = open_places.pop()
            if steps in self.places:
                continue
            if isinstance(content, dict):
                self.words.update(content)
                if steps:
                    resource = self._resource_of(steps, content, resource)
                self._note_anchors(steps, content, resource)
                inner = [(steps + more, child, resource) for more, child in children(content, resource.draft)]
                open_places.extend(reversed(inner))
            place = self.places[steps] = Place(resource, steps, content)
            if any(reference_texts(place)):
                self.referring.append(place)

    def resource_around(self, steps: Steps) -> Resource:
        """Find the innermost resource that the schema at *steps* belongs to."""
        for length in range(len(steps), 0, -1):
            if steps[:length] in self._resource_at:
                return self._resource_at[steps[:length]]
        return self.root

    def _resource_of(self, steps: Steps, content: dict[str, Any], outer: Resource) -> Resource:
        own_draft = self._draft_of(steps, content, outer)
        own_id = content.get(own_draft.id_keyword)
        if not isinstance(own_id, str) or own_id.startswith("#") or _reference_alone(content, own_draft):
            return outer
        resource = Resource(self, steps, resolve_uri(outer.uri, split_fragment(own_id)[0]), own_draft)
        self._add_resource(resource)
        return resource

    def _draft_of(self, steps: Steps, content: dict[str, Any], outer: Resource) -> Draft:
        """Read `$schema` next to an `$id`: an embedded resource may be written in another draft.

        One in a dialect of another party is taken as written in the draft around it.
        """
        uri = content.get("$schema")
        if not isinstance(uri, str) or not isinstance(content.get("$id", content.get("id")), str):
            return outer.draft
        draft = outer.draft if is_foreign(uri) and ":" in uri else draft_named(uri)
        if draft is None:
            raise SchemaInvalid(Problem(pointer_text((*steps, "$schema")), unknown_dialect(uri)))
        return draft

    def _add_resource(self, resource: Resource) -> None:
        known = self.resources.get(resource.uri)
        if known is not None and resource.uri:
            keyword = resource.draft.id_keyword
            where = pointer_text((*resource.steps, keyword))
            message = (
                f"duplicate {keyword} {resource.uri!r}: {pointer_text(known.steps) or 'the whole schema'} has it too"
            )
            raise SchemaInvalid(Problem(where, message))
        self.resources[resource.uri] = resource
        self._resource_at[resource.steps] = resource

    def _note_anchors(self, steps: Steps, content: dict[str, Any], resource: Resource) -> None:
        draft = resource.draft
        if draft <= Draft.DRAFT_7:
            own_id = content.get(draft.id_keyword)
            if isinstance(own_id, str) and own_id.startswith("#") and len(own_id) > 1 and "$ref" not in content:
                self._add_anchor(resource, own_id[1:], (*steps, draft.id_keyword))
            return
        if isinstance(content.get("$anchor"), str):
            self._add_anchor(resource, content["$anchor"], (*steps, "$anchor"))
        dynamic = content.get("$dynamicAnchor")
        if draft >= Draft.DRAFT_2020_12 and isinstance(dynamic, str):
            self._add_anchor(resource, dynamic, (*steps, "$dynamicAnchor"))
            resource.dynamic_anchors[dynamic] = steps
        if draft is Draft.DRAFT_2019_09 and content.get("$recursiveAnchor") is True and steps == resource.steps:
            resource.recursive = True

    def _add_anchor(self, resource: Resource, name: str, at: Steps) -> None:
        steps = at[:-1]
        known = resource.anchors.setdefault(name, steps)
        if known != steps:
            message = f"duplicate anchor {name!r}: {pointer_text(known) or 'the whole schema'} has it too"
            raise SchemaInvalid(Problem(pointer_text(at), message))


def reference_texts(place: Place) -> Iterator[tuple[str, str]]:
    """Yield (keyword, text) of each reference at *place*, by the keywords of its draft."""
    content = place.content
    if not isinstance(content, dict) or content.keys().isdisjoint(_REFERENCES):
        return
    for keyword, draft in _REFERENCES.items():
        text = content.get(keyword)
        if isinstance(text, str) and (draft is None or draft is place.draft):
            yield keyword, text


def unknown_dialect(uri: str) -> str:
    """Return the error for a `$schema` that names no known draft."""
    known = ", ".join(draft.meta_schema for draft in Draft)
    return f"unknown dialect {uri!r}: use one of {known}"


def _reference_alone(content: dict[str, Any], draft: Draft) -> bool:
    return draft.ref_hides_siblings and isinstance(content.get("$ref"), str)
