"""Two messages of the runtime, one parsed from the other's ProtoJSON: did every value arrive?"""

import math
import struct
from typing import Any

from google.protobuf.message import Message

from moorings_compat.protobuf.proto_json.forms import FORMS_OF_THEIR_OWN
from moorings_compat.protobuf.reflection import Descriptor, FieldDescriptor, content, elements, shown


def first_misread(read: Message, written: Message) -> str | None:
    """Report the first value that *read* and *written* differ in, field by printed name; None if there is none."""
    for field, value in written.ListFields():
        counterpart = _reader_field(read.DESCRIPTOR, field)
        if counterpart is None:
            continue  # refused by the parser already
        values = elements(field, value)
        taken = elements(counterpart, content(read, counterpart))
        if len(taken) != len(values):
            return f"`{field.name}` was printed with {len(values)} values; the reader has {len(taken)}"
        for one, other in zip(taken, values, strict=True):
            sentence = _element_misread(counterpart, one, field, other)
            if sentence is not None:
                return sentence
    return None


def _element_misread(reader: FieldDescriptor, read: Any, writer: FieldDescriptor, written: Any) -> str | None:
    if isinstance(written, tuple) and isinstance(read, tuple):
        for number, one, other in zip((1, 2), read, written, strict=True):
            key_or_value = (field.message_type.fields_by_number[number] for field in (reader, writer))
            sentence = _element_misread(next(key_or_value), one, next(key_or_value), other)
            if sentence is not None:
                return sentence
        return None
    read, written = _unwrapped(read), _unwrapped(written)
    if isinstance(read, Message) and isinstance(written, Message):
        names = {read.DESCRIPTOR.full_name, written.DESCRIPTOR.full_name}
        if names & FORMS_OF_THEIR_OWN:
            same = len(names) == 1
            return None if same else f"`{writer.name}` was printed as {' and read as '.join(sorted(names))}"
        return first_misread(read, written)
    if reader.enum_type is not None and writer.enum_type is not None:
        return _symbol_misread(reader, read, writer, written)
    return (
        None
        if _prints_alike(read, written)
        else f"`{writer.name}` was printed as {shown(written)} and is read as {shown(read)}"
    )


def _symbol_misread(reader: FieldDescriptor, read: int, writer: FieldDescriptor, written: int) -> str | None:
    symbol = writer.enum_type.values_by_number.get(written)
    known = None if symbol is None else reader.enum_type.values_by_name.get(symbol.name)
    expected = written if known is None else known.number
    return None if read == expected else f"`{writer.name}` was printed as {written} and is read as {read}"


def _unwrapped(value: Any) -> Any:
    """Return the value in a wrapper, because ProtoJSON writes the value alone."""
    if isinstance(value, Message) and value.DESCRIPTOR.file.name == "google/protobuf/wrappers.proto":
        return value.value  # type: ignore[attr-defined]
    return value


def _reader_field(descriptor: Descriptor, written: FieldDescriptor) -> FieldDescriptor | None:
    """Return the reader's field of the printed name; an extension is printed under its full name."""
    if written.is_extension:
        try:
            return descriptor.file.pool.FindExtensionByName(written.full_name)
        except KeyError:
            return None
    found = (field for field in descriptor.fields if field.json_name == written.json_name)
    return next(found, descriptor.fields_by_name.get(written.json_name))


def _prints_alike(read: Any, written: Any) -> bool:
    if isinstance(read, bool) != isinstance(written, bool) or isinstance(read, str) != isinstance(written, str):
        return False
    if isinstance(read, float) and isinstance(written, float):
        return (
            read == written
            or (math.isnan(read) and math.isnan(written))
            or _single_precision(read) == _single_precision(written)
        )
    return bool(read == written)


def _single_precision(value: float) -> bytes:
    """Return the four bytes of the nearest single-precision number, which is what the text of a float stands for."""
    try:
        return struct.pack("<f", value)
    except OverflowError:
        return struct.pack("<d", value)
