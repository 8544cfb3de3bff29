"""Encryption keys: KEKs of key management services, and the DEKs that they wrap."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class KekRegistered:
    """A key encryption key was made known: where a key management service has it, never the key itself."""

    kek: str
    """Its name."""
    context: str
    kms_type: str
    """Such as ``aws-kms``, ``azure-kms``, ``gcp-kms``, ``hcvault`` or ``local-kms``."""
    kms_key_id: str
    """What the key management service calls it."""
    kms_props: Mapping[str, str]
    """How clients reach it; never a secret."""
    doc: str
    v: ClassVar[int] = 1


@dataclass(frozen=True, slots=True)
class KekChanged:
    """What is said of a key encryption key, as it is from now on."""

    kek: str
    context: str
    kms_props: Mapping[str, str]
    doc: str
    v: ClassVar[int] = 1


@dataclass(frozen=True, slots=True)
class KekSoftDeleted:
    """A key encryption key was hidden."""

    kek: str
    context: str
    v: ClassVar[int] = 1


@dataclass(frozen=True, slots=True)
class KekRestored:
    """A soft-deleted key encryption key came back."""

    kek: str
    context: str
    v: ClassVar[int] = 1


@dataclass(frozen=True, slots=True)
class KekPermanentlyDeleted:
    """The registry no longer knows a key encryption key."""

    kek: str
    context: str
    v: ClassVar[int] = 1


@dataclass(frozen=True, slots=True)
class DekRegistered:
    """A version of a data encryption key of a subject was stored, wrapped by its key encryption key."""

    kek: str
    context: str
    """The context of the key encryption key."""
    subject: str
    version: int
    algorithm: str
    """``AES128_GCM``, ``AES256_GCM`` or ``AES256_SIV``."""
    encrypted_key_material: str
    """In base64; nobody reads it without the key management service."""
    v: ClassVar[int] = 1


@dataclass(frozen=True, slots=True)
class DekVersionsSoftDeleted:
    """Versions of a data encryption key were hidden."""

    kek: str
    context: str
    subject: str
    algorithm: str
    versions: list[int]
    v: ClassVar[int] = 1


@dataclass(frozen=True, slots=True)
class DekVersionsRestored:
    """Soft-deleted versions of a data encryption key came back."""

    kek: str
    context: str
    subject: str
    algorithm: str
    versions: list[int]
    v: ClassVar[int] = 1


@dataclass(frozen=True, slots=True)
class DekVersionsPermanentlyDeleted:
    """The registry no longer serves versions of a data encryption key."""

    kek: str
    context: str
    subject: str
    algorithm: str
    versions: list[int]
    v: ClassVar[int] = 1


EncryptionKeyFact = (
    KekRegistered
    | KekChanged
    | KekSoftDeleted
    | KekRestored
    | KekPermanentlyDeleted
    | DekRegistered
    | DekVersionsSoftDeleted
    | DekVersionsRestored
    | DekVersionsPermanentlyDeleted
)
