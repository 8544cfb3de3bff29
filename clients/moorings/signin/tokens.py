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
"""What is safe in a header."""


@dataclass(frozen=True, slots=True)
class Token:
    """A bearer token; never shown."""

    value: str = field(repr=False)
    expires_s: float | None = None
    """Seconds since the epoch; None if unknown: a new token is then fetched before each request."""


@runtime_checkable
class TokenSource(Protocol):
    """Hands out tokens; `name` appears in errors and notices, and holds no secret."""

    @property
    def name(self) -> str: ...

    def fetch(self) -> Effects[Token]:
        """Return a token; raises `SignInFailed`."""


def make_token(source: str, value: object, expires_s: float | None = None) -> Token:
    """Make a token of what a source handed out.

    Raises:
        SignInFailed: not a token: empty, too long, or with characters that tokens do not have.
    """
    if not isinstance(value, str) or _SHAPE.fullmatch(value.strip()) is None:
        raise SignInFailed(source, "it returned something that is not a token")
    return Token(value.strip(), expires_s)


def expiry_of(value: str) -> float | None:
    """Read when a JWT expires (`exp`, RFC 7519 §4.1.4), without trusting it; None if it does not say."""
    parts = value.split(".")
    if len(parts) != 3:
        return None
    try:
        claims = json.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
    except (ValueError, binascii.Error, RecursionError):
        return None
    expires = claims.get("exp") if isinstance(claims, dict) else None
    return float(expires) if isinstance(expires, int | float) and 0 < expires < 1e11 else None
