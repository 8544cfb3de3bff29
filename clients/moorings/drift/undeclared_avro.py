"""Fields that an Avro writer has and its reader leaves out: settled by the two schemas alone."""

import sys
from collections.abc import Iterator

from moorings_compat import Schema
from moorings_compat.avro import (
    Array,
    AvroModel,
    BranchChooser,
    Map,
    Node,
    Record,
    TypeMatcher,
    Union,
    filled_fields,
    model_of,
    names_meet,
)
from moorings_compat.limits import Budget


def undeclared(writer: Schema, reader: Schema) -> Iterator[str]:
    """Yield the JSON Pointer of each of the writer's fields that fills none of the reader's."""
    return _Search(model_of(writer), model_of(reader)).pointers()


class _Search:
    def __init__(self, writer: AvroModel, reader: AvroModel) -> None:
        self._writer = writer
        self._reader = reader
        self._chooser = BranchChooser(TypeMatcher(reader, writer), Budget(sys.maxsize))
        self._seen: set[tuple[str, str]] = set()

    def pointers(self) -> Iterator[str]:
        waiting = [("", self._writer.root, self._reader.root)]
        while waiting:
            path, written, read = waiting.pop()
            left, right = self._writer.resolve(written), self._reader.resolve(read)
            if isinstance(left, Array) and isinstance(right, Array):
                waiting.append((f"{path}/*", left.items, right.items))
            elif isinstance(left, Map) and isinstance(right, Map):
                waiting.append((f"{path}/*", left.values, right.values))
            elif isinstance(left, Union):
                waiting += [(path, branch, read) for branch in left.branches]
            elif isinstance(right, Union):
                waiting += [(path, written, branch) for branch in self._branch(right, written)]
            elif isinstance(left, Record) and isinstance(right, Record) and self._is_new(left, right):
                filled = filled_fields(right, left)
                for index, field in enumerate(left.fields):
                    if index in filled:
                        waiting.append((f"{path}/{field.name}", field.type, right.fields[filled[index]].type))
                    else:
                        yield f"{path}/{field.name}"

    def _branch(self, union: Union, written: Node) -> Iterator[Node]:
        """Yield the branch of the reader's that takes what was written, if any does."""
        taken = self._chooser.choose(union, written).decoded
        if taken is not None:
            yield union.branches[taken]

    def _is_new(self, writer: Record, reader: Record) -> bool:
        pair = writer.full, reader.full
        if pair in self._seen or not names_meet(reader, writer):
            return False
        self._seen.add(pair)
        return True
