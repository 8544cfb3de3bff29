"""Credentials on their way: schemes, several of them, proxies' headers, foreign sites, floods, and what is logged."""

import base64
import time
from pathlib import Path

import pytest
from werkzeug.test import Client

from moorings_registry.app import build_application
from moorings_registry.engines import open_ledger
from moorings_registry.errors import CallerRefused, TokenExposed, TokenRefused
from moorings_registry.expiring_records import MemoryRecords
from moorings_registry.http.messages import Request
from moorings_registry.http.token_authentication import TokenAuthentication, TrustedProxies
from moorings_registry.http.token_verifier import TokenVerifier
from moorings_registry.issuers import Trust
from moorings_registry.own_keys import OwnKeys
from moorings_registry.principals import ANONYMOUS
from tests.registry.calling import AsgiHttp
from tests.sign_in.exchanging import ACCESS_TOKEN, EXCHANGE
from tests.sign_in.forging_issuer import AUDIENCE, ForgingIssuer
from tests.sign_in.signed_in import SignedIn, fault_of, fresh_address, issuers_file


def basic(text: str | bytes) -> str:
    return "Authorization: Basic " + base64.b64encode(text if isinstance(text, bytes) else text.encode()).decode()


# What signs in.


def test_a_token_signs_in_as_bearer_and_as_the_password_of_basic(signed_in: SignedIn) -> None:
    token = signed_in.issuer.token()
    assert signed_in.bearer(token).json["evidence"] == "bearer"
    assert (
        signed_in.ask(basic(f"token:{token}")).json | {"name": "people:ann", "evidence": "basic"}
        == signed_in.ask(basic(f"token:{token}")).json
    )
    assert signed_in.ask(f"Authorization: bearer {token}").status == 200  # RFC 9110 §11.1: in any case


def test_a_request_without_a_credential_is_anonymous(signed_in: SignedIn) -> None:
    for lines in ((), ("Authorization: Basic Og==",)):
        assert signed_in.ask(*lines).json["name"] == "anonymous"


@pytest.mark.parametrize("path", ["/subjects", "/v1/events", "/v1/domains", "/exporters", "/v1/ledger", "/metrics"])
def test_a_request_without_a_credential_has_to_sign_in(path: str, signed_in: SignedIn) -> None:
    reply = signed_in.ask(path=path)
    assert reply.status == 401
    assert reply.headers["www-authenticate"] == 'Bearer realm="moorings"'
    if "error_code" in reply.json:
        assert reply.json["error_code"] == 40101
    else:
        assert reply.code == "SIGN_IN_NEEDED"


def test_a_page_asks_for_sign_in_without_a_challenge_for_passwords(signed_in: SignedIn) -> None:
    reply = signed_in.ask(path="/admin/events")
    assert reply.status == 401
    assert "Basic" not in reply.headers["www-authenticate"]
    assert b"Sign-in needed" in reply.body


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/schemas/types", "/admin/static/style.css"])
def test_health_and_static_files_need_no_sign_in(path: str, signed_in: SignedIn) -> None:
    assert signed_in.ask(path=path).status in (200, 404)


# What does not.


@pytest.mark.parametrize(
    "header",
    [
        "Bearer",
        "Bearer ",
        "Bearer\t{token}",
        "Bearer  {token}",
        "{token}",
        "Token {token}",
        "DPoP {token}",
        "Negotiate abc",
        "Bearer {token} x",
    ],
)
def test_a_header_of_another_form_is_refused(header: str, signed_in: SignedIn) -> None:
    reply = signed_in.ask("Authorization: " + header.format(token=signed_in.issuer.token()))
    assert fault_of(reply) in ("scheme", "malformed")


@pytest.mark.parametrize(
    "text",
    [
        "token",
        "token:",
        ":{token}",
        "ann:{token}",
        "TOKEN:{token}",
        "ann:password",
        "token:password",
        "token:{token}:x",
        b"token:\xff",
    ],
)
def test_basic_with_anything_but_a_token_is_refused(text: str | bytes, signed_in: SignedIn) -> None:
    whole = text if isinstance(text, bytes) else text.format(token=signed_in.issuer.token())
    assert fault_of(signed_in.ask(basic(whole))) in ("scheme", "malformed")


def test_basic_that_is_not_base64_is_refused(signed_in: SignedIn) -> None:
    assert fault_of(signed_in.ask("Authorization: Basic ???")) == "scheme"


def test_two_credentials_are_refused_even_if_both_hold(signed_in: SignedIn) -> None:
    one, other = signed_in.issuer.token(), signed_in.issuer.token()
    bearer = f"Authorization: Bearer {one}"
    for second in (bearer, f"Authorization: Bearer {other}", basic(f"token:{one}"), "Authorization:"):
        reply = signed_in.ask(bearer, second)
        assert reply.status == 400 or fault_of(reply) == "several"


@pytest.mark.parametrize("where", ["/subjects?access_token={}", "/v1/principal?x=1&access_token={}"])
def test_a_token_in_the_query_is_refused_and_not_logged(where: str, signed_in: SignedIn) -> None:
    token = signed_in.issuer.token()
    reply = signed_in.ask(path=where.format(token))
    assert reply.status == 401
    assert token.encode() not in reply.body
    time.sleep(0.2)
    assert token not in signed_in.serving.log()
    assert token.partition(".")[2] not in signed_in.serving.log()


def test_a_cookie_signs_nobody_in(signed_in: SignedIn) -> None:
    token = signed_in.issuer.token()
    for name in ("__Host-moorings", "access_token", "session"):
        assert signed_in.ask(f"Cookie: {name}={token}").json["name"] == "anonymous"


@pytest.mark.parametrize(
    "header",
    [
        "X-Forwarded-Client-Cert: By=spiffe://example.org/r;Hash=0;URI=spiffe://example.org/ns/shop/sa/orders",
        "X_Forwarded_Client_Cert: URI=spiffe://example.org/ns/shop/sa/orders",
        'X-Forwarded-Client-Cert: Subject="x;URI=spiffe://evil.example/x",URI=spiffe://example.org/a',
        "Client-Cert: :AAAA:",
        "l5d-client-id: orders.shop.serviceaccount.identity.linkerd.cluster.local",
        "X-Forwarded-User: ann",
        "X-Remote-User: ann",
        "Forwarded: for=127.0.0.1",
    ],
)
def test_a_header_of_a_proxy_that_is_not_trusted_says_nothing(header: str, signed_in: SignedIn) -> None:
    assert signed_in.ask(header).json["name"] == "anonymous"


def test_a_page_of_another_site_is_refused(signed_in: SignedIn) -> None:
    token = f"Authorization: Bearer {signed_in.issuer.token()}"
    host = "Host: registry.example"
    for origin in (
        "https://evil.example",
        "null",
        "https://registry.example.evil.example",
        "https://registry.example:444",
    ):
        reply = signed_in.ask(token, host, f"Origin: {origin}")
        assert (reply.status, reply.code) == (403, "CALLER_REFUSED")
    assert signed_in.ask(token, host, "Origin: https://registry.example").status == 200


def test_two_hosts_are_refused(signed_in: SignedIn) -> None:
    assert signed_in.ask("Host: a.example", "Host: b.example").status in (400, 403)


def test_failures_from_one_address_end_in_429_for_that_issuer_alone(own: SignedIn) -> None:
    address = fresh_address()
    assert own.name_of(own.issuer.token(), source=address) == "people:ann"
    expired = own.issuer.token(exp=int(time.time()) - 100, iat=int(time.time()) - 200)
    statuses = [own.bearer(expired, source=address).status for _ in range(12)]
    assert statuses == [401] * 10 + [429] * 2
    good = own.issuer.token()
    assert own.bearer(good, source=address).code == "TOO_MANY_FAILURES"
    assert own.bearer(good, source=address, path="/subjects").json["error_code"] == 42901
    assert own.name_of(good) == "people:ann"  # from another address
    assert own.name_of(good, source=address) == "people:ann"  # known by now
    assert fault_of(own.bearer("x.y.z", source=address)) == "malformed"  # of no issuer: counted by itself


def test_tokens_are_in_no_log_and_no_metric(own: SignedIn) -> None:
    good, bad = own.issuer.token(), own.issuer.token(aud="other")
    for token in (good, bad):
        own.bearer(token)
        own.ask(basic(f"token:{token}"))
        own.ask(f"Authorization: Bearer {token}", path="/v1/nowhere")
        own.ask(f"Authorization: Bearer {token}", method="POST", path="/subjects/s/versions", body=b"{")
    assert own.serving.terminate() == 0
    log = own.serving.log()
    assert "credential_refused" in log
    assert '"principal":"people:ann"' in log
    assert '"principal":"anonymous"' in log
    for token in (good, bad):
        assert all(part not in log for part in token.split("."))


# What a served registry cannot be brought to, since it listens beyond this machine by TLS alone.


@pytest.fixture
def authentication(tmp_path: Path, issuer: ForgingIssuer) -> TokenAuthentication:
    return TokenAuthentication(TokenVerifier(Trust(issuers_file(tmp_path, issuer), fetch=issuer.known_keys)))


def test_a_token_over_plain_http_from_another_machine_is_refused(
    authentication: TokenAuthentication, issuer: ForgingIssuer
) -> None:
    headers = {"authorization": f"Bearer {issuer.token()}", "host": "registry.example"}
    with pytest.raises(TokenExposed):
        authentication.principal(Request("GET", "/", headers, "203.0.113.9"))
    assert authentication.principal(Request("GET", "/", {"host": "x"}, "203.0.113.9")) == ANONYMOUS
    over_tls = Request("GET", "/", headers, "203.0.113.9", scheme="https")
    assert authentication.principal(over_tls).name == "people:ann"


def test_a_token_in_a_form_over_plain_http_from_another_machine_is_refused(
    tmp_path: Path, issuer: ForgingIssuer
) -> None:
    records = MemoryRecords()
    own_keys = OwnKeys(AUDIENCE, records)
    own_keys.maintain()
    trust = Trust(issuers_file(tmp_path, issuer), fetch=issuer.known_keys)
    application = build_application(open_ledger("memory:"), trust=trust, own_keys=own_keys, records=records)
    form = {"grant_type": EXCHANGE, "subject_token": issuer.token(), "subject_token_type": ACCESS_TOKEN}
    client = Client(application.middleware)
    reply = client.post("/v1/token", data=form, environ_base={"REMOTE_ADDR": "203.0.113.9"})
    assert (reply.status_code, reply.json["error"]) == (403, "invalid_request")  # type: ignore[index]
    nearby = client.post("/v1/token", data=form)
    assert nearby.json["error"] == "invalid_scope", "it was not even read"  # type: ignore[index]


def test_a_user_of_the_local_socket_who_is_neither_ours_nor_a_proxy_is_refused(
    tmp_path: Path, issuer: ForgingIssuer
) -> None:
    verifier = TokenVerifier(Trust(issuers_file(tmp_path, issuer), fetch=issuer.known_keys))
    authentication = TokenAuthentication(verifier, proxies=TrustedProxies(frozenset((4_242,))))
    assert authentication.principal(Request("GET", "/", {}, "", peer_user=4_242)) == ANONYMOUS
    with pytest.raises(CallerRefused):
        authentication.principal(Request("GET", "/", {}, "", peer_user=4_243))


def test_verification_waits_for_keys_off_the_event_loop(tmp_path: Path, issuer: ForgingIssuer) -> None:
    """A token that is known is answered by the event loop; another one is verified on a thread."""
    http = AsgiHttp()
    http.application = build_application(
        open_ledger("memory:"), trust=Trust(issuers_file(tmp_path, issuer), fetch=issuer.known_keys)
    )
    token = issuer.token()
    authentication = http.application.middleware._authentication
    asked = Request("GET", "/v1/principal", {"authorization": f"Bearer {token}", "host": "localhost"}, "127.0.0.1")
    assert authentication.known(asked) is None
    for _ in range(2):
        assert http.get("/v1/principal", Authorization=f"Bearer {token}").json["name"] == "people:ann"
    known = authentication.known(asked)
    assert known is not None
    assert known.name == "people:ann"
    assert http.get("/v1/principal", Authorization="Bearer x").code == "TOKEN_REFUSED"


def test_a_token_is_not_remembered_beyond_its_expiry(tmp_path: Path, issuer: ForgingIssuer) -> None:
    now = time.time()
    trust = Trust(issuers_file(tmp_path, issuer), fetch=issuer.known_keys, clock=lambda: now)
    authentication = TokenAuthentication(TokenVerifier(trust))
    token = issuer.token(iat=int(now) - 300, exp=int(now) - 30)  # holds, since clocks may differ by a minute
    asked = Request("GET", "/", {"authorization": f"Bearer {token}"}, "127.0.0.1")
    assert authentication.principal(asked).name == "people:ann"
    assert authentication.known(asked) is None
    now += 40
    with pytest.raises(TokenRefused):
        authentication.principal(asked)
