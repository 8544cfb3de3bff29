"""Protobuf events: made with the writer's descriptors, read with the reader's, by the real runtime."""

from collections.abc import Iterator
from typing import Any

from google.protobuf import json_format
from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.duration_pb2 import Duration
from google.protobuf.message import DecodeError, EncodeError, Message
from google.protobuf.timestamp_pb2 import Timestamp

from moorings_compat.cel.values import NoCelValue, Size, text_to_cel
from moorings_compat.conditions.events.port import (
    ABSENT,
    DEEPEST,
    ITEM,
    MOST_ITEMS,
    VALUE,
    Choices,
    Event,
    Events,
    EventUnreadable,
    FieldView,
    Path,
    Site,
    View,
    leads_to,
    most_sites,
)
from moorings_compat.conditions.literals import Literals
from moorings_compat.limits import Budget
from moorings_compat.policies import Policy
from moorings_compat.protobuf.compiled import Compiled, compiled, message_of_event
from moorings_compat.protobuf.field_tags import option_tags
from moorings_compat.protobuf.reflection import is_map
from moorings_compat.protobuf.witness import as_json
from moorings_compat.schema import Schema

_BOUNDS = {
    FieldDescriptor.CPPTYPE_INT32: (-(2**31), 2**31 - 1),
    FieldDescriptor.CPPTYPE_INT64: (-(2**63), 2**63 - 1),
    FieldDescriptor.CPPTYPE_UINT32: (0, 2**32 - 1),
    FieldDescriptor.CPPTYPE_UINT64: (0, 2**64 - 1),
}
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
_TIME = {"google.protobuf.Timestamp": Timestamp, "google.protobuf.Duration": Duration}
_JSON = ("google.protobuf.Struct", "google.protobuf.ListValue", "google.protobuf.Value")
_WRAPPERS = frozenset(
    f"google.protobuf.{one}Value"
    for one in ("Double", "Float", "Int64", "UInt64", "Int32", "UInt32", "Bool", "String", "Bytes")
)


def events(reader: Schema, writer: Schema, event: str, policy: Policy, budget: Budget) -> Events:  # noqa: ARG001 - of other formats
    """Return the events of *writer*, as *reader* reads them."""
    return ProtobufEvents(reader, writer, event)


def view_of_given(text: str, reader: Schema, writer: Schema, event: str, policy: Policy) -> View:  # noqa: ARG001 - of other formats
    """Read a given event, written as ProtoJSON.

    Raises:
        EventUnreadable
    """
    try:
        data = json_format.Parse(text, message_class_of(writer, event)()).SerializeToString()
    except (json_format.ParseError, EncodeError, RecursionError) as error:
        raise EventUnreadable(f"the event cannot be written: {error}") from None
    try:
        message = message_class_of(reader, event).FromString(data)
    except DecodeError as error:
        raise EventUnreadable(f"the event cannot be read: {error}") from None
    if not message.IsInitialized():
        raise EventUnreadable("the event cannot be read: a required field is missing")
    try:
        return _view(message)
    except NoCelValue:
        raise EventUnreadable("the event has a value that CEL does not have") from None


class ProtobufEvents:
    """The events of one writer's message, as one reader reads them."""

    def __init__(self, reader: Schema, writer: Schema, event: str) -> None:
        self._writer, self._reader = message_class_of(writer, event), message_class_of(reader, event)

    def sites(self, literals: Literals) -> list[Site]:
        found: list[Site] = []
        for path, field in _places(self._writer.DESCRIPTOR, (), ()):
            if literals.name(path) and len(found) < most_sites(literals):
                options = list(_options(field, path[-1] in (ITEM, VALUE), literals))
                found += [Site(path, options)] if options else []
        return found

    def event(self, choices: Choices) -> Event | None:
        message = self._writer()
        try:
            _fill(message, (), choices, 0)
            data = message.SerializeToString(deterministic=True)
            written, read = self._writer.FromString(data), self._reader.FromString(data)
            views = _view(written), _view(read)
        except (DecodeError, EncodeError, ValueError, TypeError, NoCelValue):
            return None
        return Event(as_json(message), data.hex(), *views)


def message_class_of(schema: Schema, event: str) -> Any:
    """Return the class of the message that is named like the event, else of the first in the file, as clients do."""
    model: Compiled = compiled(schema)
    return model.message_class(message_of_event(schema, event))


def _places(descriptor: Any, path: Path, around: tuple[str, ...]) -> Iterator[tuple[Path, Any]]:
    if descriptor.full_name in around or len(path) > DEEPEST or descriptor.full_name in _JSON:
        return
    for field in descriptor.fields:
        at = (*path, field.name)
        yield at, field
        below = field
        if is_map(field):
            below = field.message_type.fields_by_name["value"]
            yield (*at, VALUE), below
        elif field.is_repeated:
            yield (*at, ITEM), field
        inner = (*at, VALUE) if is_map(field) else (*at, ITEM) if field.is_repeated else at
        if below.message_type is not None and not _is_plain(below.message_type):
            yield from _places(below.message_type, inner, (*around, descriptor.full_name))


def _is_plain(descriptor: Any) -> bool:
    return descriptor.full_name in _WRAPPERS or descriptor.full_name in _TIME


def _options(field: Any, element: bool, literals: Literals) -> Iterator[Any]:
    if not element and is_map(field):
        yield from ((), ("a",), *((one,) for one in literals.texts))
    elif not element and field.is_repeated:
        yield from literals.sizes(MOST_ITEMS)
    else:
        if field.has_presence and not field.is_required and not element:
            yield ABSENT
        yield from _elements(field, literals)


def _elements(field: Any, literals: Literals) -> Iterator[Any]:
    message = field.message_type
    if message is not None and message.full_name in _WRAPPERS:
        yield from _elements(message.fields_by_name["value"], literals)
    elif message is not None and message.full_name in _TIME:
        yield from literals.whole(-(10**9), 10**9)
    elif message is not None:
        yield {}
    elif field.enum_type is not None:
        yield from [one.number for one in field.enum_type.values][:50]
    elif field.cpp_type in _BOUNDS:
        yield from literals.whole(*_BOUNDS[field.cpp_type])
    elif field.cpp_type == FieldDescriptor.CPPTYPE_BOOL:
        yield from (False, True)
    elif field.cpp_type in (FieldDescriptor.CPPTYPE_FLOAT, FieldDescriptor.CPPTYPE_DOUBLE):
        yield from literals.real()
    elif field.type == FieldDescriptor.TYPE_BYTES:
        yield from (one.encode() for one in literals.words())
    else:
        yield from literals.words()


def _fill(message: Any, path: Path, choices: Choices, depth: int) -> None:
    """Set what is chosen below *path*, and what is required."""
    if depth > 100:
        raise ValueError
    for field in message.DESCRIPTOR.fields:
        at = (*path, field.name)
        chosen = choices.get(at)
        wanted = at in choices or leads_to(at, choices)
        if chosen is ABSENT or not (wanted or field.is_required):
            continue
        if is_map(field):
            _fill_map(getattr(message, field.name), field, at, choices, depth)
        elif field.is_repeated:
            count = chosen if isinstance(chosen, int) else 1
            _fill_list(getattr(message, field.name), field, at, count, choices, depth)
        elif field.message_type is not None:
            getattr(message, field.name).SetInParent()
            _fill_message(getattr(message, field.name), at, chosen, choices, depth)
        else:
            setattr(message, field.name, chosen if at in choices else getattr(message, field.name))


def _fill_message(message: Any, at: Path, chosen: Any, choices: Choices, depth: int) -> None:
    name = message.DESCRIPTOR.full_name
    if name in _WRAPPERS:
        message.value = message.value if chosen is None else chosen
    elif name in _TIME:
        message.seconds = chosen or 0
    else:
        _fill(message, at, choices, depth + 1)


def _fill_list(values: Any, field: Any, at: Path, count: int, choices: Choices, depth: int) -> None:
    inner = (*at, ITEM)
    for _ in range(count):
        if field.message_type is not None:
            _fill_message(values.add(), inner, choices.get(inner), choices, depth)
        else:
            values.append(choices.get(inner, _zero(field)))


def _fill_map(values: Any, field: Any, at: Path, choices: Choices, depth: int) -> None:
    inner, below = (*at, VALUE), field.message_type.fields_by_name["value"]
    by_text = field.message_type.fields_by_name["key"].type == FieldDescriptor.TYPE_STRING
    keys = choices.get(at, ("a",))
    for key in keys if by_text else range(len(keys)):
        if below.message_type is not None:
            _fill_message(values[key], inner, choices.get(inner), choices, depth)
        else:
            values[key] = choices.get(inner, _zero(below))


def _zero(field: Any) -> Any:
    if field.enum_type is not None:
        return field.enum_type.values[0].number
    if field.cpp_type == FieldDescriptor.CPPTYPE_STRING:
        return b"" if field.type == FieldDescriptor.TYPE_BYTES else ""
    return 0


def _view(message: Any) -> View:
    size = Size()
    seen = _plain(message, size)
    return View(seen, size, lambda: list(_fields(message, seen)))


def _plain(message: Any, size: Size) -> Any:
    """Turn a message into what CEL gets: fields without presence included, absent ones left out, enums as numbers."""
    size.values += 1
    name = message.DESCRIPTOR.full_name
    if name in _TIME:
        return _TIME[name](seconds=message.seconds, nanos=message.nanos // 1000 * 1000)
    if name in _JSON:
        return json_format.MessageToDict(message)
    if name in _WRAPPERS:
        return _scalar(message.value, size)
    found = {}
    for field in message.DESCRIPTOR.fields:
        value = getattr(message, field.name)
        if field.has_presence:
            if message.HasField(field.name):
                found[field.name] = _scalar(value, size)
        elif is_map(field):
            found[field.name] = {key: _scalar(value[key], size) for key in value}
        elif field.is_repeated:
            found[field.name] = [_scalar(one, size) for one in value]
        else:
            found[field.name] = _scalar(value, size)
    return found


def _fields(message: Any, seen: Any) -> Iterator[FieldView]:
    """Yield the primitive values in *message*, which CEL sees as *seen*."""
    if not isinstance(seen, dict) or message.DESCRIPTOR.full_name in _JSON:
        return
    for field in message.DESCRIPTOR.fields:
        if field.name not in seen:
            continue
        value, its = getattr(message, field.name), seen[field.name]
        below, pairs = field, [(value, its)]
        if is_map(field):
            below, pairs = field.message_type.fields_by_name["value"], [(value[key], its[key]) for key in its]
        elif field.is_repeated:
            pairs = list(zip(value, its, strict=True))
        type_name = _type_name(below)
        for one, inner in pairs:
            if type_name:
                yield FieldView(inner, field.name, field.full_name, type_name, option_tags(field), seen)
            elif isinstance(one, Message):
                yield from _fields(one, inner)


def _type_name(field: Any) -> str:
    """Return the word for a primitive type; empty for others."""
    if field.message_type is not None:
        name = field.message_type.full_name
        if name in _WRAPPERS:
            return _type_name(field.message_type.fields_by_name["value"])
        return "LONG" if name in _TIME else ""
    if field.type == FieldDescriptor.TYPE_BYTES:
        return "BYTES"
    return "" if field.enum_type is not None else _TYPE_NAMES[field.cpp_type]


def _scalar(value: Any, size: Size) -> Any:
    if isinstance(value, Message):
        return _plain(value, size)
    size.values += 1
    if isinstance(value, str):
        return text_to_cel(value, size)
    if isinstance(value, bytes):
        size.longest = max(size.longest, len(value))
    return value
