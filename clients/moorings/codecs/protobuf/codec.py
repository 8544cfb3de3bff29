"""Protobuf events: dicts or messages in, dicts or messages out.

A message of the schema's own class is written as it is. A message of a generated class of the same name is written
when its descriptors are the same as the contract's; otherwise its bytes are read back under the contract, and a field
that the contract does not know is a violation.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from google.protobuf import descriptor_pb2
from google.protobuf.message import DecodeError, EncodeError, Message
from google.protobuf.unknown_fields import UnknownFieldSet

from moorings.codecs.failures import Invalid, Mismatch, Refused
from moorings.codecs.framing import message_indexes, read_message_indexes
from moorings.codecs.protobuf.examine import examine
from moorings.codecs.protobuf.plans import MessagePlan, Plans, plain
from moorings.errors import FramingInvalid
from moorings.violations import Broken, Violation, type_name
from moorings_compat import Schema
from moorings_compat.protobuf import indexes_of, message_at, message_class, message_of_event


def make_writer(schema: Schema, event: str, prefix: bytes, _fields: object = None) -> "ProtobufWriter":
    """Make the writer of the message that *event* names; it puts *prefix* before every event."""
    return ProtobufWriter(schema, event, prefix)


def make_reader(writer: Schema, reader: Schema, event: str, start: int, _fields: object = None) -> "ProtobufReader":
    """Make the reader of what *writer* wrote, as *reader* has the message, from the byte *start* on."""
    return ProtobufReader(writer, reader, event, start)


class ProtobufWriter:
    """Writes events of one message; *prefix* precedes the message's indexes."""

    def __init__(self, schema: Schema, event: str, prefix: bytes) -> None:
        name = message_of_event(schema, event)
        self._class: Any = message_class(schema, name)
        self._plan = Plans().message(self._class.DESCRIPTOR)
        self._prefix = prefix + message_indexes(indexes_of(schema, name))
        self._alike: set[Any] = {self._class}
        self.at_once = self._compile()

    def encode(self, value: Any) -> bytes:
        """Return the prefix and an event that `at_once` did not handle: a dict, or a message of another class.

        Raises:
            Invalid: with every violation.
        """
        message = value if value.__class__ is self._class else self._as_message(value)
        try:
            return self._prefix + bytes(message.SerializeToString())
        except EncodeError:
            missing = message.FindInitializationErrors()
        raise Invalid([_missing(path) for path in missing])

    def violations(self, value: Any) -> Sequence[Violation]:
        """Return what is wrong with an event; nothing for a valid one."""
        try:
            self.encode(value)
        except Invalid as invalid:
            return invalid.violations
        return ()

    def _compile(self) -> Callable[[Any], bytes]:
        """Make the short path: for messages of the contract's own class, and of equivalent classes."""
        prefix, alike = self._prefix, self._alike

        def at_once(value: Any) -> bytes:
            if value.__class__ in alike:
                return prefix + value.SerializeToString()  # type: ignore[no-any-return]  # bytes
            raise Refused

        def at_once_if_complete(value: Any) -> bytes:
            if value.__class__ in alike and value.IsInitialized():
                return prefix + value.SerializeToString()  # type: ignore[no-any-return]
            raise Refused

        return at_once_if_complete if _asks_for_fields(self._plan) else at_once

    def _as_message(self, value: Any) -> Any:
        if isinstance(value, Message):
            return self._of_another_class(value)
        found, given = examine(self._plan, value)
        if found:
            raise Invalid(found)
        return self._class(**given)

    def _of_another_class(self, value: Message) -> Any:
        """Accept a message of another generated class."""
        if value.DESCRIPTOR.full_name != self._class.DESCRIPTOR.full_name:
            raise Invalid([Violation("", f"message {self._plan.name}", Broken.TYPE_WRONG, got=type_name(value))])
        if _descriptions(value.DESCRIPTOR) == _descriptions(self._class.DESCRIPTOR):
            self._alike.add(value.__class__)
            return value
        message = self._class.FromString(value.SerializePartialToString())
        unknown = list(_unknown_fields(message, self._plan, ""))
        if unknown:
            raise Invalid(unknown)
        return message


class ProtobufReader:
    """Reads events of one schema as the message of another; the message's indexes begin at *start*.

    `at_once` gives dicts, `message_at_once` messages.
    """

    def __init__(self, writer: Schema, reader: Schema, event: str, start: int) -> None:
        self._writer = writer
        self._start = start
        self._name = message_of_event(reader, event)
        self._own = _within(reader, self._name)
        self._class: Any = message_class(reader, self._name)
        self._plan = Plans().message(self._class.DESCRIPTOR)
        self.message_at_once = self._compile()
        plan, parsed = self._plan, self.message_at_once

        def at_once(data: bytes) -> Any:
            return plain(parsed(data), plan)

        self.at_once = at_once

    def mismatch(self, data: bytes, error: BaseException) -> Mismatch:
        """Say where and why `at_once` failed."""
        try:
            message = self._class.FromString(data[self._begin(data) :])
        except Mismatch as mismatch:
            return mismatch
        except DecodeError:
            return Mismatch("", "the bytes are not this message")
        missing = [_missing(path) for path in message.FindInitializationErrors()]
        return Mismatch(missing[0].pointer if missing else "", "a required field is missing", missing)

    def _compile(self) -> Callable[[bytes], Any]:
        """Make the short path to a message. The usual indexes are those of the file's first message, one zero byte."""
        start, after, begin, from_string = self._start, self._start + 1, self._begin, self._class.FromString
        first_is_ours = _within(self._writer, message_at(self._writer, (0,))) == self._own

        def message_at_once(data: bytes) -> Any:
            try:
                return from_string(data[begin(data) if data[start] or not first_is_ours else after :])
            except (DecodeError, Mismatch):
                raise Refused from None

        def complete_message_at_once(data: bytes) -> Any:
            message = message_at_once(data)
            if not message.IsInitialized():
                raise Refused
            return message

        return complete_message_at_once if _asks_for_fields(self._plan) else message_at_once

    def _begin(self, data: bytes) -> int:
        """Read the message's indexes, and refuse a message of another name."""
        try:
            indexes, begins = read_message_indexes(data, self._start)
            name = message_at(self._writer, indexes)
        except (FramingInvalid, KeyError):
            name, begins = "", 0
        if not name or _within(self._writer, name) != self._own:
            raise Mismatch("", f"it is {name or 'not a message of its schema'}, not {self._name}")
        return begins


def _asks_for_fields(plan: MessagePlan) -> bool:
    """Say whether any message within *plan* has a required field."""
    seen: set[str] = set()
    waiting = [plan]
    while waiting:
        one = waiting.pop()
        if one.name in seen:
            continue
        seen.add(one.name)
        if any(field.required for field in one.fields.values()):
            return True
        waiting.extend(field.value.message for field in one.fields.values() if field.value.message is not None)
    return False


def _within(schema: Schema, name: str) -> str:
    """The name of a message without the package of its file, which the bytes do not have either: ``Outer.Second``."""
    package = message_at(schema, (0,)).rpartition(".")[0]
    return name.removeprefix(f"{package}.") if package else name


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
