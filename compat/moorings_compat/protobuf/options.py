"""Options as `.proto` source writes them, custom ones and language features included.

An options message is read again with the classes of the schema's own pool, where the extensions that define custom
options are known. Options that are meant for the source alone (``retention = RETENTION_SOURCE``) are left out: code
generators drop them from the descriptors that they embed, and a schema has to look the same from either side.
"""

from collections.abc import Iterator

from google.protobuf.descriptor_pb2 import FieldOptions
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass
from google.protobuf.unknown_fields import UnknownFieldSet

from moorings_compat.protobuf.literals import Unprintable, option_literal, valid_full_name
from moorings_compat.protobuf.reflection import FieldDescriptor

_SPELLED_OUT = "features"
_SKIPPED = {"google.protobuf.MessageOptions.map_entry"}


class OptionReader:
    """Reads the options of one schema's descriptors."""

    def __init__(self, pool: DescriptorPool) -> None:
        self._pool = pool
        self._classes: dict[str, type[Message] | None] = {}

    def options(self, options: Message) -> list[tuple[str, str]]:
        """Return (name, literal) of each option that is set, in the order of their numbers.

        Raises:
            Unprintable: an option that nothing imported defines.
        """
        known = self.known(options)
        return list(self._entries(known, ""))

    def known(self, options: Message) -> Message:
        """Return *options* with every extension that the pool knows as a field.

        A pool without ``google/protobuf/descriptor.proto`` knows none: without that import nothing can extend options.
        """
        name = options.DESCRIPTOR.full_name
        if name not in self._classes:
            self._classes[name] = self._class(name)
        known = self._classes[name]
        return options if known is None else known.FromString(options.SerializeToString())

    def _class(self, name: str) -> type[Message] | None:
        try:
            return GetMessageClass(self._pool.FindMessageTypeByName(name))
        except KeyError:
            return None

    def _entries(self, options: Message, prefix: str) -> Iterator[tuple[str, str]]:
        unknown = UnknownFieldSet(options)
        if len(unknown):
            number, where = unknown[0].field_number, options.DESCRIPTOR.name
            raise Unprintable(f"option number {number} in {where} is defined by nothing that is imported")
        for field, value in options.ListFields():
            if field.full_name in _SKIPPED or for_source_alone(field):
                continue
            name = prefix + (f"(.{valid_full_name(field.full_name)})" if field.is_extension else field.name)
            if field.is_repeated:
                yield from ((name, option_literal(field, one)) for one in value)
            elif field.message_type is not None and (prefix or field.name == _SPELLED_OUT):
                yield from self._entries(value, f"{name}.")
            else:
                yield name, option_literal(field, value)


def for_source_alone(field: FieldDescriptor) -> bool:
    """Say whether an option never leaves the source."""
    return bool(field.GetOptions().retention == FieldOptions.RETENTION_SOURCE)
