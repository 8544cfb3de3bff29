"""The walk: every pair of types that a payload can bring together, each compared once.

Resolution never tries alternatives: at a union a decoder commits to a branch by matching, without looking at what lies
below. So the pairs that can meet are found by going forward from the roots, breadth first, and the reader reads the
writer exactly when no rule finds a break at any of them. A recursive schema needs no assumption to be revised
later: a pair that was seen is not compared again, and its findings are reported once.

Three things bound the work. Pairs of definitions that are equal, and lead only to equal ones, are not entered. What the
writer cannot write at all (`smallest_values`) is not walked into. And every pair and every field costs steps of the
budget.
"""

from collections import deque
from collections.abc import Iterator

from moorings_compat.avro.enums import unknown_symbols
from moorings_compat.avro.faults import Fault, NodePair, Trail
from moorings_compat.avro.logical_changes import logical_changes
from moorings_compat.avro.match import definitions_match
from moorings_compat.avro.model import (
    Array,
    AvroModel,
    Definition,
    Enum,
    Fixed,
    Map,
    Node,
    Primitive,
    Record,
    TypeName,
    Union,
)
from moorings_compat.avro.named import alias_collision, matched_names, unmatched_names
from moorings_compat.avro.primitives import mismatch, promotions
from moorings_compat.avro.records import RecordPair, record_faults, same_type
from moorings_compat.avro.schema_pair import SchemaPair
from moorings_compat.avro.unions import branch_mistaken, branch_order, branch_unreadable, branches_alike, no_branch
from moorings_compat.limits import Budget

_A_PAIR = 60
"""Steps for a pair of definitions, which is remembered, and as many for their fields; a field or branch costs one."""


def walk(reader: AvroModel, writer: AvroModel, budget: Budget) -> Iterator[Fault]:
    """Yield every fault between *reader* and *writer*, nearest to the top first.

    Raises:
        BudgetSpent: there are more pairs than *budget* has steps for.
    """
    schemas = SchemaPair.of(reader, writer, budget)
    if schemas.smallest.exists(writer.root):
        yield from _Walk(schemas).faults()


class _Walk:
    def __init__(self, schemas: SchemaPair) -> None:
        self._schemas = schemas
        self._spend = schemas.budget.spend
        self._differing = _differing(schemas)
        self._seen: set[tuple[str, str]] = set()
        self._records: deque[tuple[Record, Record, Trail | None]] = deque()

    def faults(self) -> Iterator[Fault]:
        schemas = self._schemas
        yield from self._meet(NodePair(schemas.reader.root, schemas.writer.root, "", ""))
        while self._records:
            reader, writer, trail = self._records.popleft()
            self._spend(_A_PAIR + (len(reader.fields) + len(writer.fields)) // 2)
            pair = RecordPair.of(reader, writer, trail)
            yield from record_faults(schemas, pair)
            for index, source in pair.differing:
                yield from self._meet(_pair_of_fields(pair, index, source))

    def _meet(self, nodes: NodePair) -> Iterator[Fault]:
        reader, writer = nodes.reader, nodes.writer
        if same_type(reader, writer):
            return
        self._spend()
        if isinstance(writer, Union):
            yield from self._writer_union(nodes, writer)
        elif isinstance(reader, Union):
            yield from self._reader_union(nodes, reader)
        elif isinstance(reader, Primitive) and isinstance(writer, Primitive):
            yield from self._primitives(nodes, reader, writer)
        elif isinstance(reader, Array) and isinstance(writer, Array):
            yield from self._inside(nodes.into_items(reader, writer, empty=not self._exists(writer.items)))
        elif isinstance(reader, Map) and isinstance(writer, Map):
            yield from self._inside(nodes.into_values(reader, writer, empty=not self._exists(writer.values)))
        elif isinstance(reader, TypeName) and isinstance(writer, TypeName):
            yield from self._alias(nodes, reader, writer)
            yield from self._names(nodes, reader, writer)
        else:
            yield mismatch(self._schemas, nodes)

    def _inside(self, nodes: NodePair) -> Iterator[Fault]:
        """Walk into items or values; where there can be none, what still has to match is the type."""
        if self._exists(nodes.writer) or not self._schemas.matcher.match(nodes.reader, nodes.writer):
            yield from self._meet(nodes)

    def _primitives(self, nodes: NodePair, reader: Primitive, writer: Primitive) -> Iterator[Fault]:
        if not self._schemas.matcher.match(reader, writer):
            yield mismatch(self._schemas, nodes)
            return
        yield from promotions(self._schemas, nodes, reader, writer)
        yield from logical_changes(self._schemas, nodes, reader.logical, writer.logical)

    def _writer_union(self, nodes: NodePair, union: Union) -> Iterator[Fault]:
        self._spend(len(union.branches))
        for index, branch in enumerate(union.branches):
            if not self._exists(branch):
                continue
            inner = nodes.into_writer_branch(union, index)
            if isinstance(nodes.reader, Union):
                yield from self._reader_union(inner, nodes.reader)
            elif self._schemas.matcher.match(nodes.reader, branch) or _both_contain(nodes.reader, branch):
                yield from self._meet(inner)
            else:
                yield branch_unreadable(self._schemas, inner, nodes)

    def _reader_union(self, nodes: NodePair, union: Union) -> Iterator[Fault]:
        choice = self._schemas.chooser.choose(union, nodes.writer)
        if choice.mistaken is not None:
            yield branch_mistaken(self._schemas, nodes, union, choice.mistaken)
        if choice.decoded is None:
            nearest = self._schemas.chooser.nearest(union, nodes.writer)
            if nearest is None:
                yield no_branch(self._schemas, nodes, union)
            else:
                yield from self._meet(nodes.into_reader_branch(union, nearest))
        elif isinstance(nodes.writer, Primitive):
            if len(choice.taken) > 1:
                yield branch_order(self._schemas, nodes, union, choice)
            yield from self._meet(nodes.into_reader_branch(union, choice.decoded))
        else:
            if len(choice.taken) > 1:
                yield branches_alike(self._schemas, nodes, union, choice)
            for taken in choice.taken:
                yield from self._branch(nodes.into_reader_branch(union, taken), exact=choice.exact is not None)

    def _branch(self, nodes: NodePair, *, exact: bool) -> Iterator[Fault]:
        """Walk into a branch that is taken; where none is *exact*, it may have been taken by an alias."""
        if exact and isinstance(nodes.reader, TypeName) and isinstance(nodes.writer, TypeName):
            yield from self._names(nodes, nodes.reader, nodes.writer)
        else:
            yield from self._meet(nodes)

    def _alias(self, nodes: NodePair, reader: TypeName, writer: TypeName) -> Iterator[Fault]:
        if writer.full in self._schemas.reader.alias_owners:
            read, written = self._schemas.read_as(reader.full), self._schemas.written_as(writer.full)
            yield from alias_collision(self._schemas, nodes, read, written)

    def _names(self, nodes: NodePair, reader: TypeName, writer: TypeName) -> Iterator[Fault]:
        pair = reader.full, writer.full
        if pair in self._seen or (reader.full == writer.full and reader.full not in self._differing):
            return
        read, written = self._schemas.read_as(reader.full), self._schemas.written_as(writer.full)
        if read.__class__ is not written.__class__:
            yield mismatch(self._schemas, nodes)
        elif not definitions_match(read, written):
            yield from unmatched_names(self._schemas, nodes, read, written)
        else:
            self._seen.add(pair)
            self._spend(_A_PAIR)
            yield from self._definitions(nodes, read, written)

    def _definitions(self, nodes: NodePair, reader: Definition, writer: Definition) -> Iterator[Fault]:
        """Look at two definitions that match, for the first time; their fields are queued."""
        yield from matched_names(nodes, reader, writer)
        if isinstance(reader, Record) and isinstance(writer, Record):
            self._records.append((reader, writer, nodes.trail))
        elif isinstance(reader, Enum) and isinstance(writer, Enum):
            yield from unknown_symbols(self._schemas, nodes, reader, writer)
        elif isinstance(reader, Fixed) and isinstance(writer, Fixed):
            yield from logical_changes(self._schemas, nodes, reader.logical, writer.logical)

    def _exists(self, node: Node) -> bool:
        return self._schemas.smallest.exists(node)


def _both_contain(reader: Node, writer: Node) -> bool:
    """Tell whether both are arrays or both are maps: the difference is then in what they contain."""
    return isinstance(writer, Array | Map) and reader.__class__ is writer.__class__


def _pair_of_fields(pair: RecordPair, index: int, source: int) -> NodePair:
    read, written = pair.reader.fields[index], pair.writer.fields[source]
    return NodePair(
        reader=read.type,
        writer=written.type,
        reader_at=f"{pair.reader.at}/fields/{index}/type",
        writer_at=f"{pair.writer.at}/fields/{source}/type",
        trail=Trail(pair.trail, pair.writer, source),
        reader_field=read,
        writer_field=written,
    )


def _differing(schemas: SchemaPair) -> set[str]:
    """Collect the names that both sides use and that lead to any difference, so that their pairs must be entered.

    A definition that decoders may trip over even when both sides have it (`AvroModel.delicate`) counts as different.
    """
    reader, writer = schemas.reader, schemas.writer
    shared = reader.reachable & writer.reachable
    schemas.budget.spend(len(shared))
    found = {full for full in shared if reader.signatures[full] != writer.signatures[full]}
    found |= shared & reader.delicate
    waiting = list(found)
    while waiting:
        for user in reader.users[waiting.pop()]:
            if user not in found and user in shared:
                found.add(user)
                waiting.append(user)
    return found
