"""Attacks on a served registry, byte by byte: two workers of gunicorn over TLS, and two of granian.

The numbers are those of the matrix of attacks. What is sent reaches the server as it is written here; each attack is
sent several times, so that every worker gets it.
"""

import base64
import contextlib
import json
import secrets
import socket
import ssl
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from moorings_registry.cli.main import main
from moorings_registry.engines import open_ledger
from tests.registry.asking import record
from tests.registry.serving import Serving
from tests.sign_in.certificates import ORDERS, SERVER, Pair, TestAuthority
from tests.sign_in.forging_issuer import AUDIENCE, ForgingIssuer
from tests.sign_in.signed_in import WHO, fresh_address, issuers_file
from tests.sign_in.test_reach import MESH, TlsServing
from tests.waiting import eventually

TIMES = 4
EVENT = "shop.orders.OrderPlaced"
LIFECYCLE = f"/admin/events/{EVENT}/majors/1"
HANDSHAKE_S = 10.0
"""After which the server gives up on a caller that does not speak TLS."""


@dataclass
class Target:
    """A served registry, and what is sent to it."""

    serving: Serving
    issuer: ForgingIssuer
    context: ssl.SSLContext | None
    authority: TestAuthority
    folder: Path
    tokens: list[str] = field(default_factory=list)
    """Every token that was sent: none may be found anywhere afterwards."""

    def token(self, **changed: Any) -> str:
        made = self.issuer.token(**changed)
        self.tokens.append(made)
        return made

    def connect(self, context: ssl.SSLContext | None = None) -> socket.socket:
        raw = socket.create_connection(
            ("127.0.0.1", self.serving.port), timeout=20, source_address=(fresh_address(), 0)
        )
        chosen = context or self.context
        return chosen.wrap_socket(raw, server_hostname="localhost") if chosen else raw

    def send(self, request: bytes, context: ssl.SSLContext | None = None) -> bytes:
        """Everything that comes back, until the server closes; empty where it only closes."""
        answered = b""
        with contextlib.suppress(ConnectionError, ssl.SSLError), self.connect(context) as connection:
            connection.sendall(request)
            connection.settimeout(8)
            with contextlib.suppress(TimeoutError):
                while chunk := connection.recv(65_536):
                    answered += chunk
        return answered

    def ask(
        self, *lines: str | bytes, start: str = f"GET {WHO} HTTP/1.1", host: str = "localhost", body: bytes = b"",
        context: ssl.SSLContext | None = None,
    ) -> bytes:  # fmt: skip
        sent = [one.encode("latin-1") if isinstance(one, str) else one for one in (start, *lines)]
        if host:
            sent.append(f"Host: {host}".encode())
        sent.append(b"Connection: close")
        if body:
            sent.append(f"Content-Length: {len(body)}".encode())
        return self.send(b"\r\n".join((*sent, b"", b"")) + body, context)

    def shows(self, client: Pair) -> ssl.SSLContext:
        context = ssl.create_default_context(cadata=self.authority.pem.decode())
        context.load_cert_chain(client.certificate, client.key)
        return context


def grants(ledger_url: str) -> None:
    for principal, verb in (("people:ann", "govern"), ("mesh:example.org/ns/shop/sa/orders", "govern")):
        words = ("--to", principal, "--verb", verb, "--node", "shop", "--because", "a test")
        assert CliRunner().invoke(main, ("grant", "--create", "--ledger", ledger_url, *words)).exit_code == 0


@pytest.fixture(scope="module", params=["gunicorn", "granian"])
def target(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Target]:
    folder, issuer, authority = tmp_path_factory.mktemp(request.param), ForgingIssuer(), TestAuthority.make()
    grants(f"sqlite:///{folder / 'ledger.db'}")
    issuers = issuers_file(folder, issuer, more=MESH)
    options = ["--workers", "2", "--issuers", str(issuers)]
    context = None
    if request.param == "granian":
        pytest.importorskip("granian")
        serving = Serving(folder, *options, "--server", "granian")
    else:
        pair = authority.issue(folder, "tls", ids=(), usage=SERVER, hosts=("localhost",))
        (folder / "ca.crt").write_bytes(authority.pem)
        context = ssl.create_default_context(cadata=authority.pem.decode())
        TlsServing.context = ssl.create_default_context(cadata=authority.pem.decode())
        TlsServing.context.check_hostname = False  # it asks by address
        serving = TlsServing(
            folder, *options, "--host", "0.0.0.0", "--tls-client-ca", str(folder / "ca.crt"),
            "--tls-certificate", str(pair.certificate), "--tls-key", str(pair.key),
        )  # fmt: skip
    made = Target(serving, issuer, context, authority, folder)
    body = json.dumps({"schema": record("a", name="OrderPlaced")}).encode()
    lines = (f"Authorization: Bearer {made.token()}", "Content-Type: application/json")
    start = f"POST /subjects/{EVENT}/versions HTTP/1.1"
    eventually(lambda: status_of(made.ask(*lines, start=start, body=body)) == 200)  # workers have the issuer's keys
    yield made
    serving.stop()
    issuer.stop()


@pytest.fixture(scope="module")
def over_tls(target: Target) -> Target:
    if target.context is None:
        pytest.skip("granian is not served with TLS")
    return target


def basic(text: str | bytes) -> str:
    return "Authorization: Basic " + base64.b64encode(text if isinstance(text, bytes) else text.encode()).decode()


Attack = Callable[[Target], Sequence[str | bytes]]
REFUSED: dict[str, Attack] = {
    "two headers": lambda t: [f"Authorization: Bearer {t.token()}", f"Authorization: Bearer {t.token()}"],
    "the same header twice": lambda t: [f"Authorization: Bearer {(one := t.token())}", f"authorization: Bearer {one}"],
    "joined by a comma": lambda t: [f"Authorization: Bearer {t.token()}, Bearer {t.token()}"],
    "two headers, the second one empty": lambda t: [f"Authorization: Bearer {t.token()}", "Authorization:"],
    "a tab before the token": lambda t: [f"Authorization: Bearer\t{t.token()}"],
    "two spaces before the token": lambda t: [f"Authorization: Bearer  {t.token()}"],
    "no token": lambda _: ["Authorization: Bearer"],
    "a no-break space before the token": lambda t: [f"Authorization: Bearer\xa0{t.token()}".encode("latin-1")],
    "a token of 9 kB": lambda t: [f"Authorization: Bearer {t.token()}{'a' * 9_000}"],
    "a token of 70 kB": lambda t: [f"Authorization: Bearer {t.token()}{'a' * 70_000}"],
    "folded over two lines": lambda t: ["Authorization: Bearer", f" {t.token()}"],
    "without a colon": lambda t: [basic(t.token())],
    "not base64": lambda t: [f"Authorization: Basic token:{t.token()}"],
    "not UTF-8": lambda _: [basic(b"token:\xff\xfe")],
    "empty password": lambda _: [basic("token:")],
    "another user": lambda t: [basic(f"ann:{t.token()}")],
    "no user": lambda t: [basic(f":{t.token()}")],
    "a password": lambda _: [basic("token:correct horse battery staple")],
    "basic and bearer": lambda t: [basic(f"token:{(one := t.token())}"), f"Authorization: Bearer {one}"],
    "two hosts": lambda t: [f"Authorization: Bearer {t.token()}", "Host: evil.example"],
    "a foreign origin": lambda t: [f"Authorization: Bearer {t.token()}", "Origin: https://evil.example"],
    "the origin null": lambda t: [f"Authorization: Bearer {t.token()}", "Origin: null"],
    "two origins": lambda t: [f"Authorization: Bearer {t.token()}", "Origin: https://localhost",
                              "Origin: https://evil.example"],
    "a space before the colon": lambda t: [f"Authorization : Bearer {t.token()}"],
    "a bare CR in a value": lambda t: [f"X-A: b\rAuthorization: Bearer {t.token()}"],
    "NUL in a value": lambda t: [f"Authorization: Bearer {t.token()}\0"],
}  # fmt: skip
NOBODY: dict[str, Attack] = {
    "cookie": lambda t: [f"Cookie: __Host-moorings={t.token()}; access_token={t.token()}"],
    "certificate header with dashes": lambda _: [f"X-Forwarded-Client-Cert: URI={ORDERS}"],
    "the same with underscores": lambda _: [f"X_Forwarded_Client_Cert: URI={ORDERS}"],
    "both spellings": lambda _: ["X-Forwarded-Client-Cert: Hash=1", "X_Forwarded_Client_Cert: URI=spiffe://example.org/a"],
    "Authorization with an underscore": lambda t: [f"HTTP_AUTHORIZATION: Bearer {t.token()}"],
    "two elements": lambda _: ["X-Forwarded-Client-Cert: URI=spiffe://a.example/x,URI=spiffe://example.org/ns/shop"],
    "an element in a quoted text": lambda _: ['X-Forwarded-Client-Cert: Subject="x;URI=spiffe://example.org/ns/shop/sa/orders"'],
    "RFC 9440": lambda _: ["Client-Cert: :AAAA:"],
    "Linkerd": lambda _: ["l5d-client-id: orders.shop.serviceaccount.identity.linkerd.cluster.local"],
    "who a proxy says that it is": lambda _: ["X-Forwarded-User: ann", "X-Remote-User: ann", "Remote-User: people:ann"],
    "from where a proxy says that it comes": lambda _: ["X-Forwarded-For: 127.0.0.1", "Forwarded: for=::1"],
    "another way to write the method": lambda _: ["X-HTTP-Method-Override: DELETE"],
}  # fmt: skip


def status_of(answer: bytes) -> int:
    """The status; 0 where the server closed without one."""
    return int(answer.split(b" ", 2)[1]) if answer.startswith(b"HTTP/1.1 ") else 0


@pytest.mark.parametrize("name", REFUSED)
def test_no_spelling_of_a_credential_gets_in(name: str, target: Target) -> None:
    for _ in range(TIMES):
        answer = target.ask(*REFUSED[name](target))
        assert status_of(answer) in (0, 400, 401, 403, 431), answer[:300]
        assert answer.count(b"HTTP/1.1 ") <= 1
        assert b"people:ann" not in answer
        assert all(one.encode() not in answer for one in target.tokens[-2:])


@pytest.mark.parametrize("name", NOBODY)
def test_no_other_header_says_who_calls(name: str, target: Target) -> None:
    for _ in range(TIMES):
        answer = target.ask(*NOBODY[name](target))
        assert status_of(answer) == 200, answer[:300]
        assert json.loads(answer.partition(b"\r\n\r\n")[2])["name"] == "anonymous"


@pytest.mark.parametrize("target_text", ["/subjects?access_token={}", "http://token:{}@localhost/subjects", "//x/{}"])
def test_a_token_in_the_address_signs_nobody_in(target_text: str, target: Target) -> None:
    for _ in range(TIMES):
        answer = target.ask(start=f"GET {target_text.format(target.token())} HTTP/1.1")
        assert status_of(answer) in (400, 401, 404), answer[:300]
        assert target.tokens[-1].encode() not in answer.partition(b"\r\n\r\n")[0]


SMUGGLED = b"GET /v1/principal?smuggled HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
ENDS = {
    "length and chunks": (b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n", b"0\r\n\r\n"),
    "two lengths": (b"Content-Length: 0\r\nContent-Length: 78\r\n", b""),
    "a length with a sign": (b"Content-Length: +0\r\n", b""),
    "chunked twice": (b"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n", b"0\r\n\r\n"),
    "chunked by another name": (b"Transfer-Encoding: xchunked\r\n", b"0\r\n\r\n"),
}


@pytest.mark.parametrize("name", ENDS)
def test_two_ends_of_a_request_do_not_carry_another_one_in(name: str, target: Target) -> None:
    """What a proxy in front would take for the body of one request is not answered as the next one."""
    headers, body = ENDS[name]
    lines = (f"POST /subjects/{EVENT} HTTP/1.1", "Host: localhost", f"Authorization: Bearer {target.token()}", "")
    start = "\r\n".join(lines).encode()
    for _ in range(TIMES):
        answer = target.send(start + headers + b"\r\n" + body + SMUGGLED)
        assert status_of(answer) in (0, 400, 401, 422, 501), answer[:300]
        assert answer.count(b"HTTP/1.1 ") <= 1  # and the connection is closed
        assert b'"name"' not in answer


def test_headers_without_end_are_cut_off(target: Target) -> None:
    """Also where no line of them is long."""
    lines = [f"X-{number}: {'a' * 1_000}" for number in range(5_000)]
    answer = target.ask(f"Authorization: Bearer {target.token()}", *lines)
    assert status_of(answer) in (0, 400, 431)
    assert status_of(target.ask()) == 200


def test_a_body_larger_than_allowed_is_refused_before_it_is_read(target: Target) -> None:
    start = f"POST /subjects/{EVENT}/versions HTTP/1.1"
    answer = target.ask(f"Authorization: Bearer {target.token()}", "Content-Length: 9999999999", start=start)
    assert status_of(answer) == 413


def form(target: Target, *lines: str, context: ssl.SSLContext | None = None) -> int:
    body = b"state=deprecated&sunset=2030-01-01&etag=x"
    sent = ("Content-Type: application/x-www-form-urlencoded", *lines)
    return status_of(target.ask(*sent, start=f"POST {LIFECYCLE} HTTP/1.1", body=body, context=context))


def test_a_form_of_another_site_changes_nothing(target: Target) -> None:
    """A browser would add its user's credentials by itself, and says from which site the form is."""
    before = open_ledger(target.serving.ledger_url).head()
    for lines in (
        ("Origin: https://evil.example",),
        ("Origin: null",),
        ("Sec-Fetch-Site: cross-site",),
        ("Sec-Fetch-Site: same-site", "Origin: https://localhost"),
        ("Sec-Fetch-Site: none",),
        (),
    ):
        for _ in range(2):
            assert form(target, f"Authorization: Bearer {target.token()}", *lines) == 403, lines
    assert open_ledger(target.serving.ledger_url).head() == before


def test_a_page_of_another_site_may_not_read_an_answer(target: Target) -> None:
    """A browser hands an answer on only where its headers name the site: none do, on any path."""
    asks = ("Origin: https://evil.example", "Access-Control-Request-Method: PUT", "Access-Control-Request-Headers: x")
    for path in (WHO, "/subjects", "/admin/", "/healthz", "/v1/nowhere"):
        for method in ("OPTIONS", "GET"):
            answer = target.ask(*asks, start=f"{method} {path} HTTP/1.1")
            assert status_of(answer) in (200, 401, 403, 404), answer[:200]
            assert b"access-control-" not in answer.lower()


def test_a_form_that_comes_with_a_certificate_alone_is_guarded_too(over_tls: Target) -> None:
    context = over_tls.shows(over_tls.authority.issue(over_tls.folder, "orders"))
    assert form(over_tls, "Origin: https://evil.example", context=context) == 403
    assert form(over_tls, context=context) == 403
    assert form(over_tls, "Origin: https://localhost", context=context) in (303, 409, 412, 422)  # taken, and read


def test_a_certificate_and_a_token_of_two_principals_are_refused_on_every_worker(over_tls: Target) -> None:
    context = over_tls.shows(over_tls.authority.issue(over_tls.folder, "both"))
    for _ in range(TIMES):
        alone = over_tls.ask(context=context)
        assert b"mesh:example.org/ns/shop/sa/orders" in alone
        both = over_tls.ask(f"Authorization: Bearer {over_tls.token()}", context=context)
        assert (status_of(both), b"(several)" in both) == (401, True)
        bound = over_tls.token(cnf={"x5t#S256": base64.urlsafe_b64encode(secrets.token_bytes(32)).decode().rstrip("=")})
        for shown in (context, None):
            answer = over_tls.ask(f"Authorization: Bearer {bound}", context=shown)
            assert (status_of(answer), b"(binding)" in answer) == (401, True)


def test_handshakes_that_never_end_keep_nobody_out_and_are_dropped(over_tls: Target) -> None:
    hello = bytes.fromhex("16030100c8010000c40303")  # the beginning of one, whose rest never comes
    slow = [socket.create_connection(("127.0.0.1", over_tls.serving.port), timeout=20) for _ in range(60)]
    for number, one in enumerate(slow):
        if number % 2:
            one.sendall(hello)
    begun = time.monotonic()
    for _ in range(TIMES):
        assert status_of(over_tls.ask()) == 200
    assert time.monotonic() - begun < HANDSHAKE_S, "answered before the others were dropped"
    for one in slow:
        one.settimeout(max(0.5, begun + HANDSHAKE_S + 30 - time.monotonic()))
        with contextlib.suppress(ConnectionError):
            while one.recv(1_024):
                """An alert at most, then the end."""
        one.close()
    assert time.monotonic() - begun < HANDSHAKE_S + 30


def test_replaced_authorities_hold_on_every_worker(over_tls: Target) -> None:
    before = over_tls.shows(over_tls.authority.issue(over_tls.folder, "before"))
    assert b"mesh:" in over_tls.ask(context=before)
    other = TestAuthority.make("another authority")
    (over_tls.folder / "ca.crt").write_bytes(other.pem + over_tls.authority.pem)  # both, while certificates change
    after = ssl.create_default_context(cadata=over_tls.authority.pem.decode())
    client = other.issue(over_tls.folder, "after")
    after.load_cert_chain(client.certificate, client.key)
    # Each worker looks when somebody calls, once a second at most.
    eventually(lambda: all(b"mesh:" in over_tls.ask(context=one) for one in (before, after) for _ in range(8)))
    (over_tls.folder / "ca.crt").write_bytes(other.pem)
    eventually(lambda: all(over_tls.ask(context=before) == b"" for _ in range(8)))
    assert all(b"mesh:" in over_tls.ask(context=after) for _ in range(8))
    (over_tls.folder / "ca.crt").write_bytes(over_tls.authority.pem)  # as other tests have it
    eventually(lambda: all(b"mesh:" in over_tls.ask(context=before) for _ in range(8)))


def test_none_of_it_is_in_the_log_or_in_metrics(target: Target) -> None:
    """63; of what is sent here, and by all tests before."""
    for _ in range(15):
        assert status_of(target.ask(f"Authorization: Bearer {target.token(aud='https://elsewhere.example')}")) == 401
        target.ask(f"Authorization: Bearer {target.token()}")
    good = target.token()
    words = ("--to", "people:ann", "--verb", "audit", "--node", "*", "--because", "a test")
    assert CliRunner().invoke(main, ("grant", "--ledger", target.serving.ledger_url, *words)).exit_code == 0
    answers: list[bytes] = []

    def is_allowed() -> bool:
        answers.append(target.ask(f"Authorization: Bearer {good}", start="GET /metrics HTTP/1.1"))
        return status_of(answers[-1]) == 200

    eventually(is_allowed)
    assert b"moorings_http_requests_total" in answers[-1]
    log = target.serving.log()
    assert "credential_refused" in log
    assert "Traceback" not in log
    parts = {part for token in target.tokens for part in token.split(".")[1:] if len(part) > 20}
    assert len(parts) > 30  # each token has a signature of its own
    assert [part for part in parts if part[:100] in log or part.encode() in answers[-1]] == []
    assert AUDIENCE not in log
