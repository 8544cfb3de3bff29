"""Random `.proto` files, edits of them, and messages that are likely to be misread.

Everything is drawn from a `random.Random` with a seed, so that a pair is named by a number and found again. Names,
numbers and types come from small pools: two schemas should use the same names often enough to interact.
"""

import random
from copy import deepcopy
from dataclasses import dataclass, field, replace

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message

from moorings_compat.protobuf.reflection import content, handle

INTEGERS = ["int32", "int64", "uint32", "uint64", "sint32", "sint64", "bool"]
SCALARS = [*INTEGERS, "fixed32", "fixed64", "sfixed32", "sfixed64", "float", "double", "string", "bytes"]
KEYS = ["int32", "int64", "uint32", "uint64", "sint32", "bool", "fixed32", "sfixed64", "string"]
NAMES = ["a", "b", "c", "d", "key", "value", "order_id"]
SYMBOLS = ["ZERO", "ONE", "TWO", "THREE"]
MESSAGES = ["Event", "Part", "Piece", "Other"]
SYNTAXES = ["proto2", "proto3", "2023", "2024"]


@dataclass
class FieldIn:
    """A field; `type` is a scalar, the name of an enum or message, or (key type, value type) for a map."""

    name: str
    number: int
    type: str | tuple[str, str]
    label: str = ""
    """One of ``""``, ``optional``, ``required``, ``repeated``."""
    oneof: str = ""
    options: dict[str, str] = field(default_factory=dict)


@dataclass
class MessageIn:
    name: str
    fields: list[FieldIn]


@dataclass
class EnumIn:
    name: str
    symbols: dict[str, int]
    closed: bool = False
    """Only an edition can choose."""


@dataclass
class FileIn:
    syntax: str
    messages: list[MessageIn]
    enums: list[EnumIn]
    extensions: list[FieldIn] = field(default_factory=list)
    """Fields that extend the first message; proto3 has none."""

    def text(self) -> str:
        head = f'edition = "{self.syntax}";' if self.syntax.startswith("2") else f'syntax = "{self.syntax}";'
        parts = [head, "package w;", *map(self._enum, self.enums), *map(self._message, self.messages)]
        if self.extensions and self.syntax != "proto3":
            lines = [f"  {self._field(one)}" for one in self.extensions]
            parts.append("\n".join([f"extend {self.messages[0].name} {{", *lines, "}"]))
        return "\n".join(parts) + "\n"

    def _enum(self, enum: EnumIn) -> str:
        alias = len(set(enum.symbols.values())) < len(enum.symbols)
        lines = ["  option allow_alias = true;"] * alias
        lines += ["  option features.enum_type = CLOSED;"] * (enum.closed and self.syntax.startswith("2"))
        lines += [f"  {enum.name.upper()}_{name} = {number};" for name, number in enum.symbols.items()]
        return "\n".join([f"enum {enum.name} {{", *lines, "}"])

    def _message(self, message: MessageIn) -> str:
        lines: list[str] = []
        if message is self.messages[0] and self.extensions and self.syntax != "proto3":
            lines.append("  extensions 20 to 29;")
        for one in message.fields:
            if not one.oneof:
                lines.append("  " + self._field(one))
        for oneof in sorted({one.oneof for one in message.fields if one.oneof}):
            members = [self._field(replace(one, label="")) for one in message.fields if one.oneof == oneof]
            lines += [f"  oneof {oneof} {{", *(f"    {member}" for member in members), "  }"]
        return "\n".join([f"message {message.name} {{", *lines, "}"])

    def _field(self, one: FieldIn) -> str:
        options = dict(one.options)
        if isinstance(one.type, tuple):
            return f"map<{one.type[0]}, {one.type[1]}> {one.name} = {one.number};"
        composite = one.type.removeprefix("New") in MESSAGES
        label = one.label
        if self.syntax == "proto2":
            label = label or ("" if one.oneof else "optional")
        elif self.syntax == "proto3":
            label = "optional" if label == "required" else label
            options.pop("default", None)
        else:
            presence = {"required": "LEGACY_REQUIRED", "": "IMPLICIT"}.get(label)
            if presence and not one.oneof and not (composite and presence == "IMPLICIT"):
                options["features.field_presence"] = presence
                if presence == "IMPLICIT":
                    options.pop("default", None)
            label = "repeated" if label == "repeated" else ""
        if one.label == "repeated" or composite:
            options.pop("default", None)
        if one.oneof and self.syntax == "proto2":
            label = ""
        if not (composite and self.syntax.startswith("2")):
            options.pop("features.message_encoding", None)
        if not (one.type == "string" and self.syntax.startswith("2")):
            options.pop("features.utf8_validation", None)
        shown = ", ".join(f"{name} = {value}" for name, value in options.items())
        return f"{label + ' ' if label else ''}{one.type} {one.name} = {one.number}{f' [{shown}]' if shown else ''};"


class World:
    """Draws files and edits."""

    def __init__(self, seed: int) -> None:
        self.rng = random.Random(seed)

    def file(self) -> FileIn:
        rng = self.rng
        syntax = rng.choice(SYNTAXES)
        enums = [self._enum(name) for name in ("Kind", "Mood")[: rng.randint(0, 2)]]
        names = MESSAGES[: rng.randint(1, 3)]
        types = [*names, *(enum.name for enum in enums)]
        messages = [MessageIn(name, self._fields(types)) for name in names]
        return FileIn(syntax, messages, enums, [self._extension(types)] if rng.random() < 0.2 else [])

    def _enum(self, name: str) -> EnumIn:
        rng = self.rng
        symbols = {"ZERO": 0}
        for symbol in rng.sample(SYMBOLS[1:], rng.randint(0, 3)):
            symbols[symbol] = rng.choice([1, 2, 3, -1])
        return EnumIn(name, symbols, rng.random() < 0.5)

    def _fields(self, types: list[str]) -> list[FieldIn]:
        rng = self.rng
        count = rng.randint(0, 4)
        names, numbers = rng.sample(NAMES, count), rng.sample(range(1, 7), count)
        return [self._field(name, number, types) for name, number in zip(names, numbers, strict=True)]

    def _field(self, name: str, number: int, types: list[str]) -> FieldIn:
        rng = self.rng
        one = FieldIn(name, number, self._type(types))
        if isinstance(one.type, tuple):
            return one
        if rng.random() < 0.2:
            one.oneof = rng.choice(["first", "second"])
            return one
        one.label = rng.choice(["", "", "optional", "repeated", "required"])
        if rng.random() < 0.1 and one.type in DEFAULTS:
            one.options["default"] = DEFAULTS[str(one.type)]
        if rng.random() < 0.1:
            one.options["features.message_encoding"] = "DELIMITED"
        if rng.random() < 0.1:
            one.options["features.utf8_validation"] = "NONE"
        return one

    def _extension(self, types: list[str]) -> FieldIn:
        rng = self.rng
        return FieldIn(
            rng.choice(["x", "y"]),
            rng.choice([20, 21]),
            rng.choice([*SCALARS, *types]),
            rng.choice(["optional", "repeated"]),
        )

    def _type(self, types: list[str]) -> str | tuple[str, str]:
        rng = self.rng
        roll = rng.random()
        if roll < 0.12:
            return rng.choice(KEYS), rng.choice([*SCALARS, *types])
        return rng.choice(types) if roll < 0.4 else rng.choice(SCALARS)

    def edited(self, file: FileIn) -> FileIn:
        """Return *file* with one to three edits; the result may be an invalid file."""
        new = deepcopy(file)
        for _ in range(self.rng.randint(1, 3)):
            self._edit(new)
        return new

    def _edit(self, file: FileIn) -> None:  # noqa: C901  # one arm for each kind of edit
        rng = self.rng
        types = [*(one.name for one in file.messages), *(one.name for one in file.enums)]
        message = rng.choice(file.messages)
        if file.extensions and rng.random() < 0.3:
            file.extensions[:] = [self._extension(types)] * rng.randint(0, 1)
            return
        if file.enums and rng.random() < 0.25:
            self._edit_enum(rng.choice(file.enums))
            return
        if not message.fields or rng.random() < 0.1:
            message.fields.append(self._field(rng.choice(NAMES), rng.randint(1, 8), types))
            return
        one = rng.choice(message.fields)
        match rng.randint(0, 11):
            case 0:
                message.fields.remove(one)
            case 1 | 2 | 3:
                one.type = self._near(one.type, types)
            case 4:
                one.label = rng.choice(["", "optional", "repeated", "required"])
            case 5:
                one.name = rng.choice(NAMES)
            case 6:
                one.number = rng.randint(1, 8)
            case 7:
                one.oneof = "" if one.oneof else rng.choice(["first", "second"])
                one.label = ""
            case 8:
                other = rng.choice(message.fields)
                one.number, other.number = other.number, one.number
            case 9:
                file.syntax = rng.choice(SYNTAXES)
            case 10:
                for name, value in (("features.message_encoding", "DELIMITED"), ("features.utf8_validation", "NONE")):
                    one.options[name] = value
            case 11 if one.type in DEFAULTS:
                one.options["default"] = DEFAULTS[str(one.type)]

    def _near(self, kind: str | tuple[str, str], types: list[str]) -> str | tuple[str, str]:
        """Choose a type that is often taken for *kind*."""
        rng = self.rng
        if isinstance(kind, tuple):
            return kind[0], str(self._near(kind[1], types)) if rng.random() < 0.8 else rng.choice(SCALARS)
        for family in (
            INTEGERS,
            ["string", "bytes"],
            ["fixed32", "sfixed32", "float"],
            ["fixed64", "sfixed64", "double"],
        ):
            if kind in family and rng.random() < 0.8:
                return rng.choice([*family, *types] if family is INTEGERS else family)
        if kind in types and rng.random() < 0.7:
            return rng.choice([*types, "int32"])
        return rng.choice([*SCALARS, *types])

    def _edit_enum(self, enum: EnumIn) -> None:
        rng = self.rng
        symbol = rng.choice(list(enum.symbols))
        match rng.randint(0, 3):
            case 0 if symbol != "ZERO":
                del enum.symbols[symbol]
            case 1 if symbol != "ZERO":
                enum.symbols[symbol] = rng.choice([1, 2, 3, -1])
            case 2:
                enum.symbols[rng.choice(SYMBOLS[1:])] = rng.choice([1, 2, 3, -1])
            case 3:
                enum.closed = not enum.closed


DEFAULTS = {
    "int32": "5",
    "int64": "-1",
    "uint32": "7",
    "bool": "true",
    "string": '"x"',
    "bytes": '"y"',
    "double": "1.5",
}

_TELLING: dict[int, list[object]] = {
    FieldDescriptor.CPPTYPE_INT32: [0, 1, 2, -1, 3, 2**31 - 1, -(2**31)],
    FieldDescriptor.CPPTYPE_INT64: [0, 1, 2, -1, 2**31, 2**32, 2**63 - 1, -(2**63)],
    FieldDescriptor.CPPTYPE_UINT32: [0, 1, 2, 2**31, 2**32 - 1],
    FieldDescriptor.CPPTYPE_UINT64: [0, 1, 2, 2**31, 2**32, 2**63, 2**64 - 1],
    FieldDescriptor.CPPTYPE_BOOL: [False, True],
    FieldDescriptor.CPPTYPE_FLOAT: [0.0, 1.0, -1.5, float("inf"), 16777216.0],
    FieldDescriptor.CPPTYPE_DOUBLE: [0.0, 1.0, -1.5, 1e300, 0.1],
    FieldDescriptor.CPPTYPE_STRING: ["", "a", "b", "é"],
}
_BYTES = [b"", b"a", b"\xff", b"\x08\x01"]


def fill(message: Message, rng: random.Random, depth: int = 0) -> bool:
    """Fill *message* at random; False where it could not be completed within a few levels."""
    for one in message.DESCRIPTOR.fields:
        if not one.is_required and (depth > 2 or rng.random() < 0.45):
            continue
        if depth > 6 or not _fill_field(message, one, rng, depth):
            return False
    pool = message.DESCRIPTOR.file.pool
    return all(
        _fill_field(message, one, rng, depth)
        for one in pool.FindAllExtensions(message.DESCRIPTOR)
        if depth <= 2 and rng.random() < 0.5
    )


def _fill_field(message: Message, one: FieldDescriptor, rng: random.Random, depth: int) -> bool:
    composite = one.message_type is not None
    if composite and one.message_type.GetOptions().map_entry:
        return _fill_map(message, one, rng, depth)
    if one.is_repeated:
        values = content(message, one)
        if composite:
            return all(fill(values.add(), rng, depth + 1) for _ in range(rng.randint(0, 2)))
        values.extend(_value(one, rng) for _ in range(rng.randint(0, 3)))
    elif composite:
        content(message, one).SetInParent()
        return fill(content(message, one), rng, depth + 1)
    elif one.is_extension:
        message.Extensions[handle(message, one)] = _value(one, rng)
    else:
        setattr(message, one.name, _value(one, rng))
    return True


def _fill_map(message: Message, one: FieldDescriptor, rng: random.Random, depth: int) -> bool:
    key, value = one.message_type.fields_by_number[1], one.message_type.fields_by_number[2]
    entries = getattr(message, one.name)
    for _ in range(rng.randint(0, 2)):
        if value.message_type is None:
            entries[_value(key, rng)] = _value(value, rng)
        elif not fill(entries[_value(key, rng)], rng, depth + 1):
            return False
    return True


def _value(one: FieldDescriptor, rng: random.Random) -> object:
    if one.enum_type is not None:
        undeclared = [] if one.enum_type.is_closed else [99, -7]
        return rng.choice([*(value.number for value in one.enum_type.values), *undeclared])
    if one.type == FieldDescriptor.TYPE_BYTES:
        return rng.choice(_BYTES)
    return rng.choice(_TELLING[one.cpp_type])
