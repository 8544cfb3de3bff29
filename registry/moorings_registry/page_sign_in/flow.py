"""Signing in at an issuer: the authorization code flow with PKCE, as a public client.

Sources: RFC 6749 §4.1, RFC 7636 (PKCE), RFC 9207 (the issuer in the answer), OpenID Connect Core §3.1, RFC 9700.
"""

import base64
import hashlib
import hmac
import re
import secrets
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any
from urllib.parse import urlencode

import structlog

from moorings_registry.errors import (
    IssuerAway,
    SessionEnded,
    SessionsUnavailable,
    SignInFailed,
    TokenRefused,
)
from moorings_registry.expiring_records import ExpiringRecords, RecordsUnavailable
from moorings_registry.issuers import Issuer, Trust, take_apart
from moorings_registry.issuers.fetching import KeysAway, endpoint, fetch_userinfo, post_form, required_endpoint
from moorings_registry.issuers.id_tokens import SignedIn
from moorings_registry.issuers.kinds import groups_of
from moorings_registry.own_keys import SIGN_IN_STATE, OwnKeys
from moorings_registry.page_sign_in.cookies import LOGIN_COOKIE_S
from moorings_registry.page_sign_in.metadata import MetadataCache
from moorings_registry.page_sign_in.sessions import LONGEST_S

FRESH_S = 900
"""How long after a person proved who they are they may govern and operate."""

_USED = "sign-in-used"
_BEARER = re.compile(r"[A-Za-z0-9._~+/-]{1,8000}=*", re.ASCII)
"""A token as RFC 6750 §2.1 has it."""
_ERROR_CODE = re.compile(r"[a-z_]{1,40}")
_NOT_SIGNED_IN = frozenset(("login_required", "interaction_required", "consent_required", "account_selection_required"))
"""What an issuer answers to `prompt=none` when it would have to ask the person (OpenID Connect Core §3.1.2.6)."""


log = structlog.get_logger("moorings.sign_in")


@dataclass(frozen=True, slots=True)
class LoginState:
    """A sign-in under way; it is in the browser's cookie, signed."""

    alias: str
    state: str
    nonce: str
    verifier: str
    redirect_uri: str
    target: str
    """The page to lead to afterwards."""
    fresh: bool = False
    """Whether the issuer has to have asked the person within `FRESH_S`."""
    renewing: str = ""
    """The id of the session that takes over what the issuer says now, without asking the person; empty: a new one."""


@dataclass(frozen=True, slots=True)
class Finished:
    """A sign-in that succeeded."""

    signed_in: SignedIn
    begun: LoginState


class SignInFlow:
    """Begins and finishes sign-ins. May wait for an issuer: never called on an event loop."""

    def __init__(
        self,
        trust: Trust,
        own_keys: OwnKeys,
        records: ExpiringRecords,
        *,
        metadata: MetadataCache | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._trust = trust
        self._own_keys = own_keys
        self._records = records
        self._metadata = metadata or MetadataCache()
        self._clock = clock

    @property
    def trust(self) -> Trust:
        return self._trust

    def issuers(self) -> tuple[Issuer, ...]:
        """The issuers at which people sign in to the pages."""
        return tuple(one for one in self._trust.people() if one.people.client_id)

    def begin(
        self, alias: str, *, redirect_uri: str, target: str, fresh: bool = False, renewing: str = ""
    ) -> tuple[str, str]:
        """Begin a sign-in; the URL to lead the browser to, and the value of its cookie.

        Raises:
            SignInFailed: no such issuer.
            IssuerAway
        """
        issuer = self._issuer(alias)
        login = LoginState(
            alias, secrets.token_urlsafe(24), secrets.token_urlsafe(24), secrets.token_urlsafe(48), redirect_uri,
            target, fresh, renewing,
        )  # fmt: skip
        asked = {
            "response_type": "code",
            "client_id": issuer.people.client_id,
            "redirect_uri": redirect_uri,
            "scope": " ".join(issuer.people.scopes),
            "state": login.state,
            "nonce": login.nonce,
            "code_challenge": _challenge(login.verifier),
            "code_challenge_method": "S256",
            # Asked for always: an issuer then has to say when the person proved who they are (`auth_time`).
            "max_age": str(FRESH_S if fresh else LONGEST_S),
            **({"prompt": "none"} if renewing else {}),
        }
        url = self._endpoint(issuer, "authorization_endpoint")
        cookie = self._own_keys.sign(SIGN_IN_STATE, {**asdict(login), "aud": self._own_keys.url}, LOGIN_COOKIE_S)
        return f"{url}{'&' if '?' in url else '?'}{urlencode(asked)}", cookie

    def finish(self, cookie: str, query: Mapping[str, Sequence[str]]) -> Finished:
        """Finish the sign-in that *cookie* began with the answer that the browser brings from the issuer.

        Raises:
            SignInFailed: the answer does not belong to that sign-in, or the issuer did not sign anybody in.
            SessionEnded: the issuer has to ask the person before their session continues.
            IssuerAway, SessionsUnavailable
        """
        login = self._read(cookie)
        answer = _single_values(query)
        if not hmac.compare_digest(answer.get("state", "").encode(), login.state.encode()):
            raise SignInFailed("the answer belongs to another sign-in (state)")
        issuer = self._issuer(login.alias)
        self._require_issuer(issuer, answer)
        if "error" in answer:
            raise _issuer_error(login, answer["error"])
        code = answer.get("code", "")
        if not 0 < len(code) <= 4_000:
            raise SignInFailed("the answer has no code")
        self._require_unused(login)
        signed_in = self._redeem(issuer, login, code)
        if login.fresh and not self._is_fresh(issuer, signed_in):
            raise SignInFailed("the issuer does not say that you proved who you are just now (auth_time)")
        return Finished(signed_in, login)

    def end_address(self, alias: str, back: str) -> str:
        """Where a person signs out at the issuer itself, and comes *back* from; empty if it has no such page.

        Source: OpenID Connect RP-Initiated Logout §2.

        Raises:
            IssuerAway
        """
        issuer = self._trust.named(alias)
        if issuer is None or not issuer.people.client_id:
            return ""
        url = self._endpoint(issuer, "end_session_endpoint", required=False)
        if not url:
            return ""
        asked = urlencode({"client_id": issuer.people.client_id, "post_logout_redirect_uri": back})
        return f"{url}{'&' if '?' in url else '?'}{asked}"

    def _read(self, cookie: str) -> LoginState:
        try:
            claims = dict(self._own_keys.verify(take_apart(cookie), SIGN_IN_STATE)) if cookie else {}
        except TokenRefused:
            claims = {}
        if not LoginState.__dataclass_fields__.keys() <= claims.keys():
            raise SignInFailed(
                "no sign-in is under way in this browser: it was finished, took longer than ten minutes, or the "
                "browser does not keep cookies"
            )
        return LoginState(**{name: claims[name] for name in LoginState.__dataclass_fields__})

    def _issuer(self, alias: str) -> Issuer:
        found = next((one for one in self.issuers() if one.alias == alias), None)
        if found is None:
            raise SignInFailed("people do not sign in to the pages at this issuer")
        return found

    def _require_issuer(self, issuer: Issuer, answer: Mapping[str, str]) -> None:
        """RFC 9207 §2.4: an answer of another issuer, mixed into this sign-in, names that one."""
        named = answer.get("iss")
        says_always = self._metadata.of(issuer).get("authorization_response_iss_parameter_supported") is True
        if named is None and not says_always:
            return
        if named != issuer.url:
            raise SignInFailed("the answer is not of the issuer that was asked (iss)")

    def _require_unused(self, login: LoginState) -> None:
        now = self._clock()
        name = hashlib.sha256(login.state.encode()).hexdigest()
        try:
            first = self._records.add(_USED, name, b"", now + LOGIN_COOKIE_S + 60, now)
        except RecordsUnavailable:
            raise SessionsUnavailable from None
        if not first:
            raise SignInFailed("this sign-in was finished already")

    def _redeem(self, issuer: Issuer, login: LoginState, code: str) -> SignedIn:
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": login.redirect_uri,
            "client_id": issuer.people.client_id,
            "code_verifier": login.verifier,
        }
        url = self._endpoint(issuer, "token_endpoint")
        with self._metadata.asking(issuer):
            status, answer = post_form(issuer, url, form)
        if status != 200:
            raise SignInFailed(f"the issuer refused the code{_code_of(answer.get('error'))}")
        text = answer.get("id_token")
        if not isinstance(text, str):
            raise SignInFailed("the issuer sent no ID token")
        try:
            signed_in = self._trust.verify_id_token(issuer, take_apart(text), nonce=login.nonce)
        except TokenRefused as refusal:
            raise SignInFailed(f"the issuer's ID token is not valid ({refusal.fault})") from None
        return self._with_groups(issuer, signed_in, answer)

    def _with_groups(self, issuer: Issuer, signed_in: SignedIn, answer: Mapping[str, Any]) -> SignedIn:
        """The person with the groups that the issuer tells at its userinfo endpoint, where the ID token has none."""
        shown, token = signed_in.principal.claims, answer.get("access_token")
        if not issuer.groups_claim or "groups" in shown or not isinstance(token, str) or not _BEARER.fullmatch(token):
            return signed_in
        url = self._endpoint(issuer, "userinfo_endpoint", required=False)
        if not url:
            return signed_in
        with self._metadata.asking(issuer):
            told = fetch_userinfo(issuer, url, token)
        if told is None:
            log.warning("userinfo_refused", issuer=issuer.alias)
            return signed_in
        if told.get("sub") != shown["sub"]:  # OpenID Connect Core §5.3.2
            raise SignInFailed("the issuer's userinfo is about somebody else (sub)")
        try:
            groups = groups_of(issuer, told)
        except TokenRefused as refusal:
            raise SignInFailed(f"the groups in the issuer's userinfo are not valid ({refusal.fault})") from None
        return replace(signed_in, principal=replace(signed_in.principal, claims={**shown, "groups": groups}))

    def _is_fresh(self, issuer: Issuer, signed_in: SignedIn) -> bool:
        proved_s = signed_in.authenticated_s
        return proved_s is not None and self._clock() - proved_s <= FRESH_S + issuer.skew_s

    def _endpoint(self, issuer: Issuer, name: str, *, required: bool = True) -> str:
        metadata = self._metadata.of(issuer)
        try:
            return required_endpoint(issuer, metadata, name) if required else endpoint(issuer, metadata, name)
        except KeysAway:
            raise IssuerAway from None


def _challenge(verifier: str) -> str:
    """RFC 7636 §4.2, S256."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


def _single_values(query: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """The parameters of an answer; RFC 6749 §3.1 lets none come twice."""
    if any(len(values) != 1 for values in query.values()):
        raise SignInFailed("the answer has a parameter twice")
    return {name: values[0] for name, values in query.items()}


def _issuer_error(login: LoginState, error: str) -> SignInFailed | SessionEnded:
    if login.renewing and error in _NOT_SIGNED_IN:
        return SessionEnded(login.target)
    return SignInFailed(f"the issuer did not sign you in{_code_of(error)}")


def _code_of(error: Any) -> str:
    """OAuth's error code in parentheses, and nothing else of what came."""
    return f" ({error})" if isinstance(error, str) and _ERROR_CODE.fullmatch(error) else ""
