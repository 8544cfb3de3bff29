"""Protobuf: `.proto` source of proto2, proto3 and the editions, compared over descriptors."""

from moorings_compat.protobuf.compare import RULES, compare
from moorings_compat.protobuf.compiled import (
    descriptor_set,
    file_descriptor,
    indexes_of,
    message_at,
    message_class,
    message_of_event,
    serialized,
)
from moorings_compat.protobuf.parsing import is_descriptor, parse
from moorings_compat.protobuf.source_positions import position

__all__ = [
    "RULES",
    "compare",
    "descriptor_set",
    "file_descriptor",
    "indexes_of",
    "is_descriptor",
    "message_at",
    "message_class",
    "message_of_event",
    "parse",
    "position",
    "serialized",
]
