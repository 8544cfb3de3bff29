"""An issuer of tokens that this registry trusts, as its operator configured it."""

from dataclasses import dataclass
from pathlib import Path

ALGORITHMS = frozenset(("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "EdDSA", "Ed25519"))
"""Signatures with a public key. None with a shared secret (HS256), and none that is not a signature (`none`)."""
LONGEST_LIFE_S = 86_400
LONGEST_SKEW_S = 60
_EXCHANGED = ("govern", "operate")
"""The verbs that an exchange may be demanded for; `govern` includes `register`, and that includes `read`."""
NO_TYPE = ""
"""A token whose header has no `typ`, in an issuer's list of types."""


@dataclass(frozen=True, slots=True)
class KeySource:
    """Where the keys of an issuer are found: a key set by URL, a file, or discovery at the issuer's URL."""

    jwks: str = ""
    discovery: str = ""
    file: Path | None = None
    ca_file: Path | None = None
    """The certificate authorities of the server, instead of those of the system."""
    bearer_file: Path | None = None
    """A token to ask with; Kubernetes wants one of its service accounts."""

    @property
    def is_known(self) -> bool:
        """Whether there are keys anywhere; a trust domain may be known by its certificates alone."""
        return bool(self.jwks or self.discovery or self.file)


@dataclass(frozen=True, slots=True)
class PeopleSignIn:
    """How people sign in at an issuer: the names of this registry's clients there.

    Both are public clients (RFC 6749 §2.1): PKCE in place of a secret.
    """

    client_id: str = ""
    """Of the pages, by the authorization code flow; empty: nobody signs in to the pages at this issuer."""
    scopes: tuple[str, ...] = ("openid",)
    """What the pages ask for."""
    login_client_id: str = ""
    """Of `moorings login`; empty: it does not sign in at this issuer."""
    login_scopes: tuple[str, ...] = ("openid",)


NOBODY = PeopleSignIn()


@dataclass(frozen=True, slots=True)
class Issuer:
    """What a token of one issuer must be like, and where the keys are.

    Attributes:
        alias: What principals and grants call it: `github`, `k8s-prod`.
        kind: The name of its row in `KINDS`.
        url: Its `iss`, compared character by character; empty for a trust domain whose tokens have none.
        audience: This registry's name in `aud`.
        further_audiences: What else a list in `aud` may hold beside that name.
        types: The values of the header's `typ`, in lower case; `NO_TYPE` for a header without it.
        longest_life_s: The largest difference between `iat` and `exp`.
        skew_s: By how much the clocks may differ, both ways.
        claims: Claims that grants may match on besides those of the kind; for `oidc`.
        groups_claim: The claim with the list of groups of a person; for `oidc`.
        exchange_for: Verbs that its tokens have only after they were exchanged for one of ours.
        trust_domain: The SPIFFE trust domain; for `spiffe`.
        people: How people sign in at it; for `oidc`.
        development: Whether it is an issuer for development, which is never trusted beside another.
    """

    alias: str
    kind: str
    url: str
    audience: str
    keys: KeySource
    algorithms: frozenset[str]
    types: frozenset[str]
    longest_life_s: int = 3_600
    skew_s: int = LONGEST_SKEW_S
    claims: tuple[str, ...] = ()
    groups_claim: str = ""
    trust_domain: str = ""
    people: PeopleSignIn = NOBODY
    development: bool = False
    exchange_for: tuple[str, ...] = ()
    further_audiences: tuple[str, ...] = ()

    @property
    def scope(self) -> tuple[str, ...] | None:
        """What its own tokens are limited to, as `verb:node`; None where they are not."""
        if not self.exchange_for:
            return None
        return tuple(f"{verb}:*" for verb in ("register", *_EXCHANGED, "audit") if verb not in self.exchange_for)


@dataclass(frozen=True, slots=True)
class Issuers:
    """A whole issuers file: what it configures, and the digest of its text."""

    issuers: tuple[Issuer, ...]
    digest: str
