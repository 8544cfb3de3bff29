"""Media types: which of the three a request asks for, and whether its body is in one that is read."""

from flask import g, request
from werkzeug.exceptions import NotAcceptable, UnsupportedMediaType

MEDIA_TYPES = ("application/vnd.schemaregistry.v1+json", "application/vnd.schemaregistry+json", "application/json")
"""Best first."""
_READ = frozenset((*MEDIA_TYPES, "application/octet-stream"))
_SHARE = {MEDIA_TYPES[0]: 1.0, MEDIA_TYPES[1]: 0.9, MEDIA_TYPES[2]: 0.5}


def negotiate() -> None:
    """Choose the type of the answer.

    Raises:
        NotAcceptable: none of ours is accepted.
        UnsupportedMediaType: the body is in none that is read.
    """
    g.media_type = _chosen()
    if request.method in ("POST", "PUT") and request.mimetype and request.mimetype not in _READ:
        raise UnsupportedMediaType


def _chosen() -> str:
    accepted = [(value.partition(";")[0].strip().lower(), quality) for value, quality in request.accept_mimetypes]
    if not accepted:
        return MEDIA_TYPES[0]
    weighed = {one: _quality(one, accepted) * _SHARE[one] for one in MEDIA_TYPES}
    best = max(MEDIA_TYPES, key=lambda one: weighed[one])
    if not weighed[best]:
        raise NotAcceptable
    return best


def _quality(media_type: str, accepted: list[tuple[str, float]]) -> float:
    """How much *media_type* is wanted; the most specific range that takes it in decides (RFC 9110, section 12.5.1)."""
    for range in (media_type, "application/*", "*/*", "*"):
        qualities = [quality for value, quality in accepted if value == range]
        if qualities:
            return max(qualities)
    return 0.0
