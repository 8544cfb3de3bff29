"""A reference reader: the specification's resolution applied to a value, for where fastavro is laxer.

It rewrites the writer's names by the reader's aliases as the specification words it ("the implementation would act as
though Foo were named Bar"), and it takes the branch of a reader's union as Java does: of exactly the written type
first. It takes values as `payload` makes them, and gives them as fastavro does, the branches of unions not named.
It refuses decimals whose scales differ, and amounts of more digits than the reader declares, which no library checks.

Source: Avro 1.12, Schema Resolution, Aliases, and Logical Types, Decimal.
"""

from decimal import Decimal
from typing import Any

from moorings_compat.avro.branches import BranchChooser
from moorings_compat.avro.logical import Logical
from moorings_compat.avro.match import TypeMatcher, names_meet, readable_as
from moorings_compat.avro.model import (
    Array,
    AvroModel,
    Definition,
    Enum,
    Fixed,
    Map,
    Node,
    Primitive,
    Record,
    TypeName,
    Union,
    branch_name,
)
from moorings_compat.avro.names import short_name
from moorings_compat.limits import Budget


class ValueRefused(Exception):
    """The reader cannot read the value; the message says why."""


class ReferenceReader:
    """Reads values that one schema wrote with another."""

    def __init__(self, reader: AvroModel, writer: AvroModel) -> None:
        self._reader = reader
        self._writer = writer
        self._chooser = BranchChooser(TypeMatcher(reader, writer), Budget())

    def read(self, value: Any) -> Any:
        """Return *value*, a payload of the writer, as the reader reads it.

        Raises:
            ValueRefused: the specification signals an error.
        """
        return self._read_node(self._reader.root, self._writer.root, value)

    def _read_node(self, reader: Node, writer: Node, value: Any) -> Any:
        if isinstance(writer, Union):
            name, inner = value
            branch = next(one for one in writer.branches if branch_name(one) == name)
            return self._read_node(reader, branch, inner)
        if isinstance(reader, Union):
            choice = self._chooser.choose(reader, writer)
            if choice.decoded is None:
                raise ValueRefused(f"no branch of the reader's union matches {branch_name(writer)}")
            return self._read_node(reader.branches[choice.decoded], writer, value)
        if isinstance(reader, Primitive) and isinstance(writer, Primitive) and readable_as(writer.kind, reader.kind):
            return _amount(reader.logical, writer.logical, value)
        if isinstance(reader, Array) and isinstance(writer, Array):
            return [self._read_node(reader.items, writer.items, one) for one in value]
        if isinstance(reader, Map) and isinstance(writer, Map):
            return {key: self._read_node(reader.values, writer.values, one) for key, one in value.items()}
        if isinstance(reader, TypeName) and isinstance(writer, TypeName):
            return self._read_definition(self._reader.types[reader.full], self._writer.types[writer.full], value)
        raise ValueRefused(f"{branch_name(writer)} does not match {branch_name(reader)}")

    def _read_definition(self, reader: Definition, writer: Definition, value: Any) -> Any:
        if isinstance(reader, Record) and isinstance(writer, Record) and names_meet(reader, writer):
            return self._read_record(reader, writer, value)
        renamed = self._reader.alias_owners.get(writer.full, writer.full)
        if reader.__class__ is not writer.__class__ or short_name(renamed) != short_name(reader.full):
            raise ValueRefused(f"{writer.full} does not match {reader.full}")
        if isinstance(reader, Enum) and value not in reader.symbols:
            if reader.default is None:
                raise ValueRefused(f"{reader.full} has no symbol {value} and no default")
            return reader.default
        if isinstance(reader, Fixed) and isinstance(writer, Fixed) and reader.size != writer.size:
            raise ValueRefused(f"{reader.full} has {reader.size} bytes, not {writer.size}")
        if isinstance(reader, Fixed) and isinstance(writer, Fixed):
            return _amount(reader.logical, writer.logical, value)
        return value

    def _read_record(self, reader: Record, writer: Record, value: Any) -> Any:
        renamed = {alias: field.name for field in reader.fields for alias in field.aliases}
        written: dict[str, tuple[Node, Any]] = {}
        for field in writer.fields:
            name = renamed.get(field.name, field.name)
            if name in written:
                raise ValueRefused(f"two written fields are called {name} once aliases are applied")
            written[name] = (field.type, value[field.name])
        read = {}
        for field in reader.fields:
            if field.name in written:
                read[field.name] = self._read_node(field.type, *written[field.name])
            elif field.has_default:
                read[field.name] = field.default
            else:
                raise ValueRefused(f"nothing fills {field.name} of {reader.full}")
        return read


def _amount(reader: Logical | None, writer: Logical | None, value: Any) -> Any:
    """Return *value*, refused where it is the amount of a decimal that the reader's decimal does not match."""
    if reader is None or writer is None or not reader.name == writer.name == "decimal":
        return value
    unscaled = int.from_bytes(value, "big", signed=True)
    if reader.scale != writer.scale:
        written, read = (str(Decimal(unscaled).scaleb(-one.scale)) for one in (writer, reader))
        raise ValueRefused(f"{writer} does not match {reader}: {written} would be read as {read}")
    if len(str(abs(unscaled))) > reader.precision:
        raise ValueRefused(f"{writer} does not match {reader}: an amount of {len(str(abs(unscaled)))} digits")
    return value
