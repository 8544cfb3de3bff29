"""A signed JWT in compact form (RFC 7519, RFC 7515 §7.1), taken apart strictly and trusted in nothing yet.

Libraries are lenient where a registry must not be: they take a claim twice, a byte order mark, a lone surrogate, other
spellings of the same bytes.
"""

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from moorings_compat import Limits, SchemaInvalid, SchemaLimitExceeded
from moorings_compat.json_text import read_json
from moorings_registry.errors import TokenFault, TokenRefused

LONGEST_TOKEN = 8_192
LARGEST_HEADER_BYTES = 1_024
LARGEST_NUMBER = 2**53

_COMPACT = re.compile(r"([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)")
_LIMITS = Limits(size_bytes=LONGEST_TOKEN, depth=16, digits=20)
_PARAMETERS = frozenset(("alg", "kid", "typ", "x5t", "x5t#S256"))


@dataclass(frozen=True, slots=True)
class CompactJwt:
    """A token's parts. Nothing in it is true before its signature was verified."""

    text: str = field(repr=False)
    header: Mapping[str, Any] = field(repr=False)
    claims: Mapping[str, Any] = field(repr=False)

    @property
    def algorithm(self) -> str:
        return str(self.header["alg"])

    @property
    def key_id(self) -> str | None:
        """The id of its key; None where it names none."""
        return self.header.get("kid")

    @property
    def type(self) -> str:
        """Its `typ` in lower case, without ``application/`` (RFC 7515 §4.1.9); empty without one."""
        return str(self.header.get("typ", "")).lower().removeprefix("application/")


def take_apart(text: str) -> CompactJwt:
    """Read a token's parts.

    Raises:
        TokenRefused: too long, not in compact form, not strict JSON, or a header that does more than name a key.
    """
    if len(text) > LONGEST_TOKEN:
        raise TokenRefused(TokenFault.SIZE)
    matched = _COMPACT.fullmatch(text)
    if matched is None:
        raise TokenRefused(TokenFault.MALFORMED)
    header_bytes = _bytes(matched[1])
    if len(header_bytes) > LARGEST_HEADER_BYTES:
        raise TokenRefused(TokenFault.SIZE)
    _bytes(matched[3])
    header = _object(header_bytes)
    if not _PARAMETERS.issuperset(header):
        raise TokenRefused(TokenFault.HEADER)
    if not isinstance(header.get("alg"), str):
        raise TokenRefused(TokenFault.ALGORITHM)
    if not isinstance(header.get("typ", ""), str):
        raise TokenRefused(TokenFault.TYPE)
    key_id = header.get("kid", "-")
    if not isinstance(key_id, str) or not 0 < len(key_id) <= 255:
        raise TokenRefused(TokenFault.KEY)
    return CompactJwt(text, header, _object(_bytes(matched[2])))


def _bytes(part: str) -> bytes:
    """Decode base64url in the one spelling that there is for each text: no padding, no trailing bits."""
    try:
        decoded = base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
    except (ValueError, binascii.Error):
        raise TokenRefused(TokenFault.MALFORMED) from None
    if base64.urlsafe_b64encode(decoded).rstrip(b"=").decode() != part:
        raise TokenRefused(TokenFault.MALFORMED)
    return decoded


def _object(content: bytes) -> Mapping[str, Any]:
    try:
        value = read_json(content.decode(), _LIMITS)
    except (UnicodeDecodeError, SchemaInvalid, SchemaLimitExceeded, RecursionError):
        raise TokenRefused(TokenFault.MALFORMED) from None
    if not isinstance(value, dict):
        raise TokenRefused(TokenFault.MALFORMED)
    _require_small_numbers(value)
    return value


def _require_small_numbers(value: Any) -> None:
    """Larger numbers are not the same in every parser."""
    if isinstance(value, dict):
        for inner in value.values():
            _require_small_numbers(inner)
    elif isinstance(value, list):
        for inner in value:
            _require_small_numbers(inner)
    elif isinstance(value, int | float) and not -LARGEST_NUMBER <= value <= LARGEST_NUMBER:
        raise TokenRefused(TokenFault.MALFORMED)
