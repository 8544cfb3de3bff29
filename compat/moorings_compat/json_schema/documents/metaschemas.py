"""The meta-schemas: what a document of each draft must look like, and the documents that `$ref` can name.

The validators contain the meta-schemas, so no file or network is read.
"""

from collections.abc import Iterator
from functools import cache
from typing import Any

import jsonschema_rs

from moorings_compat.errors import Problem
from moorings_compat.json_schema.documents.documents import Document
from moorings_compat.json_schema.documents.drafts import Draft, draft_named
from moorings_compat.json_schema.documents.pointers import pointer_text

_MOST_PROBLEMS = 20

VALIDATORS: dict[Draft, type[jsonschema_rs.Validator]] = {
    Draft.DRAFT_4: jsonschema_rs.Draft4Validator,
    Draft.DRAFT_6: jsonschema_rs.Draft6Validator,
    Draft.DRAFT_7: jsonschema_rs.Draft7Validator,
    Draft.DRAFT_2019_09: jsonschema_rs.Draft201909Validator,
    Draft.DRAFT_2020_12: jsonschema_rs.Draft202012Validator,
}


def meta_problems(schema: Any, draft: Draft) -> list[Problem]:
    """List the problems of *schema* by the meta-schema of *draft*, at most twenty, each with its pointer."""
    problems: list[Problem] = []
    for error in _meta_validator(draft).iter_errors(schema):
        for problem in _problems_of(error):
            if problem not in problems:
                problems.append(problem)
        if len(problems) >= _MOST_PROBLEMS:
            break
    return problems[:_MOST_PROBLEMS]


@cache
def _meta_validator(draft: Draft) -> jsonschema_rs.Validator:
    return VALIDATORS[draft]({"$ref": draft.meta_schema + "#"}, offline=True, validate_formats=False)


def _problems_of(error: jsonschema_rs.ValidationError) -> Iterator[Problem]:
    """Yield the problems of one error; of alternatives, those of the branch that came closest."""
    path = list(error.instance_path)
    where = pointer_text(tuple(path))
    keyword = path[-1] if path else ""
    kind = error.kind
    if isinstance(kind, jsonschema_rs.ValidationErrorKind.AnyOf):
        if keyword == "type" or (len(path) > 1 and path[-2] == "type"):
            yield Problem(where, f"{error.instance!r} is not a type: use {_TYPES}, or a list of different types")
            return
        deepest = max((one for branch in kind.context for one in branch), key=lambda one: len(one.instance_path))
        if len(deepest.instance_path) > len(path):
            yield from _problems_of(deepest)
            return
        yield Problem(where, f"neither a schema nor another valid value of `{keyword}`")
    else:
        yield Problem(where, error.message)


_TYPES = "array, boolean, integer, null, number, object or string"


def meta_document(uri: str) -> Document | None:
    """Return the meta-schema, or part of one, that *uri* names without a fragment; None for any other URI."""
    draft = draft_named(uri)
    if draft is None and "json-schema.org/draft/" not in uri:
        return None
    return _meta_documents().get(draft.meta_schema if draft is not None else uri)


@cache
def _meta_documents() -> dict[str, Document]:
    # Imported here because only schemas that refer to a meta-schema need the texts: 40 ms and a megabyte.
    from jsonschema_specifications import REGISTRY  # type: ignore[import-untyped]

    known: dict[str, Document] = {}
    for uri in REGISTRY:
        content = REGISTRY.contents(uri)
        draft = draft_named(str(content.get("$schema", "")))
        if draft is not None:
            known[uri] = Document(content, draft, known)
    return known
