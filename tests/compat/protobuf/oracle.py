"""An oracle for the wire without rules: messages of a type with telling values, read back and compared by number.

It shares nothing with the engine under test but the runtime itself. Presence alone is not a difference, a value is; a
value without a field of the reader is not a difference either.
"""

import itertools
import math
from collections.abc import Callable, Iterator
from typing import Any

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import DecodeError, Message
from google.protobuf.message_factory import GetMessageClass

from moorings_compat import Schema
from moorings_compat.protobuf import message_class

Field = Any
"""The runtime's descriptor of a field."""

_KINDS = {number: name for name, number in vars(FieldDescriptor).items() if name.startswith("TYPE_")}
_RANGES = {
    "TYPE_BOOL": (0, 1),
    **dict.fromkeys(("TYPE_INT32", "TYPE_SINT32", "TYPE_SFIXED32"), (-(2**31), 2**31 - 1)),
    **dict.fromkeys(("TYPE_INT64", "TYPE_SINT64", "TYPE_SFIXED64"), (-(2**63), 2**63 - 1)),
    **dict.fromkeys(("TYPE_UINT32", "TYPE_FIXED32"), (0, 2**32 - 1)),
    **dict.fromkeys(("TYPE_UINT64", "TYPE_FIXED64"), (0, 2**64 - 1)),
}
_EDGES = (
    0,
    1,
    -1,
    2,
    5,
    128,
    2**31 - 1,
    2**31,
    2**32 - 1,
    2**32,
    2**33 + 1,
    2**63 - 1,
    2**64 - 1,
    -(2**31),
    -(2**31) - 1,
)
_OTHERS: dict[str, list[Any]] = {
    "TYPE_STRING": ["", "a", "\x08\x01", "é"],
    "TYPE_BYTES": [b"", b"a", b"\x08\x01", b"\xff", b"\x0a\x01a"],
    "TYPE_FLOAT": [0.0, 1.0, -2.5, math.inf],
    "TYPE_DOUBLE": [0.0, 1.0, -2.5, math.inf],
}


def misread(reader: Schema, writer: Schema, name: str = "M") -> Message | None:
    """Return a message of the writer that the reader refuses or misreads; None if every message arrives."""
    read_as = message_class(reader, name)
    for message in messages(message_class(writer, name)):
        if not message.IsInitialized():
            continue
        try:
            read = read_as.FromString(message.SerializeToString())
        except DecodeError:
            return message
        if not read.IsInitialized() or not same(message, read):
            return message
    return None


def messages(kind: Callable[[], Any]) -> Iterator[Any]:
    """Yield the empty message, and messages with one field set to each of its telling values, and to several."""
    yield kind()
    for field in kind().DESCRIPTOR.fields:
        several = list(_contents(field))
        for content in several:
            yield _with(kind(), field, [content])
        if field.is_repeated:
            yield _with(kind(), field, several)
            for pair in itertools.permutations(several[:4], 2):
                yield _with(kind(), field, list(pair))
            yield _with(kind(), field, [several[0], several[0]])


def _with(message: Any, field: Field, contents: list[Any]) -> Any:
    holder = getattr(message, field.name)
    if _is_map(field):
        for key, value in contents:
            if isinstance(value, Message):
                holder[key].CopyFrom(value)
            else:
                holder[key] = value
    elif field.is_repeated:
        holder.extend(contents)
    elif field.message_type is not None:
        holder.CopyFrom(contents[0])
        holder.SetInParent()
    else:
        setattr(message, field.name, contents[0])
    return message


def _contents(field: Field) -> Iterator[Any]:
    if _is_map(field):
        key, value = _entry(field)
        yield from itertools.product(_contents(key), _contents(value))
    elif field.message_type is not None:
        yield from messages(GetMessageClass(field.message_type))
    elif field.enum_type is not None:
        declared = {one.number for one in field.enum_type.values}
        yield from sorted(declared if field.enum_type.is_closed else declared | {77, -1, 2**31 - 1, -(2**31)})
    else:
        kind = _KINDS[field.type]
        yield from _OTHERS.get(kind) or (one for one in _EDGES if _RANGES[kind][0] <= one <= _RANGES[kind][1])


def same(written: Message, read: Message) -> bool:
    """Say whether every value that *written* holds, or implies by being zero, is in *read* under its number."""
    fields = written.DESCRIPTOR.fields_by_number
    counterparts = ((fields[one.number], one) for one in read.DESCRIPTOR.fields if one.number in fields)
    return all(_same_field(one, _values(written, one), other, _values(read, other)) for one, other in counterparts)


def _values(message: Message, field: Field) -> list[Any]:
    value = getattr(message, field.name)
    if _is_map(field):
        return sorted(((key, value[key]) for key in value), key=lambda pair: repr(_octets(pair[0])))
    if field.is_repeated:
        return list(value)
    return [value] if not field.has_presence or message.HasField(field.name) else []


def _same_field(one: Field, written: list[Any], other: Field, read: list[Any]) -> bool:
    if one.type == FieldDescriptor.TYPE_MESSAGE and other.type == FieldDescriptor.TYPE_BYTES:
        if not one.is_repeated and not written:
            return True  # nothing was written: the reader answers its own default
        read = [GetMessageClass(one.message_type).FromString(octets) for octets in read]
        other = one  # an encoded message is that message
        if _is_map(one):
            read = sorted(map(_as_pair, read), key=lambda pair: repr(pair[0]))
            return sorted(map(_as_pair, written), key=lambda pair: repr(pair[0])) == read
    if not one.is_repeated and other.message_type is None:
        if not written:
            return True  # nothing was written: the reader answers its own default
        if not read and not other.is_repeated:
            read = [other.default_value]
        if not read and not one.has_presence and written == [one.default_value]:
            return True  # an implicit zero is an empty list
    if _is_map(one) != _is_map(other):
        written, read = sorted(map(_as_pair, written), key=repr), sorted(map(_as_pair, read), key=repr)
        return written == read
    return len(written) == len(read) and all(
        _same_value(one, value, other, taken) for value, taken in zip(written, read, strict=True)
    )


def _same_value(one: Field, written: Any, other: Field, read: Any) -> bool:
    if (one.message_type is None) != (other.message_type is None):
        return False
    if isinstance(written, tuple) and isinstance(read, tuple):
        parts = zip(_entry(one), written, _entry(other), read, strict=True)
        return all(_same_value(*part) for part in parts)
    if isinstance(written, Message) and isinstance(read, Message):
        return same(written, read)
    return _octets(written) == _octets(read)


def _octets(value: Any) -> tuple[str, Any]:
    """Return a scalar with its kind, so that 1, 1.0 and "1" differ, and text and its bytes do not."""
    if isinstance(value, str | bytes):
        return "octets", value.encode() if isinstance(value, str) else value
    if isinstance(value, float):
        return "float", "nan" if math.isnan(value) else value
    return "whole", int(value)


def _as_pair(entry: Any) -> Any:
    """Return key and value of an entry, or of a message read as one; anything else as it is."""
    if isinstance(entry, tuple):
        return tuple(map(_plain, entry))
    if not isinstance(entry, Message):
        return entry
    named = [entry.DESCRIPTOR.fields_by_number.get(number) for number in (1, 2)]
    return tuple(None if field is None else _plain(getattr(entry, field.name)) for field in named)


def _plain(value: Any) -> Any:
    return value.SerializeToString() if isinstance(value, Message) else _octets(value)


def _is_map(field: Field) -> bool:
    return field.message_type is not None and bool(field.message_type.GetOptions().map_entry)


def _entry(field: Field) -> tuple[Field, Field]:
    key, value = field.message_type.fields
    return key, value
