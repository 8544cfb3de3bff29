"""A schema as a value: its text, what it refers to, and the forms that identify it."""

import hashlib
from dataclasses import dataclass, field
from enum import StrEnum


class Format(StrEnum):
    """The schema languages, under the names that the Confluent API gives them."""

    AVRO = "AVRO"
    JSON = "JSON"
    PROTOBUF = "PROTOBUF"


@dataclass(frozen=True, slots=True)
class Reference:
    """A schema's use of a version of another subject.

    `name` is what the text calls it: an Avro full name, a JSON Schema `$ref` target, a `.proto` import path.
    """

    name: str
    subject: str
    version: int


@dataclass(frozen=True, slots=True)
class ResolvedReference:
    """A reference together with the schema it leads to, which carries its own references."""

    reference: Reference
    schema: "Schema"


@dataclass(frozen=True, slots=True)
class Schema:
    """One parsed schema: valid, complete, references resolved.

    Two schemas are equal when format, identity text, references and dialect are.
    """

    format: Format
    text: str = field(compare=False)
    """The stored text: for Avro and JSON Schema one line of JSON, for Protobuf the `.proto` source."""
    identity: str
    """The text without everything that never makes a new version (white space; in Avro also key order)."""
    canonical: str = field(compare=False)
    """The one text that all schemas of the same meaning share: the format's normal form."""
    references: tuple[ResolvedReference, ...] = ()
    model: object = field(default=None, compare=False, repr=False)
    """What the format read from the text: only the format's own `model_of` says of which class it is."""
    dialect: str = ""
    """JSON Schema: the draft that a policy chose for the dialect of another party that `$schema` names; empty for every
    other schema, and for the default choice."""

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the canonical form, 64 hex digits."""
        return hashlib.sha256(self.canonical.encode()).hexdigest()
