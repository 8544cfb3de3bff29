"""JSON Schema text to `Schema`: its draft, validation by the meta-schema, and its references."""

from collections.abc import Iterator, Sequence
from typing import Any

from moorings_compat.errors import Problem, ReferenceCircle, SchemaInvalid
from moorings_compat.json_schema.documents.canonical import canonical_text
from moorings_compat.json_schema.documents.documents import Document, unknown_dialect
from moorings_compat.json_schema.documents.drafts import (
    Draft,
    children,
    draft_named,
    guess_draft,
    is_foreign,
    names_no_draft,
    nested_schemas,
)
from moorings_compat.json_schema.documents.metaschemas import meta_problems
from moorings_compat.json_schema.documents.names import DocumentNames, names_of
from moorings_compat.json_schema.documents.pointers import Steps, kind_name, pointer_text, resolve_uri, split_fragment
from moorings_compat.json_schema.documents.resolving import check_references
from moorings_compat.json_schema.model import Model, model_of
from moorings_compat.json_schema.patterns.pattern_guard import check_patterns
from moorings_compat.json_text import compact_json, read_nested_json
from moorings_compat.limits import DEFAULT_LIMITS, Limits
from moorings_compat.policies import DEFAULT_DIALECT, Dialect
from moorings_compat.schema import Format, ResolvedReference, Schema


def parse(
    text: str,
    references: Sequence[ResolvedReference] = (),
    limits: Limits = DEFAULT_LIMITS,
    dialect: Dialect = DEFAULT_DIALECT,
) -> Schema:
    """Parse one JSON Schema of draft 4, 6, 7, 2019-09 or 2020-12, its references already resolved.

    A `$schema` of another party (draft 7, Core, section 7: its values may be defined by others) is taken for the draft
    *dialect*; comparisons then carry a warning.
    `Schema.text` and `Schema.identity` are the text without white space, in its own key order. Nothing is fetched.

    Raises:
        SchemaInvalid, ReferenceMissing, ReferenceCircle, SchemaLimitExceeded: each says where and why.
    """
    _refuse_circles(references, (), limits)
    limits.allow("the number of references", len(list(_all_references(references))), limits.references)
    document = _read_document(text, limits, dialect)
    document.links = _links(document, references)
    check_references(document)  # which finds schemas in places that no keyword of the draft names
    check_patterns(document)
    compact = compact_json(text)
    model = Model(document, tuple(references), len(compact))
    assert model.root_with_formats is not None  # compiled now, so that a check never waits for it
    return Schema(
        format=Format.JSON,
        text=compact,
        identity=compact,
        canonical=canonical_text(document, compact),
        references=tuple(references),
        dialect=str(dialect) if document.assumed and dialect is not DEFAULT_DIALECT else "",
        model=model,
    )


def read_names(text: str, limits: Limits = DEFAULT_LIMITS, dialect: Dialect = DEFAULT_DIALECT) -> DocumentNames:
    """Read what a JSON Schema refers to, and what it is called, before any reference is resolved.

    Raises:
        SchemaInvalid, SchemaLimitExceeded: it is not a schema.
    """
    return names_of(_read_document(text, limits, dialect))


def _read_document(text: str, limits: Limits, dialect: Dialect) -> Document:
    read = read_nested_json(text, limits, exact=True)
    content = read.value
    if read.is_nested:
        limits.allow("the number of types within each other", nested_schemas(content), limits.depth)
    draft, assumed = _draft_of(content, dialect)
    problems = _problems(content, draft)
    if problems:
        raise SchemaInvalid(*problems)
    document = Document(content, draft)
    document.assumed = assumed
    return document


_DRAFTS = {
    Dialect.DRAFT_4: Draft.DRAFT_4,
    Dialect.DRAFT_6: Draft.DRAFT_6,
    Dialect.DRAFT_7: Draft.DRAFT_7,
    Dialect.DRAFT_2019_09: Draft.DRAFT_2019_09,
    Dialect.DRAFT_2020_12: Draft.DRAFT_2020_12,
}


def _draft_of(content: Any, dialect: Dialect) -> tuple[Draft, str]:
    """Return the draft of a document, and the `$schema` of another party that it was chosen for."""
    if isinstance(content, bool):
        return Draft.DRAFT_2020_12, ""
    if not isinstance(content, dict):
        raise SchemaInvalid(Problem("", f"{kind_name(content)} is not a JSON Schema: write an object or a boolean"))
    uri = content.get("$schema")
    if "$schema" not in content or (isinstance(uri, str) and names_no_draft(uri)):
        return guess_draft(content), ""
    if isinstance(uri, str) and is_foreign(uri):
        return _DRAFTS[dialect], uri
    draft = draft_named(uri) if isinstance(uri, str) else None
    if draft is None:
        raise SchemaInvalid(Problem("/$schema", unknown_dialect(str(uri))))
    return draft, ""


def _problems(content: Any, draft: Draft) -> list[Problem]:
    """Validate against the meta-schema; resources inside that name another draft against that draft's."""
    foreign: list[tuple[Steps, Any, Draft]] = []
    own = _without_foreign(content, draft, (), foreign)
    problems = meta_problems(own, draft)
    for steps, inner, inner_draft in foreign:
        problems.extend(
            Problem(pointer_text(steps) + problem.where, problem.message) for problem in _problems(inner, inner_draft)
        )
    return problems


def _without_foreign(schema: Any, draft: Draft, steps: Steps, foreign: list[tuple[Steps, Any, Draft]]) -> Any:
    if not isinstance(schema, dict) or (steps == () and "$schema" not in str(schema)[1:]):
        return schema
    changed: dict[Steps, Any] = {}
    for more, child in children(schema, draft):
        uri = child.get("$schema") if isinstance(child, dict) else None
        other = draft_named(uri) if isinstance(uri, str) and ("$id" in child or "id" in child) else None
        if other is not None and other is not draft:
            foreign.append((steps + more, child, other))
            changed[more] = {}
        else:
            kept = _without_foreign(child, draft, steps + more, foreign)
            if kept is not child:
                changed[more] = kept
    return _with_changes(schema, changed) if changed else schema


def _with_changes(schema: dict[str, Any], changed: dict[Steps, Any]) -> dict[str, Any]:
    copied = {key: value.copy() if isinstance(value, dict | list) else value for key, value in schema.items()}
    for steps, value in changed.items():
        holder: Any = copied
        for step in steps[:-1]:
            holder = holder[step]
        holder[steps[-1]] = value
    return copied


def _refuse_circles(references: Sequence[ResolvedReference], path: tuple[tuple[str, int], ...], limits: Limits) -> None:
    limits.allow("the depth of references", len(path), limits.references)
    for one in references:
        here = (one.reference.subject, one.reference.version)
        if here in path:
            names = " → ".join(f"{subject} version {version}" for subject, version in (*path, here))
            raise ReferenceCircle(Problem("", f"circular references: {names}"))
        _refuse_circles(one.schema.references, (*path, here), limits)


def _all_references(references: Sequence[ResolvedReference]) -> Iterator[tuple[str, int]]:
    seen: set[tuple[str, int]] = set()
    open_references = list(references)
    while open_references:
        one = open_references.pop()
        here = (one.reference.subject, one.reference.version)
        if here not in seen:
            seen.add(here)
            yield here
            open_references.extend(one.schema.references)


def _links(document: Document, references: Sequence[ResolvedReference]) -> dict[str, Document]:
    """Return the referenced documents by the names that a `$ref` can use."""
    links: dict[str, Document] = {}
    for one in references:
        if one.schema.format is not Format.JSON:
            message = f"reference {one.reference.name!r} leads to a schema of format {one.schema.format}"
            raise SchemaInvalid(Problem("", message))
        linked = model_of(one.schema).document
        name = split_fragment(one.reference.name)[0]
        links.setdefault(name, linked)
        links.setdefault(resolve_uri(document.root.uri, name), linked)
        if linked.root.uri:
            links.setdefault(linked.root.uri, linked)
    return links
