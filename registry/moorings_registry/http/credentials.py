"""The credential of a request: a token as Bearer, or as the password of the user `token` with Basic."""

import base64
import binascii
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field

from moorings_registry.errors import TokenFault, TokenRefused
from moorings_registry.issuers import LONGEST_TOKEN

BASIC_USER = "token"
"""The user name under which tools that know nothing but Basic send a token as password."""
EMPTY_BASIC = "Basic Og=="
"""No name and no password: what some clients send that have no credential."""

_LONGEST_HEADER = 2 * LONGEST_TOKEN


@dataclass(frozen=True, slots=True)
class Credential:
    """A token as it was sent, and how: `bearer` or `basic`."""

    token: str = field(repr=False)
    evidence: str


def has_credential(headers: Mapping[str, str]) -> bool:
    """Whether a request carries an Authorization header that says anything."""
    return headers.get("authorization", EMPTY_BASIC) != EMPTY_BASIC


def credential_key(headers: Mapping[str, str], certificate: bytes) -> bytes:
    """A digest of all evidence that a request carries."""
    return hashlib.sha256(headers.get("authorization", "").encode("utf-8", "replace") + b"\0" + certificate).digest()


def read_credential(headers: Mapping[str, str]) -> Credential | None:
    """The token that a request carries; None if it carries no credential.

    Raises:
        TokenRefused: several, another scheme, or not in the form of its scheme (RFC 9110 §11.4, RFC 7617).
    """
    if not has_credential(headers):
        return None
    header = headers["authorization"]
    # No credential that is accepted has a comma in it; several headers arrive joined by one.
    if "," in header:
        raise TokenRefused(TokenFault.MANY)
    if len(header) > _LONGEST_HEADER:
        raise TokenRefused(TokenFault.SIZE)
    scheme, _, value = header.partition(" ")
    if not value or value != value.strip() or "\t" in header:
        raise TokenRefused(TokenFault.SCHEME)
    match scheme.lower():
        case "bearer":
            return Credential(value, "bearer")
        case "basic":
            return Credential(_password(value), "basic")
        case _:
            raise TokenRefused(TokenFault.SCHEME)


def _password(value: str) -> str:
    try:
        user, colon, password = base64.b64decode(value, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError, ValueError):
        raise TokenRefused(TokenFault.SCHEME) from None
    if user != BASIC_USER or not colon or not password:
        raise TokenRefused(TokenFault.SCHEME)
    return password
