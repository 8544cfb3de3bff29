"""Whose calls are answered while no sign-in is configured: direct callers on this machine who run as its own user."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from moorings_registry.errors import CallerRefused
from moorings_registry.http.authentication import LoopbackAuthentication
from moorings_registry.http.messages import Request
from moorings_registry.http.peer_user import MOST_REMEMBERED, REMEMBERED_S, Address, PeerUsers, UserUnknown, peer_user
from moorings_registry.principals import LOCAL_PRINCIPAL
from tests.registry.asking import record
from tests.registry.calling import EVENT, AsgiHttp, Http

SERVER = ("127.0.0.1", 8081)
linux_only = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux tells who holds a connection")


@pytest.fixture(scope="module", params=[Http, AsgiHttp], ids=["wsgi", "asgi"])
def http(request: pytest.FixtureRequest) -> Http:
    made: Http = request.param()
    return made


# Credentials.


@pytest.mark.parametrize("sent", ["Bearer garbage", "Basic dTpw", "Bearer ", "nonsense"])
@pytest.mark.parametrize("path", ["/v1/events", "/v1/schemas/ids/1", "/healthz", "/openapi.json"])
def test_a_credential_that_cannot_be_checked_is_refused_on_the_native_api(sent: str, path: str, http: Http) -> None:
    reply = http.get(path, Authorization=sent)
    assert (reply.status, reply.code) == (401, "CREDENTIAL_REFUSED")
    assert reply.headers["www-authenticate"] == 'Bearer realm="moorings", error="invalid_token"'
    assert sent.partition(" ")[2] not in reply.body.decode() or not sent.partition(" ")[2]


@pytest.mark.parametrize("path", ["/subjects", "/schemas/ids/1", "/nowhere", "/v1/metadata/id"])
def test_a_credential_that_cannot_be_checked_is_refused_on_the_confluent_api(path: str, http: Http) -> None:
    reply = http.get(path, Authorization="Basic dTpw")
    assert (reply.status, reply.json["error_code"]) == (401, 40101)
    assert reply.headers["content-type"] == "application/vnd.schemaregistry.v1+json"
    assert reply.headers["www-authenticate"] == 'Bearer realm="moorings", error="invalid_token"'


def test_a_credential_that_cannot_be_checked_is_refused_on_the_pages(http: Http) -> None:
    reply = http.get("/admin/", Authorization="Bearer x")
    assert reply.status == 401
    assert reply.headers["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'"
    assert reply.headers["cache-control"] == "no-store"
    assert reply.headers["www-authenticate"] == 'Bearer realm="moorings", error="invalid_token"'


def test_a_write_with_a_refused_credential_leaves_nothing_behind(http: Http) -> None:
    before = http.ledger.head()
    assert http.post(f"{EVENT}/versions", {"schema": record("a")}, Authorization="Bearer x").status == 401
    assert http.ledger.head() == before


def test_a_kept_answer_is_not_given_to_a_refused_credential(http: Http) -> None:
    http.register()
    assert http.get("/v1/schemas/ids/1").status == http.get("/v1/schemas/ids/1").status == 200
    assert http.get("/v1/schemas/ids/1", Authorization="Bearer x").status == 401


# Proxies.


@pytest.mark.parametrize(
    "name",
    ["Forwarded", "Via", "X-Real-IP", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Forwarded-Any"],
)
@pytest.mark.parametrize("path", ["/v1/events", "/subjects", "/admin/"])
def test_a_request_that_a_proxy_forwarded_is_refused(name: str, path: str, http: Http) -> None:
    reply = http.get(path, **{name.replace("-", "_"): "203.0.113.9"})
    assert reply.status == 403
    assert b"came through a proxy" in reply.body
    assert b"203.0.113.9" not in reply.body


def test_a_header_that_merely_ends_like_one_of_a_proxy_is_accepted(http: Http) -> None:
    assert http.get("/v1/events", Not_X_Forwarded_For="a").status == 200


# Users of this machine.


def authentication_for(user: int | None) -> LoopbackAuthentication:
    return LoopbackAuthentication(PeerUsers(lambda _peer, _server: user))


def request_from(port: int, server: Address | None = SERVER) -> Request:
    return Request("GET", "/subjects", {"host": "localhost"}, "127.0.0.1", port, server)


@pytest.mark.parametrize("user", [0, os.geteuid()], ids=["root", "the registry's own user"])
def test_the_registry_accepts_its_own_user_and_root(user: int) -> None:
    assert authentication_for(user).principal(request_from(50_000)) == LOCAL_PRINCIPAL


@pytest.mark.parametrize("user", [os.geteuid() + 1, None], ids=["another user", "nobody any more"])
def test_the_registry_refuses_a_connection_of_another_user(user: int | None) -> None:
    with pytest.raises(CallerRefused, match="another user of this machine"):
        authentication_for(user).principal(request_from(50_000))


@pytest.mark.parametrize("asked", [request_from(0), request_from(50_000, None)], ids=["no port", "no server address"])
def test_a_local_socket_is_accepted_without_asking_for_its_user(asked: Request) -> None:
    assert authentication_for(None).principal(asked) == LOCAL_PRINCIPAL


def test_a_platform_that_does_not_tell_users_accepts_every_local_caller() -> None:
    def lookup(_peer: Address, _server: Address) -> int | None:
        raise UserUnknown

    assert LoopbackAuthentication(PeerUsers(lookup)).principal(request_from(50_000)) == LOCAL_PRINCIPAL


def test_a_user_is_remembered_for_a_moment() -> None:
    now, users = 100.0, iter([1, 2, 3])
    known = PeerUsers(lambda _peer, _server: next(users), lambda: now)
    peer = ("127.0.0.1", 50_000)
    assert (known.user_of(peer, SERVER), known.user_of(peer, SERVER)) == (1, 1)
    assert known.user_of(("127.0.0.1", 50_001), SERVER) == 2
    now += REMEMBERED_S
    assert known.user_of(peer, SERVER) == 3


def test_a_bounded_number_of_users_is_remembered() -> None:
    known = PeerUsers(lambda _peer, _server: 0, lambda: 0.0)
    for port in range(3 * MOST_REMEMBERED):
        known.user_of(("127.0.0.1", port), SERVER)
    assert len(known._known) <= MOST_REMEMBERED


@contextmanager
def connected(family: socket.AddressFamily, address: str) -> Iterator[tuple[socket.socket, Address, Address]]:
    """A client's socket, its address, and the address of the server that it is connected with."""
    with socket.socket(family) as listening:
        listening.bind((address, 0))
        listening.listen()
        with socket.create_connection(listening.getsockname()[:2]) as client, listening.accept()[0] as accepted:
            yield client, accepted.getpeername()[:2], accepted.getsockname()[:2]


@linux_only
@pytest.mark.parametrize(
    ("family", "address"), [(socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")], ids=["IPv4", "IPv6"]
)
def test_the_kernel_tells_the_user_of_a_connection_until_it_is_closed(
    family: socket.AddressFamily, address: str
) -> None:
    with connected(family, address) as (client, peer, server):
        assert peer_user(peer, server) == os.geteuid()
        client.close()
        assert peer_user(peer, server) is None


@linux_only
@pytest.mark.skipif(os.geteuid() != 0, reason="only root may start a process as another user")
@pytest.mark.parametrize("address", ["127.0.0.1", "::1"])
def test_the_kernel_tells_another_user_apart(address: str) -> None:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family) as listening:
        listening.bind((address, 0))
        listening.listen()
        script = (
            f"import socket, sys; s = socket.create_connection(({address!r}, {listening.getsockname()[1]})); s.recv(1)"
        )
        with subprocess.Popen(["/usr/bin/env", "python3", "-I", "-c", script], user=65_534, group=65_534, cwd="/"):
            accepted, _ = listening.accept()
            with accepted:
                assert peer_user(accepted.getpeername()[:2], accepted.getsockname()[:2]) == 65_534
