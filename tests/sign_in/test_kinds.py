"""What each kind of issuer's tokens say of a workload: the ids that never change, and the traps."""

from pathlib import Path
from typing import Any

import pytest

from moorings_registry.access.presets import PRESETS
from moorings_registry.errors import TokenRefused
from moorings_registry.issuers import KINDS, Trust, take_apart
from moorings_registry.principals import Principal
from tests.sign_in.forging_issuer import AUDIENCE, ForgingIssuer

GITHUB = {
    "sub": "repo:acme/orders:ref:refs/heads/main",
    "repository": "acme/orders",
    "repository_id": "123456",
    "repository_owner_id": "99",
    "ref": "refs/heads/main",
    "ref_type": "branch",
    "ref_protected": "true",
    "environment": "production",
    "event_name": "push",
    "job_workflow_ref": "acme/orders/.github/workflows/ci.yml@refs/heads/main",
    "run_id": "7001",
    "actor": "ann",
}
GITLAB = {
    "sub": "project_path:acme/orders:ref_type:branch:ref:main",
    "project_id": "31",
    "namespace_id": "8",
    "project_path": "acme/orders",
    "ref": "main",
    "ref_type": "branch",
    "ref_protected": "true",
    "pipeline_source": "push",
    "job_id": "5",
}
KUBERNETES = {
    "sub": "system:serviceaccount:shop:orders",
    "kubernetes.io": {
        "namespace": "shop",
        "serviceaccount": {"name": "orders", "uid": "5f3c"},
        "pod": {"name": "orders-1", "uid": "aa"},
        "node": {"name": "n1", "uid": "bb"},
    },
}
SVID = {"sub": "spiffe://example.org/ns/shop/sa/orders"}


def trust(folder: Path, kind: str, issuer: ForgingIssuer, extra: str = "", *, has_url: bool = True) -> Trust:
    path = folder / "issuers.toml"
    named = f'issuer = "{issuer.url}"\n' if has_url else ""
    path.write_text(
        f'[issuers.some]\nkind = "{kind}"\n{named}audience = "{AUDIENCE}"\nalgorithms = ["ES256"]\n{extra}\n'
    )
    return Trust(path, fetch=issuer.known_keys)


def principal(trusting: Trust, issuer: ForgingIssuer, claims: dict[str, Any], **changed: Any) -> Principal:
    """Whom a workload's token with these claims signs in."""
    typ = changed.pop("typ", "JWT")
    token = issuer.token(header={"typ": typ}, client_id=..., **{**claims, **changed})
    return trusting.verify(take_apart(token)).principal


def test_a_github_job_is_its_repository_by_id(tmp_path: Path, issuer: ForgingIssuer) -> None:
    """A repository that was deleted and made again has the old name and another id."""
    trusting = trust(tmp_path, "github", issuer)
    found = principal(trusting, issuer, GITHUB)
    assert found.name == "some:repo/123456"
    assert found.claims["repository_owner_id"] == "99"
    assert found.claims["environment"] == "production"
    assert "actor" not in found.claims
    assert "repository" not in found.claims
    assert found.provenance["repository"] == "acme/orders"
    assert found.provenance["run_id"] == "7001"
    assert principal(trusting, issuer, GITHUB, repository_id="777").name == "some:repo/777"
    assert principal(trusting, issuer, GITHUB, sub="repo:acme@99/orders@123456:ref:refs/heads/main") == found


@pytest.mark.parametrize(("sent", "read"), [(True, "true"), ("true", "true"), (False, "false"), ("false", "false")])
def test_booleans_are_one_text_however_they_are_sent(
    sent: bool | str, read: str, tmp_path: Path, issuer: ForgingIssuer
) -> None:
    found = principal(trust(tmp_path, "github", issuer), issuer, GITHUB, ref_protected=sent)
    assert found.claims["ref_protected"] == read


def test_a_gitlab_job_is_its_project_by_id(tmp_path: Path, issuer: ForgingIssuer) -> None:
    found = principal(trust(tmp_path, "gitlab", issuer), issuer, GITLAB)
    assert found.name == "some:project/31"
    assert found.claims["namespace_id"] == "8"
    assert "project_path" not in found.claims
    assert found.provenance["job_id"] == "5"
    assert principal(trust(tmp_path, "gitlab", issuer), issuer, GITLAB, project_id=31) == found


def test_a_merge_request_pipeline_of_gitlab_signs_nobody_in(tmp_path: Path, issuer: ForgingIssuer) -> None:
    """Its token names the project of a fork, or the project whose code does not run."""
    with pytest.raises(TokenRefused, match="kind"):
        principal(trust(tmp_path, "gitlab", issuer), issuer, GITLAB, pipeline_source="merge_request_event")


def test_a_service_account_is_its_namespace_and_name(tmp_path: Path, issuer: ForgingIssuer) -> None:
    """The alias says which cluster."""
    found = principal(trust(tmp_path, "kubernetes", issuer), issuer, KUBERNETES, typ=...)
    assert found.name == "some:shop/orders"
    assert found.claims == {"namespace": "shop", "service_account": "orders", "service_account_uid": "5f3c"}
    assert found.provenance["pod_name"] == "orders-1"
    assert found.provenance["node_uid"] == "bb"


@pytest.mark.parametrize("sub", ["system:serviceaccount:billing:orders", "system:node:n1", "orders"])
def test_a_service_account_whose_subject_says_something_else_is_refused(
    sub: str, tmp_path: Path, issuer: ForgingIssuer
) -> None:
    with pytest.raises(TokenRefused, match="kind"):
        principal(trust(tmp_path, "kubernetes", issuer), issuer, KUBERNETES, sub=sub)


@pytest.mark.parametrize(
    ("kind", "claims", "missing"),
    [
        ("github", GITHUB, "repository_id"),
        ("github", GITHUB, "repository_owner_id"),
        ("gitlab", GITLAB, "project_id"),
        ("gitlab", GITLAB, "namespace_id"),
        ("kubernetes", KUBERNETES, "kubernetes.io"),
    ],
)
@pytest.mark.parametrize("value", [..., "", None, ["1"], {"a": 1}], ids=repr)
def test_a_token_without_its_ids_is_refused(
    value: object, kind: str, claims: dict[str, Any], missing: str, tmp_path: Path, issuer: ForgingIssuer
) -> None:
    with pytest.raises(TokenRefused, match="kind"):
        principal(trust(tmp_path, kind, issuer), issuer, claims, **{missing: value})


def test_an_svid_is_its_trust_domain_and_path(tmp_path: Path, issuer: ForgingIssuer) -> None:
    extra = f'trust_domain = "example.org"\njwks = "{issuer.url}/jwks"'
    trusting = trust(tmp_path, "spiffe", issuer, extra, has_url=False)
    for header in ("JWT", "JOSE", ...):
        found = principal(trusting, issuer, SVID, typ=header, iss=..., jti=...)
        assert found.name == "some:example.org/ns/shop/sa/orders"
        assert found.claims["path"] == "/ns/shop/sa/orders"


@pytest.mark.parametrize(
    "sub",
    [
        "spiffe://other.example/ns/shop/sa/orders",
        "spiffe://example.org",
        "spiffe://example.org/",
        "spiffe://example.org//shop",
        "spiffe://example.org/ns/../shop",
        "spiffe://example.org/ns/%2Fshop",
        "spiffe://example.org/ns/shop/",
        "spiffe://example.org/ns/shop?x",
        "spiffe://example.org.evil.example/ns",
        "SPIFFE://example.org/ns",
        "https://example.org/ns",
        "example.org/ns",
    ],
)
def test_what_is_not_a_spiffe_id_of_the_domain_is_refused(sub: str, tmp_path: Path, issuer: ForgingIssuer) -> None:
    extra = f'trust_domain = "example.org"\njwks = "{issuer.url}/jwks"'
    for has_url, iss in ((False, ...), (True, issuer.url)):
        with pytest.raises(TokenRefused):
            principal(trust(tmp_path, "spiffe", issuer, extra, has_url=has_url), issuer, {"sub": sub}, iss=iss)


def test_a_person_has_groups_from_the_claim_that_is_configured(tmp_path: Path, issuer: ForgingIssuer) -> None:
    trusting = trust(tmp_path, "oidc", issuer, 'groups_claim = "roles"\nclaims = ["tid"]')
    token = issuer.token(roles=["shop", "x, admin"], groups=["wheel"], tid="t-1", email="ann@example.org")
    found = trusting.verify(take_apart(token)).principal
    assert found.claims == {"sub": "ann", "client_id": "orders", "tid": "t-1", "groups": ("shop", "x, admin")}
    with pytest.raises(TokenRefused, match="kind"):
        trusting.verify(take_apart(issuer.token(roles=[])))


@pytest.mark.parametrize("missing", ["client_id", "jti", "iat", "exp", "sub", "aud", "iss"])
def test_an_access_token_has_every_claim_of_its_standard(missing: str, tmp_path: Path, issuer: ForgingIssuer) -> None:
    """RFC 9068, section 2.2."""
    with pytest.raises(TokenRefused):
        trust(tmp_path, "oidc", issuer).verify(take_apart(issuer.token(**{missing: ...})))


def test_a_workload_issuer_without_a_kind_is_read_by_its_ids(tmp_path: Path, issuer: ForgingIssuer) -> None:
    """Such as Buildkite or Entra: tokens of type JWT, without the claims of access tokens."""
    trusting = trust(tmp_path, "oidc", issuer, 'typ = ["JWT", ""]\nclaims = ["organization_id", "pipeline_id"]')
    claims = {"sub": "organization:acme:pipeline:orders", "organization_id": "o-1", "pipeline_id": "p-1"}
    for typ in ("JWT", ...):
        found = principal(trusting, issuer, claims, typ=typ, jti=...)
        assert found.claims == {**claims}
    with pytest.raises(TokenRefused, match="type"):
        principal(trusting, issuer, claims, nonce="n")
    with pytest.raises(TokenRefused, match="type"):
        principal(trusting, issuer, claims, typ="at+jwt")


def test_another_registry_signs_in_by_its_name(tmp_path: Path, issuer: ForgingIssuer) -> None:
    trusting = trust(tmp_path, "registry", issuer)
    assert trusting.verify(take_apart(issuer.token(sub="eu"))).principal.name == "some:eu"


def test_each_kind_reads_what_it_says(tmp_path: Path, issuer: ForgingIssuer) -> None:
    """A grant may match on these claims alone."""
    for name, claims in (("github", GITHUB), ("gitlab", GITLAB), ("kubernetes", KUBERNETES)):
        found = principal(trust(tmp_path, name, issuer), issuer, claims)
        assert set(found.claims) <= set(KINDS[name].claims)
    assert PRESETS.keys() == KINDS.keys()
    for name, preset in PRESETS.items():
        assert set(preset.claims) <= set(KINDS[name].claims)
