"""ID tokens and logout tokens: what an issuer says to this registry, as its client, about a person.

Sources: OpenID Connect Core §3.1.3.7 (ID tokens), OpenID Connect Back-Channel Logout §2.4 and §2.6 (logout tokens),
RFC 8725.
"""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from moorings_registry.errors import TokenFault, TokenRefused
from moorings_registry.issuers.compact_jwt import CompactJwt
from moorings_registry.issuers.issuer import NO_TYPE, Issuer
from moorings_registry.issuers.key_sets import PublicKey
from moorings_registry.issuers.kinds import KINDS
from moorings_registry.issuers.verification import moment_of, require_signature, require_subject
from moorings_registry.principals import Principal

ISSUED_WITHIN_S = 600.0
"""The oldest ID or logout token that is accepted: both are read when they are issued."""
TYPE_OF_LOGOUT = "logout+jwt"
LOGOUT_EVENT = "http://schemas.openid.net/event/backchannel-logout"
_TYPES_OF_ID = frozenset((NO_TYPE, "jwt"))


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A person, as an ID token names them."""

    principal: Principal
    authenticated_s: float | None
    """When the issuer asked them to prove it, in seconds of the epoch; None if it does not say."""
    issuer_session: str
    """The issuer's own name for the session (`sid`), which logout tokens repeat; empty without one."""
    display_name: str
    """What to call the person on pages; empty where the issuer gives no name that can be shown."""


@dataclass(frozen=True, slots=True)
class SignedOut:
    """Whose sessions an issuer ended: one session of its own, or all of a person."""

    alias: str
    principal: str
    """The name of the principal; empty if only the session is named."""
    issuer_session: str
    latest_s: float
    """The moment up to which sessions have ended: when the token was issued, by a clock that may be slow."""


def require_id_token_header(issuer: Issuer, token: CompactJwt, *, logout: bool = False) -> None:
    """Pass a token whose header suits; before a key is looked for.

    Raises:
        TokenRefused
    """
    if token.algorithm not in issuer.algorithms:
        raise TokenRefused(TokenFault.ALGORITHM)
    if token.type not in ((TYPE_OF_LOGOUT,) if logout else _TYPES_OF_ID):
        raise TokenRefused(TokenFault.TYPE)


def verify_id_token(issuer: Issuer, key: PublicKey, token: CompactJwt, *, nonce: str, now_s: float) -> SignedIn:
    """Verify the ID token of a sign-in that was begun with *nonce*.

    Raises:
        TokenRefused
    """
    require_id_token_header(issuer, token)
    claims = _for_this_client(issuer, key, token, now_s)
    shown = claims.get("nonce")
    if not isinstance(shown, str) or not hmac.compare_digest(shown.encode(), nonce.encode()):
        raise TokenRefused(TokenFault.CLAIMS)
    if "events" in claims:
        raise TokenRefused(TokenFault.TYPE)
    require_subject(claims.get("sub"))
    authenticated_s = moment_of(claims, "auth_time")
    if authenticated_s is not None and authenticated_s > now_s + issuer.skew_s:
        raise TokenRefused(TokenFault.NOT_YET)
    # The token's `aud` says which client asked; the person is the same whichever did.
    person = {name: value for name, value in claims.items() if name != "client_id"}
    found = KINDS[issuer.kind].read(issuer, person)
    principal = Principal(f"{issuer.alias}:{found.subject}", issuer.alias, found.claims, "session")
    return SignedIn(principal, authenticated_s, _short_text(claims, "sid"), _display_name(claims))


def verify_logout_token(issuer: Issuer, key: PublicKey, token: CompactJwt, *, now_s: float) -> SignedOut:
    """Verify a logout token, and read whose sessions have ended.

    Raises:
        TokenRefused
    """
    require_id_token_header(issuer, token, logout=True)
    claims = _for_this_client(issuer, key, token, now_s)
    events = claims.get("events")
    if not isinstance(events, Mapping) or not isinstance(events.get(LOGOUT_EVENT), Mapping) or "nonce" in claims:
        raise TokenRefused(TokenFault.TYPE)
    subject, session, token_id = (_short_text(claims, name) for name in ("sub", "sid", "jti"))
    if not token_id or not (subject or session):
        raise TokenRefused(TokenFault.CLAIMS)
    if subject:
        require_subject(subject)
    latest_s = (moment_of(claims, "iat") or now_s) + issuer.skew_s
    return SignedOut(issuer.alias, f"{issuer.alias}:{subject}" if subject else "", session, latest_s)


def _for_this_client(issuer: Issuer, key: PublicKey, token: CompactJwt, now_s: float) -> Mapping[str, Any]:
    """The claims of a token that its issuer made just now, for the pages of this registry."""
    require_signature(key, token)
    claims, client_id = token.claims, issuer.people.client_id
    if claims.get("iss") != issuer.url:
        raise TokenRefused(TokenFault.ISSUER)
    if not client_id or claims.get("aud") not in (client_id, [client_id]) or claims.get("azp", client_id) != client_id:
        raise TokenRefused(TokenFault.AUDIENCE)
    expires_s, issued_s = moment_of(claims, "exp"), moment_of(claims, "iat")
    if expires_s is None or issued_s is None:
        raise TokenRefused(TokenFault.CLAIMS)
    if now_s > expires_s + issuer.skew_s or now_s > issued_s + ISSUED_WITHIN_S + issuer.skew_s:
        raise TokenRefused(TokenFault.EXPIRED)
    if issued_s > now_s + issuer.skew_s:
        raise TokenRefused(TokenFault.NOT_YET)
    return claims


def _display_name(claims: Mapping[str, Any]) -> str:
    for name in ("name", "preferred_username", "email"):
        value = claims.get(name)
        if isinstance(value, str) and 0 < len(value) <= 80 and value.isprintable() and value.strip():
            return value
    return ""


def _short_text(claims: Mapping[str, Any], name: str) -> str:
    """A claim that is a text of at most 255 printable characters; empty where it is absent.

    Raises:
        TokenRefused: it is there, and is anything else.
    """
    if name not in claims:
        return ""
    value = claims[name]
    if not isinstance(value, str) or not 0 < len(value) <= 255 or not value.isprintable():
        raise TokenRefused(TokenFault.CLAIMS)
    return value
