"""The real validator: jsonschema-rs, set up not to fetch, not to hang, and not to assert annotations."""

from typing import Any

import jsonschema_rs

from moorings_compat.json_schema.documents.documents import Document
from moorings_compat.json_schema.documents.drafts import Draft, children
from moorings_compat.json_schema.documents.metaschemas import VALIDATORS
from moorings_compat.json_schema.patterns.engine_patterns import PATTERN_OPTIONS

_CONTENT_KEYWORDS = ("contentEncoding", "contentMediaType")


def compile_validator(bundled: Any, document: Document, *, formats: bool) -> jsonschema_rs.Validator:
    """Compile *bundled*, the self-contained form of *document*."""
    if not document.words.isdisjoint(_CONTENT_KEYWORDS) and any(
        _asserts_content(place.content, place.draft) for place in document.places.values()
    ):
        bundled = _without_content(bundled, document.draft)
    if document.assumed:  # the engine checks that it is a URI, and it need not be one
        bundled = {key: value for key, value in bundled.items() if key != "$schema"}
    return VALIDATORS[document.draft](
        bundled, validate_formats=formats, pattern_options=PATTERN_OPTIONS, offline=True, mask="the value"
    )


def _asserts_content(schema: Any, draft: Draft) -> bool:
    """True for drafts 6 and 7, where the engine would refuse content that is not in its encoding."""
    return draft <= Draft.DRAFT_7 and isinstance(schema, dict) and any(key in schema for key in _CONTENT_KEYWORDS)


def _without_content(schema: Any, draft: Draft) -> Any:
    if not isinstance(schema, dict):
        return schema
    kept = {key: value for key, value in schema.items() if key not in _CONTENT_KEYWORDS}
    for steps, child in children(schema, draft):
        bare = _without_content(child, draft)
        if len(steps) == 1:
            kept[str(steps[0])] = bare
        else:
            keyword, inner = str(steps[0]), steps[1]
            if kept[keyword] is schema[keyword]:
                kept[keyword] = schema[keyword].copy()
            kept[keyword][inner] = bare
    return kept
