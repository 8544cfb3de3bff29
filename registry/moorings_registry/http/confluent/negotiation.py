"""Media types: the one of the answer, and whether that of the body can be read."""

from flask import g, request
from werkzeug.exceptions import NotAcceptable, UnsupportedMediaType

MEDIA_TYPES = ("application/vnd.schemaregistry.v1+json", "application/vnd.schemaregistry+json", "application/json")
"""Best first."""
_BODY_TYPES = frozenset((*MEDIA_TYPES, "application/octet-stream"))
_PREFERENCE = {MEDIA_TYPES[0]: 1.0, MEDIA_TYPES[1]: 0.9, MEDIA_TYPES[2]: 0.5}


def negotiate() -> None:
    """Choose the type of the answer.

    Raises:
        NotAcceptable: the request accepts none of the three.
        UnsupportedMediaType: the body has another type than those that are read.
    """
    g.media_type = _chosen()
    if request.method in ("POST", "PUT") and request.mimetype and request.mimetype not in _BODY_TYPES:
        raise UnsupportedMediaType


def _chosen() -> str:
    accepted = [(value.partition(";")[0].strip().lower(), quality) for value, quality in request.accept_mimetypes]
    if not accepted:
        return MEDIA_TYPES[0]
    weighed = {one: _quality(one, accepted) * _PREFERENCE[one] for one in MEDIA_TYPES}
    best = max(MEDIA_TYPES, key=lambda one: weighed[one])
    if not weighed[best]:
        raise NotAcceptable
    return best


def _quality(media_type: str, accepted: list[tuple[str, float]]) -> float:
    """The quality of *media_type*; the most specific range that includes it decides (RFC 9110, section 12.5.1)."""
    for range in (media_type, "application/*", "*/*", "*"):
        qualities = [quality for value, quality in accepted if value == range]
        if qualities:
            return max(qualities)
    return 0.0
