"""Two served registries of two workers each with the same content: one that anybody may call, one with sign-in."""

import json
import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeVar

import pytest

from tests.confluent.tools.calling import Tool
from tests.confluent.tools.content import Content, fill
from tests.registry.serving import Serving
from tests.sign_in.forging_issuer import ForgingIssuer
from tests.sign_in.signed_in import SignedIn, exchange, issuers_file

AnyTool = TypeVar("AnyTool", bound=Tool)
VERBS = ["read", "register", "govern", "operate"]


@dataclass(frozen=True)
class Target:
    """A registry that tools are pointed at, what it holds, and the token to sign in with; none where nobody does."""

    url: str
    content: Content
    token: str = ""
    narrow: str = ""
    """A token that may only read what is called ``orders-…``."""


class Pointed:
    """Makes tools that are configured with one registry."""

    def __init__(self, target: Target) -> None:
        self.target = target
        self._made: list[Tool] = []

    @property
    def content(self) -> Content:
        return self.target.content

    def at(self, kind: Callable[[str, str], AnyTool], path: str = "", token: str = "") -> AnyTool:
        """A tool of *kind* whose base URL ends with *path*."""
        made = kind(self.target.url + path, token or self.target.token)
        self._made.append(made)
        return made

    def close(self) -> None:
        for one in self._made:
            one.close()


@pytest.fixture(scope="session")
def open_registry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Target]:
    serving = Serving(tmp_path_factory.mktemp("open"), "--workers", "2")
    url = f"http://127.0.0.1:{serving.port}"
    yield Target(url, fill(Tool(url)))
    serving.stop()


@pytest.fixture(scope="session")
def registry_with_sign_in(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Target]:
    folder, issuer = tmp_path_factory.mktemp("closed"), ForgingIssuer()
    door = folder / "http.sock"
    options = ("--workers", "2", "--issuers", str(issuers_file(folder, issuer)), "--socket", str(door))
    serving = Serving(folder, *options)
    _grant(door, "people:tool", VERBS, "*")
    _grant(door, "people:guest", ["read"], "orders*")
    token, narrow = issuer.token(sub="tool"), issuer.token(sub="guest")
    for one in (token, narrow):  # the keys of the issuer are fetched on first use
        assert SignedIn(serving, issuer).bearer(one).status == 200
    url = f"http://127.0.0.1:{serving.port}"
    yield Target(url, fill(Tool(url, token)), token, narrow)
    serving.stop()
    issuer.stop()


@pytest.fixture(params=["open_registry", "registry_with_sign_in"], ids=["open", "signed-in"])
def pointed(request: pytest.FixtureRequest) -> Iterator[Pointed]:
    """Tools pointed at the one registry, then at the other."""
    made = Pointed(request.getfixturevalue(request.param))
    yield made
    made.close()


@pytest.fixture
def closed(registry_with_sign_in: Target) -> Iterator[Pointed]:
    """Tools pointed at the registry with sign-in."""
    made = Pointed(registry_with_sign_in)
    yield made
    made.close()


def _grant(door: Path, principal: str, verbs: list[str], node: str) -> None:
    """Let *principal* do something; asked through the socket of the registry's own user, who may."""
    end = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    body = {
        "issuer": "people",
        "principal": principal,
        "verbs": verbs,
        "node": node,
        "because": "a test",
        "expires": end,
    }
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(20)
        connection.connect(str(door))
        kind = "Content-Type: application/json"
        reply = exchange(connection, kind, method="POST", path="/v1/grants", body=json.dumps(body).encode())
    assert reply.status == 201, reply.body
