"""Tokens and certificates together, served by two workers: over TLS, and as a proxy on this machine forwards them."""

import os
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, urlencode

import pytest
from click.testing import CliRunner

from moorings_registry.cli.main import main
from tests.registry.calling import Reply
from tests.sign_in.certificates import ORDERS, SERVER, Pair, TestAuthority
from tests.sign_in.exchanging import ACCESS_TOKEN, EXCHANGE, claims_of
from tests.sign_in.forging_issuer import AUDIENCE, ForgingIssuer
from tests.sign_in.signed_in import WHO, fault_of
from tests.sign_in.test_reach import TlsServing, ask_as

OTHER = "spiffe://example.org/ns/shop/sa/other"
MESH = "mesh:example.org/ns/shop/sa/orders"
PROXY, STRANGER = 4_242, 4_243


@dataclass(frozen=True, slots=True)
class Mesh:
    """A registry whose callers have certificates, and tokens of the same trust domain."""

    folder: Path
    authority: TestAuthority
    issuer: ForgingIssuer
    serving: TlsServing
    socket: Path
    orders: Pair
    other: Pair

    def ask(
        self, client: Pair | None, method: str = "GET", path: str = WHO, body: bytes = b"", **headers: str
    ) -> Reply:
        context = ssl.create_default_context(cadata=self.authority.pem.decode())
        context.check_hostname = False
        if client:
            context.load_cert_chain(client.certificate, client.key)
        return self.serving.call_with(context, method, path, body, **headers)

    def token(self, spiffe_id: str = ORDERS, **more: object) -> str:
        return self.issuer.token(header={"typ": "JWT"}, iss=..., client_id=..., sub=spiffe_id, **more)

    def exchange(self, client: Pair | None, token: str) -> Reply:
        form = {"grant_type": EXCHANGE, "subject_token": token, "subject_token_type": ACCESS_TOKEN}
        kind = "application/x-www-form-urlencoded"
        return self.ask(client, "POST", "/v1/token", urlencode(form).encode(), Content_Type=kind)


@pytest.fixture(scope="module")
def mesh(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mesh]:
    folder, authority, issuer = tmp_path_factory.mktemp("mesh"), TestAuthority.make(), ForgingIssuer()
    server = authority.issue(folder, "tls", ids=(), usage=SERVER, hosts=("localhost",))
    (folder / "ca.crt").write_bytes(authority.pem)
    (folder / "issuers.toml").write_text(
        f'[issuers.mesh]\nkind = "spiffe"\ntrust_domain = "example.org"\naudience = "{AUDIENCE}"\n'
        f'algorithms = ["ES256"]\njwks = "{issuer.url}/jwks"\n'
    )
    TlsServing.context = ssl.create_default_context(cadata=authority.pem.decode())
    TlsServing.context.check_hostname = False
    path = folder / "socket"
    serving = TlsServing(
        folder, "--workers", "2", "--issuers", str(folder / "issuers.toml"), "--public-url", AUDIENCE,
        "--tls-certificate", str(server.certificate), "--tls-key", str(server.key),
        "--tls-client-ca", str(folder / "ca.crt"), "--socket", str(path), "--proxy-user", str(PROXY),
        "--proxy-certificate-header", "X-Forwarded-Client-Cert",
    )  # fmt: skip
    words = ("--verb", "register", "--node", "shop", "--to", MESH, "--because", "a test")
    granted = CliRunner().invoke(main, ("grant", "--ledger", serving.ledger_url, *words))
    assert granted.exit_code == 0, granted.output
    pairs = authority.issue(folder, "orders"), authority.issue(folder, "other", ids=(OTHER,))
    yield Mesh(folder, authority, issuer, serving, path, *pairs)
    serving.stop()
    issuer.stop()


def test_a_token_that_is_exchanged_with_a_certificate_is_bound_to_it(mesh: Mesh) -> None:
    issued = mesh.exchange(mesh.orders, mesh.token())
    assert issued.status == 200, issued.body
    bound = issued.json["access_token"]
    assert claims_of(bound)["cnf"].keys() == {"x5t#S256"}
    for _ in range(4):
        assert mesh.ask(mesh.orders, Authorization=f"Bearer {bound}").json["name"] == MESH
        assert fault_of(mesh.ask(None, Authorization=f"Bearer {bound}")) == "binding"
        assert fault_of(mesh.ask(mesh.other, Authorization=f"Bearer {bound}")) == "binding"


def test_a_token_that_is_exchanged_alone_is_bound_to_nothing(mesh: Mesh) -> None:
    free = mesh.exchange(None, mesh.token()).json["access_token"]
    assert "cnf" not in claims_of(free)
    assert mesh.ask(None, Authorization=f"Bearer {free}").json["name"] == MESH
    assert mesh.ask(mesh.orders, Authorization=f"Bearer {free}").json["name"] == MESH
    assert fault_of(mesh.ask(mesh.other, Authorization=f"Bearer {free}")) == "several"


def test_a_token_is_not_exchanged_with_the_certificate_of_somebody_else(mesh: Mesh) -> None:
    token = mesh.token()
    refused = mesh.exchange(mesh.other, token)
    assert (refused.status, refused.json["error"]) == (400, "invalid_request")
    assert refused.json["error_description"].endswith("(several)")
    assert mesh.exchange(mesh.orders, token).status == 200, "it was not used up"


def test_the_token_of_a_workload_is_an_assertion_too(mesh: Mesh) -> None:
    sent = {"client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"}
    form = {"grant_type": "client_credentials", "client_assertion": mesh.token(), "client_id": MESH, **sent}
    body, kind = urlencode(form).encode(), "application/x-www-form-urlencoded"
    replies = [mesh.ask(None, "POST", "/v1/token", body, Content_Type=kind) for _ in range(2)]
    assert [one.status for one in replies] == [200, 401]


@pytest.fixture(scope="module")
def reachable(mesh: Mesh) -> Path:
    """The socket, for every user of this machine."""
    if os.geteuid() != 0:
        pytest.skip("only root can call as another user")
    for folder in (mesh.folder, *mesh.folder.parents):
        if folder.stat().st_uid == os.geteuid() and folder != Path("/"):
            folder.chmod(folder.stat().st_mode | 0o011)
    mesh.socket.chmod(0o666)
    return mesh.socket


def test_a_certificate_that_a_proxy_forwards_is_believed_in_one_form_from_one_user(mesh: Mesh, reachable: Path) -> None:
    shown = quote(mesh.orders.certificate.read_text(), safe="")
    good, spiffe = f'X-Forwarded-Client-Cert: By=x;Cert="{shown}"', f"URI={ORDERS}"
    assert ask_as(PROXY, reachable, good) == [200, MESH]
    assert ask_as(STRANGER, reachable, good) == [403, "CALLER_REFUSED"]
    assert ask_as(PROXY, reachable, good.replace("-", "_", 3)) == [200, "anonymous"]
    assert ask_as(PROXY, reachable, f"X_Forwarded_Client_Cert: By=x;{spiffe}", good) == [200, MESH]
    for value in (
        spiffe, f'By=x;{spiffe},By=y;{spiffe}', f'Subject="x;{spiffe}"', f'Cert="{shown}",By=y;{spiffe}',
        f'Subject="x;Cert={shown}"',
    ):  # fmt: skip
        assert ask_as(PROXY, reachable, f"X-Forwarded-Client-Cert: {value}") == [401, "TOKEN_REFUSED"], value
