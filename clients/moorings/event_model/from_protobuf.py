"""The shapes of a Protobuf contract: what its codec takes and gives for each message."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.descriptor_pb2 import FileDescriptorProto, FileDescriptorSet

from moorings.codecs.protobuf.codec import main_message
from moorings.codecs.protobuf.well_known import WRAPPERS
from moorings.event_model import model
from moorings.event_model.model import (
    Choice,
    Entries,
    Field,
    Items,
    Named,
    Record,
    Shape,
    Shapes,
    Simple,
    Use,
    union_of,
)
from moorings.event_model.reading import event_name
from moorings_compat import Schema
from moorings_compat.protobuf import descriptor_set, message_class
from moorings_compat.protobuf.compiler import compile_text

_SCALARS = {
    FieldDescriptor.CPPTYPE_INT32: (model.INT, 0),
    FieldDescriptor.CPPTYPE_INT64: (model.INT, 0),
    FieldDescriptor.CPPTYPE_UINT32: (model.INT, 0),
    FieldDescriptor.CPPTYPE_UINT64: (model.INT, 0),
    FieldDescriptor.CPPTYPE_DOUBLE: (model.FLOAT, 0.0),
    FieldDescriptor.CPPTYPE_FLOAT: (model.FLOAT, 0.0),
    FieldDescriptor.CPPTYPE_BOOL: (model.BOOL, False),
    FieldDescriptor.CPPTYPE_STRING: (model.STR, ""),
}
_BOUNDS = {
    FieldDescriptor.CPPTYPE_INT32: (-(2**31), 2**31 - 1),
    FieldDescriptor.CPPTYPE_INT64: (-(2**63), 2**63 - 1),
    FieldDescriptor.CPPTYPE_UINT32: (0, 2**32 - 1),
    FieldDescriptor.CPPTYPE_UINT64: (0, 2**64 - 1),
}
_JSON = Simple(model.ANY, "google.protobuf.Value", why="any JSON value")
_STRUCT = Entries(Simple(model.STR, "string"), _JSON)
_WELL_KNOWN: dict[str, Shape] = {
    "google.protobuf.Timestamp": Simple(model.AWARE, "google.protobuf.Timestamp"),
    "google.protobuf.Duration": Simple(model.TIMEDELTA, "google.protobuf.Duration"),
    "google.protobuf.Struct": _STRUCT,
    "google.protobuf.ListValue": Items(_JSON),
    "google.protobuf.Value": _JSON,
}


def read(schema: Schema, subject: str) -> Shapes:
    """Read the shapes of a Protobuf contract; types are called by their full names."""
    descriptor: Any = message_class(schema, main_message(schema, event_name(subject))).DESCRIPTOR
    reading = _Reading(_comments(schema))
    root = reading.message(descriptor)
    return Shapes(root, reading.named)


class _Reading:
    def __init__(self, comments: Mapping[str, str]) -> None:
        self.comments = comments
        self.named: dict[str, Named] = {}

    def message(self, descriptor: Any) -> Shape:
        name = descriptor.full_name
        if name in _WELL_KNOWN:
            return _WELL_KNOWN[name]
        if name in WRAPPERS:
            return self._value(descriptor.fields_by_name["value"])
        if name not in self.named:
            self.named[name] = Record(name, ())  # stands there while its fields lead back to it
            fields = tuple(self._field(one) for one in descriptor.fields)
            self.named[name] = Record(name, fields, doc=self.comments.get(name, ""))
        return Use(name)

    def _field(self, field: Any) -> Field:
        entry = field.message_type if field.message_type and field.message_type.GetOptions().map_entry else None
        doc = self._field_doc(field)
        if entry is not None:
            keys, values = (self._value(entry.fields_by_name[part]) for part in ("key", "value"))
            return Field(field.name, Entries(keys, values), needed=False, default={}, doc=doc)
        if field.is_repeated:
            return Field(field.name, Items(self._value(field)), needed=False, default=[], doc=doc)
        if field.is_required:
            return Field(field.name, self._value(field), doc=doc)
        if field.has_presence:
            oneof = field.containing_oneof.name if field.containing_oneof else ""
            return Field(field.name, self._value(field), needed=False, given=False, doc=doc, oneof=oneof)
        return Field(field.name, self._value(field), needed=False, default=self._zero(field), doc=doc)

    def _field_doc(self, field: Any) -> str:
        doc = self.comments.get(field.full_name, "")
        oneof = field.containing_oneof
        if oneof is None or len(oneof.fields) == 1:
            return doc
        return "\n".join(filter(None, (doc, f"At most one field of {oneof.name} is given.")))

    def _value(self, field: Any) -> Shape:
        if field.message_type is not None:
            return self.message(field.message_type)
        if field.enum_type is not None:
            return self._enum(field.enum_type)
        if field.type == FieldDescriptor.TYPE_BYTES:
            return Simple(model.BYTES, "bytes")
        return Simple(_SCALARS[field.cpp_type][0], _word(field), bounds=_BOUNDS.get(field.cpp_type))

    def _enum(self, enum: Any) -> Shape:
        doc = self.comments.get(enum.full_name, "")
        self.named[enum.full_name] = Choice(enum.full_name, tuple(one.name for one in enum.values), doc)
        if enum.is_closed:
            return Use(enum.full_name)
        return union_of([Use(enum.full_name), Simple(model.INT, "a number that this revision has no name for")])

    def _zero(self, field: Any) -> Any:
        if field.enum_type is not None:
            return field.enum_type.values_by_number[0].name
        return b"" if field.type == FieldDescriptor.TYPE_BYTES else _SCALARS[field.cpp_type][1]


def _word(field: Any) -> str:
    names = (name for name, value in vars(FieldDescriptor).items() if name.startswith("TYPE_") and value == field.type)
    return next(names).removeprefix("TYPE_").lower()


def _comments(schema: Schema) -> dict[str, str]:
    """Collect the comments before messages, enums and fields by full name, those of references included."""
    found: dict[str, str] = {}
    for reference in schema.references:
        found.update(_comments(reference.schema))
    known = FileDescriptorSet(file=list(descriptor_set(schema).file)[:-1])
    name = descriptor_set(schema).file[-1].name
    compiled = FileDescriptorSet.FromString(
        compile_text(schema.text, name, known.SerializeToString(), source_info=True)
    )
    file = compiled.file[-1]
    comments = {
        tuple(one.path): one.leading_comments or one.trailing_comments for one in file.source_code_info.location
    }
    for path, full_name in _paths(file):
        text = comments.get(path, "")
        if text.strip():
            found[full_name] = "\n".join(line.removeprefix(" ").rstrip() for line in text.strip("\n").split("\n"))
    return found


def _paths(file: FileDescriptorProto) -> Iterator[tuple[tuple[int, ...], str]]:
    """Yield the place of each message, enum and field in the numbers of `FileDescriptorProto`'s own fields."""
    yield from _message_paths(file.message_type, (4,), file.package)
    yield from _named_paths(file.enum_type, (5,), file.package)


def _message_paths(messages: Sequence[Any], at: tuple[int, ...], scope: str) -> Iterator[tuple[tuple[int, ...], str]]:
    for place, message in enumerate(messages):
        name = f"{scope}.{message.name}" if scope else message.name
        here = (*at, place)
        yield here, name
        yield from _named_paths(message.field, (*here, 2), name)
        yield from _message_paths(message.nested_type, (*here, 3), name)
        yield from _named_paths(message.enum_type, (*here, 4), name)


def _named_paths(named: Sequence[Any], at: tuple[int, ...], scope: str) -> Iterator[tuple[tuple[int, ...], str]]:
    for place, one in enumerate(named):
        yield (*at, place), f"{scope}.{one.name}" if scope else one.name
