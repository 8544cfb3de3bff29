"""A registry that callers sign in to: asked as anybody, with grants that are given in a line."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from werkzeug.test import Client

from moorings_registry.app import Application, build_application
from moorings_registry.bases import BaseFolder
from moorings_registry.callers import Caller
from moorings_registry.commands import ConfigureIssuers
from moorings_registry.engines import open_ledger
from moorings_registry.http.messages import Request
from moorings_registry.issuers import Issuer, Issuers
from moorings_registry.issuers.issuer import KeySource
from moorings_registry.ledger import Ledger
from moorings_registry.own_keys import OwnKeys
from moorings_registry.principals import ANONYMOUS, LOCAL_PRINCIPAL, Principal
from tests.registry.calling import Reply

KINDS = {
    "people": "oidc", "ci": "github", "lab": "gitlab", "k8s": "kubernetes", "other": "kubernetes", "mesh": "spiffe",
    "eu": "registry",
}  # fmt: skip
OPERATOR = LOCAL_PRINCIPAL
ANN, BOB, EVE = (Principal(f"people:{name}", "people", {"sub": name}) for name in ("ann", "bob", "eve"))


class PassedIn:
    """Authentication by a header that names a caller: a small fake, since these tests are not about that."""

    def __init__(self) -> None:
        self.principals: dict[str, Principal] = {}
        self.otherwise = ANONYMOUS

    def principal(self, request: Request) -> Principal:
        return self.principals.get(request.headers.get("x-as", ""), self.otherwise)


class Guarded:
    """A registry with issuers, asked as any principal; the operator grants."""

    def __init__(
        self, ledger: Ledger | None = None, own_keys: OwnKeys | None = None, bases: BaseFolder | None = None
    ) -> None:
        self._authentication = PassedIn()
        self.application: Application = build_application(
            ledger or open_ledger("memory:"), authentication=self._authentication, own_keys=own_keys, bases=bases
        )
        self.registry = self.application.registry
        self.registry.execute(ConfigureIssuers(issuers_of(KINDS)), Caller())
        self._client = Client(self.application.middleware)

    def everybody_is(self, principal: Principal) -> None:
        """Take requests that do not say whose they are for *principal*'s."""
        self._authentication.otherwise = principal

    def call_headers(self, principal: Principal) -> dict[str, str]:
        """The headers of a request of *principal*, by lower-case name."""
        self._authentication.principals[str(id(principal))] = principal
        return {"x-as": str(id(principal))}

    def call(self, principal: Principal, method: str, path: str, body: Any = None, **headers: str) -> Reply:
        sent = {**self.call_headers(principal), **{name.replace("_", "-"): value for name, value in headers.items()}}
        data = None if body is None else json.dumps(body).encode()
        if data is not None:
            sent.setdefault("Content-Type", "application/json")
        response = self._client.open(path, method=method, data=data, headers=sent)
        return Reply.of(response.status_code, response.headers.items(), response.data)

    def get(self, principal: Principal, path: str, **headers: str) -> Reply:
        return self.call(principal, "GET", path, **headers)

    def do(self, method: str, path: str, body: Any = None) -> Any:
        """Ask as the operator for what has to work; the answer's JSON."""
        reply = self.call(OPERATOR, method, path, body)
        assert reply.status < 300, reply.body
        return reply.json if reply.body else None

    def grant(self, whom: Principal, node: str, *verbs: str) -> int:
        """Let the operator grant *whom* verbs on a node; the grant's id."""
        return int(self.do("POST", "/v1/grants", grant_body(whom, node, *verbs))["id"])

    def domain(self, name: str, owner: str = "team") -> None:
        self.do("PUT", f"/v1/domains/{name}", {"owner": owner, "policy": {"names": "any", "type_names": "any"}})

    def register(self, subject: str, schema: str, **more: Any) -> Any:
        return self.do("POST", f"/subjects/{subject}/versions", {"schema": schema, **more})


def issuers_of(kinds: Mapping[str, str]) -> Issuers:
    keys = KeySource(jwks="https://keys.example/jwks")
    listed = (
        Issuer(alias, kind, f"https://{alias}.example", "registry", keys, frozenset(("ES256",)), frozenset(("jwt",)))
        for alias, kind in kinds.items()
    )
    return Issuers(tuple(listed), "1" * 64)


def grant_body(whom: Principal, node: str, *verbs: str, **more: Any) -> dict[str, Any]:
    body: dict[str, Any] = {"issuer": whom.issuer, "principal": whom.name, "verbs": list(verbs), "node": node}
    if whom != ANONYMOUS:
        body["expires"] = in_days(90)
    return {**body, "because": "a test", **more}


def in_days(days: int) -> str:
    return (datetime.now(UTC) + timedelta(days=days)).isoformat()
