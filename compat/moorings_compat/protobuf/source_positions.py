"""Positions in the source: from a finding's path of names to lines and columns.

Positions are rarely needed, so they are not kept: the text is compiled again, this time with source info.
"""

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property, lru_cache
from typing import Any

from google.protobuf.descriptor_pb2 import (
    DescriptorProto,
    EnumDescriptorProto,
    FieldDescriptorProto,
    FileDescriptorProto,
    FileDescriptorSet,
    ServiceDescriptorProto,
)

from moorings_compat.limits import DEFAULT_LIMITS
from moorings_compat.pointer_positions import Position, enclosing
from moorings_compat.protobuf.confluent_options import compile_source
from moorings_compat.protobuf.files import as_set, declared_files, free_name, known_files
from moorings_compat.protobuf.imports import outline
from moorings_compat.schema import Schema

DescriptorPath = tuple[int, ...]
"""A way into a descriptor: field numbers and indexes by turns, as `SourceCodeInfo.Location.path` has it."""

PACKAGE: DescriptorPath = (FileDescriptorProto.PACKAGE_FIELD_NUMBER,)
NAME: DescriptorPath = (DescriptorProto.NAME_FIELD_NUMBER,)
NUMBER: DescriptorPath = (FieldDescriptorProto.NUMBER_FIELD_NUMBER,)
LABEL: DescriptorPath = (FieldDescriptorProto.LABEL_FIELD_NUMBER,)
TYPE: DescriptorPath = (FieldDescriptorProto.TYPE_FIELD_NUMBER,)
TYPE_NAME: DescriptorPath = (FieldDescriptorProto.TYPE_NAME_FIELD_NUMBER,)
SYMBOL_NUMBER: DescriptorPath = (2,)

_TAB = 8
_DECLARING_FIELDS: dict[type[Any], tuple[str, ...]] = {
    FileDescriptorProto: ("message_type", "enum_type", "service"),
    DescriptorProto: ("nested_type", "field", "enum_type", "oneof_decl"),
    EnumDescriptorProto: ("value",),
    ServiceDescriptorProto: ("method",),
}


class SourceText:
    """The text of one schema, and the positions of its declarations."""

    def __init__(self, schema: Schema) -> None:
        self._schema = schema
        self._parts: dict[DescriptorPath, dict[str, tuple[Any, DescriptorPath]]] = {}

    def position(self, pointer: str) -> Position | None:
        """Return the position of what *pointer* names; None if the text does not declare it."""
        steps = self.steps(pointer)
        span = self.span(steps) if steps is not None else None
        return None if span is None else Position(span.line + 1, span.start + 1)

    def steps(self, pointer: str) -> DescriptorPath | None:
        """Find the way to what *pointer* names: ``/Order/Line/price``, or ``/Order/line/price`` through a field."""
        at: Any = self._file
        steps: DescriptorPath = ()
        for name in pointer.split("/")[1:]:
            at, steps = self._types.get(getattr(at, "type_name", ""), (at, steps))
            if steps not in self._parts:
                self._parts[steps] = _declarations_of(at)
            if name not in self._parts[steps]:
                return None
            at, more = self._parts[steps][name]
            steps += more
        return steps if pointer else None

    def line(self, steps: DescriptorPath) -> str | None:
        """Return the line on which a declaration begins."""
        given = self._spans.get(steps)
        return None if given is None else self.lines[given[0]]

    def span(self, steps: DescriptorPath) -> "Span | None":
        """Return the stretch of text of *steps*; of several lines only the first."""
        given = self._spans.get(steps)
        if given is None:
            return None
        line = self.lines[given[0]]
        end = given[2] if len(given) == 3 else None
        return Span(given[0], _character(line, given[1]), len(line) if end is None else _character(line, end))

    def extent(self, steps: DescriptorPath) -> tuple[int, int] | None:
        """Return where the whole text of *steps* begins and ends, as offsets; None if the text does not declare it."""
        given = self._spans.get(steps)
        if given is None:
            return None
        last = given[2] if len(given) == 4 else given[0]
        start = self.offset(given[0], _character(self.lines[given[0]], given[1]))
        return start, self.offset(last, _character(self.lines[last], given[-1]))

    def offset(self, line: int, character: int) -> int:
        """Return the offset of a position; both count from 0."""
        return self._line_offsets[line] + character

    @cached_property
    def _line_offsets(self) -> list[int]:
        offsets = [0]
        for line in self.lines:
            offsets.append(offsets[-1] + len(line) + 1)
        return offsets

    @cached_property
    def lines(self) -> list[str]:
        """The lines of the text, without their ends."""
        return self._schema.text.split("\n")

    @cached_property
    def _types(self) -> Mapping[str, tuple[Any, DescriptorPath]]:
        """The messages that the file declares, as fields name them: ``.shop.Order.Line``."""
        prefix = f".{self._file.package}" if self._file.package else ""
        waiting: list[tuple[str, Any, DescriptorPath]] = [(prefix, self._file, ())]
        found: dict[str, tuple[Any, DescriptorPath]] = {}
        while waiting:
            scope, at, steps = waiting.pop()
            kind = "message_type" if at is self._file else "nested_type"
            number = at.DESCRIPTOR.fields_by_name[kind].number
            for index, message in enumerate(getattr(at, kind)):
                name = f"{scope}.{message.name}"
                found[name] = message, (*steps, number, index)
                waiting.append((name, *found[name]))
        return found

    @cached_property
    def _spans(self) -> Mapping[DescriptorPath, Sequence[int]]:
        return {tuple(one.path): tuple(one.span) for one in self._file.source_code_info.location}

    @cached_property
    def _file(self) -> FileDescriptorProto:
        declared = declared_files(self._schema.references, DEFAULT_LIMITS)
        known = known_files(outline(self._schema.text).imports, declared)
        compiled = compile_source(self._schema.text, free_name(known), as_set(known), source_info=True)
        return FileDescriptorSet.FromString(compiled).file[-1]


@lru_cache(maxsize=8)
def source_of(text: str, schema: Schema) -> "SourceText":  # noqa: ARG001  # part of the key
    """Return the positions of *schema*, kept while the same candidate is compared several times.

    *text* is the schema's own: schemas of different texts may be equal.
    """
    return SourceText(schema)


class Span:
    """A stretch of one line; line and ends count from 0, in characters."""

    def __init__(self, line: int, start: int, end: int) -> None:
        self.line = line
        self.start = start
        self.end = end


def position(schema: Schema, pointer: str) -> Position | None:
    """Return the position in the text of *schema* of what a finding's path names.

    None if its own text does not declare it: the file as a whole, an import, the key or value of a map.
    """
    return source_of(schema.text, schema).position(pointer)


def positions(schema: Schema, pointers: Iterable[str]) -> dict[str, Position]:
    """Return the position of each of *pointers*, or of the nearest declaration around it; the file is at line 1."""
    wanted = list(dict.fromkeys(pointers))
    if not any(wanted):
        return dict.fromkeys(wanted, Position(1, 1))
    source = source_of(schema.text, schema)
    found = {}
    for pointer in wanted:
        nearest = (source.position(above) for above in enclosing(pointer))
        found[pointer] = next((one for one in nearest if one is not None), Position(1, 1))
    return found


def _declarations_of(at: Any) -> dict[str, tuple[Any, DescriptorPath]]:
    """Return what a descriptor declares, by name, each with the steps that lead to it from there."""
    numbers = {kind: at.DESCRIPTOR.fields_by_name[kind].number for kind in _DECLARING_FIELDS.get(type(at), ())}
    return {
        part.name: (part, (number, index))
        for kind, number in numbers.items()
        for index, part in enumerate(getattr(at, kind))
    }


def _character(line: str, column: int) -> int:
    """Turn the compiler's column into an index of *line*: it counts bytes, and a tab runs to the next stop."""
    if line.isascii() and "\t" not in line:
        return min(column, len(line))
    reached = 0
    for index, character in enumerate(line):
        if reached >= column:
            return index
        reached += _TAB - reached % _TAB if character == "\t" else len(character.encode())
    return len(line)
