"""Which branch of a reader's union a decoder takes for what was written; having taken it, it does not come back.

This is the only rule for it: the comparison asks `BranchChoice.taken`, the client's codecs and the reference reader ask
`BranchChoice.decoded`.

Decoders differ. The specification, and fastavro with it, takes the first branch that matches, names compared without
their namespaces. Java, and our codecs with it, takes a branch of exactly the writer's type first, for named types one
of the same full name, and a promotion last. A reader is compatible when it reads the data either way; so both branches
are compared where they are two. A checker that asks whether *any* branch would do promises what no decoder keeps.

fastavro does not look at the kind when it compares names: for a record ``b.P`` it takes a reader's enum ``a.P``, and
fails. It drops the written namespace before it looks among aliases, too, so an enum with the alias ``P`` does as well.
That branch is `mistaken`. (For a fixed it does no harm: its bytes are returned either way.)
"""

from collections.abc import Iterator
from dataclasses import dataclass
from heapq import merge

from moorings_compat.avro.match import PROMOTIONS, TypeMatcher, definitions_match
from moorings_compat.avro.model import AvroModel, Definition, Fixed, Node, Primitive, TypeName, Union
from moorings_compat.avro.names import short_name
from moorings_compat.limits import Budget


@dataclass(frozen=True, slots=True)
class BranchChoice:
    """The branches, by index, that decoders take; all None when no branch matches."""

    first: int | None
    """The first that matches."""
    exact: int | None
    """The one of exactly the writer's type, if there is one."""
    mistaken: int | None = None
    """One of the same short name and another kind, before the first that matches."""

    @property
    def decoded(self) -> int | None:
        """The branch that the client's codecs and the reference reader take: Java's choice."""
        return self.first if self.exact is None else self.exact

    @property
    def taken(self) -> tuple[int, ...]:
        """The branches to compare, each once."""
        return tuple(dict.fromkeys(one for one in (self.first, self.exact) if one is not None))


_A_LOOK = 5
"""Steps for each of several branches whose names match; sound schemas have one."""


class BranchChooser:
    """Chooses branches of one reader's unions; each union is indexed once."""

    def __init__(self, matcher: TypeMatcher, budget: Budget) -> None:
        self._matcher = matcher
        self._budget = budget
        self._indexes: dict[int, _BranchIndex] = {}

    def choose(self, union: Union, writer: Node) -> BranchChoice:
        """Choose among the branches of *union* for what *writer*, which is not a union, wrote."""
        index = self._index(union)
        if isinstance(writer, Primitive):
            return index.for_primitive(writer.kind)
        if isinstance(writer, TypeName):
            return self._for_named(union, self._matcher.writer.types[writer.full])
        alike = index.containers.get(writer.__class__)
        if alike is None or not self._matcher.match(union.branches[alike], writer):
            return BranchChoice(None, None)
        return BranchChoice(alike, alike)

    def nearest(self, union: Union, writer: Node) -> int | None:
        """Return the branch that people would expect where none matches: a container, or one of the same name."""
        if isinstance(writer, TypeName):
            written = self._matcher.writer.types[writer.full]
            return next(
                (place for place, one in self._branches_named(union, written) if one.__class__ is written.__class__),
                None,
            )
        return self._index(union).containers.get(writer.__class__)

    def _for_named(self, union: Union, written: Definition) -> BranchChoice:
        renamed = self._matcher.reader.alias_owners.get(written.full, written.full)
        exact = self._index(union).full_names.get(renamed)
        if exact is not None and not definitions_match(self._matcher.reader.types[renamed], written):
            exact = None
        mistaken = None
        for place, one in self._branches_named(union, written, short_name(written.full)):
            self._budget.spend(_A_LOOK)
            if definitions_match(one, written):
                return BranchChoice(place, exact, mistaken)
            if mistaken is None and one.__class__ is not written.__class__ and not isinstance(written, Fixed):
                mistaken = place
        return BranchChoice(None, exact, mistaken)

    def _branches_named(
        self, union: Union, written: Definition, other_alias: str = ""
    ) -> Iterator[tuple[int, Definition]]:
        """Yield the branches of any kind, in order, whose names match that of *written* or that have *other_alias*."""
        index = self._index(union)
        short, aliased = index.short_names.get(short_name(written.full), ()), index.aliases.get(written.full, ())
        previous = -1
        for place in merge(short, aliased, index.aliases.get(other_alias, ())):
            if place != previous:
                branch = union.branches[place]
                assert isinstance(branch, TypeName), "only names are indexed by name"
                yield place, self._matcher.reader.types[branch.full]
            previous = place

    def _index(self, union: Union) -> "_BranchIndex":
        index = self._indexes.get(id(union))
        if index is None:
            self._budget.spend(len(union.branches))
            index = self._indexes[id(union)] = _BranchIndex(union, self._matcher.reader)
        return index


class _BranchIndex:
    """The indexes of a union's branches, lowest first, by kind, name and alias."""

    def __init__(self, union: Union, reader: AvroModel) -> None:
        self.containers: dict[type, int] = {}
        self.full_names: dict[str, int] = {}
        self.short_names: dict[str, list[int]] = {}
        self.aliases: dict[str, list[int]] = {}
        self._primitives: dict[str, int] = {}
        for place, branch in enumerate(union.branches):
            if isinstance(branch, Primitive):
                self._primitives[branch.kind] = place
            elif isinstance(branch, TypeName):
                self.full_names[branch.full] = place
                self.short_names.setdefault(short_name(branch.full), []).append(place)
                for alias in dict.fromkeys(reader.types[branch.full].aliases):
                    self.aliases.setdefault(alias, []).append(place)
            else:
                self.containers[branch.__class__] = place

    def for_primitive(self, kind: str) -> BranchChoice:
        """Choose for a primitive: the first branch that it may be read as, and the one that it is."""
        readable = (self._primitives.get(one) for one in (kind, *PROMOTIONS.get(kind, ())))
        return BranchChoice(
            min((place for place in readable if place is not None), default=None), self._primitives.get(kind)
        )
