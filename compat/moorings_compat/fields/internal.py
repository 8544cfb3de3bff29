"""Fields that are internal to the domain of their event: which they are, and what events are without them.

A field is internal by the tag `internal`, in its schema or in the metadata beside it.
"""

from collections.abc import Collection, Hashable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from moorings_compat.field_tags import Tags
from moorings_compat.fields.paths import ANY, Path
from moorings_compat.fields.table import field_tree
from moorings_compat.fields.tree import MOST_PATHS, FieldTree, walk
from moorings_compat.schema import Schema

INTERNAL = "internal"
"""The tag, in any letter case."""


@dataclass(slots=True, eq=False)
class Omission:
    """What is left out at one place of an event, and below it; it may contain itself, as schemas do."""

    names: set[str] = field(default_factory=set)
    """Fields that are left out here."""
    inside: "dict[str, Omission]" = field(default_factory=dict)
    """By the name of a field; `ANY`: of the items of an array, and of the values of a map."""


def internal_paths(schema: Schema, event: str, metadata: Mapping[str, Any] | None) -> tuple[Path, ...]:
    """List the internal fields of the events of *schema*, outer ones first; *event* names the message of Protobuf."""
    if not _says_internal(schema, metadata):
        return ()
    tags = Tags(metadata)
    return tuple(path for path, place in walk(field_tree(schema, event)) if _is_internal(place, tags))


def internal_omission(schema: Schema, event: str, metadata: Mapping[str, Any] | None) -> Omission | None:
    """Return what events of *schema* are to lose outside their domain; None for nothing."""
    if not _says_internal(schema, metadata):
        return None
    made: list[Omission] = []
    root = _omission(field_tree(schema, event), Tags(metadata), made)
    _prune(made)
    return root if root.names or root.inside else None


def leave_out(event: Any, omission: Omission) -> None:
    """Take out of an event, in place, what *omission* says; dicts and lists are entered, nothing else."""
    waiting = [(event, omission)]
    while waiting:
        value, omitted = waiting.pop()
        if isinstance(value, dict):
            for name in omitted.names:
                value.pop(name, None)
            further = omitted.inside.get(ANY)
            for name, inner in value.items():
                below = omitted.inside.get(name, further)
                if below is not None:
                    waiting.append((inner, below))
        elif isinstance(value, list):
            below = omitted.inside.get(ANY)
            if below is not None:
                waiting.extend((inner, below) for inner in value)


def _says_internal(schema: Schema, metadata: Mapping[str, Any] | None) -> bool:
    """Whether the word is anywhere in the texts, so that most schemas cost no more than a search."""
    given = (metadata or {}).get("tags")
    named = given.values() if isinstance(given, Mapping) else ()
    if any(str(tag).casefold() == INTERNAL for tags in named for tag in tags):
        return True
    return any(INTERNAL in text.casefold() for text in _texts(schema))


def _texts(schema: Schema) -> Iterator[str]:
    waiting = [schema]
    while waiting:
        one = waiting.pop()
        yield one.text
        waiting.extend(reference.schema for reference in one.references)


def _is_internal(place: FieldTree, tags: Tags) -> bool:
    return any(tag.casefold() == INTERNAL for tag in tags.of(place.full_name, place.tags))


def _omission(root: FieldTree, tags: Tags, made: list[Omission]) -> Omission:
    """Say what is left out below *root*; a place that contains itself leads back, as in `tree.walk`."""
    first = Omission()
    made.append(first)
    waiting: list[tuple[FieldTree, Omission, dict[Hashable, Omission]]] = [(root, first, {root.key: first})]
    anywhere: dict[Hashable, Omission] = {root.key: first}
    while waiting:
        tree, omission, around = waiting.pop(0)
        for name, child in tree.children().items():
            if _is_internal(child, tags):
                omission.names.add(name)
                continue
            known = around.get(child.key) or (anywhere.get(child.key) if len(made) >= MOST_PATHS else None)
            if known is None:
                known = Omission()
                made.append(known)
                anywhere.setdefault(child.key, known)
                waiting.append((child, known, {**around, child.key: known}))
            omission.inside[name] = known
    return first


def _prune(omissions: Collection[Omission]) -> None:
    """Take away the ways that lead to nothing that is left out, until none is left."""
    some = {id(one) for one in omissions if one.names}
    grew = True
    while grew:
        leading = {id(one) for one in omissions if any(id(below) in some for below in one.inside.values())}
        grew = not leading <= some
        some |= leading
    for one in omissions:
        one.inside = {name: below for name, below in one.inside.items() if id(below) in some}
