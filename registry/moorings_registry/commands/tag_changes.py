"""Tags inside the schema that is being registered: some more, some fewer, those of the version before."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from moorings_compat import Schema
from moorings_registry.commands.candidate import Draft, read_candidate
from moorings_registry.commands.decision import Dependencies
from moorings_registry.names import Subject
from moorings_registry.schema_contents.inline_tags import Tagging, entities_in, tags_in, with_tags
from moorings_registry.state import State


@dataclass(frozen=True, slots=True)
class TagChanges:
    """How the tags inside a schema are to change on its way into the registry."""

    add: tuple[Tagging, ...] = ()
    remove: tuple[Tagging, ...] = ()
    propagate: bool = False
    """Entities that the latest version has too keep the tags that they have there."""


UNCHANGED = TagChanges()


def tagged(state: State, subject: Subject, draft: Draft, changes: TagChanges, dependencies: Dependencies) -> Draft:
    """Return *draft* with its tags changed.

    Raises:
        RequestInvalid: the schema has no such entity; and what `read_candidate` raises.
    """
    if changes == UNCHANGED:
        return draft
    schema = read_candidate(state, draft, subject, dependencies.schema_cache).schema
    before = tuple(_inherited(state, subject, schema, dependencies)) if changes.propagate else ()
    if not (before or changes.add or changes.remove):
        return draft
    return replace(draft, text=with_tags(schema, (*before, *changes.add), changes.remove))


def _inherited(state: State, subject: Subject, schema: Schema, dependencies: Dependencies) -> Iterator[Tagging]:
    held = state.subject(subject)
    if held is None or held.latest is None:
        return
    known = state.definitions[held.latest.guid]
    if known.format is not schema.format:
        return
    there = entities_in(schema)
    for tagging in tags_in(dependencies.schema_cache.schema(state, known, subject.context)):
        if tagging.entity in there:
            yield tagging
