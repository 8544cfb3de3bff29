"""The tags that a `.proto` file gives to fields, in the options ``confluent.field_meta``."""

from typing import Any

from google.protobuf.descriptor_pb2 import FieldDescriptorProto, FileDescriptorProto
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.message_factory import GetMessageClass

_META_OPTION = 1088
"""The number of ``confluent.field_meta``."""
_TAGS = 3
"""The number of the tags in ``confluent.Meta``."""


def option_tags(field: Any) -> frozenset[str]:
    """Return the tags of the field that *field* describes."""
    if not field.has_options:
        return frozenset()
    return frozenset(_FIELD_OPTIONS.FromString(field.GetOptions().SerializeToString()).meta.tags)


def _field_options() -> Any:
    """Make a message that knows of all options the tags alone."""
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


_FIELD_OPTIONS = _field_options()
