"""Values as `.proto` source writes them."""

import math
import re

from google.protobuf import text_encoding
from google.protobuf.descriptor_pb2 import FieldDescriptorProto
from google.protobuf.text_format import MessageToString

from moorings_compat.protobuf.reflection import FieldDescriptor

_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"}
_TO_ESCAPE = re.compile(r'[\\"\x00-\x1f\x7f]')
_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_FULL_NAME = re.compile(r"\.?[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)*")
_NUMBER = re.compile(r"-?(inf|nan|[0-9][0-9a-zA-Z.+-]*)")


class Unprintable(ValueError):
    """A descriptor contains something that `.proto` source cannot express."""


def quoted(text: str) -> str:
    """Write a string literal; what is not ASCII stays as it is."""
    return '"' + _TO_ESCAPE.sub(_escaped_character, text) + '"'


def quoted_bytes(value: bytes) -> str:
    return '"' + str(text_encoding.CEscape(value, False)) + '"'


def identifier(name: str) -> str:
    """Return *name* if it is an identifier.

    Raises:
        Unprintable: it is not; a descriptor from outside could contain arbitrary source there.
    """
    if not _IDENTIFIER.fullmatch(name):
        raise Unprintable(f"{name[:60]!a} is not a name")
    return name


def valid_full_name(name: str) -> str:
    """Pass a dotted name, with or without its leading dot; see `identifier`."""
    if not _FULL_NAME.fullmatch(name):
        raise Unprintable(f"{name[:60]!a} is not a name")
    return name


def default_literal(field_type: int, default: str) -> str:
    """Write the default of a field from its form in a descriptor."""
    if field_type == FieldDescriptorProto.TYPE_STRING:
        return quoted(default)
    if field_type == FieldDescriptorProto.TYPE_BYTES:
        return quoted_bytes(text_encoding.CUnescape(default))
    if field_type in (FieldDescriptorProto.TYPE_ENUM, FieldDescriptorProto.TYPE_BOOL):
        return identifier(default)
    if not _NUMBER.fullmatch(default):
        raise Unprintable(f"{default[:60]!a} is not a number")
    return default


def option_literal(field: FieldDescriptor, value: object) -> str:
    """Write one value of an option.

    Raises:
        Unprintable: an enum number without a name.
    """
    if field.message_type is not None:
        return "{ " + MessageToString(value, as_one_line=True).strip() + " }"  # type: ignore[arg-type]
    if field.enum_type is not None:
        symbol = field.enum_type.values_by_number.get(value)
        if symbol is None:
            raise Unprintable(f"the option {field.full_name} has the value {value}, which its enum does not name")
        return str(symbol.name)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return quoted(value)
    if isinstance(value, bytes):
        return quoted_bytes(value)
    if isinstance(value, float):
        return repr(value) if math.isfinite(value) else str(value)
    return str(value)


def _escaped_character(match: re.Match[str]) -> str:
    character = match.group()
    return _ESCAPES.get(character) or f"\\{ord(character):03o}"
