"""Who calls, once issuers are configured: a token, a client certificate, the operator's own socket, or nobody."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from urllib.parse import urlsplit

import structlog

from moorings_registry.errors import CallerRefused, TokenExposed, TokenFault, TokenRefused
from moorings_registry.http.authentication import is_forwarded
from moorings_registry.http.credentials import credential_key, has_credential, read_credential
from moorings_registry.http.error_answers import is_page
from moorings_registry.http.forwarded_certificates import forwarded_certificate
from moorings_registry.http.messages import Request
from moorings_registry.http.principal_memory import PrincipalMemory
from moorings_registry.http.token_verifier import Purpose, TokenVerifier, holds_s
from moorings_registry.issuers import is_loopback_address, take_apart, token_digest
from moorings_registry.page_sign_in import PeopleInPages, read_cookie
from moorings_registry.principals import ANONYMOUS, LOCAL_PRINCIPAL, Principal

log = structlog.get_logger("moorings.sign_in")


@dataclass(frozen=True, slots=True)
class TrustedProxies:
    """Proxies on this machine that call for others: who runs them, and what they say of their callers."""

    users: frozenset[int] = frozenset()
    """Their uids, as the kernel says who holds the other end of the local socket."""
    certificate_header: str = ""
    """The header, in lower case, with the certificate that the proxy verified; empty: none is believed."""


NO_PROXIES = TrustedProxies()


class TokenAuthentication:
    """Verifies what a request carries. One request has exactly one principal; a credential that does not hold is never
    taken for none."""

    def __init__(
        self,
        verifier: TokenVerifier,
        *,
        proxies: TrustedProxies = NO_PROXIES,
        people: PeopleInPages | None = None,
        memory: PrincipalMemory | None = None,
    ) -> None:
        """*proxies* may call over the local socket for others; *people* sign in to the pages."""
        self._verifier = verifier
        self._people = people
        self._proxies = proxies
        self._memory = memory or PrincipalMemory()

    def known(self, request: Request) -> Principal | None:
        """Who calls, if that costs next to nothing; None if the credential has to be verified.

        Raises:
            CallerRefused, TokenExposed, TokenRefused
        """
        headers = request.headers
        _require_own_site(headers)
        if "access_token=" in request.target:
            raise self._verifier.counted(TokenRefused(TokenFault.SCHEME), request)
        certificate = self.certificate_of(request)
        session = "" if has_credential(headers) or certificate else self._session_cookie(request)
        if not has_credential(headers) and not certificate and not session:
            return self._without_credential(request)
        require_unexposed(request)
        if session:
            return None  # whether it was ended is kept beside the ledger
        return self._memory.find(credential_key(headers, certificate), self._verifier.generation)

    def principal(self, request: Request) -> Principal:
        """Who calls. May wait for an issuer's keys: never called on an event loop.

        Raises:
            CallerRefused, TokenExposed, TokenRefused, TooManyFailures, IssuerAway
            SessionEnded, SessionsUnavailable: of a person in the pages.
        """
        known = self.known(request)
        if known is not None:
            return known
        if not has_credential(request.headers) and not self.certificate_of(request):
            return self._in_session(request)
        generation, certificate = self._verifier.generation, self.certificate_of(request)
        read = partial(read_credential, request.headers)
        verified = self._verifier.verify(request, read, certificate, Purpose.ACCESS)
        key = credential_key(request.headers, certificate)
        self._memory.remember(key, verified.principal, holds_s(verified), generation)
        return verified.principal

    def certificate_of(self, request: Request) -> bytes:
        """The caller's certificate: of its own connection, or as a trusted proxy verified it."""
        header = self._proxies.certificate_header
        if header and request.peer_user in self._proxies.users:
            return forwarded_certificate(request.headers.get(header, ""))
        return request.certificate

    def _without_credential(self, request: Request) -> Principal:
        if request.peer_user is None:
            return ANONYMOUS
        if request.peer_user == os.geteuid():
            if is_forwarded(request.headers):
                raise CallerRefused("A proxy runs as the registry's own user, which would make its callers local")
            return LOCAL_PRINCIPAL
        if request.peer_user in self._proxies.users:
            return ANONYMOUS
        raise CallerRefused("The caller runs as another user of this machine than the registry")

    def _in_session(self, request: Request) -> Principal:
        """Whose session the request's cookie holds; what is asked of every other request is asked first."""
        without = self._without_credential(request)
        if self._people is None or without is not ANONYMOUS:
            return without
        return self._people.sessions.read(self._session_cookie(request))

    def _session_cookie(self, request: Request) -> str:
        """The session cookie of a request for a page; the APIs look at no cookie."""
        if self._people is None or not is_page(request.target):
            return ""
        return read_cookie(request.headers, self._people.cookies.session)


def require_unexposed(request: Request, token: str = "") -> None:
    """Pass, or refuse a credential that others may have read on its way: the request's own, or *token* in its body.

    Raises:
        TokenExposed
    """
    if request.scheme != "https" and request.peer and not is_loopback_address(request.peer):
        log.warning("token_exposed", peer=request.peer, token=_digest(request.headers, token))
        raise TokenExposed


def _require_own_site(headers: Mapping[str, str]) -> None:
    """Pass, or refuse a request that a page of another site sends: a browser adds its user's certificate to it."""
    host = headers.get("host", "")
    if "," in host:
        raise CallerRefused("The request names several hosts")
    origin = headers.get("origin")
    if origin and urlsplit(origin).netloc.lower() != host.lower():
        raise CallerRefused("The Origin header names another site")


def _digest(headers: Mapping[str, str], token: str) -> str:
    """What an exposed token is logged by, so that it can be revoked; empty if it is not a token."""
    try:
        credential = None if token else read_credential(headers)
        text = credential.token if credential else token
        return token_digest(take_apart(text)) if text else ""
    except TokenRefused:
        return ""
