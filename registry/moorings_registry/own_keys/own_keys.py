"""Signing and verifying the registry's own tokens.

A private key is made when the process starts, or the master process before it forks, and another one every day. It is
never stored, and ends with the processes of its node. The public half is published beside the ledger, for as long as
the node says so every minute and until the last token of the key has ended. So nodes share no secret, and any node
verifies what another one signed.
"""

import json
import threading
import time
import uuid
from collections.abc import Callable, Mapping
from typing import Any

import structlog

from moorings_registry.errors import SigningUnavailable, TokenFault, TokenRefused
from moorings_registry.expiring_records import ExpiringRecords
from moorings_registry.issuers import CompactJwt, Issuer
from moorings_registry.issuers.issuer import KeySource
from moorings_registry.issuers.verification import require_signature, require_times
from moorings_registry.log_ids import background_pass
from moorings_registry.own_keys.node_keys import NodeKeys, Pair
from moorings_registry.own_keys.published_keys import PublishedKeys
from moorings_registry.own_keys.signing_key import ALGORITHM, SigningKey
from moorings_registry.own_keys.token_types import ACCESS_TOKEN, ASSERTION, SESSION, SIGN_IN_STATE

ROTATION_S = 86_400.0
LEAD_S = 600.0
"""A key is published so long before its first use, so that whoever keeps key sets has it by then."""
LONGEST_LIFE_S = 3_600
"""The longest life of a token of ours."""
_SKEW_S = 60
_MARGIN_S = 600.0
"""A node whose store is away goes on signing for so long; its key is known for as long as its last token."""
_PUBLISHED_EVERY_S = 60.0
_READ_EVERY_S = 10.0
_TYPES = frozenset((ACCESS_TOKEN, ASSERTION, SESSION, SIGN_IN_STATE))

log = structlog.get_logger("moorings.own_keys")


class OwnKeys:
    """Signs and verifies the registry's own tokens. Safe from any thread, and shared with forked processes."""

    def __init__(
        self,
        url: str,
        records: ExpiringRecords,
        *,
        rotation_s: float = ROTATION_S,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """*url* is the address by which callers know the registry, the `iss` of its tokens; a key signs for
        *rotation_s* seconds."""
        self.url = url
        self._rotation_s = rotation_s
        self._lead_s = min(LEAD_S, rotation_s / 3)
        self._clock = clock
        self._own = NodeKeys(self._made())
        self._published = PublishedKeys(records)

    @property
    def generation(self) -> object:
        """Another object whenever a token that held may not hold any more."""
        return self._published.generation

    def sign(self, token_type: str, claims: Mapping[str, Any], life_s: int) -> str:
        """Sign *claims* as a token of *token_type* that ends after *life_s* seconds.

        `iss`, `iat`, `exp` and `jti` are added.

        Raises:
            SigningUnavailable: other nodes would not know the key for as long as the token lives.
        """
        if not 0 < life_s <= LONGEST_LIFE_S or token_type not in _TYPES:
            raise ValueError(f"no token of type {token_type} for {life_s} seconds")
        key, now = self._key(life_s), int(self._clock())
        own = {"iss": self.url, "iat": now, "exp": now + life_s, "jti": uuid.uuid4().hex}
        return key.sign(token_type, {**claims, **own})

    def message_key(self, life_s: int) -> SigningKey:
        """The key that signs messages that are not tokens, and are verified within *life_s* seconds.

        Raises:
            SigningUnavailable: others would not know the key for so long.
        """
        return self._key(life_s)

    def _key(self, life_s: int) -> SigningKey:
        key = self._own.pair.current
        if int(self._clock()) + life_s + _SKEW_S > key.known_until_s:
            raise SigningUnavailable
        return key

    def is_issuer_of(self, token: CompactJwt) -> bool:
        """Whether *token* claims to be one of ours; nothing is verified yet."""
        return token.claims.get("iss") == self.url

    def verify(self, token: CompactJwt, token_type: str, audience: str | None = None) -> Mapping[str, Any]:
        """The claims of a token that this service signed; *audience* is the registry itself unless said otherwise.

        May ask the store for the key: never called on an event loop.

        Raises:
            TokenRefused
        """
        now = self._clock()
        if not self.is_issuer_of(token):
            raise TokenRefused(TokenFault.ISSUER)
        if token.algorithm != ALGORITHM:
            raise TokenRefused(TokenFault.ALGORITHM)
        if token.type != token_type:
            raise TokenRefused(TokenFault.TYPE)
        key = self._published.find(token.key_id, now)
        if key is None:
            raise TokenRefused(TokenFault.KEY)
        require_signature(key, token)
        require_times(_BOUNDS, token.claims, now)
        if token.claims.get("aud") != (self.url if audience is None else audience):
            raise TokenRefused(TokenFault.AUDIENCE)
        return token.claims

    def key_set(self) -> bytes:
        """The public keys of all processes of the service, as a JSON Web Key Set (RFC 7517 §5)."""
        self._published.refresh(self._clock(), older_than_s=1.0)
        own = {one.id: self._document(one) for one in self._own.pair.every if one.known_since_s}
        found = {**self._published.documents, **own}
        return json.dumps({"keys": [found[name] for name in sorted(found)]}, separators=(",", ":")).encode()

    def maintain(self) -> None:
        """Publish what is due, take the next key into use when it is time, and read the keys of others.

        A store that is away is logged, and asked again with the next call.
        """
        now = self._clock()
        with self._own.turn() as is_ours:
            if is_ours:
                self._maintain_own(now)
        self._published.refresh(now, older_than_s=min(_READ_EVERY_S, self._lead_s / 3))

    def keep_fresh(self, stop: threading.Event) -> None:
        """Maintain the keys until *stop* is set; for a thread of its own."""
        while not stop.is_set():
            with background_pass("own-keys"):
                self._maintain_again()
            stop.wait(min(1.0, self._lead_s / 6))

    def _maintain_again(self) -> None:
        try:
            self.maintain()
        except Exception:
            log.exception("own_keys_not_maintained")

    def _maintain_own(self, now: float) -> None:
        before = self._own.pair
        pair = self._with_next(before, now)
        pair = Pair(*(self._with_published(one, now) for one in pair.every))
        following = pair.following
        if following is not None and following.known_since_s:
            first_use_s = max(pair.current.signs_until_s, following.known_since_s + self._lead_s)
            if now >= first_use_s:
                log.info("own_key_in_use", key=following.id)
                pair = Pair(following)
        if pair != before:
            self._own.replace(pair)

    def _with_next(self, pair: Pair, now: float) -> Pair:
        current = pair.current
        if current.known_until_s and now >= current.known_until_s:
            # Nobody knows it any more: the store was away for long, or all processes of the node were.
            return Pair(self._made())
        if pair.following is None and now >= current.signs_until_s - self._lead_s:
            return Pair(current, SigningKey.generate(max(current.signs_until_s, now + self._lead_s) + self._rotation_s))
        return pair

    def _with_published(self, key: SigningKey, now: float) -> SigningKey:
        if key.published_s and now - key.published_s < _PUBLISHED_EVERY_S:
            return key
        until_s = now + LONGEST_LIFE_S + _MARGIN_S
        known = self._published.publish(key.id, self._document(key), until_s, now)
        return key.published(now, until_s) if known else key

    def _made(self) -> SigningKey:
        return SigningKey.generate(self._clock() + self._rotation_s)

    def _document(self, key: SigningKey) -> dict[str, Any]:
        return key.public(key.signs_until_s + self._lead_s + LONGEST_LIFE_S + _MARGIN_S)


_BOUNDS = Issuer(
    alias="",
    kind="registry",
    url="",
    audience="",
    keys=KeySource(),
    algorithms=frozenset((ALGORITHM,)),
    types=_TYPES,
    longest_life_s=LONGEST_LIFE_S,
    skew_s=_SKEW_S,
)
"""What the times of a token have to be like."""
