"""Who calls, as a value: what authentication makes, and authorization decides by."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Principal:
    """One caller. Two with the same *name* are the same: the rest is how it was shown, and changes with each token.

    Attributes:
        name: `issuer-alias:subject`, such as `github:repo/123456` or `k8s-prod:shop/orders`; `local`; `anonymous`.
        issuer: The alias of the issuer that vouches for it; empty for `local` and `anonymous`.
        claims: What grants may match on: immutable ids and groups, as the issuer's kind reads them from its tokens.
        evidence: How it was shown: `bearer`, `basic`, `certificate`, `session`, `socket`, or empty.
        provenance: What is worth recording beside a write: the run of a job, a pod, the digest of a token's `jti`.
        scope: What this credential is limited to, as `verb:node`; None where it carries all that was granted.
    """

    name: str
    issuer: str = ""
    claims: Mapping[str, str | tuple[str, ...]] = field(default_factory=dict, compare=False)
    evidence: str = field(default="", compare=False)
    provenance: Mapping[str, str] = field(default_factory=dict, compare=False)
    scope: tuple[str, ...] | None = field(default=None, compare=False)


LOCAL_PRINCIPAL = Principal("local")
"""Callers on the registry's own machine while no sign-in is configured, and its operator on a unix socket."""
ANONYMOUS = Principal("anonymous")
"""Callers without a credential, once sign-in is configured."""
