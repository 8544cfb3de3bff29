"""One self-contained document from a schema and the schemas that it refers to.

A document without references to others stays as it is. Otherwise each document that is reached is embedded
under `$defs` (`definitions` in older drafts) as a resource with an `$id` and a `$schema` of its own, as JSON Schema
Core 2020-12, section 9.3 describes, and every `$ref` that crosses from one document to another is pointed at it.
"""

from collections.abc import Callable
from typing import Any

from moorings_compat.json_schema.documents.documents import Document, Place, reference_texts
from moorings_compat.json_schema.documents.drafts import Draft
from moorings_compat.json_schema.documents.pointers import Steps, pointer_text, split_fragment, value_at
from moorings_compat.json_schema.documents.resolving import target_of

_SAFE = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~!$&'()*+,;=:@/?")


PatternWriter = Callable[[str], str]
"""Puts a pattern in other words."""


def bundle_document(document: Document) -> Any:
    """Return *document* with everything it refers to embedded; its own content if that is nothing."""
    ids = _reached(document)
    if len(ids) == 1 and not _has_unescaped(document):
        return document.content
    return _embedded(document, ids, None)


def has_patterns_in_other_words(document: Document) -> bool:
    """Say whether the validator gets a pattern of *document*, or of what it refers to, in other words."""
    return any(one.patterns_in_other_words for one in _reached(document))


def bundle_for_engine(document: Document, pattern: PatternWriter) -> Any:
    """Return what `bundle_document` does, every pattern put in other words by *pattern*."""
    return _embedded(document, _reached(document), pattern)


def _embedded(document: Document, ids: dict[Document, str], pattern: PatternWriter | None) -> dict[str, Any]:
    root = _rewritten(document, ids, pattern)
    if len(ids) == 1:
        return root
    keyword = document.draft.definitions_keyword
    root[keyword] = dict(root.get(keyword, {}))
    for number, other in enumerate(one for one in ids if one is not document):
        root[keyword][f"moorings:reference:{number + 1}"] = _rewritten(other, ids, pattern)
    return root


def _has_unescaped(document: Document) -> bool:
    """Whether a reference holds characters that a URI has to escape, such as ``<``; validators refuse them."""
    return any(_pointable(text) != text for place in document.referring for _, text in reference_texts(place))


def _reached(document: Document) -> dict[Document, str]:
    """Number the documents in the order in which they are reached; each with the id it is embedded under."""
    ids = {document: ""}
    open_documents = [document]
    while open_documents:
        current = open_documents.pop(0)
        for place in current.referring:
            for keyword, text in reference_texts(place):
                other = target_of(place, keyword, text).resource.document
                if other not in ids:
                    ids[other] = f"moorings://reference/{len(ids)}/schema.json"
                    open_documents.append(other)
    return ids


def _rewritten(document: Document, ids: dict[Document, str], pattern: PatternWriter | None) -> dict[str, Any]:
    """Copy *document* with its references pointed at the embedded documents, and with its new ids."""
    copied = _copied(document.content)
    content: dict[str, Any] = copied if isinstance(copied, dict) else {"not": {}} if copied is False else {}
    for place in document.referring:
        schema = value_at(content, place.steps)
        for keyword, text in reference_texts(place):
            schema[keyword] = _pointed(place, keyword, text, ids)
    if ids[document]:
        _give_ids(document, content, ids[document])
    if pattern is not None:
        for place in sorted(document.places.values(), key=lambda one: -len(one.steps)):  # names within names last
            write_patterns(value_at(content, place.steps), pattern)
    return content


def write_patterns(schema: Any, pattern: PatternWriter) -> None:
    """Put the patterns of one *schema* in other words, in place; two names that become one have both schemas."""
    if not isinstance(schema, dict):
        return
    if isinstance(schema.get("pattern"), str):
        schema["pattern"] = pattern(schema["pattern"])
    if isinstance(schema.get("patternProperties"), dict):
        named: dict[str, Any] = {}
        for name, inner in schema["patternProperties"].items():
            written = pattern(name)
            named[written] = {"allOf": [named[written], inner]} if written in named else inner
        schema["patternProperties"] = named


def _pointed(place: Place, keyword: str, text: str, ids: dict[Document, str]) -> str:
    base, fragment = split_fragment(text)
    if not base:
        return _pointable(text)
    target = target_of(place, keyword, text)
    other = target.resource.document
    if not ids[other]:
        return _pointable(text)
    if keyword == "$dynamicRef" and fragment and not fragment.startswith("/"):
        return f"{_resource_id(other, target.resource.steps, ids[other])}#{fragment}"
    return f"{ids[other]}#{_percent_encoded(pointer_text(target.steps))}"


def _give_ids(document: Document, content: dict[str, Any], own_id: str) -> None:
    for resource in document.resources.values():
        schema = value_at(content, resource.steps)
        if isinstance(schema, dict):
            schema[resource.draft.id_keyword] = _resource_id(document, resource.steps, own_id)
    content["$schema"] = document.draft.meta_schema + ("#" if document.draft <= Draft.DRAFT_7 else "")


def _resource_id(document: Document, steps: Steps, own_id: str) -> str:
    inner = [resource.steps for resource in document.resources.values()]
    number = inner.index(steps)
    return own_id if number == 0 else f"{own_id}/{number}"


def _percent_encoded(text: str, kept: frozenset[str] = _SAFE) -> str:
    return "".join(char if char in kept else "".join(f"%{byte:02X}" for byte in char.encode()) for char in text)


def _pointable(reference: str) -> str:
    """A reference as it was written, with what a URI cannot hold escaped (RFC 3986, section 2)."""
    return _percent_encoded(reference, _SAFE | {"#", "%"})


def _copied(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _copied(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_copied(one) for one in value]
    return value
