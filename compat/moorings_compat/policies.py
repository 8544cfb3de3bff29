"""What a domain can choose about checks. A policy re-classifies findings; it never removes one."""

from dataclasses import dataclass
from enum import StrEnum


class ProtobufLevel(StrEnum):
    """Which of Protobuf's three surfaces gates a change; each includes the ones before it."""

    WIRE = "wire"
    JSON = "json"
    SOURCE = "source"


class JsonFields(StrEnum):
    """What happens to fields that a JSON Schema does not declare."""

    OPEN = "open"
    """A writer may write anything that validates, and a reader validates it as it is."""
    DECLARED = "declared"
    """A writer writes only what its schema declares, and a reader leaves out what its own does not declare before it
    validates, as readers of Avro and Protobuf do."""


class Dialect(StrEnum):
    """The draft that a JSON Schema is read in whose `$schema` names a dialect of another party."""

    DRAFT_4 = "draft-04"
    DRAFT_6 = "draft-06"
    DRAFT_7 = "draft-07"
    DRAFT_2019_09 = "2019-09"
    DRAFT_2020_12 = "2020-12"


DEFAULT_DIALECT = Dialect.DRAFT_7


@dataclass(frozen=True, slots=True)
class Policy:
    """How findings are weighed."""

    lenient: bool = False
    """JSON Schema, Confluent's `compatibilityPolicy` LENIENT: optional properties may come and go in open models."""
    formats_asserted: bool = True
    """JSON Schema: `format` refuses values, as Moorings' own validators do."""
    protobuf_level: ProtobufLevel = ProtobufLevel.WIRE
    json_fields: JsonFields = JsonFields.OPEN
    """JSON Schema: which writers and readers a verdict speaks of."""
    conditions: bool = False
    """Rules in contracts: what their conditions refuse counts like what a schema refuses."""
    candidate_reads: bool = True
    """Whether the candidate is the reader, or else the writer. `check` sets it for each promise; hygiene rules report
    about the candidate, and suggestions edit it."""


DEFAULT_POLICY = Policy()
