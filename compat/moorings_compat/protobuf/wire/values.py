"""Two messages of the runtime, value by value: did the reader get what the writer wrote?

This is the definition of a wire break, run on real messages. Values are compared by field number; a field that the
reader does not know is kept among its unknown fields and is not a difference, unless the reader has that name under
another number. Presence alone is not a difference; a value is. Bytes that hold the encoded message that was written are
that message.
"""

import math
from collections.abc import Sequence
from typing import Any

from google.protobuf.descriptor import FieldDescriptor as Kinds
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass

from moorings_compat.protobuf.reflection import (
    Descriptor,
    EnumDescriptor,
    FieldDescriptor,
    content,
    elements,
    fields_by_number,
    fields_with_defaults,
    implicit_enums,
    is_map,
    is_set,
    shown,
)

_INTEGERS = {
    Kinds.CPPTYPE_INT32,
    Kinds.CPPTYPE_INT64,
    Kinds.CPPTYPE_UINT32,
    Kinds.CPPTYPE_UINT64,
    Kinds.CPPTYPE_BOOL,
    Kinds.CPPTYPE_ENUM,
}


def first_misread(read: Message, written: Message) -> str | None:
    """Report the first value that *read* and *written* differ in; None if every value arrived."""
    by_number = fields_by_number(read.DESCRIPTOR)
    for field, value in written.ListFields():
        sentence = _renumbered(field, read.DESCRIPTOR)
        counterpart = by_number(field.number)
        if sentence is None and counterpart is not None:
            sentence = _field_misread(counterpart, _seen_values(read, counterpart), field, elements(field, value))
        if sentence is not None:
            return sentence
    return _zero_misread(read, written)


def _seen_values(message: Message, field: FieldDescriptor) -> list[Any]:
    """Return what the reader has as a list; empty if it knows that nothing was written."""
    if not field.is_repeated and field.has_presence and not is_set(message, field):
        return []
    return elements(field, content(message, field))


def _renumbered(field: FieldDescriptor, reader: Descriptor) -> str | None:
    named = _extension(field.full_name, reader) if field.is_extension else reader.fields_by_name.get(field.name)
    if named is None or named.number == field.number or reader.GetOptions().map_entry:
        return None
    return f"`{field.name}` was written with number {field.number}; the reader expects number {named.number}"


def _extension(full_name: str, reader: Descriptor) -> FieldDescriptor | None:
    try:
        found = reader.file.pool.FindExtensionByName(full_name)
    except KeyError:
        return None
    return found if found.containing_type.full_name == reader.full_name else None


def _field_misread(
    reader: FieldDescriptor, read: Sequence[Any], writer: FieldDescriptor, written: Sequence[Any]
) -> str | None:
    if reader.type == Kinds.TYPE_BYTES and writer.type == Kinds.TYPE_MESSAGE:
        read = [GetMessageClass(writer.message_type).FromString(one) for one in read]
    if is_map(reader) != is_map(writer):
        read, written = _as_pairs(read), _as_pairs(written)
    if len(read) != len(written):
        if not read:
            return f"`{writer.name}` was written as {shown(written)}; the reader has no value"
        return f"`{writer.name}` was written with {len(written)} values; the reader has {len(read)}"
    for one, other in zip(read, written, strict=True):
        sentence = _element_misread(reader, one, writer, other)
        if sentence is not None:
            return sentence
    return None


def _element_misread(reader: FieldDescriptor, read: Any, writer: FieldDescriptor, written: Any) -> str | None:
    if isinstance(written, tuple) and isinstance(read, tuple):
        for number in (1, 2):
            one = reader.message_type.fields_by_number.get(number)
            other = writer.message_type.fields_by_number.get(number)
            if one is not None and other is not None:
                sentence = _element_misread(one, read[number - 1], other, written[number - 1])
                if sentence is not None:
                    return sentence
        return None
    if isinstance(read, Message) and isinstance(written, Message):
        return first_misread(read, written)
    if not _same_value(reader, read, writer, written):
        return f"`{writer.name}` was written as {shown(written)} and is read as {shown(read)}"
    if reader.enum_type is not None and writer.enum_type is not None:
        return _symbol_misread(reader.enum_type, writer.enum_type, written)
    return None


def _as_pairs(values: Sequence[Any]) -> list[Any]:
    """Turn entries that are messages into (key, value) pairs in the order of a map's."""
    pairs = [_as_pair(one) if isinstance(one, Message) else one for one in values]
    return sorted(pairs, key=lambda pair: str(pair[0]) if isinstance(pair, tuple) else "")


def _as_pair(entry: Message) -> tuple[Any, Any]:
    descriptor: Descriptor = entry.DESCRIPTOR
    key, value = (descriptor.fields_by_number.get(number) for number in (1, 2))
    return tuple(None if field is None else getattr(entry, field.name) for field in (key, value))  # type: ignore[return-value]


def _same_value(reader: FieldDescriptor, read: Any, writer: FieldDescriptor, written: Any) -> bool:
    if isinstance(read, str | bytes) and isinstance(written, str | bytes):
        return _utf8_bytes(read) == _utf8_bytes(written)
    if isinstance(read, float) and isinstance(written, float):
        return read == written or (math.isnan(read) and math.isnan(written))
    if reader.cpp_type in _INTEGERS and writer.cpp_type in _INTEGERS:
        return bool(read == written)
    return False


def _symbol_misread(reader: EnumDescriptor, writer: EnumDescriptor, number: int) -> str | None:
    aliased = writer.GetOptions().allow_alias
    for symbol in writer.values if aliased else filter(None, (writer.values_by_number.get(number),)):
        known = reader.values_by_name.get(symbol.name)
        if symbol.number == number and known is not None and known.number != number:
            return f"`{symbol.name}` was written as {number}; the reader's number for it is {known.number}"
    return None


def _zero_misread(read: Message, written: Message) -> str | None:
    """Find a zero that was not written, and that the reader reads as its own default or symbol."""
    if read.DESCRIPTOR.GetOptions().map_entry or written.DESCRIPTOR.GetOptions().map_entry:
        return None
    for field in implicit_enums(written.DESCRIPTOR):
        known = read.DESCRIPTOR.fields_by_number.get(field.number)
        if known is None or known.enum_type is None or known.is_repeated or getattr(written, field.name):
            continue
        sentence = _symbol_misread(known.enum_type, field.enum_type, 0)
        if sentence is not None:
            return f"{sentence}; zero is not written at all"
    for counterpart in fields_with_defaults(read.DESCRIPTOR):
        field = written.DESCRIPTOR.fields_by_number.get(counterpart.number)
        if field is None or field.has_presence or field.is_repeated or read.HasField(counterpart.name):
            continue
        zero, default = getattr(written, field.name), getattr(read, counterpart.name)
        if zero == field.default_value and not _same_value(counterpart, default, field, zero):
            return (
                f"`{field.name}` is {shown(zero)} for the writer, which does not write it; it reads as {shown(default)}"
            )
    return None


def _utf8_bytes(value: str | bytes) -> bytes:
    return value.encode() if isinstance(value, str) else value
