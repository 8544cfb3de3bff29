"""The runtime's descriptors and messages, by number and by name.

`Descriptor`, `FieldDescriptor` and `EnumDescriptor` stand for the runtime's own classes. The stubs describe two
implementations of them that do not mix, so to the type checker they are anything.
"""

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from google.protobuf.message import Message

Descriptor = Any
EnumDescriptor = Any
FieldDescriptor = Any


def fields_by_number(descriptor: Descriptor) -> Callable[[int], FieldDescriptor | None]:
    """Return a look-up of fields by number that knows extensions too."""

    def look_up(number: int) -> FieldDescriptor | None:
        field = descriptor.fields_by_number.get(number)
        if field is None and descriptor.is_extendable:
            try:
                field = descriptor.file.pool.FindExtensionByNumber(descriptor, number)
            except KeyError:
                return None
        return field

    return look_up


@lru_cache(maxsize=64)
def required_fields(descriptor: Descriptor) -> tuple[FieldDescriptor, ...]:
    """Return the required fields; kept, since a message of thousands of fields is asked again for every witness."""
    return tuple(field for field in descriptor.fields if field.is_required)


@lru_cache(maxsize=64)
def fields_with_defaults(descriptor: Descriptor) -> tuple[FieldDescriptor, ...]:
    """Return the fields that read as something else than zero while nobody has set them; kept likewise."""
    singular = (field for field in descriptor.fields if field.has_presence and field.message_type is None)
    return tuple(field for field in singular if field.default_value)


@lru_cache(maxsize=64)
def implicit_enums(descriptor: Descriptor) -> tuple[FieldDescriptor, ...]:
    """Return the enum fields whose zero is never written; kept likewise."""
    return tuple(
        one for one in descriptor.fields if one.enum_type is not None and not one.has_presence | one.is_repeated
    )


def is_map(field: FieldDescriptor) -> bool:
    return bool(field.is_repeated and field.message_type is not None and field.message_type.GetOptions().map_entry)


def handle(message: Message, field: FieldDescriptor) -> Any:
    """Return what `Message.Extensions` wants for an extension."""
    descriptor: Descriptor = message.DESCRIPTOR
    return descriptor.file.pool.FindExtensionByName(field.full_name)


def content(message: Message, field: FieldDescriptor) -> Any:
    """Return what a field of *message* holds, its default included."""
    return message.Extensions[handle(message, field)] if field.is_extension else getattr(message, field.name)


def is_set(message: Message, field: FieldDescriptor) -> bool:
    """Say whether a singular field with presence is set."""
    if field.is_extension:
        return bool(message.HasExtension(handle(message, field)))
    return message.HasField(field.name)


def elements(field: FieldDescriptor, value: Any) -> list[Any]:
    """Return the value of a field as a list: of one, of its elements, or of a map's (key, value) pairs, sorted."""
    if is_map(field):
        return sorted(value.items(), key=lambda entry: str(entry[0]))
    return list(value) if field.is_repeated else [value]


def shown(value: Any) -> str:
    """Print a made-up value in a sentence."""
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    if isinstance(value, Message):
        return "a message"
    if isinstance(value, tuple):
        return "an entry"
    if isinstance(value, bool):
        return str(value).lower()
    return repr(value)
