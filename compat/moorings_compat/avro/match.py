"""Does a reader's type match a writer's? A decoder asks it before it reads a value, and when it picks a branch.

Matching looks at types and names only: into arrays and maps, and never into a record's fields. Two records of one
name match however much they differ; whether one can be read as the other is the walk's question.

Source: Avro 1.12, Schema Resolution ("to match, one of the following must hold") and Aliases.
"""

from dataclasses import dataclass

from moorings_compat.avro.model import Array, AvroModel, Definition, Fixed, Map, Node, Primitive, TypeName, Union
from moorings_compat.avro.names import short_name

PROMOTIONS: dict[str, tuple[str, ...]] = {
    "int": ("long", "float", "double"),
    "long": ("float", "double"),
    "float": ("double",),
    "string": ("bytes",),
    "bytes": ("string",),
}
"""What a written primitive type may be read as, besides itself. The only table of promotions."""


def readable_as(writer_kind: str, reader_kind: str) -> bool:
    """Tell whether a primitive may be read as another, or itself."""
    return writer_kind == reader_kind or reader_kind in PROMOTIONS.get(writer_kind, ())


def names_meet(reader: Definition, writer: Definition) -> bool:
    """Tell whether two definitions have the same unqualified name, or the reader's has the writer's as an alias."""
    return short_name(reader.full) == short_name(writer.full) or writer.full in reader.aliases


def definitions_match(reader: Definition, writer: Definition) -> bool:
    """Tell whether two definitions match: of one kind, names that meet, and for fixed one size."""
    if reader.__class__ is not writer.__class__ or not names_meet(reader, writer):
        return False
    return not (isinstance(reader, Fixed) and isinstance(writer, Fixed)) or reader.size == writer.size


@dataclass(frozen=True, slots=True)
class TypeMatcher:
    """Matches nodes of one reader with nodes of one writer."""

    reader: AvroModel
    writer: AvroModel

    def match(self, reader: Node, writer: Node) -> bool:
        """Tell whether *reader* matches *writer*; a union on either side always does."""
        if isinstance(reader, Union) or isinstance(writer, Union):
            return True
        if isinstance(reader, Primitive):
            return isinstance(writer, Primitive) and readable_as(writer.kind, reader.kind)
        if isinstance(reader, TypeName):
            return isinstance(writer, TypeName) and definitions_match(
                self.reader.types[reader.full], self.writer.types[writer.full]
            )
        if isinstance(reader, Array):
            return isinstance(writer, Array) and self.match(reader.items, writer.items)
        return isinstance(writer, Map) and self.match(reader.values, writer.values)
