"""Moving in from another registry: read it, plan it, take it over, compare."""

from moorings_registry.migration.guids import lost_guids, other_guids, with_aliases, without_guids
from moorings_registry.migration.http_source import read_registry
from moorings_registry.migration.imported import ImportedRegistry, ImportedVersion, SourceAway, SourceUnreadable
from moorings_registry.migration.peer import Peer
from moorings_registry.migration.planning import ImportPlan, plan_import, without_skipped
from moorings_registry.migration.source_sign_in import read_sign_in
from moorings_registry.migration.topic_dump import read_topic_dump
from moorings_registry.migration.verifying import differences, different_answers
from moorings_registry.migration.wsgi_transport import WsgiTransport

__all__ = [
    "ImportPlan",
    "ImportedRegistry",
    "ImportedVersion",
    "Peer",
    "SourceAway",
    "SourceUnreadable",
    "WsgiTransport",
    "differences",
    "different_answers",
    "lost_guids",
    "other_guids",
    "plan_import",
    "read_registry",
    "read_sign_in",
    "read_topic_dump",
    "with_aliases",
    "without_guids",
    "without_skipped",
]  # fmt: skip
