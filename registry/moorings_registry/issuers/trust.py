"""Whom this registry trusts now: the issuers file, read again when it changes, and the keys of each issuer."""

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import structlog

from moorings_registry.errors import TokenFault, TokenRefused
from moorings_registry.issuers.assertions import for_assertions
from moorings_registry.issuers.compact_jwt import CompactJwt
from moorings_registry.issuers.fetching import FetchedKeys, fetch_keys
from moorings_registry.issuers.id_tokens import (
    SignedIn,
    SignedOut,
    require_id_token_header,
    verify_id_token,
    verify_logout_token,
)
from moorings_registry.issuers.issuer import Issuer, Issuers
from moorings_registry.issuers.issuer_keys import IssuerKeys
from moorings_registry.issuers.issuers_file import IssuersInvalid, read_issuers
from moorings_registry.issuers.key_sets import PublicKey
from moorings_registry.issuers.verification import Verified, require_acceptable, verify
from moorings_registry.log_ids import background_pass

WATCHED_EVERY_S = 1.0
CLOCK_TOLERANCE_S = 60.0

log = structlog.get_logger("moorings.sign_in")


@dataclass(frozen=True, slots=True)
class _InForce:
    issuers: Issuers
    by_url: Mapping[str, IssuerKeys]
    by_trust_domain: Mapping[str, IssuerKeys]

    @property
    def every(self) -> tuple[IssuerKeys, ...]:
        return (*{id(one): one for one in (*self.by_url.values(), *self.by_trust_domain.values())}.values(),)


class Trust:
    """Verifies tokens of the issuers that a file configures. Safe from any thread."""

    def __init__(
        self,
        path: Path,
        *,
        fetch: Callable[[Issuer], FetchedKeys] = fetch_keys,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """Read the issuers file at *path*.

        Raises:
            IssuersInvalid
        """
        self._path = path
        self._fetch = fetch
        self._clock = clock
        self.generation = object()
        """Another object whenever a token that held may not hold any more: other issuers, or other keys."""
        self._seen = self._stamp()
        self._in_force = self._put_in_force(read_issuers(path), None)

    @property
    def issuers(self) -> Issuers:
        return self._in_force.issuers

    def issuer_of(self, token: CompactJwt) -> IssuerKeys:
        """The issuer that a token claims to be of; nothing is fetched for one that is not configured.

        Raises:
            TokenRefused
        """
        claimed = token.claims.get("iss")
        found = self._in_force.by_url.get(claimed) if isinstance(claimed, str) else None
        subject = token.claims.get("sub")
        if "iss" not in token.claims and isinstance(subject, str):
            found = self._in_force.by_trust_domain.get(subject.removeprefix("spiffe://").partition("/")[0])
            if found is not None and found.issuer.url:
                found = None  # its tokens name it
        if found is None or not found.issuer.keys.is_known:
            raise TokenRefused(TokenFault.ISSUER)
        return found

    def trust_domain(self, name: str) -> Issuer | None:
        """The issuer of a SPIFFE trust domain; None if it is not configured."""
        found = self._in_force.by_trust_domain.get(name)
        return found.issuer if found else None

    def is_configured(self, alias: str) -> bool:
        """Whether an issuer has that alias now."""
        return any(one.alias == alias for one in self._in_force.issuers.issuers)

    def verify(
        self, token: CompactJwt, *, certificate: bytes = b"", evidence: str = "bearer", is_assertion: bool = False
    ) -> Verified:
        """Verify a token and read whom it is for. May wait for keys: never called on an event loop.

        *is_assertion*: it signs a client in at the token endpoint, so it is held to other types.

        Raises:
            TokenRefused, IssuerAway
        """
        keys = self.issuer_of(token)
        issuer = for_assertions(keys.issuer) if is_assertion else keys.issuer
        require_acceptable(issuer, token)
        key = keys.find(token.key_id)
        if key is None:
            raise TokenRefused(TokenFault.KEY)
        return verify(issuer, key, token, now_s=self._clock(), certificate=certificate, evidence=evidence)

    def people(self) -> tuple[Issuer, ...]:
        """The issuers at which people sign in, to the pages or by `moorings login`, in the order of the file."""
        return tuple(one for one in self.issuers.issuers if one.people.client_id or one.people.login_client_id)

    def named(self, alias: str) -> Issuer | None:
        """The issuer with this alias; None if it is not configured."""
        return next((one for one in self.issuers.issuers if one.alias == alias), None)

    def verify_id_token(self, issuer: Issuer, token: CompactJwt, *, nonce: str) -> SignedIn:
        """Verify the ID token of a sign-in at *issuer*. May wait for keys: never called on an event loop.

        Raises:
            TokenRefused, IssuerAway
        """
        require_id_token_header(issuer, token)
        return verify_id_token(issuer, self._key(issuer, token), token, nonce=nonce, now_s=self._clock())

    def verify_logout_token(self, token: CompactJwt) -> SignedOut:
        """Verify a logout token of any issuer at which people sign in to the pages. May wait for keys.

        Raises:
            TokenRefused, IssuerAway
        """
        issuer = self.issuer_of(token).issuer
        require_id_token_header(issuer, token, logout=True)
        return verify_logout_token(issuer, self._key(issuer, token), token, now_s=self._clock())

    def _key(self, issuer: Issuer, token: CompactJwt) -> PublicKey:
        keys = self._in_force.by_url.get(issuer.url)
        key = keys.find(token.key_id) if keys is not None else None
        if key is None:
            raise TokenRefused(TokenFault.KEY)
        return key

    def clocks_differ(self) -> tuple[str, ...]:
        """The aliases of issuers whose clocks differ from this machine's by more than tokens may be off."""
        return tuple(
            one.issuer.alias
            for one in self._in_force.every
            if one.clock_ahead_s is not None and abs(one.clock_ahead_s) > CLOCK_TOLERANCE_S
        )

    def away_s(self) -> tuple[tuple[str, float], ...]:
        """For each issuer whose keys are known to be somewhere: its alias, and seconds since they cannot be fetched."""
        return tuple((one.issuer.alias, one.away_s) for one in self._in_force.every if one.issuer.keys.is_known)

    def keep_fresh(self, stop: threading.Event, on_change: Callable[[Issuers], None]) -> None:
        """Read the file again when it changes, and keys before they are too old, until *stop* is set.

        *on_change* gets the new issuers.
        """
        while not stop.is_set():
            with background_pass("issuers"):
                if self.reload_if_changed():
                    on_change(self.issuers)
                for keys in self._in_force.every:
                    if keys.issuer.keys.is_known:
                        keys.refresh_if_due()
            stop.wait(WATCHED_EVERY_S)

    def reload_if_changed(self) -> bool:
        """Read the file again if it changed; whether other issuers are in force now.

        A file that is wrong changes nothing.
        """
        stamp = self._stamp()
        if stamp == self._seen:
            return False
        self._seen = stamp
        try:
            issuers = read_issuers(self._path)
        except IssuersInvalid as error:
            log.error("issuers_file_invalid", cause=str(error))
            return False
        if issuers.digest == self.issuers.digest:
            return False
        self._in_force = self._put_in_force(issuers, self._in_force)
        self._changed()
        log.info("issuers_file_read", issuers=[one.alias for one in issuers.issuers], digest=issuers.digest)
        return True

    def _changed(self) -> None:
        self.generation = object()

    def _put_in_force(self, issuers: Issuers, before: _InForce | None) -> _InForce:
        """The keys of issuers that did not change are kept."""
        kept = {one.issuer: one for one in before.every} if before else {}
        keys = [kept.get(one) or IssuerKeys(one, self._changed, fetch=self._fetch) for one in issuers.issuers]
        return _InForce(
            issuers,
            {one.issuer.url: one for one in keys if one.issuer.url},
            {one.issuer.trust_domain: one for one in keys if one.issuer.trust_domain},
        )

    def _stamp(self) -> tuple[int, ...]:
        try:
            found = self._path.stat()
        except OSError:
            return ()
        return found.st_mtime_ns, found.st_size, found.st_ino
