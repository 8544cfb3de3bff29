"""The smallest value of each type, and the types that have none.

A record that needs itself has no value at all: nobody can ever write one. Whatever it is compared with reads it,
vacuously. For all others the size of the smallest value steers payloads to come to an end, and to be short.

Donald Knuth's generalisation of Dijkstra's algorithm: types are settled smallest first, so that a union's first
settled branch is its smallest. Near linear in the size of the schema, whatever it recurses into.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from heapq import heappop, heappush

from moorings_compat.avro.model import AvroModel, Enum, Fixed, Node, Primitive, Record, TypeName, Union

_BYTES_A_UNIT = 16


class SmallestValues:
    """The smallest values of one model's types; they are settled when a size is first asked for."""

    def __init__(self, model: AvroModel) -> None:
        self._model = model
        self._branches: dict[int, tuple[int, Node]] = {}

    @cached_property
    def sizes(self) -> Mapping[str, int]:
        """The size of the smallest value by the full name of its type; types without any are left out."""
        return _settled(self._model)

    def exists(self, node: Node) -> bool:
        """Tell whether *node* has any value."""
        if not self._model.may_lack_values:
            return True
        if isinstance(node, TypeName):
            return node.full in self.sizes
        return not isinstance(node, Union) or any(self.exists(branch) for branch in node.branches)

    def size(self, node: Node) -> int:
        """Count the pieces of the smallest value of *node*, which has one."""
        if isinstance(node, TypeName):
            return self.sizes[node.full]
        return 1 + self.size(self.branch(node)[1]) if isinstance(node, Union) else 1

    def branch(self, union: Union) -> tuple[int, Node]:
        """Return the branch, with its index, of the smallest value of *union*: null where there is one."""
        found = self._branches.get(id(union))
        if found is None:
            having_values = ((index, branch) for index, branch in enumerate(union.branches) if self.exists(branch))
            found = min(having_values, key=lambda one: (_is_not_null(one[1]), self.size(one[1])))
            self._branches[id(union)] = found
        return found


def smallest_values_of(model: AvroModel) -> SmallestValues:
    """Return the smallest values of the types that *model* uses; the answer is kept with the model."""
    kept: SmallestValues | None = model.memo.get("smallest values")
    return kept or model.memo.setdefault("smallest values", SmallestValues(model))


def _settled(model: AvroModel) -> dict[str, int]:
    settling = _SizeOrder()
    for full in sorted(model.reachable):
        named = model.types[full]
        if isinstance(named, Fixed):
            settling.found(1 + named.size // _BYTES_A_UNIT, full)
        elif isinstance(named, Enum):
            if named.symbols:
                settling.found(1, full)
        else:
            settling.record(named)
    return settling.run()


@dataclass(slots=True)
class _PendingField:
    """A field of a record that has a value as soon as one of several named types has."""

    record: str
    extra: int
    over: bool = False


class _SizeOrder:
    """The types still to be settled, and what each of them waits for."""

    def __init__(self) -> None:
        self._ready: list[tuple[int, str]] = []
        self._sizes: dict[str, int] = {}
        self._fields_open: dict[str, int] = {}
        self._totals: dict[str, int] = {}
        self._waits: dict[str, list[_PendingField]] = {}

    def found(self, size: int, full: str) -> None:
        heappush(self._ready, (size, full))

    def record(self, record: Record) -> None:
        self._totals[record.full] = 1
        self._fields_open[record.full] = 0
        for field in record.fields:
            names = _names_needed(field.type)
            if names is None:
                self._totals[record.full] += 2 if isinstance(field.type, Union) else 1
                continue
            self._fields_open[record.full] += 1
            wait = _PendingField(record.full, extra=1 if isinstance(field.type, Union) else 0)
            for name in names:
                self._waits.setdefault(name, []).append(wait)
        if not self._fields_open[record.full]:
            self.found(self._totals[record.full], record.full)

    def run(self) -> dict[str, int]:
        """Settle one type after the other, smallest first; return the sizes of all that have values."""
        while self._ready:
            size, full = heappop(self._ready)
            if full not in self._sizes:
                self._sizes[full] = size
                for wait in self._waits.get(full, ()):
                    self._satisfy(wait, size)
        return self._sizes

    def _satisfy(self, wait: _PendingField, size: int) -> None:
        if wait.over:
            return
        wait.over = True
        self._totals[wait.record] += size + wait.extra
        self._fields_open[wait.record] -= 1
        if not self._fields_open[wait.record]:
            self.found(self._totals[wait.record], wait.record)


def _names_needed(node: Node) -> tuple[str, ...] | None:
    """Return the names of which one must have a value for *node* to have one; None where it has one anyway."""
    if isinstance(node, TypeName):
        return (node.full,)
    if not isinstance(node, Union):
        return None
    names = tuple(branch.full for branch in node.branches if isinstance(branch, TypeName))
    return names if len(names) == len(node.branches) else None


def _is_not_null(node: Node) -> bool:
    return not (isinstance(node, Primitive) and node.kind == "null")
