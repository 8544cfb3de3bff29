"""Protobuf events: dicts or messages in, dicts or messages out.

A message of the schema's own class is written as it is. A message of a generated class of the same name is written
when its descriptors are the same as the contract's; otherwise its bytes are read back under the contract, and a field
that the contract does not know is a violation.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from google.protobuf import descriptor_pb2
from google.protobuf.message import DecodeError, EncodeError, Message
from google.protobuf.unknown_fields import UnknownFieldSet

from moorings.codecs.failures import Invalid, Mismatch
from moorings.codecs.protobuf.examine import examine
from moorings.codecs.protobuf.plans import MessagePlan, Plans, plain
from moorings.errors import FramingInvalid
from moorings.framing import message_indexes, read_message_indexes
from moorings.violations import Broken, Violation
from moorings_compat import Schema
from moorings_compat.protobuf import indexes_of, message_at, message_class


def main_message(schema: Schema, event: str) -> str:
    """Choose the message that a contract is about: the one named as the event, else the first of the file."""
    first = message_at(schema, (0,))
    package = first.rpartition(".")[0]
    name = f"{package}.{event}" if package else event
    try:
        indexes_of(schema, name)
    except KeyError:
        return first
    return name


class ProtobufWriter:
    """Writes events of one message; *prefix* stands before the message's place in its file."""

    def __init__(self, schema: Schema, event: str, prefix: bytes) -> None:
        name = main_message(schema, event)
        self._class: Any = message_class(schema, name)
        self._plan = Plans().message(self._class.DESCRIPTOR)
        self._prefix = prefix + message_indexes(indexes_of(schema, name))
        self._alike: dict[type, bool] = {self._class: True}

    def encode(self, value: Any) -> bytes:
        """Return the prefix and the event, a message or a dict.

        Raises:
            Invalid: with every violation.
        """
        if self._alike.get(value.__class__) is None:
            value = self._as_message(value)
        try:
            return self._prefix + value.SerializeToString()  # type: ignore[no-any-return]  # bytes
        except EncodeError:
            missing = value.FindInitializationErrors()
        raise Invalid([_missing(path) for path in missing])

    def violations(self, value: Any) -> Sequence[Violation]:
        """Return what is wrong with an event; nothing for a valid one."""
        try:
            self.encode(value)
        except Invalid as invalid:
            return invalid.violations
        return ()

    def _as_message(self, value: Any) -> Any:
        if isinstance(value, Message):
            return self._of_another_class(value)
        found, given = examine(self._plan, value)
        if found:
            raise Invalid(found)
        return self._class(**given)

    def _of_another_class(self, value: Message) -> Any:
        """Take a message whose class was generated elsewhere."""
        if value.DESCRIPTOR.full_name != self._class.DESCRIPTOR.full_name:
            raise Invalid([Violation("", f"message {self._plan.name}", Broken.TYPE_WRONG)])
        if _descriptions(value.DESCRIPTOR) == _descriptions(self._class.DESCRIPTOR):
            self._alike[value.__class__] = True
            return value
        message = self._class.FromString(value.SerializePartialToString())
        unknown = list(_unknown_fields(message, self._plan, ""))
        if unknown:
            raise Invalid(unknown)
        return message


class ProtobufReader:
    """Reads events that one schema wrote as the message of another; the message's place begins at *start*."""

    def __init__(self, writer: Schema, reader: Schema, event: str, start: int) -> None:
        self._writer = writer
        self._start = start
        self._name = main_message(reader, event)
        self._class: Any = message_class(reader, self._name)
        self._plan = Plans().message(self._class.DESCRIPTOR)
        self._first_is_ours = _is_named(message_at(writer, (0,)), self._name)

    def decode(self, data: bytes) -> Any:
        """Return the event as a dict.

        Raises:
            Mismatch: it cannot be read, or is another message of the writer's file.
        """
        return plain(self.decode_message(data), self._plan)

    def decode_message(self, data: bytes) -> Any:
        """Return the event as a message of the reader's class."""
        start = self._start
        at_first = self._first_is_ours and data[start : start + 1] == b"\x00"
        begins = start + 1 if at_first else self._begin(data)
        try:
            message = self._class.FromString(data[begins:])
        except DecodeError:
            message = None
        if message is None:
            raise Mismatch("", "the bytes are not this message")
        if not message.IsInitialized():
            missing = [_missing(path) for path in message.FindInitializationErrors()]
            raise Mismatch(missing[0].pointer, "a required field is missing", missing)
        return message

    def _begin(self, data: bytes) -> int:
        """Read the message's place, and refuse a message of another name."""
        try:
            indexes, begins = read_message_indexes(data, self._start)
            name = message_at(self._writer, indexes)
        except (FramingInvalid, KeyError):
            name, begins = "", 0
        if not _is_named(name, self._name):
            raise Mismatch("", f"it holds {name or 'no message of its schema'}, not {self._name}")
        return begins


def _is_named(name: str, wanted: str) -> bool:
    """Compare without packages: the bytes do not know them either."""
    return name.rpartition(".")[2] == wanted.rpartition(".")[2]


def _missing(path: str) -> Violation:
    pointer = "/" + path.replace(".", "/").replace("[", "/").replace("]", "")
    return Violation(pointer, "this required field", Broken.FIELD_MISSING)


def _descriptions(descriptor: Any) -> dict[str, bytes]:
    """Describe a message and all it contains, by name: equal for classes that write the same bytes."""
    found: dict[str, bytes] = {}
    waiting = [descriptor]
    while waiting:
        one = waiting.pop()
        if one.full_name in found:
            continue
        found[one.full_name] = _description(one)
        for field in getattr(one, "fields", ()):
            waiting.extend(type for type in (field.message_type, field.enum_type) if type is not None)
    return found


def _description(descriptor: Any) -> bytes:
    kind = descriptor_pb2.DescriptorProto if hasattr(descriptor, "fields") else descriptor_pb2.EnumDescriptorProto
    described: Any = kind()
    descriptor.CopyToProto(described)
    return bytes(described.SerializeToString(deterministic=True))


def _unknown_fields(message: Any, plan: MessagePlan, path: str) -> Iterator[Violation]:
    unknown: Any = UnknownFieldSet(message)
    for field in unknown:
        expected = f"no field number {field.field_number} in {plan.name}"
        yield Violation(f"{path}/{field.field_number}", expected, Broken.FIELD_UNDECLARED)
    for descriptor, value in message.ListFields():
        one = plan.fields.get(descriptor.name)
        if one is None or one.value.message is None:
            continue
        here = f"{path}/{one.name}"
        if one.key is not None:
            items = [(f"{here}/{key}", value[key]) for key in value]
        else:
            items = [(f"{here}/{n}", item) for n, item in enumerate(value)] if one.repeated else [(here, value)]
        for inner_path, inner in items:
            yield from _unknown_fields(inner, one.value.message, inner_path)
