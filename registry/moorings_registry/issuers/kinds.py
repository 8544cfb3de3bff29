"""Kinds of issuers: what each one's tokens say of a workload, and which of that never changes.

A repository, a project or an account can be deleted and made again under its old name by somebody else. Principals and
grants go by the ids, which are never given again.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from moorings_registry.errors import TokenFault, TokenRefused
from moorings_registry.issuers.issuer import NO_TYPE, Issuer

Claims = Mapping[str, Any]
LONGEST_VALUE = 512
MOST_GROUPS = 500

_WORKLOAD_TYPES = frozenset((NO_TYPE, "jwt"))


@dataclass(frozen=True, slots=True)
class Workload:
    """What a token shows: the subject after the alias, what grants match on, and what is worth recording."""

    subject: str
    claims: Mapping[str, str | tuple[str, ...]]
    provenance: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of issuer.

    Attributes:
        read: Reads a verified token's claims.
        claims: The claims that `read` hands on, as grants know them.
        algorithms: What its tokens are signed with, unless the file says otherwise.
        types: The values of `typ`, unless the file says otherwise.
        issuer: Its URL, where there is only one in the world.
    """

    name: str
    read: Callable[[Issuer, Claims], Workload]
    claims: tuple[str, ...]
    algorithms: frozenset[str]
    types: frozenset[str]
    issuer: str = ""


def _github(_issuer: Issuer, claims: Claims) -> Workload:
    repository = _required(claims, "repository_id")
    shown = {"repository_id": repository, "repository_owner_id": _required(claims, "repository_owner_id")}
    return Workload(
        f"repo/{repository}",
        {**_texts(claims, _GITHUB), **shown},
        _texts(claims, ("repository", "run_id", "run_attempt", "sha", "workflow_ref", "actor_id")),
    )


def _gitlab(_issuer: Issuer, claims: Claims) -> Workload:
    # In pipelines of merge requests from forks, the project that the token names is not always the one whose code runs.
    if claims.get("pipeline_source") == "merge_request_event":
        raise TokenRefused(TokenFault.KIND)
    project = _required(claims, "project_id")
    shown = {"project_id": project, "namespace_id": _required(claims, "namespace_id")}
    return Workload(
        f"project/{project}",
        {**_texts(claims, _GITLAB), **shown},
        _texts(claims, ("project_path", "pipeline_id", "job_id", "sha", "runner_id", "user_id")),
    )


def _kubernetes(_issuer: Issuer, claims: Claims) -> Workload:
    about = claims.get("kubernetes.io")
    account = about.get("serviceaccount") if isinstance(about, Mapping) else None
    if not isinstance(about, Mapping) or not isinstance(account, Mapping):
        raise TokenRefused(TokenFault.KIND)
    namespace, name = _required(about, "namespace"), _required(account, "name")
    if claims["sub"] != f"system:serviceaccount:{namespace}:{name}":
        raise TokenRefused(TokenFault.KIND)
    shown = {"namespace": namespace, "service_account": name, "service_account_uid": _required(account, "uid")}
    held: dict[str, str] = {}
    for what in ("pod", "node"):
        part = about.get(what)
        if isinstance(part, Mapping):
            held |= {f"{what}_{key}": value for key, value in _texts(part, ("name", "uid")).items()}
    return Workload(f"{namespace}/{name}", shown, held)


def _spiffe(issuer: Issuer, claims: Claims) -> Workload:
    return spiffe_workload(issuer, claims["sub"])


def spiffe_workload(issuer: Issuer, spiffe_id: str) -> Workload:
    """Read a SPIFFE ID of *issuer*'s trust domain: from a token's `sub`, or from a certificate.

    Raises:
        TokenRefused: not a SPIFFE ID (SPIFFE-ID §2), or of another trust domain.
    """
    domain, slash, path = spiffe_id.removeprefix("spiffe://").partition("/")
    segments = path.split("/")
    if not (
        spiffe_id.startswith("spiffe://")
        and domain == issuer.trust_domain
        and slash
        and len(spiffe_id) <= 2_048
        and all(one not in ("", ".", "..") and _SEGMENT.issuperset(one) for one in segments)
    ):
        raise TokenRefused(TokenFault.SUBJECT)
    return Workload(f"{domain}/{path}", {"spiffe_id": spiffe_id, "trust_domain": domain, "path": f"/{path}"}, {})


def _oidc(issuer: Issuer, claims: Claims) -> Workload:
    shown: dict[str, str | tuple[str, ...]] = {"sub": claims["sub"], **_texts(claims, ("client_id", *issuer.claims))}
    for name in issuer.claims:
        _required(claims, name)
    if issuer.groups_claim and issuer.groups_claim in claims:
        shown["groups"] = _groups(claims[issuer.groups_claim])
    return Workload(claims["sub"], shown, _texts(claims, ("auth_time",)))


def _registry(_issuer: Issuer, claims: Claims) -> Workload:
    return Workload(claims["sub"], {"sub": claims["sub"]}, {})


def groups_of(issuer: Issuer, claims: Claims) -> tuple[str, ...]:
    """The groups of a person, where *claims* have some.

    Raises:
        TokenRefused: not a list of texts.
    """
    return _groups(claims[issuer.groups_claim]) if issuer.groups_claim in claims else ()


def _groups(found: Any) -> tuple[str, ...]:
    """Groups are a list of texts: in a text, a comma or a space could be part of a name."""
    if not isinstance(found, list) or len(found) > MOST_GROUPS:
        raise TokenRefused(TokenFault.CLAIMS)
    if not all(isinstance(one, str) and 0 < len(one) <= LONGEST_VALUE and one.isprintable() for one in found):
        raise TokenRefused(TokenFault.CLAIMS)
    return tuple(found)


def _required(claims: Claims, name: str) -> str:
    found = _text(claims.get(name))
    if not found:
        raise TokenRefused(TokenFault.KIND)
    return found


def _texts(claims: Claims, names: tuple[str, ...]) -> dict[str, str]:
    found = {name: _text(claims[name]) for name in names if name in claims}
    return {name: text for name, text in found.items() if text}


def _text(value: Any) -> str:
    """A claim as text; some issuers send booleans and ids as text, others do not. Empty for anything else.

    Raises:
        TokenRefused: too long, or a character that does not print.
    """
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int):
        return str(value)
    if not isinstance(value, str):
        return ""
    if len(value) > LONGEST_VALUE or not value.isprintable():
        raise TokenRefused(TokenFault.CLAIMS)
    return value


_SEGMENT = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_")
_GITHUB = (
    "job_workflow_ref",
    "workflow_ref",
    "ref",
    "ref_type",
    "ref_protected",
    "environment",
    "event_name",
    "repository_visibility",
    "runner_environment",
)
_GITLAB = (
    "ref",
    "ref_type",
    "ref_path",
    "ref_protected",
    "environment",
    "environment_protected",
    "deployment_tier",
    "ci_config_ref_uri",
    "pipeline_source",
    "runner_environment",
)
_RSA = frozenset(("RS256",))
_RSA_AND_EC = frozenset(("RS256", "ES256"))
_ALL = (
    Kind(
        "github",
        _github,
        ("repository_id", "repository_owner_id", *_GITHUB),
        _RSA,
        _WORKLOAD_TYPES,
        "https://token.actions.githubusercontent.com",
    ),
    Kind("gitlab", _gitlab, ("project_id", "namespace_id", *_GITLAB), _RSA, _WORKLOAD_TYPES),
    Kind(
        "kubernetes",
        _kubernetes,
        ("namespace", "service_account", "service_account_uid"),
        _RSA_AND_EC,
        _WORKLOAD_TYPES,
    ),
    Kind(
        "spiffe",
        _spiffe,
        ("spiffe_id", "trust_domain", "path"),
        _RSA_AND_EC,
        frozenset((NO_TYPE, "jwt", "jose")),
    ),
    Kind(
        "oidc",
        _oidc,
        ("sub", "client_id", "groups"),
        _RSA_AND_EC,
        frozenset(("at+jwt",)),
    ),
    Kind(
        "registry",
        _registry,
        ("sub",),
        frozenset(("ES256",)),
        frozenset(("at+jwt",)),
    ),
)
KINDS: Mapping[str, Kind] = {one.name: one for one in _ALL}
