"""Encryption keys as the registry knows them: wrapped ones, and the keys of a key management service that wrap them."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from moorings_registry.names import Subject

KekPlace = tuple[str, str]
"""A context and the name of a key encryption key."""
DekPlace = tuple[str, str, Subject]
"""The place of a key encryption key, and the subject whose data encryption keys it wraps."""


class DekAlgorithm(StrEnum):
    """What a data encryption key encrypts with, by the names of Confluent's clients."""

    AES128_GCM = "AES128_GCM"
    AES256_GCM = "AES256_GCM"
    AES256_SIV = "AES256_SIV"


@dataclass(frozen=True, slots=True)
class Kek:
    """A key encryption key: where a key management service has it, never the key itself."""

    name: str
    context: str
    kms_type: str
    kms_key_id: str
    kms_props: Mapping[str, str]
    doc: str
    deleted: bool
    registered_at: str
    changed_at: str

    @property
    def place(self) -> KekPlace:
        return (self.context, self.name)


@dataclass(frozen=True, slots=True)
class Dek:
    """One version of a data encryption key: wrapped by its KEK, so that only the key management service reads it."""

    kek: KekPlace
    subject: Subject
    version: int
    algorithm: DekAlgorithm
    encrypted_key_material: str
    """Base64."""
    deleted: bool
    registered_at: str

    @property
    def place(self) -> DekPlace:
        return (*self.kek, self.subject)
