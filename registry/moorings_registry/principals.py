"""Who calls, as a value: what authentication makes, and authorization decides by."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Session:
    """A person's session in the pages. Moments are seconds of the epoch.

    Attributes:
        id: What it is called, by us alone; forms carry something derived from it.
        way: How it began: `issuer`, at whose page the person signed in, or `link`, which `moorings open` made.
        authenticated_s: When the person last proved who they are; 0 where nobody said.
        asked_s: When the issuer was last asked for groups and claims.
        issued_s: When its cookie was issued; it lasts for so long after that.
        ends_s: The end that nothing puts off.
        issuer_session: What the issuer calls it (`sid`); empty without one.
        display_name: What the issuer calls the person: shown, and never decided by.
    """

    id: str = field(repr=False)
    way: str
    began_s: float
    authenticated_s: float
    asked_s: float
    issued_s: float
    ends_s: float
    issuer_session: str = field(default="", repr=False)
    display_name: str = ""


@dataclass(frozen=True, slots=True)
class Principal:
    """One caller. Two with the same *name* are the same: the rest is how it was shown, and changes with each token.

    Attributes:
        name: `issuer-alias:subject`, such as `github:repo/123456` or `k8s-prod:shop/orders`; `local`; `anonymous`.
        issuer: The alias of the issuer that authenticated it; empty for `local` and `anonymous`.
        claims: What grants may match on: immutable ids and groups, as the issuer's kind reads them from its tokens.
        evidence: How it was shown: `bearer`, `basic`, `certificate`, `session`, `socket`, or empty.
        provenance: What is worth recording beside a write: the run of a job, a pod, the digest of a token's `jti`.
        scope: What this credential is limited to, as `verb:node`; None where it carries all that was granted.
        session: The session in the pages, where that is the evidence.
    """

    name: str
    issuer: str = ""
    claims: Mapping[str, str | tuple[str, ...]] = field(default_factory=dict, compare=False)
    evidence: str = field(default="", compare=False)
    provenance: Mapping[str, str] = field(default_factory=dict, compare=False)
    scope: tuple[str, ...] | None = field(default=None, compare=False)
    session: Session | None = field(default=None, compare=False)


LOCAL_PRINCIPAL = Principal("local")
"""Callers on the registry's own machine while no sign-in is configured, and its operator on a unix socket."""
ANONYMOUS = Principal("anonymous")
"""Callers without a credential, once sign-in is configured."""
