"""Who may do what: grants, what was denied, evidence of reads, and whose tokens are accepted."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar


@dataclass(frozen=True, slots=True)
class AccessGranted:
    """Callers may do something from now on. Named by the position of its entry."""

    issuer: str
    """The alias of the issuer that vouches for them; empty for callers without a credential."""
    principal: str
    """The name of the one principal; empty: every principal with the claims and the group below."""
    claims: Mapping[str, str]
    """Claims that have to equal these values."""
    group: str
    """A group that they have to be in; empty: none."""
    verbs: list[str]
    node: str
    expires: str
    """The moment at which it ends, as entries have them; empty where it does not."""
    because: str
    granted_by: str
    v: ClassVar[int] = 1


@dataclass(frozen=True, slots=True)
class AccessRevoked:
    """A grant ended early."""

    grant: int
    because: str
    v: ClassVar[int] = 1


@dataclass(frozen=True, slots=True)
class AccessDenied:
    """A caller was denied a write: the first time in an hour, for the same verb and node."""

    principal: str
    verb: str
    node: str
    hour: str
    first_at: str
    v: ClassVar[int] = 1


@dataclass(frozen=True, slots=True)
class AccessSealed:
    """The counts of who read what in an hour, as one node kept them beside the ledger, are complete."""

    hour: str
    kept_by: str
    rows: int
    digest: str
    """SHA-256 (hex) of the rows, one line of JSON each."""
    v: ClassVar[int] = 1


@dataclass(frozen=True, slots=True)
class IssuersConfigured:
    """A node was given other issuers of tokens to trust: the whole list as it is from now on."""

    digest: str
    """SHA-256 (hex) of its issuers file; empty where it has none, and local callers need no sign-in."""
    issuers: list[Mapping[str, Any]]
    """Of each: `alias`, `kind` and `issuer`, its URL."""
    v: ClassVar[int] = 1


AccessFact = AccessGranted | AccessRevoked | AccessDenied | AccessSealed | IssuersConfigured
