"""Verifying a token that a request carries, whatever for: whose it is, and a limit on those that do not hold."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto

import structlog

from moorings_registry.errors import IssuerAway, TokenFault, TokenRefused, TooManyFailures
from moorings_registry.http.access_log import SIGN_IN_FAULTS, VERIFIED
from moorings_registry.http.client_certificates import certificate_principal
from moorings_registry.http.credentials import Credential
from moorings_registry.http.failure_limit import FailureLimit
from moorings_registry.http.messages import Request
from moorings_registry.issuers import CompactJwt, Trust, take_apart, token_digest
from moorings_registry.issuers.verification import require_binding
from moorings_registry.own_keys import ACCESS_TOKEN, OwnKeys
from moorings_registry.own_keys.access_tokens import principal_of
from moorings_registry.principals import Principal

OWN = "moorings-registry"
"""The alias of our own tokens; no issuer can be called so."""

log = structlog.get_logger("moorings.sign_in")


class Purpose(Enum):
    """What a token is shown for."""

    ACCESS = auto()
    """It signs a request in."""
    SUBJECT = auto()
    """It is exchanged for an access token (RFC 8693 §2.1)."""
    ASSERTION = auto()
    """It signs a client in at the token endpoint (RFC 7523 §2.2)."""


@dataclass(frozen=True, slots=True)
class VerifiedCredential:
    """Who calls, until when that holds in seconds since 1970, and the token; None for a certificate alone."""

    principal: Principal
    until_s: float
    token: CompactJwt | None


class TokenVerifier:
    """Verifies tokens of configured issuers and of our own. Safe from any thread."""

    def __init__(self, trust: Trust, own_keys: OwnKeys | None = None, failures: FailureLimit | None = None) -> None:
        self._trust = trust
        self._own_keys = own_keys
        self._failures = failures or FailureLimit()

    @property
    def generation(self) -> tuple[object, object]:
        """Another value whenever a token that held may not hold any more."""
        return self._trust.generation, self._own_keys.generation if self._own_keys else None

    def verify(
        self, request: Request, read: Callable[[], Credential | None], certificate: bytes, purpose: Purpose
    ) -> VerifiedCredential:
        """Verify what *read* returns, together with the caller's *certificate*. May wait for an issuer's keys.

        Raises:
            TokenRefused, TooManyFailures, IssuerAway
        """
        alias = ""
        try:
            credential = read()
            token = take_apart(credential.token) if credential else None
            alias = self._alias(token) if token else ""
            self._require_few_failures(request, alias)
            verified = self._verified(certificate, credential, token, purpose)
        except TokenRefused as refusal:
            self._require_few_failures(request, alias)
            raise self.counted(refusal, request, alias) from None
        except IssuerAway:
            log.warning("keys_unavailable", issuer=alias)
            raise
        VERIFIED.inc()
        return verified

    def counted(self, refusal: TokenRefused, request: Request, alias: str = "") -> TokenRefused:
        """*refusal*, counted as one of the address that the request came from."""
        self._failures.count((request.peer, alias))
        SIGN_IN_FAULTS.labels(refusal.fault).inc()
        log.info("credential_refused", fault=refusal.fault, issuer=alias, peer=request.peer)
        return refusal

    def _is_own(self, token: CompactJwt) -> bool:
        return self._own_keys is not None and self._own_keys.is_issuer_of(token)

    def _alias(self, token: CompactJwt) -> str:
        return OWN if self._is_own(token) else self._trust.issuer_of(token).issuer.alias

    def _require_few_failures(self, request: Request, alias: str) -> None:
        # Callers of the local socket share one address; what stands in front of them has limits of its own.
        if request.peer and self._failures.is_reached((request.peer, alias)):
            raise TooManyFailures

    def _verified(
        self, certificate: bytes, credential: Credential | None, token: CompactJwt | None, purpose: Purpose
    ) -> VerifiedCredential:
        if token is None or credential is None:
            principal, until_s = certificate_principal(certificate, self._trust)
            return VerifiedCredential(principal, until_s, None)
        if self._is_own(token):
            principal, until_s = self._own(token, certificate, credential.evidence, purpose)
        else:
            is_assertion = purpose is Purpose.ASSERTION
            evidence = credential.evidence
            verified = self._trust.verify(token, certificate=certificate, evidence=evidence, is_assertion=is_assertion)
            principal, until_s = verified.principal, verified.expires_s
        if certificate and "cnf" not in token.claims:
            shown, certificate_until_s = certificate_principal(certificate, self._trust)
            if shown != principal:
                raise TokenRefused(TokenFault.MANY)
            until_s = min(until_s, certificate_until_s)
        return VerifiedCredential(principal, until_s, token)

    def _own(self, token: CompactJwt, certificate: bytes, evidence: str, purpose: Purpose) -> tuple[Principal, float]:
        """Whom one of our own access tokens is for. It is not exchanged again: that would make it live for ever."""
        if purpose is not Purpose.ACCESS:
            raise TokenRefused(TokenFault.PURPOSE)
        assert self._own_keys is not None
        claims = self._own_keys.verify(token, ACCESS_TOKEN)
        require_binding(claims, certificate)
        principal = principal_of(claims, evidence, token_digest(token))
        if not self._trust.is_configured(principal.issuer):
            raise TokenRefused(TokenFault.ISSUER)
        return principal, float(claims["exp"])


def holds_s(verified: VerifiedCredential) -> float:
    """For how many seconds from now a credential holds."""
    return verified.until_s - time.time()
