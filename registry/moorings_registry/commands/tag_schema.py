"""Registering a version again with other tags inside and other rules beside it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from moorings_registry.commands.candidate import Draft
from moorings_registry.commands.decision import Decision, Dependencies
from moorings_registry.commands.registrations import MATCH_LATEST, RegisterSchema, register_schema, require_next
from moorings_registry.errors import SubjectNotFound
from moorings_registry.lifecycle import as_served
from moorings_registry.names import Subject
from moorings_registry.schema_contents.inline_tags import Tagging, with_tags
from moorings_registry.schema_contents.metadata import merge_rule_sets, read_metadata, read_rule_set, without_rules
from moorings_registry.state import State
from moorings_registry.version_selectors import select_version


@dataclass(frozen=True, slots=True)
class TagSchema:
    """Register what a version says once more, with tags, metadata and rules changed."""

    subject: Subject
    version: int | str
    new_version: int | None = None
    add: tuple[Tagging, ...] = ()
    remove: tuple[Tagging, ...] = ()
    metadata: Mapping[str, Any] | None = None
    """In place of the version's own; None keeps that."""
    rule_set: Mapping[str, Any] | None = None
    """In place of the version's own; None keeps that."""
    rules_to_merge: Mapping[str, Any] | None = None
    rules_to_remove: tuple[str, ...] = ()


def tag_schema(state: State, command: TagSchema, dependencies: Dependencies) -> Decision:
    """Decide the version that follows.

    Raises:
        SubjectNotFound, VersionNotFound, RequestInvalid, MetadataInvalid, RuleSetInvalid, and what registering raises.
    """
    held = state.subject(command.subject)
    if held is None or held.latest is None:
        raise SubjectNotFound(command.subject)
    base = select_version(as_served(held), str(command.version))
    require_next(held, command.new_version)
    known = state.definitions[base.guid]
    rules = known.rule_set if command.rule_set is None else read_rule_set(command.rule_set)
    merged = merge_rule_sets(rules, read_rule_set(command.rules_to_merge))
    draft = Draft(
        format=known.format,
        text=known.text,
        references=known.references,
        metadata=(known.metadata if command.metadata is None else read_metadata(command.metadata)) or {},
        rule_set=without_rules(merged, command.rules_to_remove) or {},
    )
    if command.add or command.remove:
        schema = dependencies.schema_cache.schema(state, known, command.subject.context)
        draft = replace(draft, text=with_tags(schema, command.add, command.remove))
    return register_schema(state, RegisterSchema(command.subject, draft, version=MATCH_LATEST), dependencies)
