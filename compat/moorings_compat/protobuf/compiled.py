"""One compiled schema and the runtime's view of it: files, pool, message classes, message indexes.

Every schema has a descriptor pool of its own: two versions of one message never meet in a process-wide pool.
"""

import base64
from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Any

from google.protobuf.descriptor import Descriptor
from google.protobuf.descriptor_pb2 import DescriptorProto, FileDescriptorProto, FileDescriptorSet
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass
from google.protobuf.reflection import GeneratedProtocolMessageType

from moorings_compat.errors import Problem, SchemaInvalid
from moorings_compat.protobuf.types import TypeTable, read_types
from moorings_compat.schema import Schema

_MOST_BY_RECURSION = 100
"""Messages whose classes the runtime can make by recursion."""


class Compiled:
    """The model of a Protobuf schema: its own file, and the files it needs in an order that can be loaded."""

    def __init__(self, own: bytes, dependencies: Sequence[bytes]) -> None:
        self.own = own
        self.dependencies = tuple(dependencies)
        self._classes: tuple[type[Message], ...] = ()

    @cached_property
    def file(self) -> FileDescriptorProto:
        """The schema's own file; shared, so copy it before changing anything."""
        return FileDescriptorProto.FromString(self.own)

    @cached_property
    def needed(self) -> tuple[FileDescriptorProto, ...]:
        """The files of the dependencies, each after what it needs itself."""
        return tuple(FileDescriptorProto.FromString(file) for file in self.dependencies)

    @cached_property
    def pool(self) -> DescriptorPool:
        """A pool that holds this schema and its dependencies; see `new_pool`."""
        return self.new_pool()

    def new_pool(self) -> DescriptorPool:
        """Build a pool that is not kept: a registry reads many schemas and never makes a message of most of them.

        Raises:
            SchemaInvalid: the runtime refuses what the compiler accepted.
        """
        pool = DescriptorPool()
        try:
            for file in (*self.needed, self.file):
                _load(pool, file)
        except TypeError as error:
            reason = str(error).removeprefix("Couldn't build proto file into descriptor pool: ")
            raise SchemaInvalid(Problem("", f"the Protobuf runtime refuses the schema: {reason}")) from None
        return pool

    @cached_property
    def types(self) -> TypeTable:
        """Messages and enums of all files by full name, with the features of every field computed."""
        return read_types(self.file, self.needed)

    def descriptor(self, full_name: str) -> Descriptor:
        """Look up a message by its full name.

        Raises:
            KeyError: there is no message of that name.
        """
        return self.pool.FindMessageTypeByName(full_name)

    def message_class(self, full_name: str) -> type[Message]:
        """Return the class of one message, made in this schema's own pool.

        Raises:
            KeyError: there is no message of that name.
        """
        self._make_classes()
        return GetMessageClass(self.descriptor(full_name))

    def _make_classes(self) -> None:
        """Make all classes of a schema with many messages, and keep them.

        The runtime makes a class together with those of its fields, and theirs, by recursion: a chain of some hundred
        messages would be too long for it. Made one by one before, they are there when it asks for them.
        """
        if not self._classes and len(self.types.messages) > _MOST_BY_RECURSION:
            self._classes = tuple(map(_class_of, map(self.descriptor, self.types.messages)))


def _load(pool: DescriptorPool, file: FileDescriptorProto) -> None:
    """Add *file* to *pool*.

    In proto2 two fields may have one name in ProtoJSON: protoc warns and goes on, the runtime refuses. It takes them
    where the message says that it knows, so the pool's copy of the file says so, and the schema itself does not.
    """
    try:
        pool.AddSerializedFile(file.SerializeToString())
    except TypeError as error:
        if "duplicate json_name" not in str(error):
            raise
        pool.AddSerializedFile(_with_conflicts_allowed(file).SerializeToString())


def _with_conflicts_allowed(file: FileDescriptorProto) -> FileDescriptorProto:
    allowing = FileDescriptorProto()
    allowing.CopyFrom(file)
    waiting = list(allowing.message_type)
    while waiting:
        message = waiting.pop()
        message.options.deprecated_legacy_json_field_conflicts = True
        waiting.extend(message.nested_type)
    return allowing


def _class_of(descriptor: Any) -> type[Message]:
    made: type[Any] = GeneratedProtocolMessageType(
        descriptor.name, (Message,), {"DESCRIPTOR": descriptor, "__module__": None}
    )
    return made


def compiled(schema: Schema) -> Compiled:
    """Return the model of a Protobuf schema."""
    assert isinstance(schema.model, Compiled)
    return schema.model


def file_descriptor(schema: Schema) -> FileDescriptorProto:
    """Return the schema's own file as a fresh `FileDescriptorProto`."""
    return FileDescriptorProto.FromString(compiled(schema).own)


def descriptor_set(schema: Schema) -> FileDescriptorSet:
    """Return the schema's file and all it needs, dependencies first: what ``protoc --descriptor_set_in`` takes."""
    return FileDescriptorSet(file=[*compiled(schema).needed, compiled(schema).file])


def serialized(schema: Schema) -> str:
    """Return the schema's own file as base64: the Confluent API's format ``serialized``."""
    return base64.b64encode(compiled(schema).own).decode("ascii")


def message_class(schema: Schema, full_name: str | None = None) -> type[Message]:
    """Return the class of one message, made in the schema's own pool; the first message if no name is given.

    Raises:
        KeyError: the schema has no such message.
    """
    return compiled(schema).message_class(full_name or message_at(schema, (0,)))


def message_at(schema: Schema, indexes: Sequence[int]) -> str:
    """Return the full name of the message at *indexes*: (1, 0) is the first message inside the second.

    These are the indexes of Confluent's framing; a map's entry counts, as it does in every runtime's descriptors.

    Raises:
        KeyError: there is no message at these indexes.
    """
    package = compiled(schema).file.package
    names = [package] if package else []
    nested: Sequence[DescriptorProto] = compiled(schema).file.message_type
    for index in indexes:
        if not 0 <= index < len(nested):
            raise KeyError(f"no message at {list(indexes)}")
        names.append(nested[index].name)
        nested = nested[index].nested_type
    if not indexes:
        raise KeyError("no message at []")
    return ".".join(names)


def message_of_event(schema: Schema, event: str) -> str:
    """Return the full name of the message that is the event: the one named like it, else the first of the file.

    *event* may be a whole name: ``made.Outer.Second`` is the nested message, in the package ``made`` or another one.
    """
    first = message_at(schema, (0,))
    package = compiled(schema).file.package
    known = {name for _, name in _numbered(compiled(schema).file.message_type, package)}
    parts = event.split(".")
    tails = (".".join(parts[start:]) for start in range(len(parts)))
    named = (f"{package}.{tail}" if package else tail for tail in tails)
    return next((name for name in named if name in known), first)


def indexes_of(schema: Schema, full_name: str) -> tuple[int, ...]:
    """Return the indexes of a message of the schema's own file: the inverse of `message_at`.

    Raises:
        KeyError: the schema's own file declares no such message.
    """
    for indexes, name in _numbered(compiled(schema).file.message_type, compiled(schema).file.package):
        if name == full_name:
            return indexes
    raise KeyError(full_name)


def _numbered(
    messages: Sequence[DescriptorProto], scope: str, above: tuple[int, ...] = ()
) -> Iterator[tuple[tuple[int, ...], str]]:
    for index, message in enumerate(messages):
        name = f"{scope}.{message.name}" if scope else message.name
        yield (*above, index), name
        yield from _numbered(message.nested_type, name, (*above, index))
