"""All that the rules may ask about one reader and one writer."""

from dataclasses import dataclass

from moorings_compat.avro.branches import BranchChooser
from moorings_compat.avro.match import TypeMatcher
from moorings_compat.avro.model import AvroModel, Definition, Node
from moorings_compat.avro.smallest_values import Least, least_of
from moorings_compat.avro.type_labels import words
from moorings_compat.limits import Budget


@dataclass(frozen=True, slots=True)
class Pairing:
    """One reader, one writer, and the steps that may be spent on them."""

    reader: AvroModel
    writer: AvroModel
    budget: Budget
    matching: TypeMatcher
    chooser: BranchChooser
    least: Least
    """What the writer can write at all."""

    @classmethod
    def of(cls, reader: AvroModel, writer: AvroModel, budget: Budget) -> "Pairing":
        matching = TypeMatcher(reader, writer)
        return cls(reader, writer, budget, matching, BranchChooser(matching, budget), least_of(writer))

    def reader_words(self, node: Node) -> str:
        return words(self.reader, node)

    def writer_words(self, node: Node) -> str:
        return words(self.writer, node)

    def read_as(self, full: str) -> Definition:
        """Return the reader's definition of *full*."""
        return self.reader.types[full]

    def written_as(self, full: str) -> Definition:
        """Return the writer's definition of *full*."""
        return self.writer.types[full]
