"""From where a registry may be called: TLS, client certificates, their rotation, the local socket, and what is refused
before it starts."""

import base64
import hashlib
import http.client
import json
import os
import socket
import ssl
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from cryptography.hazmat.primitives import serialization

from moorings_registry.cli.main import main
from moorings_registry.engines import open_ledger
from tests.ports import free_port
from tests.registry.calling import Reply
from tests.registry.serving import Serving
from tests.sign_in.certificates import ORDERS, SERVER, Pair, TestAuthority
from tests.sign_in.forging_issuer import AUDIENCE, ForgingIssuer
from tests.sign_in.signed_in import WHO, exchange, fault_of, issuers_file
from tests.waiting import eventually

PROGRAM = Path(sys.executable).parent / "moorings-registry"
MESH = f'[issuers.mesh]\nkind = "spiffe"\ntrust_domain = "example.org"\naudience = "{AUDIENCE}"\n'


class TlsServing(Serving):
    """A registry on all addresses of this machine, asked by https."""

    context: ssl.SSLContext

    def call(self, method: str, path: str, body: Any = None, timeout_s: float = 30, **headers: str) -> Reply:
        return self.call_with(self.context, method, path, body, **headers)

    def call_with(self, context: ssl.SSLContext, method: str, path: str, body: Any = None, **headers: str) -> Reply:
        connection = http.client.HTTPSConnection("127.0.0.1", self.port, timeout=20, context=context)
        try:
            connection.request(method, path, body, {name.replace("_", "-"): value for name, value in headers.items()})
            answer = connection.getresponse()
            return Reply.of(answer.status, answer.getheaders(), answer.read())
        finally:
            connection.close()


@dataclass(frozen=True, slots=True)
class Mesh:
    """A registry with TLS and client certificates, its authority and its issuer."""

    folder: Path
    authority: TestAuthority
    issuer: ForgingIssuer
    serving: TlsServing

    def trusting(self, client: Pair | None = None, authority: TestAuthority | None = None) -> ssl.SSLContext:
        """A client's side: whom it trusts, and what it shows."""
        context = ssl.create_default_context(cadata=(authority or self.authority).pem.decode())
        context.check_hostname = False
        if client:
            context.load_cert_chain(client.certificate, client.key)
        return context

    def ask(self, client: Pair | None = None, path: str = WHO, **headers: str) -> Reply:
        return self.serving.call_with(self.trusting(client), "GET", path, **headers)


@contextmanager
def meshed(folder: Path) -> Iterator[Mesh]:
    authority, issuer = TestAuthority.make(), ForgingIssuer()
    server = authority.issue(folder, "tls", ids=(), usage=SERVER, hosts=("localhost",))
    (folder / "ca.crt").write_bytes(authority.pem)
    context = ssl.create_default_context(cadata=authority.pem.decode())
    context.check_hostname = False
    TlsServing.context = context  # it is asked while it starts
    files = ("--tls-certificate", str(server.certificate), "--tls-key", str(server.key))
    issuers = issuers_file(folder, issuer, more=MESH)
    serving = TlsServing(
        folder, "--workers", "1", "--host", "0.0.0.0", "--issuers", str(issuers),
        *files, "--tls-client-ca", str(folder / "ca.crt"),
    )  # fmt: skip
    serving.context = context
    try:
        yield Mesh(folder, authority, issuer, serving)
    finally:
        serving.stop()
        issuer.stop()


@pytest.fixture(scope="module")
def mesh(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mesh]:
    """One for all tests that leave its files as they are."""
    with meshed(tmp_path_factory.mktemp("mesh")) as one:
        yield one


@pytest.fixture
def own_mesh(tmp_path: Path) -> Iterator[Mesh]:
    with meshed(tmp_path) as one:
        yield one


def test_a_client_certificate_signs_its_workload_in(mesh: Mesh) -> None:
    client = mesh.authority.issue(mesh.folder, "orders")
    reply = mesh.ask(client)
    assert (reply.json["name"], reply.json["evidence"]) == ("mesh:example.org/ns/shop/sa/orders", "certificate")
    assert mesh.ask().json["name"] == "anonymous"
    assert mesh.ask(Authorization=f"Bearer {mesh.issuer.token()}").json["name"] == "people:ann"


@pytest.mark.parametrize(
    "ids",
    [
        (),
        (ORDERS, ORDERS + "2"),
        ("https://example.org/x",),
        ("spiffe://other.example/ns/shop",),
        ("spiffe://example.org",),
    ],
    ids=["no SPIFFE ID", "two", "another URI", "another trust domain", "no path"],
)
def test_a_certificate_that_does_not_name_one_workload_is_refused(ids: tuple[str, ...], mesh: Mesh) -> None:
    assert fault_of(mesh.ask(mesh.authority.issue(mesh.folder, "odd", ids=ids))) in ("certificate", "subject")


@pytest.mark.parametrize("flaw", ["another authority", "expired", "for servers alone"])
def test_a_certificate_that_tls_refuses_ends_the_handshake(flaw: str, mesh: Mesh) -> None:
    authority = TestAuthority.make() if flaw == "another authority" else mesh.authority
    options: dict[str, Any] = {"expired": {"days": -1}, "for servers alone": {"usage": SERVER}}.get(flaw, {})
    client = authority.issue(mesh.folder, "bad", **options)
    with pytest.raises((ssl.SSLError, ConnectionError, http.client.HTTPException)):
        mesh.ask(client)
    assert mesh.ask().status == 200


def test_a_certificate_and_a_token_of_two_callers_are_refused(mesh: Mesh) -> None:
    client = mesh.authority.issue(mesh.folder, "orders")
    assert fault_of(mesh.ask(client, Authorization=f"Bearer {mesh.issuer.token()}")) == "several"


def test_a_token_that_is_bound_to_a_certificate_holds_with_that_one_alone(mesh: Mesh) -> None:
    client, other = (mesh.authority.issue(mesh.folder, name) for name in ("orders", "other"))
    digest = base64.urlsafe_b64encode(hashlib.sha256(client.der).digest()).rstrip(b"=").decode()
    bearer = f"Bearer {mesh.issuer.token(cnf={'x5t#S256': digest})}"
    assert mesh.ask(client, Authorization=bearer).json["name"] == "people:ann"
    assert fault_of(mesh.ask(other, Authorization=bearer)) == "binding"
    assert fault_of(mesh.ask(None, Authorization=bearer)) == "binding"


def test_a_replaced_certificate_and_authority_hold_from_the_next_handshake(own_mesh: Mesh) -> None:
    """No restart, and no resumed session that was checked against the authority before."""
    before = own_mesh.authority.issue(own_mesh.folder, "before")
    assert own_mesh.ask(before).status == 200
    after = TestAuthority.make("another authority")
    (own_mesh.folder / "ca.crt").write_bytes(after.pem)
    after.issue(own_mesh.folder, "tls", ids=(), usage=SERVER, hosts=("localhost",))
    client = after.issue(own_mesh.folder, "after")
    trusting = own_mesh.trusting(client, after)
    eventually(lambda: answers(lambda: own_mesh.serving.call_with(trusting, "GET", WHO)))
    assert own_mesh.serving.call_with(trusting, "GET", WHO).json["evidence"] == "certificate"
    with pytest.raises((ssl.SSLError, ConnectionError, http.client.HTTPException)):
        own_mesh.serving.call_with(own_mesh.trusting(before, after), "GET", WHO)


def test_files_that_do_not_fit_leave_the_last_good_ones(own_mesh: Mesh) -> None:
    (own_mesh.folder / "tls.key").write_text("not a key")
    eventually(lambda: own_mesh.ask().status == 200 and "tls_files_invalid" in own_mesh.serving.log())
    assert own_mesh.ask().status == 200


def test_client_certificates_need_tls_1_3(mesh: Mesh) -> None:
    """A session of TLS 1.2 could be resumed although its certificate's authority is trusted no more."""
    context = mesh.trusting()
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    with pytest.raises((ssl.SSLError, ConnectionError)):
        mesh.serving.call_with(context, "GET", WHO)


def test_plain_http_is_not_answered_on_the_port_of_tls(mesh: Mesh) -> None:
    with socket.create_connection(("127.0.0.1", mesh.serving.port), timeout=10) as connection:
        connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        try:
            answered = connection.recv(65_536)
        except ConnectionError:
            answered = b""
    assert b"200" not in answered


def test_a_header_does_not_make_a_request_encrypted_or_another_caller(mesh: Mesh) -> None:
    reply = mesh.ask(X_Forwarded_Proto="http", X_Forwarded_Client_Cert=f"URI={ORDERS}", X_Forwarded_For="203.0.113.9")
    assert reply.json["name"] == "anonymous"


def answers(ask: Callable[[], Reply]) -> bool:
    try:
        return ask().status == 200
    except (ssl.SSLError, OSError, http.client.HTTPException):
        return False


# The local socket.


@pytest.fixture
def over_socket(tmp_path: Path, issuer: ForgingIssuer) -> Iterator[tuple[Path, ForgingIssuer, Serving]]:
    path = tmp_path / "http.sock"
    serving = Serving(
        tmp_path, "--workers", "1", "--issuers", str(issuers_file(tmp_path, issuer)), "--socket", str(path),
        "--proxy-user", "4242",
    )  # fmt: skip
    yield path, issuer, serving
    serving.stop()


def ask_socket(path: Path, *lines: str) -> Reply:
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(20)
        connection.connect(str(path))
        return exchange(connection, *lines)


def test_the_operator_is_local_on_the_socket_and_nowhere_else(
    over_socket: tuple[Path, ForgingIssuer, Serving],
) -> None:
    path, issuer, serving = over_socket
    assert ask_socket(path).json["name"] == "local"
    assert ask_socket(path, f"Authorization: Bearer {issuer.token()}").json["name"] == "people:ann"
    assert fault_of(ask_socket(path, "Authorization: Bearer x.y.z")) == "malformed"
    for header in ("X-Forwarded-For: 203.0.113.9", "Forwarded: for=203.0.113.9", "X-Real-IP: 203.0.113.9"):
        assert ask_socket(path, header).code == "CALLER_REFUSED"  # through a proxy of the same user
    assert serving.call("GET", WHO).json["name"] == "anonymous"
    assert path.stat().st_uid == os.geteuid()


def test_another_user_of_the_socket_is_refused_and_a_proxy_is_not_local(
    over_socket: tuple[Path, ForgingIssuer, Serving],
) -> None:
    path, issuer, _ = over_socket
    if os.geteuid() != 0:
        pytest.skip("only root can call as another user")
    for folder in (path.parent, *path.parent.parents):
        if folder.stat().st_uid == os.geteuid() and folder != Path("/"):
            folder.chmod(folder.stat().st_mode | 0o011)
    path.chmod(0o666)
    token = issuer.token()
    assert ask_as(4_243, path) == [403, "CALLER_REFUSED"]
    assert ask_as(4_242, path) == [200, "anonymous"]
    assert ask_as(4_242, path, f"Authorization: Bearer {token}") == [200, "people:ann"]


def ask_as(user: int, path: Path, *lines: str) -> list[Any]:
    """The status, and the name or the code, as another user is answered."""
    request = "\r\n".join((f"GET {WHO} HTTP/1.1", "Host: localhost", "Connection: close", *lines, "", ""))
    script = (
        "import os, socket, sys\n"
        f"os.setgid({user}); os.setuid({user})\n"
        "s = socket.socket(socket.AF_UNIX); s.settimeout(20); s.connect(sys.argv[1]); s.sendall(sys.argv[2].encode())\n"
        "answer = b''\n"
        "while chunk := s.recv(65536): answer += chunk\n"
        "print(answer.decode())\n"
    )
    done = subprocess.run(
        ["/usr/bin/env", "python3", "-I", "-c", script, str(path), request],
        capture_output=True, text=True, timeout=60, check=False, cwd="/", env={"PATH": "/usr/bin:/bin"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    head, _, body = done.stdout.replace("\r\n", "\n").partition("\n\n")
    answer = json.loads(body)
    return [int(head.split()[1]), answer.get("name") or answer["code"]]


def test_the_socket_of_a_registry_without_sign_in_is_for_its_own_user(tmp_path: Path) -> None:
    serving = Serving(tmp_path, "--workers", "1", "--socket", str(tmp_path / "http.sock"))
    try:
        assert ask_socket(tmp_path / "http.sock").json["name"] == "local"
    finally:
        serving.stop()


# What does not start.


@pytest.fixture
def files(tmp_path: Path, issuer: ForgingIssuer) -> dict[str, str]:
    authority = TestAuthority.make()
    pair = authority.issue(tmp_path, "tls", usage=SERVER, hosts=("localhost",))
    other = authority.issue(tmp_path, "other", usage=SERVER)
    key = serialization.load_pem_private_key(pair.key.read_bytes(), None)
    locked = tmp_path / "locked.key"
    encryption = serialization.BestAvailableEncryption(b"secret")
    locked.write_bytes(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, encryption))
    (tmp_path / "empty").touch()
    (tmp_path / "broken.toml").write_text("[issuers.x]\n")
    (tmp_path / "meshed").mkdir()
    (tmp_path / "people").mkdir()
    return {
        "I": str(issuers_file(tmp_path, issuer)),
        "M": str(issuers_file(tmp_path / "meshed", issuer, more=MESH)),
        "C": str(pair.certificate),
        "K": str(pair.key),
        "O": str(other.key),
        "L": str(locked),
        "E": str(tmp_path / "empty"),
        "B": str(tmp_path / "broken.toml"),
        "N": str(tmp_path / "missing"),
        "P": str(issuers_file(tmp_path / "people", issuer, 'client_id = "moorings-pages"')),
        "S": str(tmp_path / "http.sock"),
    }


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ("--host 0.0.0.0", "no sign-in is configured"),
        ("--host 0.0.0.0 --issuers I", "tokens would be sent unencrypted"),
        ("--host 0.0.0.0 --tls-certificate C --tls-key K", "no sign-in is configured"),
        ("--issuers N", "cannot be read"),
        ("--issuers P", "--public-url has to say which address they come back to"),
        ("--issuers B", "line 1: issuer 'x', kind"),
        ("--tls-certificate C", "belong together"),
        ("--tls-key K", "belong together"),
        ("--tls-client-ca C", "needs both"),
        ("--issuers I --tls-certificate C --tls-key O", "is not the unencrypted private key"),
        ("--issuers I --tls-certificate C --tls-key L", "is not the unencrypted private key"),
        ("--issuers I --tls-certificate C --tls-key E", "is not the unencrypted private key"),
        ("--issuers I --tls-certificate C --tls-key N", "cannot be read"),
        ("--issuers I --tls-certificate K --tls-key K", "holds no certificate"),
        ("--issuers I --tls-certificate C --tls-key K --tls-client-ca C", "no issuer of kind spiffe"),
        ("--issuers M --tls-certificate C --tls-key K --tls-client-ca E", "holds no certificates in PEM"),
        ("--issuers M --tls-certificate C --tls-key K --tls-client-ca C", "holds no certificate of an authority"),
        ("--server granian --issuers I --tls-certificate C --tls-key K", "granian"),
        ("--server granian --socket S", "granian"),
        ("--proxy-user nobody", "needs --socket"),
        ("--proxy-user nobody --socket S", "needs --socket"),
        ("--issuers I --socket S --proxy-user no-such-user", "no such user"),
        ("--issuers M --proxy-certificate-header Client-Cert", "needs --proxy-user"),
        ("--issuers I --socket S --proxy-user 4242 --proxy-certificate-header Client-Cert", "no issuer of kind spiffe"),
        ("--issuers M --socket S --proxy-user 4242 --proxy-certificate-header Host", "not the name of such a header"),
        (f"--issuers I --socket S --proxy-user {os.geteuid()}", "own user, who is `local`"),
        ("--socket C", "not a socket of this user"),
        ("--socket N/http.sock", "the folder is missing"),
    ],
)
def test_what_would_not_be_safe_does_not_start(options: str, says: str, files: dict[str, str], tmp_path: Path) -> None:
    words = [files.get(word, word.replace("N/", files["N"] + "/")) for word in options.split()]
    done = CliRunner().invoke(main, refused(tmp_path, *words))
    assert done.exit_code == 2
    assert says in " ".join(done.output.split())
    assert not (tmp_path / "l.db").exists()


def test_a_process_that_would_not_be_safe_ends(tmp_path: Path) -> None:
    command = [str(PROGRAM), *refused(tmp_path, "--host", "0.0.0.0")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert "no sign-in is configured" in " ".join(done.stderr.split())
    assert not (tmp_path / "l.db").exists()


def refused(folder: Path, *words: str) -> list[str]:
    """The words of a command that starts no server."""
    return ["serve", "--port", str(free_port()), "--ledger", f"sqlite:///{folder}/l.db", *words]


def test_a_token_signs_in_under_granian_too(tmp_path: Path, issuer: ForgingIssuer) -> None:
    pytest.importorskip("granian")
    serving = Serving(
        tmp_path, "--workers", "1", "--server", "granian", "--issuers", str(issuers_file(tmp_path, issuer))
    )
    try:
        assert serving.call("GET", WHO, Authorization=f"Bearer {issuer.token()}").json["name"] == "people:ann"
        assert serving.call("GET", "/subjects").status == 401
    finally:
        serving.stop()
    assert any(fact["fact"] == "IssuersConfigured" for e in open_ledger(serving.ledger_url).read(0) for fact in e.facts)
