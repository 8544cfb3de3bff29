"""What a text refers to outside of itself, and the names that others can refer to it by; before anything is resolved.

Sources: JSON Schema Core 2020-12, sections 8.2.1 and 8.2.3; RFC 3986, section 5.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from moorings_compat.errors import ReferenceMissing
from moorings_compat.json_schema.documents.documents import Document, Place, reference_texts
from moorings_compat.json_schema.documents.pointers import pointer_text, resolve_uri, split_fragment
from moorings_compat.json_schema.documents.resolving import target_of

_ABSOLUTE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")


@dataclass(frozen=True, slots=True)
class OutsideReference:
    """One reference to another document."""

    pointer: str
    """The JSON Pointer of the keyword."""
    text: str
    """As it is written, with its fragment."""
    uri: str
    """Resolved against the `$id` around it, without the fragment; relative where no `$id` is absolute."""
    name: str
    """What a declared reference to that document is called: its URI where that is absolute, which validators of every
    maker look up; else as it is written, without the fragment."""


@dataclass(frozen=True, slots=True)
class DocumentNames:
    """The names in one text."""

    own: tuple[str, ...]
    """The URIs of the document and of the schemas in it that have an `$id`, each resolved against those around it."""
    outside: tuple[OutsideReference, ...]
    """In the order of the text."""


def names_of(document: Document) -> DocumentNames:
    """Collect the names in *document*, without references to a place within it or to a meta-schema."""
    outside: list[OutsideReference] = []
    for place in document.referring:  # grows during the loop if a reference leads to a place that was not scanned
        outside.extend(_outside(document, place))
    return DocumentNames(tuple(uri for uri in document.resources if uri), tuple(outside))


def _outside(document: Document, place: Place) -> Iterator[OutsideReference]:
    for keyword, text in reference_texts(place):
        base = split_fragment(text)[0]
        uri = resolve_uri(place.resource.uri, base)
        if not base or uri in document.resources:
            _scan_target(place, keyword, text)
        elif not _is_known(place, keyword, text):
            name = uri if _ABSOLUTE.match(uri) else base
            yield OutsideReference(pointer_text((*place.steps, keyword)), text, uri, name)


def _scan_target(place: Place, keyword: str, text: str) -> None:
    """Scan what a reference within the document leads to, where no keyword of the draft expects a schema."""
    try:
        target_of(place, keyword, text)
    except ReferenceMissing:
        return  # whoever parses the document says so


def _is_known(place: Place, keyword: str, text: str) -> bool:
    """Say whether a reference leads to a meta-schema."""
    try:
        target_of(place, keyword, text)
    except ReferenceMissing:
        return False
    return True
