"""The certificate that a proxy verified: believed from one user of the local socket, in one header, and only whole."""

import base64
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

import pytest

from moorings_registry.errors import CallerRefused, TokenRefused
from moorings_registry.http.forwarded_certificates import LARGEST, forwarded_certificate
from moorings_registry.http.messages import Request
from moorings_registry.http.token_authentication import TokenAuthentication, TrustedProxies
from moorings_registry.http.token_verifier import TokenVerifier
from moorings_registry.issuers import Trust
from moorings_registry.principals import ANONYMOUS
from tests.sign_in.certificates import ORDERS, Pair, TestAuthority
from tests.sign_in.forging_issuer import ForgingIssuer
from tests.sign_in.signed_in import issuers_file
from tests.sign_in.test_reach import MESH

PROXY = 4_242


@pytest.fixture
def pair(tmp_path: Path) -> Pair:
    return TestAuthority.make().issue(tmp_path, "orders")


@pytest.fixture
def authentication(tmp_path: Path, issuer: ForgingIssuer) -> TokenAuthentication:
    trust = Trust(issuers_file(tmp_path, issuer, more=MESH), fetch=issuer.known_keys)
    return TokenAuthentication(TokenVerifier(trust), proxies=TrustedProxies(frozenset((PROXY,)), "client-cert"))


def standard(pair: Pair) -> str:
    return f":{base64.b64encode(pair.der).decode()}:"


def escaped(pair: Pair) -> str:
    return quote(pair.certificate.read_text(), safe="")


FORMS: dict[str, Callable[[Pair], str]] = {
    "RFC 9440": standard,
    "nginx": escaped,
    "Traefik": lambda pair: base64.b64encode(pair.der).decode(),
    "Envoy": lambda pair: f'By=x;Hash=00;Cert="{escaped(pair)}";Subject="CN=a,O=b";URI={ORDERS}',
    "the nearest of several Envoys": lambda pair: f'Hash=1;Cert="x",By=y;Cert="{escaped(pair)}"',
}


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS.keys())
def test_a_whole_certificate_is_read_in_each_form(form: Callable[[Pair], str], pair: Pair) -> None:
    assert forwarded_certificate(form(pair)) == pair.der


REFUSED: dict[str, Callable[[Pair], str]] = {
    "names alone": lambda _: f"By=x;Hash=00;URI={ORDERS}",
    "a subject that quotes a name": lambda _: f'Subject="x;URI={ORDERS}"',
    "a subject that quotes a certificate": lambda pair: f'Subject="x;Cert={escaped(pair)}"',
    "two certificates in one element": lambda pair: f'Cert="{escaped(pair)}";Cert="{escaped(pair)}"',
    "the certificate of a proxy further away": lambda pair: f'Cert="{escaped(pair)}",By=y;URI={ORDERS}',
    "two headers": lambda pair: f"{standard(pair)},{standard(pair)}",
    "text before it": lambda pair: "x" + escaped(pair),
    "a chain": lambda pair: escaped(pair) + escaped(pair),
    "a quote that nothing closes": lambda pair: f'By=x;Subject="CN={"a" * 30_000};Cert={escaped(pair)}',
    "not base64": lambda _: ":???:",
    "too long": lambda _: ":" + "A" * LARGEST + ":",
}


@pytest.mark.parametrize("form", REFUSED.values(), ids=REFUSED.keys())
def test_anything_else_is_refused(form: Callable[[Pair], str], pair: Pair) -> None:
    with pytest.raises(TokenRefused):
        forwarded_certificate(form(pair))


def test_a_trusted_proxy_signs_its_caller_in(authentication: TokenAuthentication, pair: Pair) -> None:
    asked = Request("GET", "/", {"client-cert": standard(pair)}, "", peer_user=PROXY)
    assert authentication.known(asked) is None  # verified on a thread
    assert authentication.principal(asked).name == "mesh:example.org/ns/shop/sa/orders"
    assert authentication.known(asked) == authentication.principal(asked)
    for none in ("", " "):
        assert authentication.principal(Request("GET", "/", {"client-cert": none}, "", peer_user=PROXY)) == ANONYMOUS


def test_nobody_else_is_believed(authentication: TokenAuthentication, pair: Pair) -> None:
    headers = {"client-cert": standard(pair)}
    assert authentication.principal(Request("GET", "/", headers, "127.0.0.1")) == ANONYMOUS
    other = {"x-forwarded-client-cert": standard(pair), "client_cert": standard(pair)}
    assert authentication.principal(Request("GET", "/", other, "", peer_user=PROXY)) == ANONYMOUS
    with pytest.raises(CallerRefused):
        authentication.principal(Request("GET", "/", headers, "", peer_user=PROXY + 1))


def test_a_forwarded_certificate_of_another_trust_domain_is_refused(
    authentication: TokenAuthentication, tmp_path: Path
) -> None:
    foreign = TestAuthority.make().issue(tmp_path, "foreign", ids=("spiffe://other.example/x",))
    with pytest.raises(TokenRefused):
        authentication.principal(Request("GET", "/", {"client-cert": standard(foreign)}, "", peer_user=PROXY))
