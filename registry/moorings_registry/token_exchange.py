"""From a credential to an access token of ours: narrower, for ten minutes, and once for each credential.

Sources: RFC 8693 (token exchange), RFC 7523 (assertions that sign a client in), RFC 9068 (access tokens).
"""

import base64
import hashlib
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

from moorings_registry.access import Access, Permission, access_of, common_node, scope_text, without_included
from moorings_registry.errors import SigningUnavailable, TokenFault, TokenRefused
from moorings_registry.expiring_records import ExpiringRecords, RecordsUnavailable
from moorings_registry.issuers import LONGEST_TOKEN
from moorings_registry.own_keys import ACCESS_TOKEN, OwnKeys
from moorings_registry.own_keys.access_tokens import LIFE_S, access_claims
from moorings_registry.principals import Principal
from moorings_registry.state import Grant

CLIENT_CREDENTIALS = "client_credentials"
ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
"""How a client signs itself in, and with what, as RFC 6749 §4.4 and RFC 7523 §2.2 call it."""
LONGEST_SCOPE = 2_000
"""Characters of a scope: a token has to fit into a header."""
_USED = "used"
_SKEW_S = 60.0


class ScopeRefused(Exception):
    """Nothing of what was asked for is granted, or it is too much to write into a token; the text says which."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A verified credential.

    Attributes:
        principal: Whom it is for.
        digest: What tells it from every other one; the same for two signatures of one text.
        expires_s: When it ends, in seconds since 1970.
    """

    principal: Principal
    digest: str
    expires_s: float


@dataclass(frozen=True, slots=True)
class Issued:
    """A new access token, how long it lives, and what it is limited to."""

    access_token: str
    expires_in_s: int
    scope: str


class TokenExchange:
    """Issues access tokens. Safe from any thread."""

    def __init__(
        self,
        own_keys: OwnKeys,
        records: ExpiringRecords,
        grants: Callable[[], Mapping[int, Grant]],
        newest_grants: Callable[[], Mapping[int, Grant]],
        now: Callable[[], str],
        *,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """*grants* are those that this node knows of, *newest_grants* those of the ledger; *now* is the moment as
        entries have it."""
        self._own_keys = own_keys
        self._records = records
        self._grants = grants
        self._newest_grants = newest_grants
        self._now = now
        self._clock = clock

    @property
    def url(self) -> str:
        """The `iss` and `aud` of what is issued."""
        return self._own_keys.url

    def issue(self, shown: Shown, asked: tuple[Permission, ...] | None, certificate: bytes = b"") -> Issued:
        """Issue a token for what is both *asked* and granted; without *asked*, for all that is granted.

        It is bound to the caller's *certificate*, in DER, if there is one (RFC 8705 §3).

        Raises:
            ScopeRefused, SigningUnavailable
            TokenRefused: the credential was exchanged before.
        """
        grants, principal = self._grants(), replace(shown.principal, scope=None)
        try:
            scope = _granted(access_of(grants, principal, self._now()), asked)
        except ScopeRefused:
            before, grants = grants, self._newest_grants()  # another node may just have granted it
            if grants is before:
                raise
            scope = _granted(access_of(grants, principal, self._now()), asked)
        digest = base64.urlsafe_b64encode(hashlib.sha256(certificate).digest()).rstrip(b"=").decode()
        claims = access_claims(_as_matched(principal, grants), self.url, scope, digest if certificate else "")
        token = self._own_keys.sign(ACCESS_TOKEN, claims, LIFE_S)
        if len(token) > LONGEST_TOKEN:
            raise ScopeRefused("The token would be too long: ask for a narrower scope")
        self._require_first(shown)  # last: what fails above may be tried again
        return Issued(token, LIFE_S, scope)

    def _require_first(self, shown: Shown) -> None:
        now = self._clock()
        until_s = max(shown.expires_s, now) + 2 * _SKEW_S  # clocks of nodes differ, too
        try:
            is_first = self._records.add(_USED, shown.digest, b"", until_s, now)
        except RecordsUnavailable:
            raise SigningUnavailable from None
        if not is_first:
            raise TokenRefused(TokenFault.USED)


def _granted(access: Access, asked: Iterable[Permission] | None) -> str:
    held = [Permission(verb, one.node) for one in access.held for verb in one.verbs]
    if not held:
        raise ScopeRefused("No grant in force matches the caller")
    found = held if asked is None else [both for want in asked for one in held if (both := _both(want, one))]
    text = scope_text(without_included(found))
    if not text:
        raise ScopeRefused("The caller's grants allow nothing of the scope")
    if len(text) > LONGEST_SCOPE:
        raise ScopeRefused(f"The scope would have more than {LONGEST_SCOPE} characters: ask for a narrower one")
    return text


def _both(asked: Permission, held: Permission) -> Permission | None:
    node = common_node(asked.node, held.node)
    return Permission(asked.verb, node) if asked.verb == held.verb and node is not None else None


def _as_matched(principal: Principal, grants: Mapping[int, Grant]) -> Principal:
    """*principal* with the claims that some grant of its issuer matches on: the others would fill the token."""
    of_issuer = [one for one in grants.values() if one.issuer == principal.issuer]
    names = {name for one in of_issuer for name in one.claims}
    groups = {one.group for one in of_issuer if one.group}
    claims: dict[str, str | tuple[str, ...]] = {n: one for n, one in principal.claims.items() if n in names}
    mine = principal.claims.get("groups", ())
    if isinstance(mine, tuple) and groups.intersection(mine):
        claims["groups"] = tuple(one for one in mine if one in groups)
    return replace(principal, claims=claims)
