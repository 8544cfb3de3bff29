"""A definition that somebody brings: read, resolved, named by its guid, and looked for in a subject."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from moorings_compat import Format, Reference, Schema, content_guid
from moorings_compat.avro.resolved import resolved_canonical
from moorings_registry.commands.topic_names import references_meant
from moorings_registry.errors import MetadataInvalid
from moorings_registry.facts import SchemaDefined
from moorings_registry.names import Subject
from moorings_registry.schema_cache import SchemaCache
from moorings_registry.schema_contents.metadata import read_metadata, read_rule_set
from moorings_registry.state import State, SubjectState, Version


@dataclass(frozen=True, slots=True)
class Draft:
    """A definition as it was sent; its metadata and its rules have been read, and have the form that is kept.

    Raises:
        MetadataInvalid, RuleSetInvalid: they do not have their form.
    """

    format: Format
    text: str
    references: tuple[Reference, ...] = ()
    metadata: Mapping[str, Any] | None = None
    rule_set: Mapping[str, Any] | None = None
    normalize: bool = False
    """Whether to keep the canonical form in place of the text."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "metadata", read_metadata(self.metadata))
        object.__setattr__(self, "rule_set", read_rule_set(self.rule_set))


@dataclass(frozen=True, slots=True)
class Candidate:
    """A draft after reading: valid, with its references settled to version numbers."""

    guid: str
    schema: Schema
    references: tuple[Reference, ...]
    metadata: Mapping[str, Any] | None
    rule_set: Mapping[str, Any] | None
    normalized: bool = False
    """Whether it came in its normal form, so that another text of the same meaning will do for it."""

    def defined(self) -> SchemaDefined:
        """The fact that records this definition."""
        return SchemaDefined(
            guid=self.guid,
            format=str(self.schema.format),
            text=self.schema.text,
            references=[{"name": one.name, "subject": one.subject, "version": one.version} for one in self.references],
            metadata=self.metadata,
            rule_set=self.rule_set,
        )


def read_candidate(state: State, draft: Draft, subject: Subject, schema_cache: SchemaCache) -> Candidate:
    """Parse *draft* as it would be registered under *subject*.

    Raises:
        ReferenceNotFound, SchemaInvalid, SchemaLimitExceeded, CompilerUnavailable: it cannot be registered there.
    """
    references = references_meant(state, draft.references, subject.context)
    schema = schema_cache.parse(state, draft.format, draft.text, references, subject.context)
    settled = tuple(one.reference for one in schema.references) if schema.references else references
    if draft.normalize:
        settled = tuple(sorted(set(settled), key=lambda one: (one.name, one.subject, one.version)))
        schema = schema_cache.parse(state, draft.format, schema.canonical, settled, subject.context)
    try:
        guid = content_guid(schema.format, schema.identity, settled, draft.metadata, draft.rule_set)
    except (TypeError, ValueError) as error:
        raise MetadataInvalid(f"The metadata or the rule set cannot be stored: {error}") from None
    return Candidate(str(guid), schema, settled, draft.metadata, draft.rule_set, draft.normalize)


def find_version(
    state: State,
    held: SubjectState,
    candidate: Candidate,
    schema_cache: SchemaCache,
    *,
    deleted: bool = False,
    major: int | None = None,
    whole: bool = False,
) -> Version | None:
    """The newest version of *held* that is *candidate*; with *deleted*, soft-deleted ones count too.

    With *major*, only versions of that one count. Metadata and rules count only where the candidate brings some: a
    client that looks a text up does not know them. With *whole* they count where it brings none, too.
    """
    for version in reversed(held.versions):
        if (version.deleted and not deleted) or major not in (None, version.major):
            continue
        if version.guid == candidate.guid or _same(state, version, candidate, schema_cache, whole=whole):
            return version
    return None


def _same(state: State, version: Version, candidate: Candidate, schema_cache: SchemaCache, *, whole: bool) -> bool:
    known = state.definitions[version.guid]
    if (whole or candidate.metadata is not None) and candidate.metadata != known.metadata:
        return False
    if (whole or candidate.rule_set is not None) and candidate.rule_set != known.rule_set:
        return False
    if known.format is not candidate.schema.format:
        return False
    if known.text == candidate.schema.text and known.references == candidate.references:
        return True
    if _spelled_alike(state, version, candidate, schema_cache):
        return True
    looser = candidate.normalized or len(known.references) > len(candidate.references)
    if known.metadata == candidate.metadata and known.rule_set == candidate.rule_set and not looser:
        return False  # everything else being equal, the guid would have shown whether the texts are
    schema = schema_cache.schema(state, known, version.subject.context)
    return schema == candidate.schema or (looser and _means_the_same(schema, candidate))


def _spelled_alike(state: State, version: Version, candidate: Candidate, schema_cache: SchemaCache) -> bool:
    """Whether two texts are one schema, written in two ways by two libraries; see docs/decisions/0005-identity.md.

    Guids of texts that are registered do not change, so this is not a part of them.
    """
    known, sent = state.definitions[version.guid], candidate.schema
    if set(known.references) != set(candidate.references):
        return False
    if known.format is Format.AVRO:
        return schema_cache.schema(state, known, version.subject.context).canonical == sent.canonical
    if known.format is Format.JSON and "\\" in known.text + sent.text:
        return json.dumps(json.loads(known.text)) == json.dumps(json.loads(sent.text))
    return False


def _means_the_same(known: Schema, candidate: Candidate) -> bool:
    """Whether two schemas differ only in what normalising forgets, or in that one has its references inside."""
    if candidate.normalized and set(candidate.references) == {one.reference for one in known.references}:
        return known.canonical == candidate.schema.canonical
    if known.format is Format.AVRO and not candidate.references:
        return resolved_canonical(known) == candidate.schema.canonical
    return False
