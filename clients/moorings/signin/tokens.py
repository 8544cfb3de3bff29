"""A token, and what hands out tokens."""

import base64
import binascii
import json
import re
from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

from moorings.errors import SignInFailed
from moorings.transport.effects import Effects

_SHAPE = re.compile(r"[\x21-\x7e]{1,65536}")
"""What a header carries without harm."""


@dataclass(frozen=True, slots=True)
class Token:
    """A bearer token; never shown."""

    value: str = field(repr=False)
    expires_s: float | None = None
    """Seconds since the epoch; None where that is not known: it is asked for anew before each request then."""


@runtime_checkable
class TokenSource(Protocol):
    """Hands out tokens; `name` stands in errors and notices, and holds no secret."""

    @property
    def name(self) -> str: ...

    def fetch(self) -> Effects[Token]:
        """Return a token; raises `SignInFailed`."""


def make_token(source: str, value: object, expires_s: float | None = None) -> Token:
    """Make a token of what a source handed out.

    Raises:
        SignInFailed: it is no token: empty, too long, or with characters that no token has.
    """
    if not isinstance(value, str) or _SHAPE.fullmatch(value.strip()) is None:
        raise SignInFailed(source, "what it hands out is no token")
    return Token(value.strip(), expires_s)


def expiry_of(value: str) -> float | None:
    """Read when a JWT expires (`exp`, RFC 7519 §4.1.4), without trusting it; None where it does not say."""
    parts = value.split(".")
    if len(parts) != 3:
        return None
    try:
        claims = json.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
    except (ValueError, binascii.Error, RecursionError):
        return None
    expires = claims.get("exp") if isinstance(claims, dict) else None
    return float(expires) if isinstance(expires, int | float) and 0 < expires < 1e11 else None
