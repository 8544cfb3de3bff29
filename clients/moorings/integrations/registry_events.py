"""Events of the registry at a receiver: is a request signed by the registry, and what does it say?

A webhook's requests carry HTTP Message Signatures (RFC 9421) and a digest of their body (RFC 9530). What verifies them
are the keys that the registry publishes at ``/.well-known/jwks.json``, so a receiver has no secret to keep.
"""

import base64
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

import httpx2
import orjson

from moorings.errors import ExtraMissing, SettingInvalid, SignatureInvalid
from moorings.integrations.cloudevents import CloudEvent, from_http

try:
    from cryptography.hazmat.primitives.asymmetric import ec
    from http_message_signatures import (
        HTTPMessageSignaturesException,
        HTTPMessageVerifier,
        HTTPSignatureKeyResolver,
        InvalidSignature,
        algorithms,
    )
except ModuleNotFoundError as error:
    if error.name not in ("cryptography", "http_message_signatures"):
        raise
    raise ExtraMissing("webhooks", "verifying the registry's signatures") from None

LABEL = "moorings"
TAG = "moorings-webhook"
"""What the signature has to be for."""
MAX_AGE = timedelta(minutes=5)
LARGEST_BODY_BYTES = 1024 * 1024
_ALGORITHM = "ecdsa-p256-sha256"
_REQUIRED = ("@method", "@target-uri", "content-type", "content-digest")
_KIND = ("EC", "P-256")
_ASKED_EVERY_S = 10.0
_TIMEOUT_S = 5.0
_LARGEST_KEYS_BYTES = 256 * 1024


@dataclass(frozen=True, slots=True)
class _Message:
    """A request, as the library of signatures reads it."""

    method: str
    url: str
    headers: Mapping[str, str]


class RegistryEvents:
    """Reads the requests of one registry's webhooks. Safe from any thread.

    Events come at least once: the same `id` may come again, and means the same.
    """

    def __init__(self, registry_url: str, *, http: httpx2.BaseTransport | None = None) -> None:
        """*registry_url* is the address that the registry is served under; *http* replaces the network in tests.

        Raises:
            SettingInvalid: not an http or https URL.
        """
        if not registry_url.startswith(("https://", "http://")):
            raise SettingInvalid(f"not the URL of a registry: {registry_url[:80]!r}")
        self._verifier = _Verifier(
            signature_algorithm=algorithms.ECDSA_P256_SHA256, key_resolver=_PublishedKeys(registry_url, http)
        )

    def read(self, url: str, headers: Mapping[str, str], body: bytes, *, method: str = "POST") -> CloudEvent:
        """Verify a request that was sent to *url*, and return its event.

        *url* is the one that the webhook was created with, whatever a proxy made of it on the way.

        Raises:
            SignatureInvalid: not signed, by somebody else, for another URL, too long ago, or changed on the way.
            FramingInvalid: it is signed, and is not a CloudEvent.
        """
        if len(body) > LARGEST_BODY_BYTES:
            raise SignatureInvalid("the body is larger than any event")
        lowered = {name.lower(): value for name, value in headers.items()}
        attributes = sorted(name for name in lowered if name.startswith("ce-"))
        try:
            self._verifier.verify(
                _Message(method, url, lowered),
                max_age=MAX_AGE,
                expect_tag=TAG,
                expect_label=LABEL,
                require_components=[f'"{name}"' for name in (*_REQUIRED, *attributes)],
                body=body,
            )
        except (InvalidSignature, HTTPMessageSignaturesException) as error:
            raise SignatureInvalid(f"not an event of the registry: {error}") from None
        return from_http(lowered, body)[0]


class _Verifier(HTTPMessageVerifier):
    max_clock_skew = timedelta(minutes=1)


class _PublishedKeys(HTTPSignatureKeyResolver):
    """The keys of a registry, asked for where one is not known, once in a while."""

    def __init__(self, registry_url: str, http: httpx2.BaseTransport | None) -> None:
        self._url = f"{registry_url.rstrip('/')}/.well-known/jwks.json"
        self._http = http
        self._keys: dict[str, ec.EllipticCurvePublicKey] = {}
        self._asked = float("-inf")
        self._lock = threading.Lock()

    def resolve_public_key(self, key_id: str) -> ec.EllipticCurvePublicKey:
        """The public key *key_id*.

        Raises:
            InvalidSignature: the registry does not publish it.
        """
        with self._lock:
            if key_id not in self._keys and time.monotonic() - self._asked >= _ASKED_EVERY_S:
                self._asked = time.monotonic()
                self._keys = self._fetched()
            known = self._keys.get(key_id)
        if known is None:
            raise InvalidSignature("the registry does not publish the key that it names")
        return known

    def _fetched(self) -> dict[str, ec.EllipticCurvePublicKey]:
        try:
            with httpx2.Client(transport=self._http, timeout=_TIMEOUT_S, follow_redirects=False) as client:
                answer = client.get(self._url)
            keys = orjson.loads(answer.content[:_LARGEST_KEYS_BYTES])["keys"] if answer.status_code == 200 else []
            return {one["kid"]: _public_key(one) for one in keys if (one.get("kty"), one.get("crv")) == _KIND}
        except (httpx2.HTTPError, ValueError, KeyError, TypeError, AttributeError):
            return self._keys  # the next unknown key asks again


def _public_key(jwk: Mapping[str, str]) -> ec.EllipticCurvePublicKey:
    x, y = (int.from_bytes(base64.urlsafe_b64decode(jwk[name] + "=="), "big") for name in ("x", "y"))
    return ec.EllipticCurvePublicNumbers(x, y, ec.SECP256R1()).public_key()
