"""Media types: the one of the answer, and whether that of the body can be read."""

import re

from flask import g, request
from werkzeug.datastructures import MIMEAccept
from werkzeug.exceptions import NotAcceptable, UnsupportedMediaType
from werkzeug.http import parse_accept_header

MEDIA_TYPES = ("application/vnd.schemaregistry.v1+json", "application/vnd.schemaregistry+json", "application/json")
"""Best first."""
_BODY_TYPES = frozenset((*MEDIA_TYPES, "application/octet-stream"))
_SHORT_QUALITY = re.compile(r"(?<=q=)(?=\.[0-9])", re.IGNORECASE)
"""Before ``.2``. HTTP wants a digit there; the client of Java 8 and 11 accepts everything by ``*/*; q=.2``."""
_PREFERENCE = {MEDIA_TYPES[0]: 1.0, MEDIA_TYPES[1]: 0.9, MEDIA_TYPES[2]: 0.5}


def negotiate() -> None:
    """Choose the type of the answer.

    Raises:
        NotAcceptable: the request accepts none of the three.
        UnsupportedMediaType: the body has another type than those that are read.
    """
    g.media_type = _chosen()
    if request.method in ("POST", "PUT") and request.mimetype and request.mimetype not in _BODY_TYPES:
        raise UnsupportedMediaType(f"send the body with Content-Type: {MEDIA_TYPES[0]} or {MEDIA_TYPES[2]}")


def _chosen() -> str:
    header = _SHORT_QUALITY.sub("0", request.headers.get("Accept", ""))
    parsed = parse_accept_header(header, MIMEAccept)
    accepted = [(value.partition(";")[0].strip().lower(), quality) for value, quality in parsed]
    if not accepted:
        return MEDIA_TYPES[0]
    weighed = {one: _quality(one, accepted) * _PREFERENCE[one] for one in MEDIA_TYPES}
    best = max(MEDIA_TYPES, key=lambda one: weighed[one])
    if not weighed[best]:
        raise NotAcceptable(f"answers come as {', '.join(MEDIA_TYPES[:2])} or {MEDIA_TYPES[2]}")
    return best


def _quality(media_type: str, accepted: list[tuple[str, float]]) -> float:
    """The quality of *media_type*; the most specific range that includes it decides (RFC 9110, section 12.5.1)."""
    for range in (media_type, "application/*", "*/*", "*"):
        qualities = [quality for value, quality in accepted if value == range]
        if qualities:
            return max(qualities)
    return 0.0
