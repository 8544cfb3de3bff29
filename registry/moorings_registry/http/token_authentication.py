"""Who calls, once issuers are configured: a token, a client certificate, the operator's own socket, or nobody."""

import os
import time
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

import structlog

from moorings_registry.errors import CallerRefused, IssuerAway, TokenExposed, TokenFault, TokenRefused, TooManyFailures
from moorings_registry.http.access_log import SIGN_IN_FAULTS
from moorings_registry.http.authentication import is_forwarded
from moorings_registry.http.client_certificates import certificate_principal
from moorings_registry.http.credentials import Credential, credential_key, has_credential, read_credential
from moorings_registry.http.error_answers import is_page
from moorings_registry.http.failure_limit import FailureLimit
from moorings_registry.http.forwarded_certificates import forwarded_certificate
from moorings_registry.http.messages import Request
from moorings_registry.http.principal_memory import PrincipalMemory
from moorings_registry.issuers import CompactJwt, Trust, is_loopback_address, take_apart, token_digest
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
        trust: Trust,
        *,
        proxies: TrustedProxies = NO_PROXIES,
        people: PeopleInPages | None = None,
        memory: PrincipalMemory | None = None,
        failures: FailureLimit | None = None,
    ) -> None:
        """*proxies* may call over the local socket for others; *people* sign in to the pages."""
        self._trust = trust
        self._people = people
        self._proxies = proxies
        self._memory = memory or PrincipalMemory()
        self._failures = failures or FailureLimit()

    def known(self, request: Request) -> Principal | None:
        """Who calls, if that costs next to nothing; None if the credential has to be verified.

        Raises:
            CallerRefused, TokenExposed, TokenRefused
        """
        headers = request.headers
        _require_own_site(headers)
        if "access_token=" in request.target:
            raise self._counted(TokenRefused(TokenFault.SCHEME), request, "")
        certificate = self._certificate(request)
        session = "" if has_credential(headers) or certificate else self._session_cookie(request)
        if not has_credential(headers) and not certificate and not session:
            return self._without_credential(request)
        if request.scheme != "https" and request.peer and not is_loopback_address(request.peer):
            log.warning("token_exposed", peer=request.peer, token=_digest(headers))
            raise TokenExposed
        if session:
            return None  # whether it was ended is kept beside the ledger
        return self._memory.find(credential_key(headers, certificate), self._trust.generation)

    def principal(self, request: Request) -> Principal:
        """Who calls. May wait for an issuer's keys: never called on an event loop.

        Raises:
            CallerRefused, TokenExposed, TokenRefused, TooManyFailures, IssuerAway
            SessionEnded, SessionsUnavailable: of a person in the pages.
        """
        known = self.known(request)
        if known is not None:
            return known
        if not has_credential(request.headers) and not self._certificate(request):
            return self._in_session(request)
        generation, certificate = self._trust.generation, self._certificate(request)
        alias = ""
        try:
            credential = read_credential(request.headers)
            token = take_apart(credential.token) if credential else None
            alias = self._trust.issuer_of(token).issuer.alias if token else ""
            self._require_few_failures(request, alias)
            principal, until_s = self._verified(certificate, credential, token)
        except TokenRefused as refusal:
            self._require_few_failures(request, alias)
            raise self._counted(refusal, request, alias) from None
        except IssuerAway:
            log.warning("keys_unavailable", issuer=alias)
            raise
        key = credential_key(request.headers, certificate)
        self._memory.remember(key, principal, until_s - time.time(), generation)
        return principal

    def _certificate(self, request: Request) -> bytes:
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

    def _verified(
        self, certificate: bytes, credential: Credential | None, token: CompactJwt | None
    ) -> tuple[Principal, float]:
        if token is None or credential is None:
            return certificate_principal(certificate, self._trust)
        verified = self._trust.verify(token, certificate=certificate, evidence=credential.evidence)
        if certificate and "cnf" not in token.claims:
            shown, until_s = certificate_principal(certificate, self._trust)
            if shown != verified.principal:
                raise TokenRefused(TokenFault.MANY)
            return verified.principal, min(until_s, verified.expires_s)
        return verified.principal, verified.expires_s

    def _require_few_failures(self, request: Request, alias: str) -> None:
        # Callers of the local socket share one address; what stands in front of them has limits of its own.
        if request.peer and self._failures.is_reached((request.peer, alias)):
            raise TooManyFailures

    def _counted(self, refusal: TokenRefused, request: Request, alias: str) -> TokenRefused:
        self._failures.count((request.peer, alias))
        SIGN_IN_FAULTS.labels(refusal.fault).inc()
        log.info("credential_refused", fault=refusal.fault, issuer=alias, peer=request.peer)
        return refusal


def _require_own_site(headers: Mapping[str, str]) -> None:
    """Pass, or refuse a request that a page of another site sends: a browser adds its user's certificate to it."""
    host = headers.get("host", "")
    if "," in host:
        raise CallerRefused("The request names several hosts")
    origin = headers.get("origin")
    if origin and urlsplit(origin).netloc.lower() != host.lower():
        raise CallerRefused("The Origin header names another site")


def _digest(headers: Mapping[str, str]) -> str:
    """What an exposed token is logged by, so that it can be revoked; empty if it is not a token."""
    try:
        credential = read_credential(headers)
        return token_digest(take_apart(credential.token)) if credential else ""
    except TokenRefused:
        return ""
