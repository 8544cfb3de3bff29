"""From a token to the principal that it is for: everything that has to hold, in the order of its cost.

Sources: RFC 8725 (JWT best practices), RFC 9068 (access tokens), RFC 7515, RFC 8705 §3.1 (certificate-bound tokens).
"""

import base64
import hashlib
import hmac
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from joserfc import jws
from joserfc.errors import JoseError

from moorings_registry.errors import TokenFault, TokenRefused
from moorings_registry.issuers.assertions import TYPE_OF_ACCESS
from moorings_registry.issuers.compact_jwt import LARGEST_HEADER_BYTES, LONGEST_TOKEN, CompactJwt
from moorings_registry.issuers.issuer import ALGORITHMS, Issuer
from moorings_registry.issuers.key_sets import PublicKey
from moorings_registry.issuers.kinds import KINDS
from moorings_registry.principals import Principal

LONGEST_SUBJECT = 255
_OF_OTHER_TOKENS = frozenset(("nonce", "at_hash", "c_hash", "s_hash", "events", "sid", "htm", "htu", "ath"))
"""Claims of ID tokens, logout tokens and DPoP proofs, which sign nobody in here."""


class _Registry(jws.JWSRegistry):
    """The library's bounds, made those of this module, which was here first."""

    max_header_length = LARGEST_HEADER_BYTES
    max_payload_length = LONGEST_TOKEN


_REGISTRIES = {one: _Registry(algorithms=[one]) for one in ALGORITHMS}


@dataclass(frozen=True, slots=True)
class Verified:
    """A principal, and the moment at which its token expires, in seconds of the epoch."""

    principal: Principal
    expires_s: float


def require_acceptable(issuer: Issuer, token: CompactJwt) -> None:
    """Pass a token whose header suits *issuer*; before anything is fetched or computed for it.

    Raises:
        TokenRefused
    """
    if token.algorithm not in issuer.algorithms:
        raise TokenRefused(TokenFault.ALGORITHM)
    if token.type not in issuer.types:
        raise TokenRefused(TokenFault.TYPE)


def verify(
    issuer: Issuer, key: PublicKey, token: CompactJwt, *, now_s: float, certificate: bytes, evidence: str
) -> Verified:
    """Verify a token of *issuer* with its *key*, and read whom it is for.

    *certificate* is the caller's own, in DER, or empty; *evidence* says how the token came.

    Raises:
        TokenRefused
    """
    require_acceptable(issuer, token)
    require_signature(key, token)
    claims = token.claims
    expires_s = require_times(issuer, claims, now_s)
    if claims.get("iss", issuer.url) != issuer.url:
        raise TokenRefused(TokenFault.ISSUER)
    _require_audience(issuer, claims.get("aud"))
    _require_access_token(token)
    require_subject(claims.get("sub"))
    require_binding(claims, certificate)
    workload = KINDS[issuer.kind].read(issuer, claims)
    principal = Principal(
        name=f"{issuer.alias}:{workload.subject}",
        issuer=issuer.alias,
        claims=workload.claims,
        evidence=evidence,
        provenance={**workload.provenance, "token": token_digest(token)},
        scope=issuer.scope,
    )
    return Verified(principal, expires_s)


def token_digest(token: CompactJwt) -> str:
    """What a token is recorded by: a digest of its `jti`, or of what is signed.

    The signature does not count: another one may be valid for the same token.
    """
    jti = token.claims.get("jti")
    named = jti if isinstance(jti, str) and jti else token.text.rpartition(".")[0]
    return hashlib.sha256(f"{token.claims.get('iss', '')}\n{named}".encode()).hexdigest()[:32]


def require_signature(key: PublicKey, token: CompactJwt) -> None:
    """Pass a token that *key* signed.

    Raises:
        TokenRefused
    """
    if token.algorithm not in key.algorithms:
        raise TokenRefused(TokenFault.SIGNATURE)
    try:
        jws.deserialize_compact(token.text, key.key, registry=_REGISTRIES[token.algorithm])
    except (JoseError, ValueError, TypeError):
        raise TokenRefused(TokenFault.SIGNATURE) from None


def require_times(issuer: Issuer, claims: Mapping[str, Any], now_s: float) -> float:
    """Pass claims that hold now, for no longer than those of *issuer* may; the moment at which they end.

    Raises:
        TokenRefused
    """
    expires_s, not_before_s, issued_s = (moment_of(claims, name) for name in ("exp", "nbf", "iat"))
    begins_s = issued_s if issued_s is not None else not_before_s
    if expires_s is None or begins_s is None:
        raise TokenRefused(TokenFault.CLAIMS)
    if now_s > expires_s + issuer.skew_s:
        raise TokenRefused(TokenFault.EXPIRED)
    if any(one is not None and one > now_s + issuer.skew_s for one in (not_before_s, issued_s)):
        raise TokenRefused(TokenFault.NOT_YET)
    if not 0 < expires_s - begins_s <= issuer.longest_life_s:
        raise TokenRefused(TokenFault.LIFE)
    return expires_s


def _require_audience(issuer: Issuer, found: object) -> None:
    """A token for others besides may be shown to us by one of them; so each of those has to be configured."""
    if found == issuer.audience:
        return
    allowed = (issuer.audience, *issuer.further_audiences)
    if not isinstance(found, list) or issuer.audience not in found or any(one not in allowed for one in found):
        raise TokenRefused(TokenFault.AUDIENCE)


def moment_of(claims: Mapping[str, Any], name: str) -> float | None:
    """A NumericDate (RFC 7519 §2); None where it is absent."""
    if name not in claims:
        return None
    value = claims[name]
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value) or value < 0:
        raise TokenRefused(TokenFault.CLAIMS)
    return float(value)


def _require_access_token(token: CompactJwt) -> None:
    """Refuse tokens for something else; one that calls itself an access token has what its standard asks for."""
    claims = token.claims
    if not _OF_OTHER_TOKENS.isdisjoint(claims):
        raise TokenRefused(TokenFault.TYPE)
    if token.type == TYPE_OF_ACCESS:
        for name in ("client_id", "jti"):
            if not isinstance(claims.get(name), str) or not claims[name]:
                raise TokenRefused(TokenFault.CLAIMS)
        if "iat" not in claims:
            raise TokenRefused(TokenFault.CLAIMS)


def require_subject(subject: object) -> None:
    """A subject is shown to people and written to logs: nothing in it may hide or turn what is around it."""
    if not isinstance(subject, str) or not 0 < len(subject) <= LONGEST_SUBJECT or not subject.isprintable():
        raise TokenRefused(TokenFault.SUBJECT)
    if subject != subject.strip():
        raise TokenRefused(TokenFault.SUBJECT)


def require_binding(claims: Mapping[str, Any], certificate: bytes) -> None:
    """A token that names a certificate holds only together with it; one bound to anything else cannot be checked.

    Raises:
        TokenRefused
    """
    if "cnf" not in claims:
        return
    bound = claims["cnf"]
    wanted = bound.get("x5t#S256") if isinstance(bound, Mapping) and len(bound) == 1 else None
    if not isinstance(wanted, str) or not wanted.isascii() or not certificate:
        raise TokenRefused(TokenFault.BINDING)
    shown = base64.urlsafe_b64encode(hashlib.sha256(certificate).digest()).rstrip(b"=").decode()
    if not hmac.compare_digest(wanted, shown):
        raise TokenRefused(TokenFault.BINDING)
