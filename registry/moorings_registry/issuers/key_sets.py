"""JSON Web Key Sets (RFC 7517), read key by key: a key that cannot be used is left out, and the others hold."""

import base64
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from joserfc.errors import JoseError
from joserfc.jwk import JWKRegistry, Key

from moorings_compat import Limits, SchemaInvalid, SchemaLimitExceeded
from moorings_compat.json_text import read_json

LARGEST_BYTES = 256 * 1024
MOST_KEYS = 64
SMALLEST_RSA_BITS = 2_048

_LIMITS = Limits(size_bytes=LARGEST_BYTES, depth=16, digits=20)
_PRIVATE = frozenset(("d", "p", "q", "dp", "dq", "qi", "oth", "k"))
_USES = frozenset(("sig", "jwt-svid"))
"""SPIFFE bundles mark the keys of tokens with the second; those of certificates have ``x509-svid``."""
_ALGORITHMS = {
    ("EC", "P-256"): frozenset(("ES256",)),
    ("EC", "P-384"): frozenset(("ES384",)),
    ("OKP", "Ed25519"): frozenset(("EdDSA", "Ed25519")),
    ("RSA", ""): frozenset(("RS256", "RS384", "RS512", "PS256", "PS384", "PS512")),
}


class KeySetInvalid(Exception):
    """A key set that cannot be read; the text says why."""


@dataclass(frozen=True, slots=True)
class PublicKey:
    """One key, and what it may verify."""

    key: Key
    algorithms: frozenset[str]


@dataclass(frozen=True, slots=True)
class KeySet:
    """The usable keys of a set. Two sets with the same *fingerprints* hold the same keys."""

    by_id: Mapping[str, PublicKey]
    without_id: tuple[PublicKey, ...]
    fingerprints: frozenset[tuple[str, str]]

    def find(self, key_id: str | None) -> PublicKey | None:
        """The key that a token names; where it names none, the only key of the set."""
        if key_id is not None:
            return self.by_id.get(key_id)
        every = (*self.by_id.values(), *self.without_id)
        return every[0] if len(every) == 1 else None


NO_KEYS = KeySet({}, (), frozenset())


def read_key_set(content: bytes) -> KeySet:
    """Read a key set.

    Raises:
        KeySetInvalid: not a key set, or one with more keys than an issuer has.
    """
    try:
        document = read_json(content.decode(), _LIMITS)
    except (UnicodeDecodeError, SchemaInvalid, SchemaLimitExceeded, RecursionError):
        raise KeySetInvalid("not JSON") from None
    found = document.get("keys") if isinstance(document, dict) else None
    if not isinstance(found, list):
        raise KeySetInvalid("no list of keys")
    if len(found) > MOST_KEYS:
        raise KeySetInvalid(f"more than {MOST_KEYS} keys")
    usable = [(one.get("kid"), key) for one in found if isinstance(one, dict) and (key := read_public_key(one))]
    # Which of two keys with one id is meant, nobody can tell. An unusable one counts: it may be the one that is meant.
    named = Counter(one["kid"] for one in found if isinstance(one, dict) and isinstance(one.get("kid"), str))
    by_id = {key_id: key for key_id, key in usable if isinstance(key_id, str) and named[key_id] == 1}
    without_id = tuple(key for key_id, key in usable if key_id is None)
    prints = {(key_id, one.key.thumbprint()) for key_id, one in by_id.items()}
    return KeySet(by_id, without_id, frozenset(prints | {("", one.key.thumbprint()) for one in without_id}))


def read_public_key(jwk: Mapping[str, Any]) -> PublicKey | None:
    """A key that verifies signatures; None for secrets, private and weak keys, and keys for something else."""
    curve = jwk.get("crv", "") if jwk.get("kty") in ("EC", "OKP") else ""
    kind = (jwk.get("kty"), curve)
    if not all(isinstance(one, str) for one in kind) or kind not in _ALGORITHMS or not _PRIVATE.isdisjoint(jwk):
        return None
    operations = jwk.get("key_ops", ["verify"])
    if jwk.get("use", "sig") not in _USES or not isinstance(operations, list) or "verify" not in operations:
        return None
    algorithms = _ALGORITHMS[kind]
    if "alg" in jwk:
        algorithms &= {jwk["alg"]} if isinstance(jwk["alg"], str) else frozenset()
    try:
        members = ("kty", "crv", "x", "y", "n", "e")
        if jwk["kty"] == "RSA" and _size_bits(jwk["n"]) < SMALLEST_RSA_BITS:
            return None
        key = JWKRegistry.import_key({name: jwk[name] for name in members if name in jwk})
    except (JoseError, ValueError, TypeError, KeyError):
        return None
    return PublicKey(key, algorithms) if algorithms else None


def _size_bits(modulus: str) -> int:
    return int.from_bytes(base64.urlsafe_b64decode(modulus + "=" * (-len(modulus) % 4))).bit_length()
