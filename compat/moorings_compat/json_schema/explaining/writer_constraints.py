"""What the writer says at one place: the schemas that apply there, certainly or perhaps, each with its pointer.

They are what a finding is told against ("the writer allows 200 here"), and what a place can be proven from without
looking at the whole document again.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from moorings_compat.json_schema.documents.pointers import Steps, pointer_text
from moorings_compat.json_schema.nodes.evaluating import is_additional
from moorings_compat.json_schema.nodes.nodes import (
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
    Reference,
    Rest,
)
from moorings_compat.json_schema.nodes.validator import matches


@dataclass(frozen=True, slots=True)
class Site:
    """A schema of the writer that applies here; `certain` if it does whichever branches were taken."""

    node: Node
    pointer: str
    certain: bool = True


@dataclass(frozen=True, slots=True)
class Said:
    """One assertion of the writer: `pointer` leads to its keyword."""

    atom: Atom
    pointer: str
    certain: bool


class Sites:
    """All that the writer says at one place."""

    __slots__ = ("_named", "_said", "_wide", "sites")

    def __init__(self, sites: tuple[Site, ...]) -> None:
        self.sites = sites
        self._said: tuple[Said, ...] | None = None
        self._named: dict[str, list[Said]] | None = None
        self._wide: list[Said] = []

    @property
    def key(self) -> frozenset[bytes]:
        return frozenset(site.node.key for site in self.sites)

    @property
    def certain(self) -> list[Node]:
        return [site.node for site in self.sites if site.certain]

    @property
    def pointer(self) -> str:
        """Where the writer describes this place; empty where it does not."""
        return self.sites[0].pointer if self.sites else ""

    @property
    def said(self) -> tuple[Said, ...]:
        """Every assertion, those of branches and references included."""
        if self._said is None:
            self._said = tuple(_all_said(self.sites))
        return self._said

    def at_property(self, name: str) -> "Sites":
        """What is said about the value under *name*."""
        return Sites(tuple(_site(one, inner) for one in self._about(name) for inner in one.atom.inner))

    def declares(self, name: str) -> bool:
        """Say whether the writer describes *name* itself or by a pattern."""
        return any(not isinstance(one.atom, Additional) for one in self._about(name))

    def _about(self, name: str) -> Iterator[Said]:
        if self._named is None:
            self._named = {}
            for one in self.said:
                if isinstance(one.atom, Property):
                    self._named.setdefault(one.atom.name, []).append(one)
                elif isinstance(one.atom, PatternProperty | Additional):
                    self._wide.append(one)
        yield from self._named.get(name, ())
        yield from (one for one in self._wide if _speaks_of(one.atom, name))

    def at_pattern(self, pattern: str) -> "Sites":
        found = (one for one in self.said if isinstance(one.atom, PatternProperty) and one.atom.pattern == pattern)
        return Sites(tuple(_site(one, inner) for one in found for inner in one.atom.inner))

    def at_additional(self) -> "Sites":
        return Sites(tuple(_site(one, one.atom.node) for one in self.said if isinstance(one.atom, Additional)))

    def at_item(self, index: int) -> "Sites":
        """What is said about the item at *index*."""
        return Sites(
            tuple(
                _site(one, one.atom.node)
                for one in self.said
                if (isinstance(one.atom, Item) and one.atom.index == index)
                or (isinstance(one.atom, Rest) and one.atom.start <= index)
            )
        )

    def names(self) -> list[str]:
        """The names of all properties that the writer describes, in its order."""
        return list(dict.fromkeys(one.atom.name for one in self.said if isinstance(one.atom, Property)))


def _speaks_of(atom: Atom, name: str) -> bool:
    if isinstance(atom, PatternProperty):
        return matches(atom.pattern, name)
    return isinstance(atom, Additional) and is_additional(atom, name)


def _site(said: Said, node: Node) -> Site:
    return Site(node, said.pointer, said.certain)


def _all_said(sites: tuple[Site, ...]) -> Iterator[Said]:
    open_sites = list(reversed(sites))
    seen: set[tuple[bytes, bool]] = set()
    while open_sites:
        site = open_sites.pop()
        if (site.node.key, site.certain) in seen:
            continue
        seen.add((site.node.key, site.certain))
        inner: list[Site] = []
        for atom in site.node.atoms:
            pointer = site.pointer + pointer_text(atom.steps)
            yield Said(atom, pointer, site.certain)
            inner.extend(_within(atom, pointer, site.certain))
        open_sites.extend(reversed(inner))


def _within(atom: Atom, pointer: str, certain: bool) -> Iterator[Site]:
    match atom:
        case Reference():
            yield Site(atom.target.node, atom.target.pointer, certain)
        case AnyOf() | OneOf():
            for index, node in enumerate(atom.nodes):
                yield Site(node, f"{pointer}/{index}", False)
        case Conditional():
            yield Site(atom.then, f"{pointer}/then", False)
            yield Site(atom.otherwise, f"{pointer}/else", False)
        case Implies():
            yield Site(atom.node, pointer, False)


def keyword_pointer(base: str, steps: Steps) -> str:
    """The pointer of a keyword, from that of its schema."""
    return base + pointer_text(steps)
