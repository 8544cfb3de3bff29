"""The fields of an event by their paths, in any format: which there are, and a schema reduced to some of them.

Three readings of a schema's fields ask different things of it, and none can answer for another:

- these trees go by the paths that events have: references are followed, branches of a choice lie over each other, and a
  schema may contain itself. What is left when a schema is reduced is a schema again;
- `changes.outline` goes by declarations, as people edit them: one place in the text each, a definition once however
  often it is used, with the text of its keywords;
- the client's `event_model` goes by the values that a codec takes and gives: types of Python, presence and defaults.
"""

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
