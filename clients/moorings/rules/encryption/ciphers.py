"""Keys and ciphertexts in the form of Confluent's clients: Tink's keys without its key sets, and raw ciphertexts.

A data encryption key is Tink's message of its algorithm, with the key in field 3 (AesGcmKey) or 2 (AesSivKey). A
ciphertext of AES-GCM is the nonce of 12 bytes, what is encrypted, and the tag of 16; one of AES-SIV begins with its
synthetic IV (RFC 5297, with one empty associated datum).
"""

import os
from typing import Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM, AESSIV
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_NONCE_BYTES = 12
_KEY_BYTES = {"AES128_GCM": 16, "AES256_GCM": 32, "AES256_SIV": 64}
_KEY_FIELD = {"AES128_GCM": 3, "AES256_GCM": 3, "AES256_SIV": 2}
ALGORITHMS = tuple(_KEY_BYTES)


class CannotDecrypt(Exception):
    """The key is another one, or the bytes are not what it encrypted. Holds neither."""


class Cipher(Protocol):
    """Encrypts and decrypts with one key."""

    def encrypt(self, plain: bytes) -> bytes: ...

    def decrypt(self, data: bytes) -> bytes:
        """Raises `CannotDecrypt`."""


class GcmCipher:
    """AES-GCM with a random nonce."""

    def __init__(self, key: bytes) -> None:
        self._aead = AESGCM(key)

    def encrypt(self, plain: bytes) -> bytes:
        nonce = os.urandom(_NONCE_BYTES)
        return nonce + self._aead.encrypt(nonce, plain, b"")

    def decrypt(self, data: bytes) -> bytes:
        try:
            return self._aead.decrypt(data[:_NONCE_BYTES], data[_NONCE_BYTES:], b"")
        except (InvalidTag, ValueError):
            raise CannotDecrypt from None


class SivCipher:
    """AES-SIV: the same value is always the same ciphertext, so that it can be joined and looked up by."""

    def __init__(self, key: bytes) -> None:
        self._aead = AESSIV(key)

    def encrypt(self, plain: bytes) -> bytes:
        return self._aead.encrypt(plain, [b""])

    def decrypt(self, data: bytes) -> bytes:
        try:
            return self._aead.decrypt(data, [b""])
        except (InvalidTag, ValueError):
            raise CannotDecrypt from None


class LocalKms:
    """A key management service in the process, for tests and development: every key is derived from one *secret*.

    Interoperable with the ``local-kms`` driver of Confluent's clients: AES-GCM with a key of 128 bits that HKDF-SHA256
    makes of the secret.
    """

    def __init__(self, secret: str) -> None:
        self._cipher = GcmCipher(HKDF(SHA256(), 16, None, b"").derive(secret.encode()))

    def wrap(self, _key_id: str, key: bytes) -> bytes:
        return self._cipher.encrypt(key)

    def unwrap(self, _key_id: str, wrapped: bytes) -> bytes:
        return self._cipher.decrypt(wrapped)


def new_key(algorithm: str) -> bytes:
    """Make a random key of *algorithm*, as Tink's message."""
    key = os.urandom(_KEY_BYTES[algorithm])
    return bytes([_KEY_FIELD[algorithm] << 3 | 2, len(key)]) + key


def cipher_of(algorithm: str, message: bytes) -> Cipher:
    """Make the cipher of a key that is given as Tink's message.

    Raises:
        CannotDecrypt: it is not a key of *algorithm*.
    """
    key = b""
    at = 0
    while at + 1 < len(message):
        tag, value = message[at], message[at + 1]
        at += 2
        if tag == 0x08 and value == 0:  # the version of the message, which is left out as a rule
            continue
        if tag != _KEY_FIELD[algorithm] << 3 | 2:
            raise CannotDecrypt
        key, at = message[at : at + value], at + value
    if len(key) != _KEY_BYTES[algorithm] or at != len(message):
        raise CannotDecrypt
    return SivCipher(key) if algorithm == "AES256_SIV" else GcmCipher(key)
