"""What `moorings login` asks an issuer: its metadata, tokens for codes, and the end of a refresh token.

Sources: OpenID Connect Discovery §4, RFC 6749, RFC 7636 (PKCE), RFC 8628 (device codes), RFC 7009 (revocation).
"""

import base64
import hashlib
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlsplit

from moorings.errors import SettingInvalid, SignInFailed
from moorings.signin.exchange import (
    answer_of,
    exchange,
    expires_in_s,
    form_request,
    refuse_plain_http,
    require_bearer,
)
from moorings.signin.login_store import SOURCE, Login
from moorings.signin.tokens import make_token
from moorings.transport.effects import Effects, Send

DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code"
_UNSAID_S = 300.0


@dataclass(frozen=True, slots=True)
class LoginIssuer:
    """An issuer at which people sign in, as the registry tells it."""

    alias: str
    url: str
    client_id: str
    scopes: tuple[str, ...]
    audience: str

    @property
    def resource(self) -> str:
        """The audience, if it can be named to an issuer: an absolute URI without a fragment (RFC 8707 §2)."""
        parts = urlsplit(self.audience)
        return self.audience if parts.scheme and not parts.fragment else ""


@dataclass(frozen=True, slots=True)
class IssuerEndpoints:
    """Where an issuer's endpoints are; empty where it has none."""

    authorization: str
    token: str
    device: str
    revocation: str
    names_itself: bool
    """Whether each answer of its authorization endpoint names it (RFC 9207)."""


class TokenPending(Exception):
    """The person has not entered the code yet; *slow_down* if asking again should wait longer."""

    def __init__(self, *, slow_down: bool) -> None:
        super().__init__()
        self.slow_down = slow_down


def discover(issuer: LoginIssuer, timeout_s: float) -> Effects[IssuerEndpoints]:
    """Fetch where the endpoints of *issuer* are.

    Raises:
        SignInFailed, SettingInvalid
    """
    refuse_plain_http(issuer.url, "the issuer's URL")
    url = f"{issuer.url.rstrip('/')}/.well-known/openid-configuration"
    found = yield from exchange(issuer.url, Send("GET", url, {"Accept": "application/json"}, timeout_s=timeout_s))
    if found.get("issuer") != issuer.url:
        raise SignInFailed(issuer.url, "its metadata names another issuer")
    return IssuerEndpoints(
        authorization=_endpoint(found, "authorization_endpoint"),
        token=_endpoint(found, "token_endpoint"),
        device=_endpoint(found, "device_authorization_endpoint"),
        revocation=_endpoint(found, "revocation_endpoint"),
        names_itself=found.get("authorization_response_iss_parameter_supported") is True,
    )


def challenge_of(verifier: str) -> str:
    """RFC 7636 §4.2, S256."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


def begin_device(issuer: LoginIssuer, endpoints: IssuerEndpoints, timeout_s: float) -> Effects[Mapping[str, Any]]:
    """Ask for a code that a person enters on another device (RFC 8628 §3.1)."""
    form = {"client_id": issuer.client_id, "scope": " ".join(issuer.scopes), **_resource(issuer)}
    return (yield from exchange(issuer.url, form_request(endpoints.device, form, timeout_s)))


def redeem(
    issuer: LoginIssuer,
    endpoints: IssuerEndpoints,
    grant: Mapping[str, str],
    *,
    registry: str,
    timeout_s: float,
    clock: Callable[[], float] = time.time,
) -> Effects[Login]:
    """Get a token for *grant*: a code, or a device's.

    A code that was sent is not sent again: an answer that was lost ends the sign-in.

    Raises:
        SignInFailed
        TokenPending: of a device's code.
    """
    form = {**grant, "client_id": issuer.client_id, **_resource(issuer)}
    status, found = yield from answer_of(issuer.url, form_request(endpoints.token, form, timeout_s))
    error = found.get("error")
    if status == 400 and error in ("authorization_pending", "slow_down"):
        raise TokenPending(slow_down=error == "slow_down")
    _require_ok(issuer.url, status, error)
    login = Login(
        url=registry, issuer=issuer.url, client_id=issuer.client_id, token_url=endpoints.token,
        revocation_url=endpoints.revocation, resource=issuer.resource, token="", expires_s=0.0,
    )  # fmt: skip
    return with_tokens(login, found, clock())


def refresh(login: Login, timeout_s: float, clock: Callable[[], float] = time.time) -> Effects[Login]:
    """Use the refresh token up for another token.

    The one that comes with it is kept only if it is another one (RFC 9700 §4.14.2): one that stays the same would be
    a password on a disk.

    Raises:
        SignInFailed
    """
    form = {
        "grant_type": "refresh_token",
        "refresh_token": login.refresh_token,
        "client_id": login.client_id,
        **({"resource": login.resource} if login.resource else {}),
    }
    status, found = yield from answer_of(login.issuer, form_request(login.token_url, form, timeout_s))
    _require_ok(login.issuer, status, found.get("error"))
    fresh = with_tokens(login, found, clock())
    return fresh if fresh.refresh_token != login.refresh_token else replace(fresh, refresh_token="")


def revoke(login: Login, timeout_s: float) -> Effects[None]:
    """Tell the issuer that the refresh token is not used any more; whether it hears that changes nothing here."""
    if login.refresh_token and login.revocation_url:
        form = {"token": login.refresh_token, "token_type_hint": "refresh_token", "client_id": login.client_id}
        yield form_request(login.revocation_url, form, timeout_s)


def with_tokens(login: Login, found: Mapping[str, Any], now_s: float) -> Login:
    """*login* with the tokens of an answer."""
    require_bearer(login.issuer, found)
    token = make_token(login.issuer, found.get("access_token")).value
    lasts_s = expires_in_s(found.get("expires_in")) or _UNSAID_S
    refresh_token = found.get("refresh_token")
    kept = make_token(login.issuer, refresh_token).value if refresh_token else ""
    return replace(login, token=token, expires_s=now_s + lasts_s, refresh_token=kept)


def _require_ok(source: str, status: int, error: object) -> None:
    if status != 200:
        known = error if isinstance(error, str) and error.replace("_", "").isalpha() and len(error) <= 40 else ""
        raise SignInFailed(source, f"it answered {status}{f' ({known})' if known else ''}")


def _resource(issuer: LoginIssuer) -> dict[str, str]:
    return {"resource": issuer.resource} if issuer.resource else {}


def _endpoint(metadata: Mapping[str, Any], name: str) -> str:
    url = metadata.get(name, "")
    if not isinstance(url, str):
        raise SignInFailed(SOURCE, f"the issuer's {name} is not a URL")
    try:
        if url:
            refuse_plain_http(url, f"the issuer's {name}")
    except SettingInvalid as error:
        raise SignInFailed(SOURCE, str(error)) from None
    return url
