"""What decisions may be refused for, where both APIs describe it."""

from moorings_registry.errors import (
    AssociatedSubjectKept,
    DeclaredFieldMissing,
    FieldReserved,
    IdMismatch,
    KindRefused,
    MajorNotRetired,
    MajorRetired,
    MajorUnknown,
    MigrationUnfit,
    NameRefused,
    OperationNotPermitted,
    ReasonNeeded,
    ReferenceExists,
    Refusal,
    SchemaIncompatible,
    TopicTaken,
    TypeNameRefused,
    WaiverNeeded,
)

DELETION_REFUSALS: tuple[type[Refusal], ...] = (
    ReferenceExists,
    AssociatedSubjectKept,
    MajorNotRetired,
    MigrationUnfit,
    ReasonNeeded,
    OperationNotPermitted,
)
"""What a deletion of versions may be refused for, besides their names and whether they are deleted already."""
REGISTRATION_REFUSALS: tuple[type[Refusal], ...] = (
    IdMismatch,
    NameRefused,
    KindRefused,
    DeclaredFieldMissing,
    TopicTaken,
    TypeNameRefused,
    SchemaIncompatible,
    MajorUnknown,
    FieldReserved,
    MajorRetired,
    MigrationUnfit,
    OperationNotPermitted,
    WaiverNeeded,
)
"""What a registration may be refused for, besides a subject or a schema that cannot be read."""
