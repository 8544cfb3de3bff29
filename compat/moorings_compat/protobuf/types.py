"""Messages, enums and fields as the rules see them: names in full, features computed, order of declaration kept.

An extension is a field of the message that it extends, under its full name in brackets, as ProtoJSON writes it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple

from google.protobuf import text_encoding
from google.protobuf.descriptor_pb2 import (
    DescriptorProto,
    EnumDescriptorProto,
    FieldDescriptorProto,
    FileDescriptorProto,
)

from moorings_compat.protobuf.features import Features, Presence, field_features, file_features
from moorings_compat.protobuf.names import default_json_name

Default = bool | int | float | str | bytes

COMPOSITE = "message"
ENUM = "enum"

_TYPE_NAMES = {number: name.removeprefix("TYPE_").lower() for name, number in FieldDescriptorProto.Type.items()}
_TYPE_NAMES[FieldDescriptorProto.TYPE_GROUP] = COMPOSITE
_FLOATS = ("float", "double")


class Field(NamedTuple):
    """One field. A tuple, because fields are compared by the thousand and most of them are equal."""

    name: str
    number: int
    json_name: str
    type_name: str
    """The full name of the enum or message; empty for a scalar."""
    oneof: str
    """The oneof it belongs to; empty for none. The hidden oneof of a proto3 ``optional`` does not count."""
    type: str
    """A scalar's keyword (``int32``), ``enum`` or ``message``; a map is a repeated ``message``."""
    repeated: bool
    is_map: bool
    presence: Presence
    """Of a singular field; EXPLICIT for a repeated one, where it means nothing."""
    packed: bool
    delimited: bool
    utf8_checked: bool
    default: Default | None
    """What reading it answers while it is not set; None for messages and repeated fields. An enum's is its number."""

    @property
    def travel(self) -> tuple[object, ...]:
        """Everything that shows in bytes or in a value read from them; names do not, and numbers are compared apart."""
        return self[5:]


@dataclass(frozen=True, slots=True)
class Message:
    """One message; a map's entry is one too."""

    full_name: str
    path: str
    """Where it is declared, as a JSON Pointer of names: ``/Order/Line``."""
    own: bool
    """Declared in the schema's own file, not in something it imports."""
    top: bool
    """Not nested in another message."""
    map_entry: bool
    message_set: bool
    fields: tuple[Field, ...]
    """In the order of their numbers, extensions included."""
    by_number: Mapping[int, Field]
    by_name: Mapping[str, Field]
    numbers: Mapping[str, int]
    """The number of each field by its name."""
    typed: tuple[Field, ...]
    """The fields whose type is an enum or a message."""
    required: tuple[Field, ...]
    oneofs: Mapping[str, tuple[Field, ...]]
    reserved: tuple[tuple[int, int], ...]
    """Half-open ranges of numbers."""
    reserved_names: frozenset[str]

    def reserves(self, number: int) -> bool:
        """Say whether *number* is in a reserved range."""
        return any(start <= number < end for start, end in self.reserved)

    def alike(self, other: "Message") -> bool:
        """Say whether the fields of both are the same; what their types declare is another question."""
        return self.fields == other.fields and self.message_set == other.message_set


@dataclass(frozen=True, slots=True)
class EnumType:
    """One enum; `symbols` in the order of declaration."""

    full_name: str
    path: str
    own: bool
    closed: bool
    symbols: tuple[tuple[str, int], ...]
    numbers: frozenset[int]
    by_name: Mapping[str, int]
    reserved: tuple[tuple[int, int], ...]
    """Half-open ranges of numbers."""
    reserved_names: frozenset[str]

    def reserves(self, number: int) -> bool:
        """Say whether *number* is in a reserved range."""
        return any(start <= number < end for start, end in self.reserved)

    def name_of(self, number: int) -> str:
        """Return the first symbol of *number*, or the number itself where it has none."""
        return next((name for name, one in self.symbols if one == number), str(number))


@dataclass(frozen=True, slots=True)
class TypeTable:
    """Everything declared in a schema and in what it imports, by full name."""

    package: str
    messages: Mapping[str, Message]
    enums: Mapping[str, EnumType]
    _inhabited: dict[str, bool] = field(default_factory=dict, compare=False)

    def message(self, one: Field) -> Message:
        """Return the message that is the type of field *one*."""
        return self.messages[one.type_name]

    def enum(self, one: Field) -> EnumType:
        """Return the enum that is the type of field *one*."""
        return self.enums[one.type_name]

    def holders(self) -> dict[str, set[str]]:
        """Return, for the full name of each message, those of the messages that have a field of its type."""
        holders: dict[str, set[str]] = {name: set() for name in self.messages}
        for message in self.messages.values():
            for one in message.fields:
                if one.type == COMPOSITE:
                    holders[one.type_name].add(message.full_name)
        return holders

    def inhabited(self, full_name: str) -> bool:
        """Say whether a finite message of this type exists: one that requires itself does not."""
        if not self._inhabited:
            self._inhabited.update(_habitation(self.messages))
        return self._inhabited[full_name]


def read_types(own: FileDescriptorProto, needed: Sequence[FileDescriptorProto]) -> TypeTable:
    """Read the types of a file and of everything it imports."""
    reading = _TableBuilder()
    for file in (*needed, own):
        scope = _Scope(file.package, "", file_features(file), own=file is own)
        reading.scope(file.message_type, file.enum_type, file.extension, scope)
    return reading.types(own.package)


def counterpart_name(full_name: str, from_types: TypeTable, to_types: TypeTable) -> str:
    """Return the full name that a type of one schema's package would have in the other's."""
    if from_types.package == to_types.package:
        return full_name
    own = not from_types.package or full_name.startswith(f"{from_types.package}.")
    relative = full_name.removeprefix(f"{from_types.package}.") if from_types.package else full_name
    return ".".join(filter(None, (to_types.package, relative))) if own else full_name


@dataclass(frozen=True, slots=True)
class _Scope:
    """Where a declaration is: a file or a message."""

    name: str
    path: str
    features: Features
    own: bool

    def full_name(self, name: str) -> str:
        return f"{self.name}.{name}" if self.name else name


class _TableBuilder:
    """Two passes: names and enums of every file first, since fields may refer to any of them."""

    def __init__(self) -> None:
        self._enums: dict[str, EnumType] = {}
        self._messages: dict[str, tuple[DescriptorProto, _Scope]] = {}
        self._extensions: dict[str, list[tuple[FieldDescriptorProto, _Scope]]] = {}

    def scope(
        self,
        messages: Iterable[DescriptorProto],
        enums: Iterable[EnumDescriptorProto],
        extensions: Iterable[FieldDescriptorProto],
        scope: _Scope,
    ) -> None:
        for enum in enums:
            self._enums[scope.full_name(enum.name)] = _enum(enum, scope)
        for extension in extensions:
            self._extensions.setdefault(extension.extendee.removeprefix("."), []).append((extension, scope))
        for message in messages:
            self._messages[scope.full_name(message.name)] = (message, scope)
            features = scope.features.overridden(message.options.features)
            inside = _Scope(scope.full_name(message.name), f"{scope.path}/{message.name}", features, scope.own)
            self.scope(message.nested_type, message.enum_type, message.extension, inside)

    def types(self, package: str) -> TypeTable:
        messages = {name: self._message(name, raw, scope) for name, (raw, scope) in self._messages.items()}
        return TypeTable(package, messages, self._enums)

    def _message(self, full_name: str, raw: DescriptorProto, scope: _Scope) -> Message:
        features = scope.features.overridden(raw.options.features)
        in_oneofs = [features.overridden(oneof.options.features) for oneof in raw.oneof_decl]
        fields = [
            self._field(one, in_oneofs[one.oneof_index] if one.HasField("oneof_index") else features, raw)
            for one in raw.field
        ]
        for extension, outside in self._extensions.get(full_name, ()):
            name = f"[{outside.full_name(extension.name)}]"
            fields.append(self._field(extension, outside.features, raw)._replace(name=name, json_name=name))
        fields.sort(key=_by_number)
        oneofs: dict[str, list[Field]] = {}
        for one in fields:
            if one.oneof:
                oneofs.setdefault(one.oneof, []).append(one)
        return Message(
            full_name,
            f"{scope.path}/{raw.name}",
            scope.own,
            not scope.path,
            raw.options.map_entry,
            raw.options.message_set_wire_format,
            tuple(fields),
            {one.number: one for one in fields},
            {one.name: one for one in fields},
            {one.name: one.number for one in fields},
            tuple(one for one in fields if one.type_name),
            tuple(one for one in fields if one.presence is Presence.REQUIRED),
            {name: tuple(members) for name, members in oneofs.items()},
            tuple((one.start, one.end) for one in raw.reserved_range),
            frozenset(raw.reserved_name),
        )

    def _field(self, raw: FieldDescriptorProto, around: Features, parent: DescriptorProto) -> Field:
        presence, packed, utf8_checked, delimited = field_features(raw, around)
        type_name = raw.type_name.removeprefix(".")
        repeated = raw.label == FieldDescriptorProto.LABEL_REPEATED
        kind = _TYPE_NAMES[raw.type]
        is_map = repeated and kind == COMPOSITE and self._messages[type_name][0].options.map_entry
        real_oneof = raw.HasField("oneof_index") and not raw.proto3_optional
        return _shared(
            Field(
                raw.name,
                raw.number,
                raw.json_name or default_json_name(raw.name),
                type_name,
                parent.oneof_decl[raw.oneof_index].name if real_oneof else "",
                kind,
                repeated,
                is_map,
                Presence.EXPLICIT if repeated else presence,
                packed and repeated and kind not in ("string", "bytes", COMPOSITE),
                delimited and kind == COMPOSITE and not is_map and not parent.options.map_entry,
                utf8_checked and kind == "string",
                None if repeated else self._default(raw, kind, type_name),
            )
        )

    def _default(self, raw: FieldDescriptorProto, kind: str, type_name: str) -> Default | None:
        if kind == COMPOSITE:
            return None
        given = raw.default_value
        if kind == ENUM:
            enum = self._enums[type_name]
            return enum.by_name.get(given, enum.symbols[0][1])
        if kind == "bytes":
            return bytes(text_encoding.CUnescape(given))
        if kind == "bool":
            return given == "true"
        if kind in _FLOATS:
            return float(given or 0)
        return given if kind == "string" else int(given or 0)


def _enum(raw: EnumDescriptorProto, scope: _Scope) -> EnumType:
    symbols = tuple((value.name, value.number) for value in raw.value)
    return EnumType(
        scope.full_name(raw.name),
        f"{scope.path}/{raw.name}",
        scope.own,
        scope.features.overridden(raw.options.features).closed_enums,
        symbols,
        frozenset(number for _, number in symbols),
        dict(symbols),
        tuple((one.start, one.end + 1) for one in raw.reserved_range),
        frozenset(raw.reserved_name),
    )


@lru_cache(maxsize=32_768)
def _shared(field: Field) -> Field:
    """Return the one field that all equal ones are: versions of a schema share most, which makes comparing cheap."""
    return field


def _by_number(one: Field) -> int:
    return one.number


def _habitation(messages: Mapping[str, Message]) -> dict[str, bool]:
    """Find which messages have a finite value: the least fixpoint over required fields of message type.

    A map's entry needs its value: one that is left out is read as the empty message, which has to be complete as well.
    """
    needs = {
        name: {
            one.type_name
            for one in message.fields
            if one.type == COMPOSITE and (one.presence is Presence.REQUIRED or message.map_entry)
        }
        for name, message in messages.items()
    }
    users: dict[str, list[str]] = {}
    for name, needed in needs.items():
        for one in needed:
            users.setdefault(one, []).append(name)
    inhabited = dict.fromkeys(messages, False)
    ready = [name for name, needed in needs.items() if not needed]
    while ready:
        name = ready.pop()
        inhabited[name] = True
        for user in users.get(name, ()):
            needs[user].discard(name)
            if not needs[user]:
                ready.append(user)
    return inhabited
