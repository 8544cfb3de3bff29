"""One key of the registry's own: ECDSA on P-256, which every verifier knows (RFC 7518 §3.4)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from joserfc import jwt
from joserfc.jwk import ECKey

ALGORITHM = "ES256"


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A private key, in memory.

    Attributes:
        id: Its thumbprint (RFC 7638).
        signs_until_s: When the next one takes its place, in seconds since 1970.
        known_since_s: When it was published first; 0 for not yet.
        published_s: When it was published last.
        known_until_s: Until when other processes know it.
    """

    id: str
    signs_until_s: float
    known_since_s: float
    published_s: float
    known_until_s: float
    _key: ECKey = field(repr=False)

    @classmethod
    def generate(cls, signs_until_s: float) -> "SigningKey":
        """Make one that nobody knows yet."""
        key = ECKey.generate_key("P-256", private=True)
        return cls(key.thumbprint(), signs_until_s, 0.0, 0.0, 0.0, key)

    def public(self, not_after_s: float) -> dict[str, Any]:
        """The public half, as a member of a key set (RFC 7517); *not_after_s* is when its last token ends."""
        public = dict(self._key.as_dict(private=False))
        members = {name: public[name] for name in ("kty", "crv", "x", "y")}
        return {**members, "kid": self.id, "alg": ALGORITHM, "use": "sig", "not_after": int(not_after_s)}

    def published(self, now_s: float, until_s: float) -> "SigningKey":
        """The same key, published at *now_s* until *until_s*."""
        since_s = self.known_since_s or now_s
        return SigningKey(self.id, self.signs_until_s, since_s, now_s, until_s, self._key)

    def sign(self, token_type: str, claims: Mapping[str, Any]) -> str:
        """A token in compact form."""
        header = {"alg": ALGORITHM, "typ": token_type, "kid": self.id}
        return jwt.encode(header, dict(claims), self._key, algorithms=[ALGORITHM])

    def sign_bytes(self, content: bytes) -> bytes:
        """Sign *content* itself: 64 bytes, r and s (RFC 7518 §3.4; RFC 9421 §3.3.4 has the same form)."""
        key = self._key.get_op_key("sign")
        assert isinstance(key, EllipticCurvePrivateKey)
        r, s = decode_dss_signature(key.sign(content, ECDSA(SHA256())))
        return r.to_bytes(32, "big") + s.to_bytes(32, "big")

    def shared(self) -> dict[str, Any]:
        """All of it, for the memory that the processes of a node share."""
        times = (self.signs_until_s, self.known_since_s, self.published_s, self.known_until_s)
        return {"key": dict(self._key.as_dict(private=True)), "times": times}

    @classmethod
    def of(cls, shared: Mapping[str, Any]) -> "SigningKey":
        """What `shared` returned."""
        key = ECKey.import_key(shared["key"])
        signs_until_s, known_since_s, published_s, known_until_s = shared["times"]
        return cls(key.thumbprint(), signs_until_s, known_since_s, published_s, known_until_s, key)
