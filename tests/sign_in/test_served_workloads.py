"""Workloads that look like the one that was granted something.

Each shows a good token of its issuer to a served registry of two workers, and is distinguished from it by what never
changes. The numbers are those of the matrix of attacks.
"""

import json
import socket
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.registry.asking import record
from tests.registry.calling import Reply
from tests.registry.serving import Serving
from tests.sign_in.forging_issuer import AUDIENCE, ForgingIssuer
from tests.sign_in.signed_in import exchange, fresh_address
from tests.sign_in.test_kinds import GITHUB, GITLAB, KUBERNETES, SVID

VERSIONS = "/subjects/shop.orders.OrderPlaced/versions"
KINDS = {
    "ci": "github",
    "lab": "gitlab",
    "k8s": "kubernetes",
    "other": "kubernetes",
    "mesh": "spiffe",
    "people": "oidc",
}
WORKFLOWS = "acme/orders/.github/workflows"
PIPELINE = "acme/orders//.gitlab-ci.yml@refs/heads/main"
CLAIMS: dict[str, dict[str, Any]] = {
    "ci": GITHUB,
    "lab": {**GITLAB, "ci_config_ref_uri": PIPELINE},
    "k8s": KUBERNETES,
    "other": KUBERNETES,
    "mesh": SVID,
    "people": {"groups": ["admins of shop"], "client_id": "orders"},
}
"""What each right workload's token says."""
GRANTS: list[dict[str, Any]] = [
    {"issuer": "ci", "principal": "ci:repo/123456", "claims": {
        "repository_owner_id": "99", "ref": "refs/heads/main", "ref_type": "branch", "ref_protected": "true",
        "environment": "production", "event_name": "push",
        "job_workflow_ref": f"{WORKFLOWS}/ci.yml@refs/heads/main"}},
    {"issuer": "lab", "principal": "lab:project/31", "claims": {
        "namespace_id": "8", "ref_protected": "true", "ci_config_ref_uri": PIPELINE}},
    {"issuer": "k8s", "principal": "k8s:shop/orders", "claims": {"service_account_uid": "5f3c"}},
    {"issuer": "mesh", "principal": "mesh:example.org/ns/shop/sa/*"},
    {"issuer": "people", "group": "admins of shop"},
]  # fmt: skip


def service_account(namespace: str, name: str, uid: str) -> dict[str, Any]:
    account = {"namespace": namespace, "serviceaccount": {"name": name, "uid": uid}}
    return {"sub": f"system:serviceaccount:{namespace}:{name}", "kubernetes.io": account}


LOOKALIKES: dict[str, tuple[str, dict[str, Any]]] = {
    "a repository made again under the same name": ("ci", {"repository_id": "123457"}),
    "transferred to another owner": ("ci", {"repository_owner_id": "100"}),
    "a project made again": ("lab", {"project_id": "32"}),
    "a namespace revived by somebody else": ("lab", {"namespace_id": "9"}),
    "a tag named main": ("ci", {"ref": "refs/tags/main", "ref_type": "tag"}),
    "a branch below main": ("ci", {"ref": "refs/heads/main/x"}),
    "the branch without its prefix": ("ci", {"ref": "main"}),
    "another spelling of true": ("ci", {"ref_protected": "True"}),
    "the environment in another case": ("ci", {"environment": "Production"}),
    "a pull request": ("ci", {"event_name": "pull_request", "ref": "refs/pull/7/merge"}),
    "a pull request with the rights of its target": ("ci", {"event_name": "pull_request_target"}),
    "a merge request of a fork": ("lab", {"pipeline_source": "merge_request_event"}),
    "another workflow file": ("ci", {"job_workflow_ref": f"{WORKFLOWS}/x.yml@refs/heads/main"}),
    "the same file at another ref": ("ci", {"job_workflow_ref": f"{WORKFLOWS}/ci.yml@refs/heads/x"}),
    "another pipeline file": ("lab", {"ci_config_ref_uri": "acme/orders//other.yml@refs/heads/main"}),
    "the same name in another namespace": ("k8s", service_account("crm", "orders", "5f3c")),
    "an account made again under the same name": ("k8s", service_account("shop", "orders", "77aa")),
    "the same account of another cluster": ("other", {}),
    "a subject that says something else": ("k8s", {"sub": "system:serviceaccount:shop:billing"}),
    "a namespace that begins alike": ("mesh", {"sub": "spiffe://example.org/ns/shopping/sa/orders"}),
    "a slash in disguise": ("mesh", {"sub": "spiffe://example.org/ns%2Fshop/sa/orders"}),
    "a way up": ("mesh", {"sub": "spiffe://example.org/ns/crm/../shop/sa/orders"}),
    "one segment more": ("mesh", {"sub": "spiffe://example.org/ns/shop/sa/orders/x"}),
    "another trust domain": ("mesh", {"sub": "spiffe://example.com/ns/shop/sa/orders"}),
    "groups as a text": ("people", {"groups": "x,admins of shop"}),
    "one group in place of three words": ("people", {"groups": ["admins", "of", "shop"]}),
    "a group in another case": ("people", {"groups": ["Admins of shop"]}),
}  # fmt: skip
NOBODY = (
    "a merge request of a fork",
    "a subject that says something else",
    "a slash in disguise",
    "a way up",
    "another trust domain",
    "groups as a text",
)


@dataclass(frozen=True, slots=True)
class Workloads:
    """A registry that trusts an issuer of each kind, and has granted one workload of each to register."""

    serving: Serving
    issuers: Mapping[str, ForgingIssuer]
    socket: Path

    def token(self, alias: str, **changed: Any) -> str:
        claims = {**CLAIMS[alias], **changed}
        if alias == "people":
            return self.issuers[alias].token(**claims)
        return self.issuers[alias].token(header={"typ": "JWT"}, **{"client_id": ..., **claims})

    def register(self, token: str) -> Reply:
        """Try what was granted; while the keys of an issuer are on their way, again."""
        deadline = time.monotonic() + 20
        body = json.dumps({"schema": record("a", name="OrderPlaced")}).encode()
        lines = (f"Authorization: Bearer {token}", "Content-Type: application/json")
        while True:
            address = ("127.0.0.1", self.serving.port)
            with socket.create_connection(address, 20, source_address=(fresh_address(), 0)) as connection:
                reply = exchange(connection, *lines, method="POST", path=VERSIONS, body=body)
            if reply.status != 503 or time.monotonic() > deadline:
                return reply
            time.sleep(0.2)

    def grant(self, body: dict[str, Any]) -> None:
        whole = {"verbs": ["register"], "node": "shop", "because": "a test",
                 "expires": (datetime.now(UTC) + timedelta(days=30)).isoformat(), **body}  # fmt: skip
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(20)
            connection.connect(str(self.socket))
            content = json.dumps(whole).encode()
            reply = exchange(
                connection, "Content-Type: application/json", method="POST", path="/v1/grants", body=content
            )
        assert reply.status == 201, reply.body


@pytest.fixture(scope="module")
def workloads(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workloads]:
    folder = tmp_path_factory.mktemp("workloads")
    issuers = {alias: ForgingIssuer() for alias in KINDS}
    tables = []
    for alias, kind in KINDS.items():
        keys = f'jwks = "{issuers[alias].url}/jwks"\ntrust_domain = "example.org"' if kind == "spiffe" else ""
        groups = 'groups_claim = "groups"' if kind == "oidc" else ""
        tables.append(
            f'[issuers.{alias}]\nkind = "{kind}"\nissuer = "{issuers[alias].url}"\naudience = "{AUDIENCE}"\n'
            f'algorithms = ["ES256"]\n{keys}\n{groups}\n'
        )
    (folder / "issuers.toml").write_text("\n".join(tables))
    path = folder / "http.sock"
    options = ("--workers", "2", "--issuers", str(folder / "issuers.toml"), "--socket", str(path))
    made = Workloads(Serving(folder, *options), issuers, path)
    for grant in GRANTS:
        made.grant(grant)
    yield made
    made.serving.stop()
    for issuer in issuers.values():
        issuer.stop()


@pytest.mark.parametrize("alias", [one for one in KINDS if one != "other"])
def test_the_workload_that_was_granted_it_registers(alias: str, workloads: Workloads) -> None:
    for _ in range(4):
        reply = workloads.register(workloads.token(alias))
        assert reply.status == 200, reply.body


@pytest.mark.parametrize("name", LOOKALIKES)
def test_a_workload_that_looks_like_it_does_not(name: str, workloads: Workloads) -> None:
    alias, changed = LOOKALIKES[name]
    for _ in range(4):
        reply = workloads.register(workloads.token(alias, **changed))
        # Most are known, and lack the grant; what no workload of its issuer can be is not even signed in.
        expected = 401 if name in NOBODY else 403
        assert (reply.status, reply.json["error_code"]) == (expected, expected * 100 + 1), reply.body
