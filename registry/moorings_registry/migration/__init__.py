"""Moving in from another registry: read it, plan it, take it over, compare."""

from moorings_registry.migration.guids import lost_guids, other_guids, with_aliases, without_guids
from moorings_registry.migration.http_source import read_registry
from moorings_registry.migration.imported import Imported, ImportedVersion, SourceAway, SourceUnreadable
from moorings_registry.migration.in_process import InProcess
from moorings_registry.migration.peer import Peer
from moorings_registry.migration.planning import Plan, plan_import, without_skipped
from moorings_registry.migration.topic_dump import read_topic_dump
from moorings_registry.migration.verifying import differences, different_answers

__all__ = [
    "Imported", "ImportedVersion", "InProcess", "Peer", "Plan", "SourceAway", "SourceUnreadable", "differences",
    "different_answers", "lost_guids", "other_guids", "plan_import", "read_registry", "read_topic_dump",
    "with_aliases", "without_guids", "without_skipped",
]  # fmt: skip
