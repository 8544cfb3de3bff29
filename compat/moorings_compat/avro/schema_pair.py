"""What the rules may ask about one reader and one writer."""

from dataclasses import dataclass

from moorings_compat.avro.branches import BranchChooser
from moorings_compat.avro.match import TypeMatcher
from moorings_compat.avro.model import AvroModel, Definition, Node
from moorings_compat.avro.smallest_values import SmallestValues, smallest_values_of
from moorings_compat.avro.type_labels import type_label
from moorings_compat.limits import Budget


@dataclass(frozen=True, slots=True)
class SchemaPair:
    """One reader, one writer, and the steps that may be spent on them."""

    reader: AvroModel
    writer: AvroModel
    budget: Budget
    matcher: TypeMatcher
    chooser: BranchChooser
    smallest: SmallestValues
    """What the writer can write at all."""

    @classmethod
    def of(cls, reader: AvroModel, writer: AvroModel, budget: Budget) -> "SchemaPair":
        matcher = TypeMatcher(reader, writer)
        return cls(reader, writer, budget, matcher, BranchChooser(matcher, budget), smallest_values_of(writer))

    def reader_label(self, node: Node) -> str:
        return type_label(self.reader, node)

    def writer_label(self, node: Node) -> str:
        return type_label(self.writer, node)

    def read_as(self, full: str) -> Definition:
        """Return the reader's definition of *full*."""
        return self.reader.types[full]

    def written_as(self, full: str) -> Definition:
        """Return the writer's definition of *full*."""
        return self.writer.types[full]
