"""Assessing another registry: what its histories look like under the verdicts of this one, and what moving in means."""

from moorings_registry.migration.assessing.assessed import AssessedRegistry, AssessedSubject
from moorings_registry.migration.assessing.assessing import assess_registry
from moorings_registry.migration.assessing.json_answer import as_json
from moorings_registry.migration.assessing.reading import (
    ReadRegistry,
    read_as_far_as_possible,
    read_dump_as_far_as_possible,
)

__all__ = [
    "AssessedRegistry",
    "AssessedSubject",
    "ReadRegistry",
    "as_json",
    "assess_registry",
    "read_as_far_as_possible",
    "read_dump_as_far_as_possible",
]
