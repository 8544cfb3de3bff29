"""The token endpoint: a credential in, a narrower and shorter access token of ours out (RFC 6749 §3.2, RFC 8693).

Its errors are those of OAuth (RFC 6749 §5.2), whatever goes wrong, since its clients know no others.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from urllib.parse import parse_qsl

from flask import Response, current_app, g, jsonify, request

from moorings_registry import tracing
from moorings_registry.access import Permission, read_scope
from moorings_registry.errors import (
    IssuerAway,
    NotFound,
    SigningUnavailable,
    TokenExposed,
    TokenRefused,
    TooManyFailures,
)
from moorings_registry.http.credentials import Credential
from moorings_registry.http.messages import Request
from moorings_registry.http.requests import sent_body
from moorings_registry.http.statuses import RETRY_AFTER_S, STATUSES
from moorings_registry.http.token_authentication import TokenAuthentication, require_unexposed
from moorings_registry.http.token_verifier import Purpose, TokenVerifier
from moorings_registry.issuers import token_digest
from moorings_registry.token_exchange import (
    ASSERTION_TYPE,
    CLIENT_CREDENTIALS,
    Issued,
    ScopeRefused,
    Shown,
    TokenExchange,
)

EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange"
_TYPE = "urn:ietf:params:oauth:token-type:"
SUBJECT_TYPES = tuple(_TYPE + one for one in ("jwt", "id_token", "access_token"))
ISSUED_TYPE = _TYPE + "access_token"
LARGEST_BODY_BYTES = 32 * 1024
_FORM = "application/x-www-form-urlencoded"
TOKEN_ENDPOINT = "moorings.token_endpoint"  # noqa: S105 - a name
"""Where the application keeps it."""


@dataclass(frozen=True, slots=True)
class TokenEndpoint:
    """What the endpoint works with."""

    exchange: TokenExchange
    verifier: TokenVerifier
    authentication: TokenAuthentication


class _Refused(Exception):
    """An error of RFC 6749 §5.2 or RFC 8693 §2.2.2."""

    def __init__(self, error: str, description: str, status: int = 400) -> None:
        super().__init__(description)
        self.error = error
        self.status = status


def token_endpoint() -> TokenEndpoint:
    """The endpoint of this registry.

    Raises:
        NotFound: it has none.
    """
    endpoint: TokenEndpoint | None = current_app.extensions[TOKEN_ENDPOINT]
    if endpoint is None:
        raise NotFound
    return endpoint


def server_metadata() -> Response:
    """The metadata of an authorization server (RFC 8414)."""
    url = token_endpoint().exchange.url
    return jsonify(
        {
            "issuer": url,
            "token_endpoint": f"{url}/v1/token",
            "jwks_uri": f"{url}/.well-known/jwks.json",
            "response_types_supported": [],
            "grant_types_supported": [EXCHANGE, CLIENT_CREDENTIALS],
            "token_endpoint_auth_methods_supported": ["private_key_jwt", "none"],
            "tls_client_certificate_bound_access_tokens": True,
        }
    )


def issued_token() -> Response:
    """Issue an access token for what the request shows."""
    endpoint = token_endpoint()
    try:
        form = _form()
        grant_type, more = _needed(form, "grant_type"), {}
        if grant_type == EXCHANGE:
            issued, more = _exchanged(endpoint, form), {"issued_token_type": ISSUED_TYPE}
        elif grant_type == CLIENT_CREDENTIALS:
            issued = _of_client(endpoint, form)
        else:
            raise _Refused("unsupported_grant_type", f"grant_type is neither {EXCHANGE} nor {CLIENT_CREDENTIALS}")
    except _Refused as refused:
        return _error(refused.error, str(refused), refused.status)
    answer = {"access_token": issued.access_token, "token_type": "Bearer", "expires_in": issued.expires_in_s}
    return _answer({**answer, "scope": issued.scope, **more})


def _exchanged(endpoint: TokenEndpoint, form: Mapping[str, str]) -> Issued:
    """A token for the one in `subject_token` (RFC 8693 §2.1)."""
    text = _needed(form, "subject_token")
    if _needed(form, "subject_token_type") not in SUBJECT_TYPES:
        raise _Refused("invalid_request", f"subject_token_type is not one of {', '.join(SUBJECT_TYPES)}")
    if form.get("requested_token_type", ISSUED_TYPE) != ISSUED_TYPE:
        raise _Refused("invalid_request", f"requested_token_type is not {ISSUED_TYPE}")
    if "actor_token" in form:
        raise _Refused("invalid_request", "actor_token: callers act for themselves here")
    return _issue(endpoint, form, text, Purpose.SUBJECT, "invalid_request", 400)


def _of_client(endpoint: TokenEndpoint, form: Mapping[str, str]) -> Issued:
    """A token for the client that the assertion is about (RFC 7523 §2.2, RFC 6749 §4.4)."""
    if _needed(form, "client_assertion_type") != ASSERTION_TYPE:
        raise _Refused("invalid_request", f"client_assertion_type is not {ASSERTION_TYPE}")
    text = _needed(form, "client_assertion")
    return _issue(endpoint, form, text, Purpose.ASSERTION, "invalid_client", 401)


def _issue(
    endpoint: TokenEndpoint, form: Mapping[str, str], text: str, purpose: Purpose, error: str, status: int
) -> Issued:
    asked: Request = g.entered.request
    certificate = endpoint.authentication.certificate_of(asked)
    scope = _scope(form)
    _require_target(endpoint, form)
    alias = ""
    try:
        require_unexposed(asked, text)
        read = partial(Credential, text, "bearer")
        verified = endpoint.verifier.verify(asked, read, certificate, purpose)
        assert verified.token is not None
        alias = verified.principal.issuer
        _require_client(form, verified.principal.name, str(verified.token.claims.get("sub")))
        shown = Shown(verified.principal, token_digest(verified.token), verified.until_s)
        try:
            return _traced(endpoint.exchange, shown, scope, certificate)
        except TokenRefused as refusal:
            raise endpoint.verifier.counted(refusal, asked, alias) from None
    except TokenRefused as refusal:
        raise _Refused(error, str(refusal), status) from None
    except ScopeRefused as refused:
        raise _Refused("invalid_scope", str(refused)) from None
    except (TokenExposed, TooManyFailures, IssuerAway, SigningUnavailable) as refusal:
        later = not isinstance(refusal, TokenExposed)
        raise _Refused(_LATER if later else error, str(refusal), STATUSES[type(refusal)].native) from None


def _traced(exchange: TokenExchange, shown: Shown, scope: tuple[Permission, ...] | None, certificate: bytes) -> Issued:
    """Issue a token within a span, which says whose issuer it was, and nothing of the token."""
    above = tracing.current()
    if above is None:
        return exchange.issue(shown, scope, certificate)
    span = above.child("token exchange")
    span.set("moorings.issuer", shown.principal.issuer)
    try:
        return exchange.issue(shown, scope, certificate)
    except Exception as error:
        span.failed(type(error).__name__)
        raise
    finally:
        span.end()


def _require_target(endpoint: TokenEndpoint, form: Mapping[str, str]) -> None:
    """Pass a request for a token for this registry, which issues none for others (RFC 8693 §2.1, RFC 8707 §2)."""
    for name in ("audience", "resource"):
        if form.get(name, endpoint.exchange.url) != endpoint.exchange.url:
            raise _Refused("invalid_target", f"{name} is not {endpoint.exchange.url}")


def _require_client(form: Mapping[str, str], *names: str) -> None:
    """Pass where `client_id` is absent, or names the client that the credential is for (RFC 7521 §4.2)."""
    if "client_id" in form and form["client_id"] not in names:
        raise _Refused("invalid_client", "client_id names another client than the credential", 401)


def _scope(form: Mapping[str, str]) -> tuple[Permission, ...] | None:
    if "scope" not in form:
        return None
    try:
        return read_scope(form["scope"])
    except ValueError as error:
        raise _Refused("invalid_scope", f"scope, {error}") from None


def _needed(form: Mapping[str, str], name: str) -> str:
    if not form.get(name):
        raise _Refused("invalid_request", f"{name} is missing")
    return form[name]


def _form() -> Mapping[str, str]:
    if request.mimetype != _FORM:
        raise _Refused("invalid_request", f"the body is not {_FORM}")
    data = sent_body()
    if len(data) > LARGEST_BODY_BYTES:
        raise _Refused("invalid_request", f"the body is larger than {LARGEST_BODY_BYTES} bytes", 413)
    try:
        pairs = parse_qsl(data.decode("ascii"), keep_blank_values=True, max_num_fields=30, errors="strict")
    except ValueError:
        raise _Refused("invalid_request", "the body is not a form") from None
    form = dict(pairs)
    if len(form) < len(pairs):
        raise _Refused("invalid_request", "a parameter comes twice")
    if "client_secret" in form:
        raise _Refused("invalid_client", "client_secret: this registry takes no secrets, but signed assertions", 401)
    return form


def _error(error: str, description: str, status: int) -> Response:
    response = _answer({"error": error, "error_description": description})
    response.status_code = status
    if error == "invalid_client" and status == STATUSES[TokenRefused].native:
        response.headers["WWW-Authenticate"] = 'Bearer realm="moorings", error="invalid_token"'
    if error == _LATER:
        response.headers["Retry-After"] = str(RETRY_AFTER_S)
    return response


def _answer(content: Mapping[str, object]) -> Response:
    response = jsonify(content)
    response.headers["Cache-Control"] = "no-store"
    return response


_LATER = "temporarily_unavailable"
"""The code that OAuth has for it elsewhere (RFC 6749 §4.1.2.1); §5.2 has none."""
