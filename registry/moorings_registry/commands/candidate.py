"""A definition that somebody brings: read, resolved, named by its guid, and looked for in a subject."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from moorings_compat import Format, Reference, Schema, content_guid
from moorings_compat.avro.model import model_of
from moorings_compat.avro.resolved import resolved_canonical
from moorings_compat.json_text import compact_json
from moorings_registry.commands.topic_names import references_meant
from moorings_registry.errors import MetadataInvalid, SchemaInvalid, SchemaUnreadable
from moorings_registry.facts import DialectChosen, Fact, InvalidSchemaKept, SchemaDefined
from moorings_registry.names import Subject
from moorings_registry.policy import domain_json_dialect
from moorings_registry.schema_cache import SchemaCache
from moorings_registry.schema_contents.metadata import read_metadata, read_rule_set
from moorings_registry.state import State, SubjectState, Version


@dataclass(frozen=True, slots=True)
class Draft:
    """A definition as it was sent; its metadata and its rules have been read, and have the form that is kept.

    None is what the request does not mention; an empty object asks for none.

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
        for name, read in (("metadata", read_metadata), ("rule_set", read_rule_set)):
            sent = getattr(self, name)
            object.__setattr__(self, name, None if sent is None else read(sent) or {})


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
    unreadable: str = ""
    """Why it is not a valid schema, where it is imported as it is; nothing was read of `schema` then."""

    def defined(self) -> tuple[Fact, ...]:
        """The facts that record this definition."""
        unreadable = (InvalidSchemaKept(self.guid, self.unreadable),) if self.unreadable else ()
        dialect = (DialectChosen(self.guid, self.schema.dialect),) if self.schema.dialect else ()
        return (self._definition(), *unreadable, *dialect)

    def _definition(self) -> SchemaDefined:
        return SchemaDefined(
            guid=self.guid,
            format=str(self.schema.format),
            text=self.schema.text,
            references=[{"name": one.name, "subject": one.subject, "version": one.version} for one in self.references],
            metadata=self.metadata or None,
            rule_set=self.rule_set or None,
        )


def read_candidate(state: State, draft: Draft, subject: Subject, schema_cache: SchemaCache) -> Candidate:
    """Parse *draft* as it would be registered under *subject*.

    Raises:
        ReferenceNotFound, SchemaInvalid, SchemaLimitExceeded, CompilerUnavailable: it cannot be registered there.
    """
    references = references_meant(state, draft.references, subject.context)
    dialect = domain_json_dialect(state, subject.domain or "")
    schema = schema_cache.parse(state, draft.format, draft.text, references, subject.context, dialect)
    settled = tuple(one.reference for one in schema.references) if schema.references else references
    if draft.normalize:
        settled = tuple(sorted(set(settled), key=lambda one: (one.name, one.subject, one.version)))
        schema = schema_cache.parse(state, draft.format, schema.canonical, settled, subject.context, dialect)
    guid = _guid(schema, settled, draft)
    return Candidate(guid, schema, settled, draft.metadata, draft.rule_set, draft.normalize)


def read_imported(state: State, draft: Draft, subject: Subject, schema_cache: SchemaCache) -> Candidate:
    """Read *draft* as it stood in another registry; one that is not a valid schema here is kept as it is.

    Messages name schemas by their ids, whatever rules they were registered under, so the text has to be there.

    Raises:
        ReferenceNotFound, SchemaLimitExceeded, CompilerUnavailable: it cannot be stored here.
    """
    try:
        return read_candidate(state, draft, subject, schema_cache)
    except (SchemaInvalid, SchemaUnreadable) as error:
        if not draft.text.strip() or len(draft.text) > LONGEST_UNREADABLE:
            raise
        references = references_meant(state, draft.references, subject.context)
        settled = schema_cache.settled(state, references, subject.context)
        schema = Schema(draft.format, draft.text, draft.text, draft.text)
        reason = str(error).removeprefix("Invalid schema: ")[:_LONGEST_REASON]
        guid = _guid(schema, settled, draft)
        return Candidate(guid, schema, settled, draft.metadata, draft.rule_set, unreadable=reason)


LONGEST_UNREADABLE = 1024 * 1024
_LONGEST_REASON = 1_000


def _guid(schema: Schema, references: tuple[Reference, ...], draft: Draft) -> str:
    try:
        given = schema.identity, references, draft.metadata, draft.rule_set
        return str(content_guid(schema.format, *given, dialect=schema.dialect))
    except (TypeError, ValueError) as error:
        raise MetadataInvalid(f"The metadata or the rule set cannot be stored: {error}") from None


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


def find_by_text(
    state: State, held: SubjectState, draft: Draft, *, deleted: bool = False, major: int | None = None
) -> Version | None:
    """The newest version of *held* with the very text of *draft*, which is not valid here, or not any more.

    It was imported as the other registry had it, or a policy had it read in another draft. Whoever writes with it asks
    for its id by its text, and gets the one that its events have.
    """
    texts = {draft.text, compact_json(draft.text)} if draft.format is Format.JSON else {draft.text}
    referred = {(one.name, one.subject) for one in draft.references}
    for version in reversed(held.versions):
        known = state.definitions[version.guid]
        if (version.deleted and not deleted) or major not in (None, version.major) or known.format is not draft.format:
            continue
        if known.text in texts and referred == {(one.name, one.subject) for one in known.references}:
            return version
    return None


def _same(state: State, version: Version, candidate: Candidate, schema_cache: SchemaCache, *, whole: bool) -> bool:
    known = state.definitions[version.guid]
    metadata, rule_set = candidate.metadata or None, candidate.rule_set or None
    if (whole or candidate.metadata is not None) and metadata != known.metadata:
        return False
    if (whole or candidate.rule_set is not None) and rule_set != known.rule_set:
        return False
    if known.format is not candidate.schema.format:
        return False
    if known.text == candidate.schema.text and known.references == candidate.references:
        return True  # in whatever draft a policy had it read: it keeps that
    if known.unreadable or candidate.unreadable or known.dialect != candidate.schema.dialect:
        return False
    if _spelled_alike(state, version, candidate, schema_cache):
        return True
    looser = candidate.normalized or len(known.references) > len(candidate.references)
    if known.metadata == metadata and known.rule_set == rule_set and not looser:
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
        if not known.references and not _names_fields(known.text, sent):
            return False
        return schema_cache.schema(state, known, version.subject.context).canonical == sent.canonical
    if known.format is Format.JSON and "\\" in known.text + sent.text:
        return json.dumps(json.loads(known.text)) == json.dumps(json.loads(sent.text))
    return False


def _names_fields(text: str, schema: Schema) -> bool:
    """Whether *text* may have every field of the record that *schema* is: another one need not be parsed to tell.

    A name that is written with an escape is not looked for. What was added last is what an older text lacks.
    """
    model = model_of(schema)
    fields = getattr(model.resolve(model.root), "fields", ())
    return "\\" in text or all(f'"{one.name}"' in text for one in reversed(fields))


def _means_the_same(known: Schema, candidate: Candidate) -> bool:
    """Whether two schemas differ only in what normalising forgets, or in that one has its references inside."""
    if candidate.normalized and set(candidate.references) == {one.reference for one in known.references}:
        return known.canonical == candidate.schema.canonical
    if known.format is Format.AVRO and not candidate.references:
        return resolved_canonical(known) == candidate.schema.canonical
    return False
