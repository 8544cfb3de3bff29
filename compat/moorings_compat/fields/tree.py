"""The fields of an event as a tree that is read step by step, so that schemas that contain themselves have one too."""

from collections.abc import Hashable, Iterator, Mapping
from difflib import get_close_matches
from enum import StrEnum
from typing import Protocol

from moorings_compat.fields.paths import ANY, Path, pointer_of

DEEPEST = 12
MOST_PATHS = 5_000


class Holder(StrEnum):
    """What a value has inside it."""

    NOTHING = "nothing"
    FIELDS = "fields"
    ITEMS = "items"
    VALUES = "values"


class FieldTree(Protocol):
    """One place in events: a field, the items of an array, the values of a map, or the event itself."""

    @property
    def key(self) -> Hashable:
        """What tells this place from another one: equal keys, equal trees below."""

    @property
    def holder(self) -> Holder:
        """What values here have inside them; of several kinds, the first that has fields below it."""

    @property
    def symbols(self) -> tuple[str, ...]:
        """The values of an enumeration, in the order of the schema; empty for anything else."""

    @property
    def tags(self) -> frozenset[str]:
        """The tags that the schema gives to the field."""

    @property
    def full_name(self) -> str:
        """What tags of metadata know the field by: ``shop.Order.total``, in JSON ``$.total``; empty for no field."""

    @property
    def pointer(self) -> str:
        """Where the schema declares the field, as findings have it; empty for what is not a field."""

    def children(self) -> Mapping[str, "FieldTree"]:
        """Return the places directly below, by name; `ANY` for items and for values of maps."""


def find(root: FieldTree, path: Path) -> FieldTree | None:
    """Return the place at *path*; None where the schema declares none."""
    at: FieldTree | None = root
    for step in path:
        if at is None:
            return None
        at = _step(at.children(), step)
    return at


def _step(below: Mapping[str, FieldTree], step: str) -> FieldTree | None:
    """Take one step; a key of a map leads to its values."""
    return below[ANY] if step not in below and below.keys() == {ANY} else below.get(step)


class Places:
    """The places of one tree, each looked up once: many readers of one schema ask for the same few fields."""

    def __init__(self, root: FieldTree) -> None:
        self.root = root
        self._children: dict[Path, Mapping[str, FieldTree]] = {}
        self._known: dict[Path, FieldTree | None] = {(): root}

    def find(self, path: Path) -> FieldTree | None:
        """Return what `find` returns."""
        if path not in self._known:
            outer = self.find(path[:-1])
            self._known[path] = None if outer is None else _step(self._below(path[:-1], outer), path[-1])
        return self._known[path]

    def _below(self, path: Path, place: FieldTree) -> Mapping[str, FieldTree]:
        if path not in self._children:
            self._children[path] = place.children()
        return self._children[path]


def walk(root: FieldTree) -> Iterator[tuple[Path, FieldTree]]:
    """Yield every place below *root* with its path, outer ones first; what contains itself is entered once."""
    waiting: list[tuple[Path, FieldTree, tuple[Hashable, ...]]] = [((), root, ())]
    yielded = 0
    while waiting:
        path, tree, around = waiting.pop(0)
        if path:
            yield path, tree
            yielded += 1
            if yielded >= MOST_PATHS:
                return
        if tree.key in around or len(path) >= DEEPEST:
            continue
        inside = (*around, tree.key)
        waiting.extend(((*path, name), child, inside) for name, child in tree.children().items())


def covers(outer: Path, inner: Path) -> bool:
    """Tell whether whoever reads *outer* reads *inner*; `ANY` is every field of an object, too."""
    return len(outer) <= len(inner) and all(one in (other, ANY) for one, other in zip(outer, inner, strict=False))


def nearest(root: FieldTree, path: Path) -> str:
    """Return the pointer of the declared field that *path* probably means; empty where none is like it."""
    known = [pointer_of(one) for one, _ in walk(root)]
    found = get_close_matches(pointer_of(path), known, n=1, cutoff=0.6)
    if found:
        return found[0]
    same_name = [one for one in known if path and one.rsplit("/", 1)[-1] == path[-1]]
    return same_name[0] if same_name else ""
