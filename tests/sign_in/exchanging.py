"""Served nodes of one registry that exchanges tokens, and the issuer whose tokens those are."""

import base64
import contextlib
import json
import socket
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from tests.registry.calling import Reply
from tests.registry.serving import Serving
from tests.sign_in.forging_issuer import AUDIENCE, ForgingIssuer
from tests.sign_in.signed_in import WHO, exchange, fresh_address

WORKERS = 2
EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange"
ACCESS_TOKEN = "urn:ietf:params:oauth:token-type:access_token"
ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
ASSERTION = "client-authentication+jwt"


class Node(Serving):
    """One node, with the ledger of all of them."""

    def __init__(self, folder: Path, ledger: Path, *options: str) -> None:
        folder.mkdir()
        self._shared = ledger
        self.socket = folder / "socket"
        self.source = ""
        """The address to call from; empty for another one each time."""
        super().__init__(folder, *self._socket_options(), *options)

    def _socket_options(self) -> tuple[str, ...]:
        return "--socket", str(self.socket)

    def _source(self) -> tuple[str, int]:
        return self.source or fresh_address(), 0  # refused credentials are counted by address

    @property
    def ledger_url(self) -> str:
        return f"sqlite:///{self._shared}"


class Service:
    """One ledger, two workers a node."""

    kind: type[Node] = Node

    def __init__(
        self,
        folder: Path,
        issuer: ForgingIssuer,
        *options: str,
        url: str = AUDIENCE,
        extra: str = "",
        more: str = "",
    ) -> None:
        """Known at *url*; *extra* settings of the issuer, *more* issuers."""
        self.folder = folder
        self.issuer = issuer
        self._options = ("--public-url", url, *options)
        self.issuers = folder / "issuers.toml"
        self.write_issuers(extra, more)
        self.nodes: list[Node] = []

    def write_issuers(self, extra: str = "", more: str = "") -> None:
        """Let the nodes trust the issuer, *more* issuers besides."""
        people = f'[issuers.people]\nkind = "oidc"\nissuer = "{self.issuer.url}"\naudience = "{AUDIENCE}"\n'
        self.issuers.write_text(f'{people}groups_claim = "groups"\n{extra}\n{more}')

    def start(self) -> Node:
        """Start one more node."""
        options = ("--workers", str(WORKERS), "--issuers", str(self.issuers), *self._options)
        node = self.kind(self.folder / f"node{len(self.nodes)}", self.folder / "ledger.db", *options)
        self.nodes.append(node)
        wanted = WORKERS * self.issuers.read_text().count("[issuers.")
        deadline = time.monotonic() + 30
        while node.log().count('"event": "issuer_keys"') < wanted and time.monotonic() < deadline:
            time.sleep(0.02)  # the workers fetch them by themselves
        return node

    def stop(self) -> None:
        for node in self.nodes:
            node.stop()

    def operator(self, method: str, path: str, body: Any = None) -> Reply:
        """Ask as the operator, over the first node's socket."""
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(20)
            connection.connect(str(self.nodes[0].socket))
            content = json.dumps(body).encode() if body is not None else b""
            return exchange(connection, "Content-Type: application/json", method=method, path=path, body=content)

    def grant(self, principal: str, *verbs: str, node: str = "shop") -> int:
        """Grant, and return the grant's number."""
        body = {
            "issuer": principal.partition(":")[0], "principal": principal, "verbs": verbs, "node": node,
            "because": "a test", "expires": (datetime.now(UTC) + timedelta(days=30)).isoformat(),
        }  # fmt: skip
        reply = self.operator("POST", "/v1/grants", body)
        assert reply.status == 201, reply.body
        return int(reply.json["id"])


def form(serving: Serving, sent: Mapping[str, str] | bytes, path: str = "/v1/token", **headers: str) -> Reply:
    """Send a form to the token endpoint."""
    body = sent if isinstance(sent, bytes) else urlencode(sent).encode()
    return serving.call("POST", path, body, **{"Content_Type": "application/x-www-form-urlencoded", **headers})


def swap(serving: Serving, token: str, **more: str) -> Reply:
    """Exchange *token*."""
    return form(serving, {"grant_type": EXCHANGE, "subject_token": token, "subject_token_type": ACCESS_TOKEN, **more})


def authenticate(serving: Serving, assertion: str, **more: str) -> Reply:
    """Sign in with an assertion."""
    sent = {"client_assertion_type": ASSERTION_TYPE, "client_assertion": assertion}
    return form(serving, {"grant_type": "client_credentials", **sent, **more})


def exchanged(serving: Serving, token: str, **more: str) -> str:
    """The token that *token* is exchanged for."""
    reply = swap(serving, token, **more)
    assert reply.status == 200, reply.body
    return str(reply.json["access_token"])


def as_bearer(serving: Serving, token: str, path: str = WHO, method: str = "GET", body: Any = None) -> Reply:
    """Ask with a token."""
    sent = {"Content_Type": "application/json"} if body is not None else {}
    return serving.call(method, path, body, Authorization=f"Bearer {token}", **sent)


def at_once(calls: list[Any]) -> list[Reply]:
    """Make all calls at the same moment."""
    with ThreadPoolExecutor(len(calls)) as threads:
        return [one.result() for one in [threads.submit(call) for call in calls]]


def claims_of(token: str) -> dict[str, Any]:
    payload = token.split(".")[1]
    claims: dict[str, Any] = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    return claims


@contextlib.contextmanager
def service(folder: Path, *options: str, kind: type[Node] = Node, ahead_s: float = 0, **more: str) -> Iterator[Service]:
    """A service of one node of that *kind*, and its issuer, whose clock is *ahead_s* seconds ahead."""
    issuer = ForgingIssuer()
    issuer.ahead_s = ahead_s
    one = Service(folder, issuer, *options, **more)
    one.kind = kind
    try:
        one.start()
        yield one
    finally:
        one.stop()
        issuer.stop()
