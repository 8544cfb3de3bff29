"""The fields of an event by their paths, in any format: which there are, and a schema reduced to some of them."""

from moorings_compat.fields.paths import ANY, WHOLE, Path, PathInvalid, path_of, pointer_of
from moorings_compat.fields.table import field_paths, field_tree, project
from moorings_compat.fields.tree import FieldTree, Holder, covers, find, nearest

__all__ = [
    "ANY",
    "WHOLE",
    "FieldTree",
    "Holder",
    "Path",
    "PathInvalid",
    "covers",
    "field_paths",
    "field_tree",
    "find",
    "nearest",
    "path_of",
    "pointer_of",
    "project",
]
