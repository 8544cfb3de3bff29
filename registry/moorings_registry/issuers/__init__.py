"""Issuers of tokens: which ones are trusted, their keys, and the verification of what they issue."""

from moorings_registry.issuers.compact_jwt import LONGEST_TOKEN, CompactJwt, take_apart
from moorings_registry.issuers.issuer import Issuer, Issuers
from moorings_registry.issuers.issuers_file import IssuersInvalid, read_issuers
from moorings_registry.issuers.kinds import KINDS, Kind
from moorings_registry.issuers.loopback import is_loopback_address, is_loopback_host, require_https
from moorings_registry.issuers.trust import Trust
from moorings_registry.issuers.verification import Verified, token_digest

__all__ = [
    "KINDS",
    "LONGEST_TOKEN",
    "CompactJwt",
    "Issuer",
    "Issuers",
    "IssuersInvalid",
    "Kind",
    "Trust",
    "Verified",
    "is_loopback_address",
    "is_loopback_host",
    "read_issuers",
    "require_https",
    "take_apart",
    "token_digest",
]
