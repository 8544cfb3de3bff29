"""Signatures of requests: HTTP Message Signatures (RFC 9421) with Content-Digest (RFC 9530).

What is signed are the method, the whole URL, the content type, the digest of the body, and in binary mode the
attributes of the event, so that a signed request is worth nothing at another address or with another body. The key is
the registry's own: receivers find it at its ``/.well-known/jwks.json``, and nobody has a secret to keep.
"""

import base64
import hashlib
from collections.abc import Mapping
from typing import Protocol

LABEL = "moorings"
TAG = "moorings-webhook"
"""What the signature is for, so that one made for something else does not pass."""
ALGORITHM = "ecdsa-p256-sha256"
LIFE_S = 300
"""Receivers refuse what was signed longer ago."""


class SigningKey(Protocol):
    """A private key of the registry."""

    @property
    def id(self) -> str:
        """What the key set names it by."""

    def sign_bytes(self, content: bytes) -> bytes:
        """Sign *content* with ECDSA on P-256 and SHA-256: 64 bytes, r and s (RFC 9421, section 3.3.4)."""


class Signer(Protocol):
    """Knows the key that signs now (`OwnKeys`); safe from any thread."""

    def message_key(self, life_s: int) -> SigningKey:
        """The key of the moment, which receivers find for *life_s* seconds at least.

        Raises:
            SigningUnavailable
        """


def signed_headers(
    signer: Signer, method: str, url: str, headers: Mapping[str, str], body: bytes, created: int
) -> dict[str, str]:
    """The headers that a request gets besides: the digest of its body, and the signature. *created* is in seconds."""
    digest = f"sha-256=:{base64.b64encode(hashlib.sha256(body).digest()).decode()}:"
    lowered = {name.lower(): value for name, value in headers.items()} | {"content-digest": digest}
    covered = [name for name in lowered if name in _COVERED or name.startswith("ce-")]
    components = " ".join(f'"{name}"' for name in ("@method", "@target-uri", *covered))
    key = signer.message_key(LIFE_S)
    parameters = f'({components});created={created};keyid="{key.id}";alg="{ALGORITHM}";tag="{TAG}"'
    made = key.sign_bytes(signature_base(method, url, lowered, covered, parameters))
    return {
        "Content-Digest": digest,
        "Signature-Input": f"{LABEL}={parameters}",
        "Signature": f"{LABEL}=:{base64.b64encode(made).decode()}:",
    }


def signature_base(method: str, url: str, headers: Mapping[str, str], covered: list[str], parameters: str) -> bytes:
    """The text that is signed (RFC 9421, section 2.5); header names in lower case."""
    lines = [f'"@method": {method}', f'"@target-uri": {url}']
    lines += [f'"{name}": {headers[name].strip()}' for name in covered]
    return "\n".join([*lines, f'"@signature-params": {parameters}']).encode()


_COVERED = ("content-type", "content-digest")
