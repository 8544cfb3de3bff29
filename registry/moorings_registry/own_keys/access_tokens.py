"""Access tokens of ours: whom they are for, as far as grants can tell, and what they are limited to (RFC 9068)."""

from collections.abc import Mapping
from typing import Any

from moorings_registry.errors import TokenFault, TokenRefused
from moorings_registry.principals import Principal

LIFE_S = 600
"""Clients of other makers renew one of ten minutes in good time, and Kubernetes knows no shorter one."""
_OURS = "moorings"
"""The claim with what other registries' tokens have no claim for."""


def access_claims(principal: Principal, audience: str, scope: str, certificate_digest: str = "") -> dict[str, Any]:
    """The claims of a token for *principal*; with *certificate_digest*, it holds together with that one alone."""
    claims: dict[str, Any] = {
        "sub": principal.name,
        "client_id": principal.name,
        "aud": audience,
        "scope": scope,
        _OURS: {
            "issuer": principal.issuer,
            "claims": {name: list(one) if isinstance(one, tuple) else one for name, one in principal.claims.items()},
            "provenance": dict(principal.provenance),
        },
    }
    if certificate_digest:
        claims["cnf"] = {"x5t#S256": certificate_digest}
    return claims


def principal_of(claims: Mapping[str, Any], evidence: str, digest: str) -> Principal:
    """Whom a verified access token is for; *digest* is what it is recorded by.

    Raises:
        TokenRefused: an earlier or later release gave it another form.
    """
    ours = claims.get(_OURS)
    try:
        if not isinstance(ours, dict):
            raise TypeError
        return Principal(
            name=_text(claims["sub"]),
            issuer=_text(ours["issuer"]),
            claims={name: _value(one) for name, one in ours["claims"].items()},
            evidence=evidence,
            provenance={**{name: _text(one) for name, one in ours["provenance"].items()}, "exchanged": digest},
            scope=tuple(_text(claims["scope"]).split(" ")),
        )
    except (KeyError, TypeError, AttributeError):
        raise TokenRefused(TokenFault.CLAIMS) from None


def _value(found: object) -> str | tuple[str, ...]:
    return tuple(map(_text, found)) if isinstance(found, list) else _text(found)


def _text(found: object) -> str:
    if not isinstance(found, str):
        raise TypeError
    return found
