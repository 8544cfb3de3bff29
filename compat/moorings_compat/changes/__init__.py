"""Changes: what a person did to a schema, and everything that it causes."""

from moorings_compat.changes.change import CausedFinding, Change, Way, WayKind, failing
from moorings_compat.changes.changes import changes_of
from moorings_compat.changes.edit import Edit, EditKind

__all__ = ["CausedFinding", "Change", "Edit", "EditKind", "Way", "WayKind", "changes_of", "failing"]
