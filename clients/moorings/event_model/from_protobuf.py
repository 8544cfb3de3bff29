"""The event model of a Protobuf contract: what its codec takes and gives for each message, as a dict.

Tags are those of the ``confluent.field_meta`` option, whatever file declares it.
"""

from collections.abc import Mapping
from typing import Any

from google.protobuf.descriptor import FieldDescriptor

from moorings.codecs.formats import event_name
from moorings.codecs.protobuf.well_known import WRAPPERS
from moorings.event_model import model
from moorings.event_model.event_formats import SchemaReader
from moorings.event_model.model import (
    EnumerationType,
    EventField,
    EventModel,
    ListType,
    MapType,
    NamedType,
    RecordType,
    ScalarType,
    TypeReference,
    ValueType,
    union_of,
)
from moorings.event_model.protobuf_comments import comments_of
from moorings_compat import Schema
from moorings_compat.protobuf import message_class, message_of_event
from moorings_compat.protobuf.compiled import compiled
from moorings_compat.protobuf.field_tags import option_tags

_SCALARS = {  # the Python type, the word for what is written, and what an absent field is read as
    FieldDescriptor.CPPTYPE_INT32: (model.INT, "int32", 0),
    FieldDescriptor.CPPTYPE_INT64: (model.INT, "int64", 0),
    FieldDescriptor.CPPTYPE_UINT32: (model.INT, "uint32", 0),
    FieldDescriptor.CPPTYPE_UINT64: (model.INT, "uint64", 0),
    FieldDescriptor.CPPTYPE_DOUBLE: (model.FLOAT, "double", 0.0),
    FieldDescriptor.CPPTYPE_FLOAT: (model.FLOAT, "float", 0.0),
    FieldDescriptor.CPPTYPE_BOOL: (model.BOOL, "boolean", False),
    FieldDescriptor.CPPTYPE_STRING: (model.STR, "string", ""),
}
_TYPE_WORDS = {
    value: name.removeprefix("TYPE_").lower() for name, value in vars(FieldDescriptor).items() if name[:5] == "TYPE_"
}
_BOUNDS = {
    FieldDescriptor.CPPTYPE_INT32: (-(2**31), 2**31 - 1),
    FieldDescriptor.CPPTYPE_INT64: (-(2**63), 2**63 - 1),
    FieldDescriptor.CPPTYPE_UINT32: (0, 2**32 - 1),
    FieldDescriptor.CPPTYPE_UINT64: (0, 2**64 - 1),
}
_JSON = ScalarType(model.ANY, "google.protobuf.Value", reason="any JSON value")
_STRUCT = MapType(ScalarType(model.STR, "string", primitive="string"), _JSON)
_WELL_KNOWN: dict[str, ValueType] = {
    "google.protobuf.Timestamp": ScalarType(model.AWARE, "google.protobuf.Timestamp", primitive="int64"),
    "google.protobuf.Duration": ScalarType(model.TIMEDELTA, "google.protobuf.Duration", primitive="int64"),
    "google.protobuf.Struct": _STRUCT,
    "google.protobuf.ListValue": ListType(_JSON),
    "google.protobuf.Value": _JSON,
}
_NO_SYMBOL = ScalarType(model.INT, "a number that this revision has no name for", primitive="enum")


def read_types(schema: Schema, subject: str, *, docs: bool = False) -> EventModel:
    """Read the model of a Protobuf contract; types go by their full names.

    A file without messages, of enums or imports for other files, describes no event. With *docs* the text is compiled a
    second time, since descriptors have no comments.
    """
    if not compiled(schema).file.message_type:
        return EventModel(model.ANYTHING, {})
    descriptor: Any = message_class(schema, message_of_event(schema, event_name(subject))).DESCRIPTOR
    reader = _MessageTypes(comments_of(schema) if docs else {})
    root = reader.message(descriptor)
    return EventModel(root, reader.named)


READER = SchemaReader(read_types)


class _MessageTypes:
    def __init__(self, comments: Mapping[str, str]) -> None:
        self.comments = comments
        self.named: dict[str, NamedType] = {}

    def message(self, descriptor: Any) -> ValueType:
        name = descriptor.full_name
        if name in _WELL_KNOWN:
            return _WELL_KNOWN[name]
        if name in WRAPPERS:
            return self._value(descriptor.fields_by_name["value"])
        if name not in self.named:
            self.named[name] = RecordType(name, ())  # for the fields that lead back to it
            fields = tuple(self._field(one) for one in descriptor.fields)
            self.named[name] = RecordType(name, fields, doc=self.comments.get(name, ""))
        return TypeReference(name)

    def _field(self, field: Any) -> EventField:
        entry = field.message_type if field.message_type and field.message_type.GetOptions().map_entry else None
        doc, tags = self._field_doc(field), option_tags(field)
        if entry is not None:
            keys, values = (self._value(entry.fields_by_name[part]) for part in ("key", "value"))
            return EventField(field.name, MapType(keys, values), required=False, default={}, doc=doc, tags=tags)
        type = self._value(field)
        if field.is_repeated:
            return EventField(field.name, ListType(type), required=False, default=[], doc=doc, tags=tags)
        if field.is_required:
            return EventField(field.name, type, doc=doc, tags=tags)
        if field.has_presence:
            oneof = field.containing_oneof.name if field.containing_oneof else ""
            return EventField(field.name, type, required=False, present=False, doc=doc, tags=tags, oneof=oneof)
        return EventField(field.name, type, required=False, default=self._zero(field), doc=doc, tags=tags)

    def _field_doc(self, field: Any) -> str:
        doc = self.comments.get(field.full_name, "")
        oneof = field.containing_oneof
        if oneof is None or len(oneof.fields) == 1:
            return doc
        return "\n".join(filter(None, (doc, f"At most one field of {oneof.name} is given.")))

    def _value(self, field: Any) -> ValueType:
        if field.message_type is not None:
            return self.message(field.message_type)
        if field.enum_type is not None:
            return self._enum(field.enum_type)
        if field.type == FieldDescriptor.TYPE_BYTES:
            return ScalarType(model.BYTES, "bytes", primitive="bytes")
        kind, primitive, _ = _SCALARS[field.cpp_type]
        return ScalarType(kind, _TYPE_WORDS[field.type], bounds=_BOUNDS.get(field.cpp_type), primitive=primitive)

    def _enum(self, enum: Any) -> ValueType:
        if enum.full_name not in self.named:
            numbers = {one.name: one.number for one in enum.values}
            doc = self.comments.get(enum.full_name, "")
            self.named[enum.full_name] = EnumerationType(enum.full_name, tuple(numbers), doc, numbers=numbers)
        reference = TypeReference(enum.full_name)
        return reference if enum.is_closed else union_of([reference, _NO_SYMBOL])

    def _zero(self, field: Any) -> Any:
        if field.enum_type is not None:
            return field.enum_type.values_by_number[0].name
        return b"" if field.type == FieldDescriptor.TYPE_BYTES else _SCALARS[field.cpp_type][2]
