"""The outline of a Protobuf message, as the dict that stands for it; tags are `confluent.field_meta` options."""

from typing import Any

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.descriptor_pb2 import FieldDescriptorProto, FileDescriptorProto
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.message_factory import GetMessageClass

from moorings.codecs.protobuf.codec import main_message
from moorings.codecs.protobuf.well_known import WELL_KNOWN, WRAPPERS
from moorings.rules.outlines.model import ABSENT, ANYTHING, Field, Leaf, Listing, Mapped, Outline, Record, Tags
from moorings_compat import Schema
from moorings_compat.protobuf import message_class

_META_OPTION = 1088
"""The number of ``confluent.field_meta``."""
_TAGS = 3
"""The number of the tags in ``confluent.Meta``."""
_TYPE_NAMES = {
    FieldDescriptor.CPPTYPE_INT32: "INT",
    FieldDescriptor.CPPTYPE_UINT32: "INT",
    FieldDescriptor.CPPTYPE_INT64: "LONG",
    FieldDescriptor.CPPTYPE_UINT64: "LONG",
    FieldDescriptor.CPPTYPE_FLOAT: "FLOAT",
    FieldDescriptor.CPPTYPE_DOUBLE: "DOUBLE",
    FieldDescriptor.CPPTYPE_BOOL: "BOOLEAN",
    FieldDescriptor.CPPTYPE_STRING: "STRING",
}
_MOMENTS = ("google.protobuf.Timestamp", "google.protobuf.Duration")


def protobuf_outline(schema: Schema, event: str, tags: Tags) -> Outline:
    """Return the outline of the message that the contract of *event* is about."""
    return _Reading(tags).message(message_class(schema, main_message(schema, event)).DESCRIPTOR)


class _Reading:
    def __init__(self, tags: Tags) -> None:
        self._tags = tags
        self._messages: dict[str, Record] = {}

    def message(self, descriptor: Any) -> Outline:
        name = descriptor.full_name
        if name in WRAPPERS:
            return self._value(descriptor.fields_by_name["value"])
        if name in WELL_KNOWN:
            return Leaf("LONG", _anything) if name in _MOMENTS else ANYTHING
        if name not in self._messages:
            self._messages[name] = Record(name, lambda: {field.name: self._field(field) for field in descriptor.fields})
        return self._messages[name]

    def _field(self, field: FieldDescriptor) -> Field:
        tags = self._tags.of(field.full_name, _inline(field))
        entry = field.message_type if field.message_type and field.message_type.GetOptions().map_entry else None
        if entry is not None:
            return Field(field.name, field.full_name, tags, Mapped(self._value(entry.fields_by_name["value"])), {})
        outline = self._value(field)
        if field.is_repeated:
            return Field(field.name, field.full_name, tags, Listing(outline), [])
        return Field(field.name, field.full_name, tags, outline, _default(field))

    def _value(self, field: FieldDescriptor) -> Outline:
        if field.message_type is not None:
            return self.message(field.message_type)
        if field.enum_type is not None:
            return Leaf("ENUM", _anything, {value.name: value.number for value in field.enum_type.values})
        if field.type == FieldDescriptor.TYPE_BYTES:
            return Leaf("BYTES", _anything)
        return Leaf(_TYPE_NAMES[field.cpp_type], _anything)


def _anything(_value: Any) -> bool:
    return True


def _default(field: FieldDescriptor) -> Any:
    """Return what an absent field without presence is read as."""
    if field.has_presence:
        return ABSENT
    if field.enum_type is not None:
        return field.enum_type.values_by_number[field.default_value].name
    return field.default_value


def _inline(field: FieldDescriptor) -> list[str]:
    return list(_HOLDER.FromString(field.GetOptions().SerializeToString()).meta.tags)


def _holder() -> Any:
    """Make a message that knows of options the tags alone, whatever file declares them."""
    file = FileDescriptorProto(name="moorings/rule_tags.proto", package="moorings", syntax="proto2")
    meta = file.message_type.add(name="Meta").field.add(
        name="tags", number=_TAGS, type=FieldDescriptorProto.TYPE_STRING
    )
    meta.label = FieldDescriptorProto.LABEL_REPEATED
    option = file.message_type.add(name="Options").field.add(name="meta", number=_META_OPTION)
    option.type, option.type_name = FieldDescriptorProto.TYPE_MESSAGE, ".moorings.Meta"
    option.label = FieldDescriptorProto.LABEL_OPTIONAL
    pool = DescriptorPool()
    pool.Add(file)
    return GetMessageClass(pool.FindMessageTypeByName("moorings.Options"))


_HOLDER = _holder()
