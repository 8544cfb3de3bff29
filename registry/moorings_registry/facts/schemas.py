"""Schemas: definitions, the versions that they become, refusals, and deletions."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar


@dataclass(frozen=True, slots=True)
class SchemaDefined:
    """A definition was seen for the first time, in whatever subject, accepted or refused."""

    guid: str
    format: str
    text: str
    references: list[Mapping[str, Any]]
    metadata: Mapping[str, Any] | None
    rule_set: Mapping[str, Any] | None
    v: ClassVar[int] = 1


@dataclass(frozen=True, slots=True)
class InvalidSchemaKept:
    """A definition that came from another registry is kept as it was there, although it is not a valid schema here."""

    guid: str
    reason: str
    v: ClassVar[int] = 1


@dataclass(frozen=True, slots=True)
class DialectChosen:
    """A JSON Schema names a dialect of another party, and is read in the draft that its domain named then."""

    guid: str
    dialect: str
    """Such as ``draft-04``; where the default was chosen, nothing is recorded."""
    v: ClassVar[int] = 1


@dataclass(frozen=True, slots=True)
class SchemaAliased:
    """A definition that came from another registry is found by the guid that it had there, too."""

    guid: str
    alias: str
    v: ClassVar[int] = 1


@dataclass(frozen=True, slots=True)
class SchemaRegistered:
    """A definition became a version of a subject."""

    subject: str
    version: int
    id: int
    guid: str
    major: int
    revision: int
    group: str
    """The value of the metadata property that names the major on the Confluent API; empty where none does."""
    level: str
    """The compatibility level that it was held to."""
    compared: list[int]
    """The versions that it was compared with, newest first."""
    policy: Mapping[str, Any]
    """How findings were weighed, where it departs from the default (`moorings_compat.Policy`)."""
    v: ClassVar[int] = 1


@dataclass(frozen=True, slots=True)
class SchemaRefused:
    """A definition would have broken a promise."""

    subject: str
    guid: str
    major: int
    level: str
    verdict: str
    rules: list[str]
    """Codes of the rules that fired, sorted."""
    compared: list[int]
    """The versions that it was compared with, newest first."""
    policy: Mapping[str, Any]
    """How findings were weighed, where it departs from the default (`moorings_compat.Policy`)."""
    v: ClassVar[int] = 1


@dataclass(frozen=True, slots=True)
class VersionsSoftDeleted:
    """Versions were hidden; their ids still resolve."""

    subject: str
    versions: list[int]
    v: ClassVar[int] = 1


@dataclass(frozen=True, slots=True)
class VersionsPermanentlyDeleted:
    """Versions were permanently deleted."""

    subject: str
    versions: list[int]
    v: ClassVar[int] = 1


@dataclass(frozen=True, slots=True)
class VersionsRestored:
    """Soft-deleted versions came back under their numbers."""

    subject: str
    versions: list[int]
    v: ClassVar[int] = 1


@dataclass(frozen=True, slots=True)
class RevisionsPurged:
    """Why versions of a registered domain were deleted permanently, and whether their major still answers for them.

    Precedes the `VersionsPermanentlyDeleted` of the same versions.
    """

    subject: str
    versions: list[int]
    reason: str
    waiver: int
    """The waiver that says that no stored event of them is left; 0: none, so every later revision of their majors is
    compared with them still."""
    v: ClassVar[int] = 1


SchemaFact = (
    SchemaDefined
    | InvalidSchemaKept
    | DialectChosen
    | SchemaAliased
    | SchemaRegistered
    | SchemaRefused
    | VersionsSoftDeleted
    | VersionsPermanentlyDeleted
    | VersionsRestored
    | RevisionsPurged
)
