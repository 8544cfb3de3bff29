"""Writing events: one straight-line Python function per schema, which checks what it writes while it writes.

For each type the generator emits the statements that check a value, and returns the *pieces*: expressions for the
bytes in order, joined once at the end. A record of a text and an optional long becomes::

    def encode(v):
        if v.__class__ is not dict: raise Refused
        if len(v) != 2: v = {**K1, **v}                   # K1: the fields that have defaults
        if len(v) != 2: raise Refused                     # a field too many, or one too few
        e1 = encode_text(v['name'])                       # TypeError for anything but a text
        n2 = len(e1)
        x3 = v['size']
        if x3 is None: p4 = b'\\x00'
        else: ...; p4 = b'\\x02' + ...
        return b''.join((PREFIX, ZIGZAG[n2] if n2 < SMALL else encode_long(n2), e1, p4))

Any exception of `SLOW_PATH` means that this path does not take the value; `examine` then says what is wrong with it,
or turns it into plain types.
"""

import struct
from collections.abc import Callable, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any
from uuid import UUID

from moorings.codecs.avro.defaults import SharedDefaults
from moorings.codecs.avro.examine import candidates, exact_float
from moorings.codecs.avro.labels import Resolved
from moorings.codecs.avro.logical import (
    CLOCKS,
    decimal_bytes,
    decimal_unscaled,
    python_logical,
    uuid_bytes,
    uuid_text,
)
from moorings.codecs.avro.source import GeneratedSource
from moorings.codecs.avro.varint import SMALL, ZIGZAG, encode_int, encode_long
from moorings.codecs.failures import Refused
from moorings_compat.avro import (
    Array,
    AvroModel,
    Enum,
    Fixed,
    Logical,
    Map,
    Node,
    Primitive,
    Record,
    Union,
    write_big_decimal,
)

Encode = Callable[[Any], bytes]

_DEEPEST_BLOCK = 8
_KINDS: tuple[type, ...] = (
    type(None),
    str,
    int,
    float,
    bool,
    dict,
    list,
    bytes,
    datetime,
    Decimal,
    date,
    time,
    UUID,
)


_NONE = type(None)


def compile_encoder(model: AvroModel, prefix: bytes = b"") -> Encode:
    """Make the function that turns a value into *prefix* and its Avro binary encoding."""
    return _EncoderGenerator(model).function(prefix)


def _float_of(value: Any) -> float:
    if value.__class__ is not int:
        raise Refused
    return exact_float(value, "double")


def _narrow_float_of(value: Any) -> float:
    if value.__class__ is not int:
        raise Refused
    return exact_float(value, "float")


_HELPERS: dict[str, Any] = {
    "Refused": Refused,
    "ZIGZAG": ZIGZAG,
    "encode_int": encode_int,
    "encode_long": encode_long,
    "encode_text": str.encode,
    "pack_float": struct.Struct("<f").pack,
    "pack_double": struct.Struct("<d").pack,
    "float_of": _float_of,
    "narrow_float_of": _narrow_float_of,
    "decimal_bytes": decimal_bytes,
    "decimal_unscaled": decimal_unscaled,
    "write_big_decimal": write_big_decimal,
    "uuid_text": uuid_text,
    "uuid_bytes": uuid_bytes,
    **{kind.__name__: kind for kind in _KINDS[1:]},
}


class _EncoderGenerator:
    """Generates the functions of one schema; `pending` holds types that get a function of their own."""

    def __init__(self, model: AvroModel) -> None:
        self.model = model
        self.defaults = SharedDefaults(model)
        self.source = GeneratedSource(dict(_HELPERS))
        self.functions: dict[str, str] = {}
        self.pending: list[tuple[str, Node]] = []
        self.symbols: dict[str, str] = {}
        """The constant that holds the symbols of an enum, by the enum's name."""

    def function(self, prefix: bytes) -> Encode:
        self._emit_function("encode", self.model.root, prefix)
        while self.pending:
            name, type = self.pending.pop()
            self._emit_function(name, type, b"")
        encode: Encode = self.source.run()["encode"]
        return encode

    def _emit_function(self, name: str, type: Node, prefix: bytes) -> None:
        with self.source.block(f"def {name}(v):"):
            pieces = self._emit_inline(self.model.resolve(type), "v")
            self.source.line(f"return {_joined([repr(prefix), *pieces] if prefix else pieces)}")

    def _emit_value(self, type: Node, value: str) -> list[str]:
        """Emit the check of the local variable *value*; return the pieces that write it."""
        meant = self.model.resolve(type)
        if isinstance(meant, Record) and meant.full in self.model.repeated:
            return [self._emit_call(meant.full, type, value)]
        if self.source.depth > _DEEPEST_BLOCK and isinstance(meant, Record | Array | Map | Union):
            return [self._emit_call(self.source.variable("deep"), type, value)]
        return self._emit_inline(meant, value)

    def _emit_call(self, key: str, type: Node, value: str) -> str:
        if key not in self.functions:
            self.functions[key] = self.source.variable("write")
            self.pending.append((self.functions[key], type))
        piece = self.source.variable("p")
        self.source.line(f"{piece} = {self.functions[key]}({value})")
        return piece

    def _emit_inline(self, type: Resolved, value: str) -> list[str]:
        if isinstance(type, Record):
            return self._emit_record(type, value)
        if isinstance(type, Union):
            return self._emit_union(type, value)
        if isinstance(type, Array):
            return self._emit_blocks(value, "list", [(value, type.items)])
        if isinstance(type, Map):
            return self._emit_blocks(value, "dict", [(f"{value}.items()", type.values)])
        if isinstance(type, Enum):
            return [f"{self._symbols(type)}[{value}]"]
        if isinstance(type, Fixed):
            return self._emit_fixed(type, value)
        assert isinstance(type, Primitive), "every other type is handled above"
        return self._emit_primitive(type, value)

    def _symbols(self, type: Enum) -> str:
        if type.full not in self.symbols:
            places = {symbol: encode_int(place) for place, symbol in enumerate(type.symbols)}
            self.symbols[type.full] = self.source.constant(places)
        return self.symbols[type.full]

    def _emit_record(self, type: Record, value: str) -> list[str]:
        line, count = self.source.line, len(type.fields)
        line(f"if {value}.__class__ is not dict: raise Refused")
        defaults = self._defaults(type)
        if defaults:
            line(f"if len({value}) != {count}: {value} = {{**{self.source.constant(defaults)}, **{value}}}")
        line(f"if len({value}) != {count}: raise Refused")
        pieces = []
        for field in type.fields:
            variable = self.source.variable("x")
            line(f"{variable} = {value}[{field.name!r}]")
            pieces += self._emit_value(field.type, variable)
        return pieces

    def _defaults(self, type: Record) -> dict[str, Any]:
        defaults = {}
        for field in type.fields:
            if field.has_default:
                try:
                    defaults[field.name] = self.defaults.value(field.default, field.type)
                except (ValueError, OverflowError):
                    continue  # a default that no value can have: the field has to be given
        return defaults

    def _emit_blocks(self, value: str, kind: str, loop: list[tuple[str, Node]]) -> list[str]:
        """Write an array or a map as one block, and the empty block that ends it."""
        ((items, type),) = loop
        line, written = self.source.line, self.source.variable("o")
        line(f"if {value}.__class__ is not {kind}: raise Refused")
        line(f"{written} = []")
        with self.source.block(f"if {value}:"):
            line(f"{written}.append({_number_expression(f'len({value})', 'encode_long')})")
            item = self.source.variable("i")
            key = self.source.variable("k")
            with self.source.block(f"for {item if kind == 'list' else f'{key}, {item}'} in {items}:"):
                pieces = self._emit_text(key) if kind == "dict" else []
                self._emit_extension(written, pieces + self._emit_value(type, item))
        return [f"*{written}", repr(b"\x00")]

    def _emit_extension(self, written: str, pieces: Sequence[str]) -> None:
        if len(pieces) == 1 and not pieces[0].startswith("*"):
            self.source.line(f"{written}.append({pieces[0]})")
        elif pieces:
            self.source.line(f"{written} += ({', '.join(_merged(pieces))},)")

    def _emit_union(self, type: Union, value: str) -> list[str]:
        """Choose the branch by the class of the value, and among several by what distinguishes them."""
        piece = self.source.variable("p")
        kinds = [(kind, candidates(type, kind, self.model)) for kind in _KINDS]
        head = "if"
        for kind, branches in kinds:
            if not branches:
                continue
            test = f"{value} is None" if kind is _NONE else f"{value}.__class__ is {kind.__name__}"
            with self.source.block(f"{head} {test}:"):
                self._emit_choice(type, branches, kind, value, piece)
            head = "elif"
        self.source.line("else: raise Refused" if type.branches else "raise Refused")
        return [piece]

    def _emit_choice(self, union: Union, branches: Sequence[Node], kind: type, value: str, piece: str) -> None:
        if kind is dict and len(branches) > 1:
            tests = self._by_shape(branches, value)
        else:
            tests = [self._test(branch, kind, value) for branch in branches]
        head = "if"
        for branch, test in zip(branches, tests, strict=True):
            place = next(place for place, one in enumerate(union.branches) if one is branch)
            if test == "" and head == "if":
                self._emit_branch(place, branch, value, piece)
                return
            with self.source.block(f"{head} {test}:" if test else "else:"):
                self._emit_branch(place, branch, value, piece)
            if not test:
                return
            head = "elif"
        self.source.line("else: raise Refused")

    def _emit_branch(self, place: int, branch: Node, value: str, piece: str) -> None:
        pieces = self._emit_value(branch, value)
        self.source.line(f"{piece} = {_joined([repr(encode_long(place)), *pieces])}")

    def _test(self, branch: Node, kind: type, value: str) -> str:
        """Write the expression that tells whether *branch* takes a value of *kind*; empty: it takes all of them."""
        meant = self.model.resolve(branch)
        if isinstance(meant, Enum):
            return f"{value} in {self.source.constant(frozenset(meant.symbols))}"
        if isinstance(meant, Fixed) and kind is bytes:
            return f"len({value}) == {meant.size}"
        if isinstance(meant, Primitive) and kind is int and python_logical(meant) is None:
            bits = {"int": 31, "long": 63}.get(meant.kind)
            return f"-{2**bits} <= {value} < {2**bits}" if bits else ""
        return ""

    def _by_shape(self, branches: Sequence[Node], value: str) -> list[str]:
        """Distinguish records and maps by their keys; where more than one fits, the slow path decides."""
        shapes: list[tuple[frozenset[str], frozenset[str] | None]] = []
        for branch in branches:
            meant = self.model.resolve(branch)
            if isinstance(meant, Record):
                declared = frozenset(field.name for field in meant.fields)
                shapes.append((declared - set(self._defaults(meant)), declared))
            else:
                shapes.append((frozenset(), None))
        choose = self.source.constant(_BranchKeys(shapes).choose)
        chosen = self.source.variable("c")
        self.source.line(f"{chosen} = {choose}({value})")
        return [f"{chosen} == {place}" for place in range(len(branches))]

    def _emit_primitive(self, type: Primitive, value: str) -> list[str]:
        line, kind = self.source.line, type.kind
        logical = python_logical(type)
        if logical is not None:
            return self._emit_logical(type, logical, value)
        if kind == "null":
            line(f"if {value} is not None: raise Refused")
            return []
        if kind == "boolean":
            line(f"if {value}.__class__ is not bool: raise Refused")
            return [f"(b'\\x01' if {value} else b'\\x00')"]
        if kind == "string":
            return self._emit_text(value)
        if kind == "bytes":
            line(f"if {value}.__class__ is not bytes: raise Refused")
            return self._emit_sized(value)
        if kind == "int" or kind == "long":
            line(f"if {value}.__class__ is not int: raise Refused")
            return [_number_expression(value, f"encode_{kind}")]
        convert = "float_of" if kind == "double" else "narrow_float_of"
        line(f"if {value}.__class__ is not float: {value} = {convert}({value})")
        return [f"pack_{kind}({value})"]

    def _emit_logical(self, type: Primitive, logical: Logical, value: str) -> list[str]:
        if logical.name == "uuid":
            text = self.source.variable("x")
            self.source.line(f"{text} = uuid_text({value})")
            return self._emit_text(text)
        if logical.name == "decimal":
            data = self.source.variable("e")
            self.source.line(f"if {value}.__class__ is not Decimal: raise Refused")
            self.source.line(f"{data} = decimal_bytes({value}, {logical.precision}, {logical.scale})")
            return self._emit_sized(data)
        if logical.name == "big-decimal":
            data = self.source.variable("e")
            self.source.line(f"if {value}.__class__ is not Decimal: raise Refused")
            self.source.line(f"{data} = write_big_decimal({value})")
            return self._emit_sized(data)
        clock = CLOCKS[logical.name]
        number, count = self.source.constant(clock.number), self.source.variable("n")
        self.source.line(f"if {value}.__class__ is {clock.python_type.__name__}: {count} = {number}({value})")
        within = f"{value}.__class__ is int and {clock.lowest} <= {value} <= {clock.highest}"
        self.source.line(f"elif {within}: {count} = {value}")
        self.source.line("else: raise Refused")
        return [_number_expression(count, f"encode_{type.kind}")]

    def _emit_fixed(self, type: Fixed, value: str) -> list[str]:
        logical = python_logical(type)
        if logical is None:
            self.source.line(f"if {value}.__class__ is not bytes or len({value}) != {type.size}: raise Refused")
            return [value]
        if logical.name == "uuid":
            return [f"uuid_bytes({value})"]
        self.source.line(f"if {value}.__class__ is not Decimal: raise Refused")
        unscaled = f"decimal_unscaled({value}, {logical.precision}, {logical.scale})"
        return [f"{unscaled}.to_bytes({type.size}, 'big', signed=True)"]

    def _emit_text(self, value: str) -> list[str]:
        data = self.source.variable("e")
        self.source.line(f"{data} = encode_text({value})")
        return self._emit_sized(data)

    def _emit_sized(self, data: str) -> list[str]:
        size = self.source.variable("n")
        self.source.line(f"{size} = len({data})")
        return [f"(ZIGZAG[{size}] if {size} < {SMALL} else encode_long({size}))", data]


class _BranchKeys:
    """The keys of several branches, (required, declared) of each, where None is any key."""

    def __init__(self, shapes: Sequence[tuple[frozenset[str], frozenset[str] | None]]) -> None:
        self._shapes = tuple(shapes)

    def choose(self, value: dict[str, Any]) -> int:
        keys = value.keys()
        fits = [
            place
            for place, (required, declared) in enumerate(self._shapes)
            if keys >= required and (declared is None or keys <= declared)
        ]
        if len(fits) != 1:
            raise Refused
        return fits[0]


def _number_expression(value: str, otherwise: str) -> str:
    return f"(ZIGZAG[{value}] if -{SMALL} <= {value} < {SMALL} else {otherwise}({value}))"


def _merged(pieces: Sequence[str]) -> list[str]:
    """Write neighbouring literals as one."""
    merged: list[str] = []
    for piece in pieces:
        if merged and _is_literal(piece) and _is_literal(merged[-1]):
            merged[-1] = f"{merged[-1]} {piece}"
        else:
            merged.append(piece)
    return merged


def _is_literal(piece: str) -> bool:
    return piece.startswith(("b'", 'b"'))


def _joined(pieces: Sequence[str]) -> str:
    merged = _merged(pieces)
    if not merged:
        return "b''"
    if len(merged) <= 2 and not any(piece.startswith("*") for piece in merged):
        return " + ".join(merged)
    return f"b''.join(({', '.join(merged)},))"
