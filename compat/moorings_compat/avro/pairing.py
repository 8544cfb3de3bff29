"""All that the rules may ask about one reader and one writer."""

from dataclasses import dataclass

from moorings_compat.avro.branches import Chooser
from moorings_compat.avro.match import Matching
from moorings_compat.avro.model import Model, Named, Node
from moorings_compat.avro.smallest_values import Least, least_of
from moorings_compat.avro.type_labels import words
from moorings_compat.limits import Budget


@dataclass(frozen=True, slots=True)
class Pairing:
    """One reader, one writer, and the steps that may be spent on them."""

    reader: Model
    writer: Model
    budget: Budget
    matching: Matching
    chooser: Chooser
    least: Least
    """What the writer can write at all."""

    @classmethod
    def of(cls, reader: Model, writer: Model, budget: Budget) -> "Pairing":
        matching = Matching(reader, writer)
        return cls(reader, writer, budget, matching, Chooser(matching, budget), least_of(writer))

    def reader_words(self, node: Node) -> str:
        return words(self.reader, node)

    def writer_words(self, node: Node) -> str:
        return words(self.writer, node)

    def read_as(self, full: str) -> Named:
        """Return the reader's definition of *full*."""
        return self.reader.types[full]

    def written_as(self, full: str) -> Named:
        """Return the writer's definition of *full*."""
        return self.writer.types[full]
