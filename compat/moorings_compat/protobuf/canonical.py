"""The normal form of a `.proto` file: what is left when the order of things that have no order is taken away.

Imports, fields, oneofs, enum constants, extensions, reserved and extension ranges are sorted; names are in full;
options come in the order of their numbers. Messages, enums, services and rpcs keep their order, because message indexes
depend on it. An enum's first constant stays first, because it is the default.
"""

from collections.abc import MutableSequence, Sequence
from typing import Any

from google.protobuf.descriptor_pb2 import (
    DescriptorProto,
    EnumDescriptorProto,
    FieldDescriptorProto,
    FileDescriptorProto,
)
from google.protobuf.descriptor_pool import DescriptorPool

from moorings_compat.protobuf.printer import print_file


def canonical_text(file: FileDescriptorProto, pool: DescriptorPool) -> str:
    """Write the normal form of *file* as `.proto` source."""
    sorted_file = FileDescriptorProto()
    sorted_file.CopyFrom(file)
    _sort_imports(sorted_file)
    _sort(sorted_file.extension, _extension_order)
    for enum in sorted_file.enum_type:
        _sort_enum(enum)
    for message in sorted_file.message_type:
        _sort_message(message)
    return print_file(sorted_file, pool, tied=False)


def _sort_imports(file: FileDescriptorProto) -> None:
    public = {file.dependency[index] for index in file.public_dependency}
    weak = {file.dependency[index] for index in file.weak_dependency}
    paths = sorted(file.dependency)
    file.dependency[:] = paths
    file.public_dependency[:] = [index for index, path in enumerate(paths) if path in public]
    file.weak_dependency[:] = [index for index, path in enumerate(paths) if path in weak]
    file.option_dependency[:] = sorted(file.option_dependency)


def _sort_message(message: DescriptorProto) -> None:
    _sort(message.field, lambda field: field.number)
    _sort(message.extension, _extension_order)
    _sort(message.extension_range, lambda one: one.start)
    merged = _joined_ranges([(one.start, one.end) for one in message.reserved_range])
    del message.reserved_range[:]
    for start, end in merged:
        message.reserved_range.add(start=start, end=end)
    message.reserved_name[:] = sorted(message.reserved_name)
    for enum in message.enum_type:
        _sort_enum(enum)
    for nested in message.nested_type:
        _sort_message(nested)


def _sort_enum(enum: EnumDescriptorProto) -> None:
    first = enum.value[0].name if enum.value else ""
    _sort(enum.value, lambda value: (value.name != first, value.number, value.name))
    merged = _joined_ranges([(one.start, one.end + 1) for one in enum.reserved_range])
    del enum.reserved_range[:]
    for start, end in merged:
        enum.reserved_range.add(start=start, end=end - 1)
    enum.reserved_name[:] = sorted(enum.reserved_name)


def _extension_order(field: FieldDescriptorProto) -> tuple[str, int]:
    return field.extendee, field.number


def _joined_ranges(ranges: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Sort half-open ranges and join those that touch."""
    joined: list[tuple[int, int]] = []
    for start, end in sorted(ranges):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], end))
        else:
            joined.append((start, end))
    return joined


def _sort(elements: MutableSequence[Any], order: Any) -> None:
    """Sort a repeated field of messages in place."""
    elements.sort(key=order)  # type: ignore[attr-defined]  # every repeated container of the runtime sorts
