"""Rules of type ENCRYPT: fields encrypted with keys of the registry. Needs the extra ``moorings[encryption]``."""

from moorings.errors import ExtraMissing

try:
    from moorings.rules.encryption.ciphers import LocalKms
except ModuleNotFoundError as error:
    if (error.name or "").partition(".")[0] != "cryptography":
        raise
    raise ExtraMissing("encryption", "a contract with rules of type ENCRYPT") from error
from moorings.rules.encryption.executor import encrypt
from moorings.rules.encryption.key_ring import Encryption, KeyManagement

__all__ = ["Encryption", "KeyManagement", "LocalKms", "encrypt"]
