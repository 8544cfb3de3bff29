"""Reading events: one straight-line Python function per pair of writer's and reader's schema.

`p` is the position in the bytes `b`, `safe` the last one with six bytes after it; the statements of each type advance
it. What the reader does not know is skipped, what the writer did not know is a default, and both are decided when the
function is generated, not when it runs::

    def decode(b):
        p, safe = 5, len(b) - 6
        n1 = b[p]; p += 1
        if n1 & 129: n1, p = size(b, p, n1)               # more than one byte, or negative
        else: n1 >>= 1
        q2 = p + n1; x3 = b[p:q2].decode(); p = q2
        ...
        if p != len(b): raise Unreadable(...)
        return {'name': x3, 'size': x4}

Slices never fail, so bytes that end too early are noticed by the next index, or by the last line. Which type of the
reader a written type is read as is the compatibility library's rule, the one that verdicts are made with.
"""

import struct
import sys
from collections.abc import Callable
from functools import partial
from typing import Any
from uuid import UUID

from moorings.codecs.avro.defaults import SharedDefaults, default_value
from moorings.codecs.avro.labels import Resolved, label
from moorings.codecs.avro.logical import CLOCKS, python_logical, reader_of_bytes
from moorings.codecs.avro.source import GeneratedSource, LoopIndex
from moorings.codecs.avro.varint import ONE_BYTE, SEVENS, THIRTEEN, THREE_PAIRS, TWO_BYTES, decode_longer
from moorings_compat.avro import (
    Array,
    AvroModel,
    BranchChooser,
    Enum,
    Fixed,
    Map,
    Node,
    Primitive,
    Record,
    TypeMatcher,
    Union,
    definitions_match,
    filled_fields,
    names_meet,
    readable_as,
)
from moorings_compat.limits import Budget

Decode = Callable[[bytes], Any]

_DEEPEST_BLOCK = 8
_MOST_EMPTY_ITEMS = 100_000
"""Items that take no bytes, in one block: nothing else bounds their number."""


class Unreadable(ValueError):
    """The bytes cannot be read as this schema; the message says why and holds nothing of the event."""


def compile_decoder(writer: AvroModel, reader: AvroModel, start: int) -> tuple[Decode, GeneratedSource]:
    """Make the function that reads an event, its binary encoding beginning at *start*.

    The function raises `Unreadable`, IndexError, ValueError, OverflowError, struct.error or RecursionError; the
    `Source` tells where.
    """
    return _DecoderGenerator(writer, reader).function(start)


def _size(data: bytes, place: int, first: int) -> tuple[int, int]:
    """Read a size, branch or symbol of more than one byte, or a negative one; *first* is the byte before *place*."""
    if first & 1:
        raise Unreadable("a size, branch or symbol is negative")
    second = data[place]
    if second < 128:
        return (first & 127 | second << 7) >> 1, place + 1
    number, place = decode_longer(data, place - 1)
    if number > 0x7FFFFFFF:
        raise Unreadable("a size, branch or symbol is too large")
    return number, place


def _longer_int(data: bytes, place: int) -> tuple[int, int]:
    number, place = decode_longer(data, place)
    if not -0x80000000 <= number <= 0x7FFFFFFF:
        raise Unreadable("an int takes more than 32 bits")
    return number, place


_HELPERS: dict[str, Any] = {
    "Unreadable": Unreadable,
    "ONE_BYTE": ONE_BYTE,
    "TWO_BYTES": TWO_BYTES,
    "THREE_PAIRS": THREE_PAIRS,
    "THIRTEEN": THIRTEEN,
    "SEVENS": SEVENS,
    "BOOLEANS": (False, True),
    "size": _size,
    "longer_int": _longer_int,
    "longer_long": decode_longer,
    "read_float": struct.Struct("<f").unpack_from,
    "read_double": struct.Struct("<d").unpack_from,
}


_MOST_IN_A_LITERAL = 500
"""Values of a default that are written into the function: beyond that it takes longer to compile than to run."""


class _DecoderGenerator:
    """Generates the functions of one pair of schemas; a reader's type of None means: skip what was written."""

    def __init__(self, writer: AvroModel, reader: AvroModel) -> None:
        self.writer = writer
        self.reader = reader
        self.defaults = SharedDefaults(reader)
        self.branches = BranchChooser(TypeMatcher(reader, writer), Budget(sys.maxsize))
        self.source = GeneratedSource(dict(_HELPERS))
        self.functions: dict[tuple[str, str | None], str] = {}
        self.pending: list[tuple[str, Node, Node | None]] = []

    def function(self, start: int) -> tuple[Decode, GeneratedSource]:
        line = self.source.line
        with self.source.block("def decode(b):"):
            line(f"p, safe = {start}, len(b) - 6")
            value = self._emit_value(self.writer.root, self.reader.root)
            line("if p != len(b): raise Unreadable('the bytes end before the event does, or after it')")
            line(f"return {value}")
        while self.pending:
            name, writer, reader = self.pending.pop()
            with self.source.block(f"def {name}(b, p):"):
                line("safe = len(b) - 6")
                value = self._emit_inline(writer, reader)
                line(f"return {value}, p")
        decode: Decode = self.source.run()["decode"]
        return decode, self.source

    def _emit_value(self, writer: Node, reader: Node | None) -> str:
        """Emit what reads a value; return the expression that holds it."""
        written = self.writer.resolve(writer)
        repeated = isinstance(written, Record) and written.full in self.writer.repeated
        deep = self.source.depth > _DEEPEST_BLOCK and isinstance(written, Record | Array | Map | Union)
        if not (repeated or deep):
            return self._emit_inline(writer, reader)
        key = (writer.shape if repeated else self.source.variable("deep"), reader.shape if reader else None)
        if key not in self.functions:
            self.functions[key] = self.source.variable("read")
            self.pending.append((self.functions[key], writer, reader))
        value = self.source.variable("x")
        self.source.line(f"{value}, p = {self.functions[key]}(b, p)")
        return value

    def _emit_inline(self, writer: Node, reader: Node | None) -> str:
        written = self.writer.resolve(writer)
        wanted = self.reader.resolve(reader) if reader is not None else None
        if isinstance(written, Union):
            return self._emit_union(written, reader)
        if isinstance(wanted, Union):
            branch = self.branches.choose(wanted, writer).decoded
            if branch is None:
                return self._emit_unresolvable(written, wanted)
            return self._emit_inline(writer, wanted.branches[branch])
        if isinstance(written, Record) and (wanted is None or isinstance(wanted, Record)):
            return self._emit_record(written, wanted)
        if isinstance(written, Array) and (wanted is None or isinstance(wanted, Array)):
            return self._emit_array(written, wanted)
        if isinstance(written, Map) and (wanted is None or isinstance(wanted, Map)):
            return self._emit_map(written, wanted)
        if isinstance(written, Enum) and (wanted is None or isinstance(wanted, Enum)):
            return self._emit_enum(written, wanted)
        if isinstance(written, Fixed) and (wanted is None or isinstance(wanted, Fixed)):
            return self._emit_fixed(written, wanted)
        if isinstance(written, Primitive) and (wanted is None or isinstance(wanted, Primitive)):
            return self._emit_primitive(written, wanted)
        return self._emit_unresolvable(written, wanted)

    def _emit_unresolvable(self, writer: Resolved, reader: Resolved | None) -> str:
        wanted = label(self.reader, reader) if reader is not None else "nothing"
        return self._emit_failure(f"{label(self.writer, writer)} was written, {wanted} is expected")

    def _emit_failure(self, reason: str) -> str:
        self.source.line(f"raise Unreadable({self.source.constant(reason)})")
        return "None"

    def _emit_record(self, writer: Record, reader: Record | None) -> str:
        if reader is None:
            for field in writer.fields:
                self._emit_value(field.type, None)
            return "None"
        if not names_meet(reader, writer):
            return self._emit_unresolvable(writer, reader)
        filled = filled_fields(reader, writer)
        values = {}
        for index, field in enumerate(writer.fields):
            target = reader.fields[filled[index]] if index in filled else None
            with self.source.at(target.name if target else field.name):
                value = self._emit_value(field.type, target.type if target else None)
            if target is not None:
                values[target.name] = self._emit_kept(value)
        for missing in reader.fields:
            if missing.name not in values:
                with self.source.at(missing.name):
                    values[missing.name] = self._emit_default(missing.default, missing.type, missing.has_default)
        return "{" + ", ".join(f"{field.name!r}: {values[field.name]}" for field in reader.fields) + "}"

    def _emit_kept(self, value: str) -> str:
        """Assign an expression that is not a name yet to a variable, since statements of later fields follow."""
        if value.isidentifier():
            return value
        variable = self.source.variable("x")
        self.source.line(f"{variable} = {value}")
        return variable

    def _emit_default(self, default: Any, type: Node, has_default: bool) -> str:
        if not has_default:
            return self._emit_failure("the writer does not have this field, and the reader has no default for it")
        try:
            if self.defaults.count(default, type) <= _MOST_IN_A_LITERAL:
                return self._literal(self.defaults.value(default, type))
            self.defaults.value(default, type)  # once, to see that there is such a value
            return f"{self.source.constant(partial(default_value, default, type, self.reader))}()"
        except (ValueError, OverflowError):
            return self._emit_failure("the reader's default is not a value of its type")

    def _literal(self, value: Any) -> str:
        """Write a default so that every event gets its own containers."""
        if isinstance(value, dict):
            return "{" + ", ".join(f"{key!r}: {self._literal(item)}" for key, item in value.items()) + "}"
        if isinstance(value, list):
            return "[" + ", ".join(map(self._literal, value)) + "]"
        return self.source.constant(value)

    def _emit_union(self, writer: Union, reader: Node | None) -> str:
        value, branch = self.source.variable("x"), self._emit_size()
        head = "if"
        for place, one in enumerate(writer.branches):
            with self.source.block(f"{head} {branch} == {place}:"):
                self.source.line(f"{value} = {self._emit_value(one, reader)}")
            head = "elif"
        otherwise = "else: " if writer.branches else ""
        self.source.line(f"{otherwise}raise Unreadable('the writer has no such branch')")
        return value

    def _emit_array(self, writer: Array, reader: Array | None) -> str:
        if reader is None:
            self._emit_blocks(writer.items, lambda: self._emit_value(writer.items, None), skip=True)
            return "None"
        items = self.source.variable("o")
        self.source.line(f"{items} = []")

        def item() -> None:
            with self.source.at(LoopIndex(items)):
                self.source.line(f"{items}.append({self._emit_value(writer.items, reader.items)})")

        self._emit_blocks(writer.items, item)
        return items

    def _emit_map(self, writer: Map, reader: Map | None) -> str:
        if reader is None:

            def skipped() -> None:
                self._emit_bytes()
                self._emit_value(writer.values, None)

            self._emit_blocks(None, skipped, skip=True)
            return "None"
        entries = self.source.variable("o")
        self.source.line(f"{entries} = {{}}")

        def entry() -> None:
            key = self.source.variable("k")
            self.source.line(f"{key} = {self._emit_bytes()}.decode()")
            with self.source.at(LoopIndex(key)):
                self.source.line(f"{entries}[{key}] = {self._emit_value(writer.values, reader.values)}")

        self._emit_blocks(None, entry)
        return entries

    def _emit_blocks(self, items: Node | None, item: Callable[[], object], *, skip: bool = False) -> None:
        """Loop over blocks; a negative count is followed by the block's size, by which it can be skipped."""
        line, count = self.source.line, self._emit_number("long")
        empty = items is not None and not self._takes_bytes(items, frozenset())
        with self.source.block(f"while {count}:"):
            with self.source.block(f"if {count} < 0:"):
                size = self._emit_number("long")
                if skip:
                    line(f"if {size} < 0: raise Unreadable('the size of a block is negative')")
                    line(f"p += {size}")
                    self._emit_number("long", count)
                    line("continue")
                else:
                    line(f"{count} = -{count}")
            bound = str(_MOST_EMPTY_ITEMS) if empty else "len(b) - p"
            line(f"if {count} > {bound}: raise Unreadable('a block has more items than bytes')")
            with self.source.block(f"for _ in range({count}):"):
                item()
                line("pass")
            self._emit_number("long", count)

    def _takes_bytes(self, type: Node, inside: frozenset[str]) -> bool:
        written = self.writer.resolve(type)
        if isinstance(written, Record):
            if written.full in inside:
                return False
            return any(self._takes_bytes(field.type, inside | {written.full}) for field in written.fields)
        if isinstance(written, Fixed):
            return written.size > 0
        return not (isinstance(written, Primitive) and written.kind == "null")

    def _emit_enum(self, writer: Enum, reader: Enum | None) -> str:
        place = self._emit_size()
        if reader is None:
            return "None"
        if not names_meet(reader, writer):
            return self._emit_unresolvable(writer, reader)
        known = [symbol if symbol in reader.symbols else reader.default for symbol in writer.symbols]
        value = self.source.variable("x")
        self.source.line(f"{value} = {self.source.constant(tuple(known))}[{place}]")
        if None in known:
            self.source.line(f"if {value} is None: raise Unreadable('the reader does not know the symbol')")
        return value

    def _emit_fixed(self, writer: Fixed, reader: Fixed | None) -> str:
        if reader is not None and not definitions_match(reader, writer):
            return self._emit_unresolvable(writer, reader)
        data = self._emit_slice(str(writer.size))
        logical = python_logical(reader) if reader is not None else None
        if logical is None:
            return data
        return self._emit_kept(f"{self.source.constant(reader_of_bytes(python_logical(writer) or logical))}({data})")

    def _emit_primitive(self, writer: Primitive, reader: Primitive | None) -> str:
        kind = writer.kind
        if reader is not None and not readable_as(writer.kind, reader.kind):
            return self._emit_unresolvable(writer, reader)
        if kind == "null":
            return "None"
        if kind == "boolean":
            return self._emit_advance("BOOLEANS[b[p]]", 1)
        if kind == "int" or kind == "long":
            return self._emit_number_as(writer, reader)
        if kind == "float" or kind == "double":
            return self._emit_advance(f"read_{kind}(b, p)[0]", 4 if kind == "float" else 8)
        data = self._emit_bytes()
        if reader is None:
            return data
        if reader.kind == "string":
            return self._emit_text_as(reader, data)
        return self._emit_bytes_as(writer, reader, data)

    def _emit_number_as(self, writer: Primitive, reader: Primitive | None) -> str:
        number = self._emit_number(writer.kind)
        if reader is None:
            return number
        if reader.kind in ("float", "double"):
            return f"float({number})"
        wanted, written = python_logical(reader), python_logical(writer)
        if wanted is None:
            return number
        clock = CLOCKS[wanted.name]
        if written and CLOCKS[written.name].python_type is clock.python_type:
            clock = CLOCKS[written.name]
        return self._emit_kept(f"{self.source.constant(clock.value)}({number})")

    def _emit_text_as(self, reader: Primitive, data: str) -> str:
        text = f"{data}.decode()"
        return self._emit_kept(f"{self.source.constant(UUID)}({text})" if python_logical(reader) else text)

    def _emit_bytes_as(self, writer: Primitive, reader: Primitive, data: str) -> str:
        wanted = python_logical(reader)
        if wanted is None:
            return data
        logical = (python_logical(writer) if writer.kind == "bytes" else None) or wanted
        return self._emit_kept(f"{self.source.constant(reader_of_bytes(logical))}({data})")

    def _emit_number(self, kind: str, variable: str | None = None) -> str:
        number, line = variable or self.source.variable("n"), self.source.line
        line(f"{number} = b[p]")
        with self.source.block(f"if {number} < 128:"):
            line(f"{number} = ONE_BYTE[{number}]")
            line("p += 1")
        with self.source.block("else:"):
            line("m = b[p + 1]")
            with self.source.block("if m < 128:"):
                line(f"{number} = TWO_BYTES[{number} & 127 | m << 7]")
                line("p += 2")
            if kind == "int":
                line(f"else: {number}, p = longer_int(b, p)")
            else:
                self._emit_six_bytes(number)
        return number

    def _emit_six_bytes(self, number: str) -> None:
        """Read a number of six bytes, as a date-time in milliseconds has, without a call; any other with one."""
        line = self.source.line
        with self.source.block("elif p <= safe:"):
            line("h, i, j = THREE_PAIRS(b, p)")
            with self.source.block("if i & 0x8080 == 0x8080 and j & 0x8080 == 0x80:"):
                line(f"{number} = THIRTEEN[h] | SEVENS[i] << 13 | SEVENS[j] << 27")
                line(f"if h & 1: {number} = ~{number}")
                line("p += 6")
            line(f"else: {number}, p = longer_long(b, p)")
        line(f"else: {number}, p = longer_long(b, p)")

    def _emit_size(self) -> str:
        size, line = self.source.variable("n"), self.source.line
        line(f"{size} = b[p]")
        line("p += 1")
        line(f"if {size} & 129: {size}, p = size(b, p, {size})")
        line(f"else: {size} >>= 1")
        return size

    def _emit_bytes(self) -> str:
        return self._emit_slice(self._emit_size())

    def _emit_slice(self, size: str) -> str:
        end, data = self.source.variable("q"), self.source.variable("x")
        self.source.line(f"{end} = p + {size}")
        self.source.line(f"{data} = b[p:{end}]")
        self.source.line(f"p = {end}")
        return data

    def _emit_advance(self, expression: str, size_bytes: int) -> str:
        value = self.source.variable("x")
        self.source.line(f"{value} = {expression}")
        self.source.line(f"p += {size_bytes}")
        return value
