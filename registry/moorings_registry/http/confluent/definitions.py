"""What answers show of a version and of its schema, as the request asks for it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Self

from moorings_compat import Format, Reference
from moorings_compat.protobuf import is_descriptor
from moorings_registry.commands import Draft
from moorings_registry.http.requests import current_registry
from moorings_registry.lifecycle import version_as_served
from moorings_registry.names import Subject
from moorings_registry.schema_contents.inline_tags import Tagging, tags_in
from moorings_registry.schema_contents.schema_formats import render
from moorings_registry.state import State, Version

Content = dict[str, Any]
"""What a shape of `answer_shapes` writes."""


@dataclass(frozen=True, slots=True)
class Presentation:
    """How a schema is to be shown."""

    format: str = ""
    """Of its text; empty for the text as it was registered."""
    qualified: bool = False
    """Whether subjects of references are shown with their context."""
    tags: tuple[str, ...] = ()
    """The tags whose places are shown; ``*`` for all."""

    @classmethod
    def of(cls, query: Mapping[str, Any]) -> Self:
        """What a read `DefinitionQuery` asks for."""
        qualified = query["reference_format"].lower() == "qualified"
        return cls(query["format"], qualified, tuple(query["find_tags"]))


def as_sent(form: Presentation, draft: Draft) -> Presentation:
    """*form* for the answer to whoever sent *draft*: clients keep the text under its id, in the form they sent."""
    sent = draft.format is Format.PROTOBUF and not form.format and is_descriptor(draft.text)
    return replace(form, format="serialized") if sent else form


def text_in_format(state: State, guid: str, context: str, format: str) -> str:
    """The text of a definition in *format*; *context* is where its references lead.

    What cannot be read is given as it is.
    """
    definition = state.definitions[guid]
    if not format or definition.unreadable:
        return definition.text
    return render(current_registry().dependencies.schema_cache.schema(state, definition, context), format)


def version_content(state: State, version: Version, form: Presentation, name: Subject | None = None) -> Content:
    """A version in full; under *name* where that is the name of its topic."""
    shown = {"subject": name} if name is not None else {}
    return {
        **definition_content(state, version.guid, version.subject.context, form),
        **use_content(version_as_served(state, version)),
        "id": version.id,
        **shown,
    }


def use_content(version: Version) -> Content:
    """The subject, the number and the time of a version."""
    shown = {"subject": version.subject, "version": version.number, "ts": version.registered_at}
    return {**shown, "deleted": True} if version.deleted else shown


def definition_content(state: State, guid: str, context: str, form: Presentation) -> Content:
    """What a definition says, whoever uses it; members without content are left out."""
    definition = state.definitions[guid]
    references = definition.references
    shown: Content = {
        "references": [_qualified(one, context) for one in references] if form.qualified else references,
        "metadata": definition.metadata,
        "rule_set": definition.rule_set,
    }
    shown = {name: value for name, value in shown.items() if value}
    if form.tags:
        shown["schema_tags"] = _found_tags(state, guid, context, form.tags)
    text = text_in_format(state, guid, context, form.format)
    return {"guid": definition.guid, "schema_type": definition.format, "schema": text, **shown}


def _qualified(reference: Reference, context: str) -> Reference:
    return replace(reference, subject=str(Subject.parse(reference.subject, context=context)))


def _found_tags(state: State, guid: str, context: str, wanted: tuple[str, ...]) -> list[Tagging]:
    """The places inside a schema that have one of the *wanted* tags."""
    definition = state.definitions[guid]
    if definition.unreadable:
        return []
    schema = current_registry().dependencies.schema_cache.schema(state, definition, context)
    found = [
        Tagging(one.entity, tuple(tag for tag in one.tags if "*" in wanted or tag in wanted)) for one in tags_in(schema)
    ]
    return [one for one in found if one.tags]
