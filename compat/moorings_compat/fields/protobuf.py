"""The fields of Protobuf events, and a Protobuf schema reduced to some of them."""

import hashlib
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from google.protobuf.descriptor_pb2 import (
    DescriptorProto,
    EnumDescriptorProto,
    FieldDescriptorProto,
    FileDescriptorProto,
)
from google.protobuf.message import Message

from moorings_compat.fields.paths import ANY, Path
from moorings_compat.fields.tree import FieldTree, Holder
from moorings_compat.protobuf.compiled import Compiled, compiled, message_of_event
from moorings_compat.protobuf.field_tags import option_tags
from moorings_compat.protobuf.reflection import is_map
from moorings_compat.schema import Format, Schema

_NO_TAGS: frozenset[str] = frozenset()
_PLAIN = frozenset(
    f"google.protobuf.{one}"
    for one in (
        *("Timestamp", "Duration", "Struct", "ListValue", "Value", "Any", "FieldMask"),
        *(f"{kind}Value" for kind in ("Double", "Float", "Int64", "UInt64", "Int32", "UInt32", "Bool", "String")),
        "BytesValue",
    )
)
"""Messages that are one value in an event."""


@dataclass(frozen=True, slots=True)
class ProtobufFields:
    """A place in Protobuf events: a message, a field of one, an item or the value of a map's entry."""

    descriptor: Any
    """Of the message here; None for a scalar, an enum, and a file that holds no message."""
    field: Any = None
    """The runtime's descriptor of the field; None for the event itself."""
    element: bool = False
    """Whether this is one item, or one value of a map."""

    @property
    def key(self) -> Hashable:
        if self._holds_many:
            return f"{self.field.full_name} *"
        if self.descriptor is None and self.field is None:
            return ""
        return self.descriptor.full_name if self.descriptor is not None else f"{self.field.full_name} value"

    @property
    def holder(self) -> Holder:
        if self._holds_many:
            return Holder.VALUES if is_map(self.field) else Holder.ITEMS
        return Holder.FIELDS if self.descriptor is not None else Holder.NOTHING

    @property
    def symbols(self) -> tuple[str, ...]:
        enum = self.field.enum_type if self.field is not None else None
        return tuple(one.name for one in enum.values) if enum is not None and not self._holds_many else ()

    @property
    def tags(self) -> frozenset[str]:
        return _NO_TAGS if self.field is None or self.element else option_tags(self.field)

    @property
    def full_name(self) -> str:
        return "" if self.field is None or self.element else str(self.field.full_name)

    @property
    def pointer(self) -> str:
        if not self.full_name:
            return ""
        package = self.field.file.package
        return "/" + self.full_name.removeprefix(f"{package}." if package else "").replace(".", "/")

    @property
    def _holds_many(self) -> bool:
        return self.field is not None and not self.element and bool(self.field.is_repeated)

    def children(self) -> Mapping[str, FieldTree]:
        if self._holds_many:
            below = self.field.message_type.fields_by_name["value"] if is_map(self.field) else self.field
            return {ANY: ProtobufFields(_message(below), below, element=True)}
        if self.descriptor is None:
            return {}
        return {
            one.name: ProtobufFields(None if one.is_repeated else _message(one), one) for one in self.descriptor.fields
        }


def _message(field: Any) -> Any:
    message = field.message_type
    return None if message is None or message.full_name in _PLAIN else message


def field_tree(schema: Schema, event: str) -> FieldTree:
    """Return the fields of the message that is named like the event, else of the first in the file, as clients do."""
    if not compiled(schema).file.message_type:
        return ProtobufFields(None)
    return ProtobufFields(compiled(schema).descriptor(message_of_event(schema, event)))


def project(schema: Schema, paths: Iterable[Path], event: str) -> Schema:
    """Reduce *schema* to the fields at *paths* and all below them, with the members of the oneofs that they are in.

    A message that is used in several places keeps what is read of it in any of them. Imported files stay whole.
    """
    model = compiled(schema)
    kept = _Kept(model)
    root = message_of_event(schema, event)
    kept.visit(root, frozenset(paths))
    file = FileDescriptorProto()
    file.CopyFrom(model.file)
    for name in ("service", "extension", "source_code_info"):
        file.ClearField(name)
    prefix = f"{file.package}." if file.package else ""
    _strip_options(file, "features")
    needed = kept.needed()
    _reduce(file.message_type, prefix, kept.fields, needed)
    _only(file.enum_type, prefix, needed)
    file.name = "projection.proto"
    own = file.SerializeToString(deterministic=True)
    text = own + b"".join(model.dependencies)
    digest = hashlib.sha256(text).hexdigest()
    return Schema(Format.PROTOBUF, "", f"projection {digest}", digest, (), _of_event(own, model.dependencies, root))


def _of_event(own: bytes, dependencies: tuple[bytes, ...], root: str) -> Compiled:
    """Make a model in which the event alone is a payload, so that a comparison shows what it finds by events."""
    model = Compiled(own, dependencies)
    types = model.types
    messages = {full: replace(one, own=full == root) for full, one in types.messages.items()}
    model.types = replace(types, messages=messages)
    return model


class _Kept:
    """The fields that are kept of each message; None for all of them."""

    def __init__(self, model: Compiled) -> None:
        self._model = model
        self.fields: dict[str, set[str] | None] = {}

    def visit(self, full: str, rest: frozenset[Path]) -> None:
        if () in rest:
            self._whole(full)
            return
        kept = self.fields.setdefault(full, set())
        for field in self._model.descriptor(full).fields:
            below = frozenset(path[1:] for path in rest if path[0] == field.name)
            if not below:
                continue
            self._keep(kept, field)
            if field.message_type is not None:
                self._visit_field(field, below)

    def needed(self) -> set[str]:
        """Return the messages and enums that kept fields lead to, and the messages around them."""
        found: set[str] = set()
        for full, kept in self.fields.items():
            found.add(full)
            for field in self._model.descriptor(full).fields:
                if kept is None or field.name in kept:
                    type = field.message_type or field.enum_type
                    found |= {type.full_name} if type is not None else set()
        package = self._model.file.package
        for one in tuple(found):
            around = one.rpartition(".")[0]
            while around and around != package:
                found.add(around)
                around = around.rpartition(".")[0]
        return found

    def _keep(self, kept: set[str] | None, field: Any) -> None:
        members = [field]
        if field.containing_oneof is not None:
            members = list(field.containing_oneof.fields)
        for one in members:
            if kept is not None:
                kept.add(one.name)
            if one is not field and one.message_type is not None:
                self._whole(one.message_type.full_name)

    def _visit_field(self, field: Any, below: frozenset[Path]) -> None:
        if is_map(field):
            self.fields[field.message_type.full_name] = None
            value = field.message_type.fields_by_name["value"].message_type
            if value is not None:
                self.visit(value.full_name, _inside(below))
        else:
            self.visit(field.message_type.full_name, _inside(below) if field.is_repeated else below)

    def _whole(self, full: str) -> None:
        waiting = [full]
        while waiting:
            name = waiting.pop()
            if self.fields.get(name, set()) is None:
                continue
            self.fields[name] = None
            fields = self._model.descriptor(name).fields
            waiting.extend(one.message_type.full_name for one in fields if one.message_type is not None)


def _inside(rest: frozenset[Path]) -> frozenset[Path]:
    """The paths below an item or a value; whoever reads the collection itself reads all of it."""
    return frozenset(path[1:] if path else () for path in rest)


def _reduce(messages: Any, prefix: str, fields: Mapping[str, set[str] | None], needed: set[str]) -> None:
    _only(messages, prefix, needed)
    for message in messages:
        full = prefix + message.name
        kept = fields.get(full, set())
        for name in ("extension", "reserved_range", "reserved_name"):
            message.ClearField(name)
        _strip_options(message, "message_set_wire_format", "map_entry", "features")
        left = [one for one in message.field if kept is None or one.name in kept]
        _keep_fields(message, sorted(left, key=lambda one: one.number))
        _reduce(message.nested_type, f"{full}.", fields, needed)
        _only(message.enum_type, f"{full}.", needed)


def _keep_fields(message: DescriptorProto, left: list[FieldDescriptorProto]) -> None:
    """Leave *left* alone in *message*, with the oneofs that they are in."""
    used = sorted({one.oneof_index for one in left if one.HasField("oneof_index")})
    oneofs = [message.oneof_decl[index] for index in used]
    plain = [_plain(one, used) for one in left]
    message.ClearField("field")
    message.field.extend(plain)
    kept = [type(one).FromString(one.SerializeToString()) for one in oneofs]
    message.ClearField("oneof_decl")
    message.oneof_decl.extend(kept)


def _plain(field: FieldDescriptorProto, oneofs: list[int]) -> FieldDescriptorProto:
    """Copy a field without the options that no payload shows."""
    copied = FieldDescriptorProto()
    copied.CopyFrom(field)
    if field.HasField("oneof_index"):
        copied.oneof_index = oneofs.index(field.oneof_index)
    _strip_options(copied, "packed", "features")
    return copied


def _strip_options(element: Any, *kept: str) -> None:
    """Remove every option of *element* but those named, and those that a program of its own defines."""
    if not element.HasField("options"):
        return
    options = type(element.options)()
    for name in kept:
        if element.options.HasField(name):
            value = getattr(element.options, name)
            if isinstance(value, Message):
                getattr(options, name).CopyFrom(value)
            else:
                setattr(options, name, value)
    element.ClearField("options")
    if options.ByteSize():
        element.options.CopyFrom(options)


def _only(types: Any, prefix: str, needed: set[str]) -> None:
    left = [type(one).FromString(one.SerializeToString()) for one in types if prefix + one.name in needed]
    for one in left:
        if isinstance(one, EnumDescriptorProto):
            _plain_enum(one)
    del types[:]
    types.extend(left)


def _plain_enum(enum: EnumDescriptorProto) -> None:
    for name in ("reserved_range", "reserved_name"):
        enum.ClearField(name)
    _strip_options(enum, "allow_alias", "features")
    for one in enum.value:
        one.ClearField("options")
