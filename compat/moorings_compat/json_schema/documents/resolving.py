"""Where a reference leads: within the document, to a declared reference, or to a meta-schema; never to a network.

Sources: JSON Schema Core 2020-12, section 8.2.3; draft 2019-09, section 8.2.4.2; draft 7, section 8.3.
"""

from collections.abc import Iterable, Iterator

from moorings_compat.errors import Problem, ReferenceMissing, SchemaInvalid, SchemaLimitExceeded
from moorings_compat.json_schema.documents.documents import Document, Place, Resource, reference_texts
from moorings_compat.json_schema.documents.metaschemas import meta_document
from moorings_compat.json_schema.documents.pointers import (
    Steps,
    kind_name,
    pointer_steps,
    pointer_text,
    resolve_uri,
    split_fragment,
    value_at,
)

MOST_IN_PLACE = 100
"""Schemas that apply to one value, each within another: references to references, and the like."""
_IN_PLACE_LISTS = ("allOf", "anyOf", "oneOf")
_IN_PLACE_SINGLES = ("not", "if", "then", "else")
_IN_PLACE_NAMED = ("dependentSchemas", "dependencies")


def target_of(place: Place, keyword: str, text: str) -> Place:
    """Find the schema that *text* at *place* refers to, without regard to dynamic scopes.

    Raises:
        ReferenceMissing: neither the document nor a declared reference has it.
        SchemaInvalid: it leads to something that is not a schema.
    """
    base, fragment = split_fragment(text)
    resource = _resource_named(place, base)
    where = pointer_text((*place.steps, keyword))
    if resource is None:
        raise ReferenceMissing(Problem(where, _undeclared_message(text, base)))
    steps = _fragment_steps(resource, fragment)
    if steps is None:
        raise ReferenceMissing(Problem(where, f"{text!r} cannot be resolved: {_no_such_fragment(fragment)}"))
    return place_at(resource.document, steps, where)


def place_at(document: Document, steps: Steps, where: str) -> Place:
    """Return the schema at *steps*, scanning it if it is where no keyword of the draft expects a schema."""
    if steps not in document.places:
        content = value_at(document.content, steps)
        if not isinstance(content, dict | bool):
            message = f"reference to {pointer_text(steps)!r}, which is {kind_name(content)} and not a schema"
            raise SchemaInvalid(Problem(where, message))
        document.scan(steps, content)
    return document.places[steps]


def check_references(document: Document) -> None:
    """Resolve every reference of *document*, and those of the schemas that this reveals.

    Raises:
        ReferenceMissing: with every reference that cannot be resolved.
        SchemaInvalid: a reference to something other than a schema, or one that leads back to itself in place.
    """
    missing: list[Problem] = []
    for place in document.referring:  # grows during the loop if a reference leads to a place that was not scanned
        for keyword, text in reference_texts(place):
            try:
                target_of(place, keyword, text)
            except ReferenceMissing as error:
                missing.extend(error.problems)
    if missing:
        raise ReferenceMissing(*missing)
    _refuse_endless(document)


def _resource_named(place: Place, base: str) -> Resource | None:
    document = place.resource.document
    if not base:
        return place.resource
    uri = resolve_uri(place.resource.uri, base)
    if uri in document.resources:
        return document.resources[uri]
    for name in (uri, base):
        if name in document.links:
            linked = document.links[name]
            return linked.resources.get(name, linked.root)
    for linked in document.links.values():
        if uri in linked.resources:
            return linked.resources[uri]
    meta = meta_document(uri)
    return meta.root if meta is not None else None


def _fragment_steps(resource: Resource, fragment: str) -> Steps | None:
    if not fragment:
        return resource.steps
    if not fragment.startswith("/"):
        return resource.anchors.get(fragment)
    content = value_at(resource.document.content, resource.steps)
    steps = pointer_steps(fragment, content)
    return None if steps is None else resource.steps + steps


def _undeclared_message(text: str, base: str) -> str:
    return (
        f"{text!r} is neither in this schema nor in a declared reference named {base!r}: "
        "declare it as a reference to a registered subject (nothing is fetched)"
    )


def _no_such_fragment(fragment: str) -> str:
    return f"no value at {fragment}" if fragment.startswith("/") else f"no anchor {fragment!r}"


def _refuse_endless(document: Document) -> None:
    """Refuse a schema that applies itself to the same value again, or too many schemas within each other.

    No validator can finish the first, and some crash on the second.
    """
    heights: dict[int, int] = {}
    for place in document.referring:
        if id(place) not in heights:
            _follow_in_place(place, heights)


def _follow_in_place(start: Place, heights: dict[int, int]) -> None:
    """Count the schemas that are applied in place within each other, from *start* on."""
    inside: dict[int, int] = {id(start): 1}
    stack = [(start, applied_in_place(start))]
    while stack:
        place, targets = stack[-1]
        following = next(targets, None)
        if following is None:
            stack.pop()
            height = heights[id(place)] = inside.pop(id(place))
            if stack:
                _raise_to(inside, stack[-1][0], height + 1)
        elif id(following) in inside:
            message = "the reference leads back to itself for the same value, so validation would never end"
            raise SchemaInvalid(Problem(start.pointer, message))
        elif id(following) in heights:
            _raise_to(inside, place, heights[id(following)] + 1)
        else:
            inside[id(following)] = 1
            stack.append((following, applied_in_place(following)))


def _raise_to(inside: dict[int, int], place: Place, height: int) -> None:
    inside[id(place)] = max(inside[id(place)], height)
    if height > MOST_IN_PLACE:
        raise SchemaLimitExceeded("the number of schemas applied in place within each other", height, MOST_IN_PLACE)


def applied_in_place(place: Place) -> Iterator[Place]:
    """Yield the schemas that are applied to the same value as *place* is."""
    content = place.content
    if not isinstance(content, dict):
        return
    for keyword, text in reference_texts(place):
        yield target_of(place, keyword, text)
    if place.draft.ref_hides_siblings and isinstance(content.get("$ref"), str):
        return
    document = place.resource.document
    inner: list[Steps] = [(key,) for key in _IN_PLACE_SINGLES if key in content]
    for key in _IN_PLACE_LISTS:
        inner.extend((key, index) for index in range(len(content.get(key, ()))))
    for key in _IN_PLACE_NAMED:
        inner.extend((key, name) for name in content.get(key, {}))
    for steps in inner:
        if place.steps + steps in document.places:
            yield document.places[place.steps + steps]


def all_applied_in_place(starts: Iterable[Place], most: int | None = None) -> list[Place]:
    """Return *starts* and every schema that is applied to the same value as they are, at any distance, each once.

    From *most* places on, no further place is followed; None: all are.
    """
    found = {id(place): place for place in starts}
    waiting = list(found.values())
    while waiting and (most is None or len(found) < most):
        for place in applied_in_place(waiting.pop()):
            if id(place) not in found:
                found[id(place)] = place
                waiting.append(place)
    return list(found.values())
