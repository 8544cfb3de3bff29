"""The fields of a revision as a table: types, defaults, documentation, tags, since when, and who reads each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from moorings_compat import Budget, BudgetSpent, ProtobufCompilerUnavailable
from moorings_compat.changes.outline import Outline, Part
from moorings_compat.changes.outlines import outline_of
from moorings_compat.conditions.events.table import events_of
from moorings_compat.fields import Path, field_paths, field_tree, pointer_of
from moorings_compat.fields.tree import walk
from moorings_registry.commands import Reader, parsed
from moorings_registry.http.requests import current_registry
from moorings_registry.policy import comparison_policy
from moorings_registry.questions import readers_of_field
from moorings_registry.state import Definition, State, SubjectState, Version

MOST_FIELDS = 150
"""Fields that are listed; the schema beside them has all."""
_MOST_REVISIONS = 25
"""Revisions of the major that are looked through for when a field came."""
_STEPS = 60_000
"""Steps that making an example may take."""


@dataclass(frozen=True, slots=True)
class FieldRow:
    """One field."""

    path: str
    """Dotted, with ``[]`` for the items of an array."""
    type: str
    default: str
    """As the schema has it; empty where it has none."""
    optional: bool
    """Whether an event without it can be read."""
    doc: str
    tags: tuple[str, ...]
    since: str
    """The revision that had it first; empty where that is not known."""
    readers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FieldTable:
    """The fields of one revision."""

    rows: tuple[FieldRow, ...]
    hidden: int
    opaque: int
    """Readers of whom nobody knows which fields they read."""
    example: str
    """An event with the smallest values that the schema allows, as JSON; empty where none could be made."""


def field_table(
    state: State, held: SubjectState, version: Version, definition: Definition, readers: Sequence[Reader]
) -> FieldTable:
    """Make the table of *version*; *readers* are those of its major."""
    registry, event = current_registry(), version.subject.of_event.name
    known = [one for one in readers if one.reads.known]
    opaque = sum(not one.reads.known for one in readers)
    if definition.unreadable:  # an old, invalid text that was imported
        return FieldTable((), 0, opaque, "")
    schema = parsed(state, version, registry.dependencies)
    parts = _parts(outline_of(schema))
    since = _since(state, held, version)
    own_tags: Mapping[str, list[str]] = (definition.metadata or {}).get("tags") or {}
    places = [(path, node) for path, node in walk(field_tree(schema, event)) if path and node.pointer]
    rows = []
    for path, node in places[:MOST_FIELDS]:
        part = parts.get(node.pointer)
        tags = {*node.tags, *(tag for pattern in _names(node.full_name, path) for tag in own_tags.get(pattern, ()))}
        rows.append(
            FieldRow(
                path=_dotted(path),
                type=part.label if part else "",
                default=part.facets.get("default", "") if part else "",
                optional=part.fillable if part else True,
                doc=part.doc if part else "",
                tags=tuple(sorted(tags)),
                since=since.get(path, ""),
                readers=tuple(one.application for one in readers_of_field(known, path)),
            )
        )
    return FieldTable(tuple(rows), max(0, len(places) - MOST_FIELDS), opaque, _example(state, version))


def _parts(outline: Outline) -> dict[str, Part]:
    """What the schema declares, by where it does."""
    return {part.pointer: part for definition in outline.definitions.values() for part in definition.parts}


def _names(full_name: str, path: Path) -> tuple[str, ...]:
    """The names that tags of metadata may have a field by."""
    last = path[-1]
    return (full_name, f"**.{last}", ".".join(path), last)


def _dotted(path: Path) -> str:
    return pointer_of(path).removeprefix("/").replace("/*", "[]").replace("/", ".")


def _since(state: State, held: SubjectState, version: Version) -> dict[Path, str]:
    """The revision of the major that had each field first; of many revisions, the newest ones are looked through."""
    registry = current_registry()
    revisions = [
        one
        for one in held.versions
        if one.major == version.major and one.number <= version.number and not state.definitions[one.guid].unreadable
    ]
    looked = revisions[-_MOST_REVISIONS:]
    found: dict[Path, str] = {}
    for one in looked:
        for path in field_paths(parsed(state, one, registry.dependencies), version.subject.of_event.name):
            found.setdefault(path, one.label)
    if len(looked) < len(revisions):
        first = looked[0].label
        return {path: f"{label} or before" if label == first else label for path, label in found.items()}
    return found


def _example(state: State, version: Version) -> str:
    schema = parsed(state, version, current_registry().dependencies)
    policy = comparison_policy(state, version.subject, version.major)
    try:
        made = events_of(schema, schema, version.subject.of_event.name, policy, Budget(_STEPS)).event({})
    except (BudgetSpent, ProtobufCompilerUnavailable):
        return ""
    return made.payload if made else ""
