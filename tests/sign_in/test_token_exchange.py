"""Exchange of tokens: what is issued, for whom, and that it is narrower, shorter and once."""

import base64
import time
from collections.abc import Iterator
from functools import partial
from urllib.parse import urlencode

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet

from moorings import connect
from moorings.errors import NotAllowed, SignInFailed
from moorings.signin import Exchanged, FromFunction
from moorings_registry.engines import open_ledger
from tests.registry.asking import record
from tests.registry.calling import Http
from tests.sign_in.exchanging import (
    ACCESS_TOKEN,
    ASSERTION,
    EXCHANGE,
    Service,
    as_bearer,
    at_once,
    authenticate,
    claims_of,
    exchanged,
    form,
    service,
    swap,
)
from tests.sign_in.forging_issuer import AUDIENCE, ForgingIssuer, base64url

SUBJECT = "shop.orders.OrderPlaced"
VERSIONS = f"/subjects/{SUBJECT}/versions"
SCHEMA = {"schema": record("a")}
SCOPE = "register:shop.orders"


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """Two nodes; ann registers in shop, carl governs everything, dora operates."""
    partner = ForgingIssuer()
    more = f'[issuers.eu]\nkind = "registry"\nissuer = "{partner.url}"\naudience = "{AUDIENCE}"\n'
    more += f'jwks = "{partner.url}/jwks"\n'
    with service(tmp_path_factory.mktemp("shop"), extra='exchange_for = ["govern", "operate"]', more=more) as one:
        one.start()
        one.grant("people:ann", "register")
        one.grant("people:carl", "govern", node="*")
        one.grant("people:carl", "operate", node="*")
        one.grant("eu:orders", "read")
        one.partner = partner  # type: ignore[attr-defined]
        yield one
    partner.stop()


def partner_of(shop: Service) -> ForgingIssuer:
    found: ForgingIssuer = shop.partner  # type: ignore[attr-defined]
    return found


def assertion(partner: ForgingIssuer, subject: str = "orders", life_s: int = 60, **changed: object) -> str:
    now = int(time.time())
    return partner.token(header={"typ": ASSERTION}, sub=subject, client_id=..., exp=now + life_s, **changed)


def test_a_token_is_exchanged_for_an_access_token(shop: Service) -> None:
    reply = swap(shop.nodes[0], shop.issuer.token(), scope=SCOPE)
    assert reply.status == 200
    assert reply.headers["cache-control"] == "no-store"
    token = reply.json.pop("access_token")
    assert reply.json | {"access_token": ""} == {
        "token_type": "Bearer", "expires_in": 600, "scope": SCOPE, "issued_token_type": ACCESS_TOKEN,
        "access_token": "",
    }  # fmt: skip
    keys = KeySet.import_key_set(shop.nodes[1].call("GET", "/.well-known/jwks.json").json)
    read = jwt.decode(token, keys, algorithms=["ES256"])
    assert read.header["typ"] == "at+jwt"
    claims = read.claims
    assert (claims["iss"], claims["aud"], claims["sub"], claims["client_id"]) == (AUDIENCE, AUDIENCE) + (
        "people:ann",
    ) * 2
    assert claims["exp"] - claims["iat"] == 600
    assert claims["jti"]


def test_an_exchanged_token_holds_on_every_node_and_is_recorded(shop: Service) -> None:
    token = exchanged(shop.nodes[0], shop.issuer.token(), scope=SCOPE)
    for node in shop.nodes * 2:
        shown = as_bearer(node, token).json
        assert (shown["name"], shown["issuer"], shown["evidence"]) == ("people:ann", "people", "bearer")
        assert shown["scope"] == [SCOPE]
    schema = {"schema": record("a", recorded=0)}  # no other test registers it
    assert as_bearer(shop.nodes[1], token, VERSIONS, "POST", schema).status == 200
    *_, entry = (one for one in open_ledger(shop.nodes[0].ledger_url).read(0) if one.actor == "people:ann")
    assert entry.provenance is not None
    assert {"token", "exchanged"} <= entry.provenance["details"].keys()


def test_a_scope_limits_what_was_granted(shop: Service) -> None:
    narrow = exchanged(shop.nodes[0], shop.issuer.token(), scope="register:shop.billing read:shop.orders")
    denied = as_bearer(shop.nodes[0], narrow, VERSIONS, "POST", SCHEMA)
    assert denied.status == 403
    assert f'scope="register:{SUBJECT}"' in denied.headers["www-authenticate"]
    assert "POST /v1/token" in denied.json["message"]
    hidden = exchanged(shop.nodes[0], shop.issuer.token(), scope="read:shop.billing")
    assert as_bearer(shop.nodes[0], hidden, VERSIONS).status == 404
    assert as_bearer(shop.nodes[0], hidden, "/subjects").json == []


@pytest.mark.parametrize(
    ("asked", "given"),
    [
        ("register:*", "register:shop"),
        ("read:shop.orders read:shop.orders.OrderPlaced", "read:shop.orders"),
        ("govern:shop register:shop", "register:shop"),
        ("register:shop read:shop", "register:shop"),
        (None, "register:shop"),
    ],
)
def test_a_scope_is_never_wider_than_what_was_granted(shop: Service, asked: str | None, given: str) -> None:
    more = {} if asked is None else {"scope": asked}
    assert swap(shop.nodes[0], shop.issuer.token(), **more).json["scope"] == given


@pytest.mark.parametrize(
    ("scope", "said"),
    [
        ("govern:shop", "allow nothing of the scope"),
        ("register:billing", "allow nothing of the scope"),
        ("admin", "part 1: not one of read, register"),
        ("read:shop write:shop", "part 2: not one of read, register"),
        ("operate:shop", "part 1: operate is granted on * alone"),
        ("read:a*b", "part 1: a node has a * before its end"),
        ("read:%ff", "part 1"),
        ("read:a  read:b", "part 2"),
        (" ".join(["read:a"] * 101), "more than 100 parts"),
    ],
)
def test_a_scope_that_cannot_be_given(shop: Service, scope: str, said: str) -> None:
    token = shop.issuer.token()
    reply = swap(shop.nodes[0], token, scope=scope)
    assert (reply.status, reply.json["error"]) == (400, "invalid_scope")
    assert said in reply.json["error_description"]
    assert swap(shop.nodes[0], token).status == 200, "it was not used up"


def test_whoever_was_granted_nothing_gets_no_token(shop: Service) -> None:
    reply = swap(shop.nodes[0], shop.issuer.token(sub="eve"))
    assert (reply.status, reply.json["error"]) == (400, "invalid_scope")
    assert reply.json["error_description"] == "No grant in force matches the caller"


def test_a_token_is_exchanged_once_at_the_same_moment_on_two_nodes(shop: Service) -> None:
    for _ in range(3):
        token = shop.issuer.token()
        replies = at_once([partial(swap, node, token) for node in shop.nodes for _ in range(6)])
        assert sorted(reply.status for reply in replies) == [200] + [400] * 11


def test_the_twin_of_a_used_token_is_a_replay(shop: Service) -> None:
    """(r, n - s) is as good a signature as (r, s)."""
    order = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
    signed = shop.issuer.sign(shop.issuer.header(), shop.issuer.claims())
    text, _, signature = signed.rpartition(".")
    raw = _unbase64(signature)
    twin_s = order - int.from_bytes(raw[32:])
    twin = f"{text}.{base64url(raw[:32] + twin_s.to_bytes(32)).decode()}"
    assert swap(shop.nodes[0], signed).status == 200
    reply = swap(shop.nodes[1], twin)
    assert reply.status == 400
    assert reply.json["error_description"].endswith("(used)")


def test_a_token_without_jti_is_known_by_what_is_signed(shop: Service) -> None:
    header = {"alg": "ES256", "typ": ASSERTION, "kid": partner_of(shop).key.kid}
    claims = {**partner_of(shop).claims(sub="orders", exp=int(time.time()) + 60)}
    del claims["jti"]
    tokens = {jwt.encode(header, claims, partner_of(shop).key, algorithms=["ES256"]) for _ in range(2)}
    assert len(tokens) == 2, "two signatures of one text"
    assert [authenticate(shop.nodes[0], one).status for one in tokens] == [200, 401]


def test_a_registry_signs_in_with_an_assertion(shop: Service) -> None:
    reply = authenticate(shop.nodes[0], assertion(partner_of(shop)), client_id="orders")
    assert reply.status == 200, reply.body
    assert reply.json["scope"] == "read:shop"
    assert "issued_token_type" not in reply.json
    assert as_bearer(shop.nodes[1], reply.json["access_token"]).json["name"] == "eu:orders"


@pytest.mark.parametrize("changed", [{"life_s": 400}, {"aud": "https://other.example"}, {"sub": ...}])
def test_an_assertion_that_does_not_hold(shop: Service, changed: dict[str, object]) -> None:
    life_s = int(str(changed.pop("life_s", 60)))
    subject = changed.pop("sub", "orders")
    reply = authenticate(shop.nodes[0], assertion(partner_of(shop), subject, life_s, **changed))  # type: ignore[arg-type]
    assert (reply.status, reply.json["error"]) == (401, "invalid_client")
    assert reply.headers["www-authenticate"].startswith("Bearer")


def test_an_access_token_is_not_an_assertion_and_an_assertion_no_access_token(shop: Service) -> None:
    node, partner = shop.nodes[0], partner_of(shop)
    own = exchanged(node, shop.issuer.token())
    for token, said in ((own, "(purpose)"), (shop.issuer.token(), "(type)"), (partner.token(sub="orders"), "(type)")):
        reply = authenticate(node, token)
        assert (reply.status, reply.json["error"]) == (401, "invalid_client"), said
        assert reply.json["error_description"].endswith(said)
    again = swap(node, own)
    assert (again.status, again.json["error"]) == (400, "invalid_request")
    assert again.json["error_description"].endswith("(purpose)")
    shown = assertion(partner)
    assert swap(node, shown).json["error_description"].endswith("(type)")
    assert as_bearer(node, shown).status == 401


def test_a_token_of_another_registry_is_refused(shop: Service) -> None:
    """Signed by somebody who says to be this registry, and by another registry that is not configured."""
    claims = claims_of(exchanged(shop.nodes[0], shop.issuer.token()))
    key = ECKey.generate_key("P-256", auto_kid=True)
    for changed, fault in (({}, "(key)"), ({"iss": "https://other.example"}, "(issuer)")):
        forged = jwt.encode({"alg": "ES256", "typ": "at+jwt", "kid": key.thumbprint()}, {**claims, **changed}, key)
        reply = as_bearer(shop.nodes[0], forged)
        assert reply.status == 401
        assert reply.json["detail"].endswith(fault)


def test_govern_and_operate_take_an_exchanged_token_where_the_issuer_says_so(shop: Service) -> None:
    node, direct = shop.nodes[0], shop.issuer.token(sub="carl")
    domain = {"owner": "team-shop"}
    refused = as_bearer(node, direct, "/v1/domains/shop", "PUT", domain)
    assert (refused.status, refused.code) == (403, "NOT_ALLOWED")
    assert "exchange a credential" in refused.json["detail"]
    assert as_bearer(node, direct, "/mode", "PUT", {"mode": "READWRITE"}).status == 403
    assert as_bearer(node, direct, "/subjects").status == 200
    governing = exchanged(node, direct, scope="govern:*")
    assert as_bearer(node, governing, "/v1/domains/shop", "PUT", domain).status in (200, 201)
    assert as_bearer(node, governing, "/mode", "PUT", {"mode": "READWRITE"}).status == 403
    operating = exchanged(node, shop.issuer.token(sub="carl"), scope="operate:*")
    assert as_bearer(node, operating, "/mode", "PUT", {"mode": "READWRITE"}).status == 200


def test_our_client_exchanges_its_tokens(shop: Service) -> None:
    url, settings = f"http://127.0.0.1:{shop.nodes[0].port}", {"owner": "team-billing"}
    source = FromFunction(lambda: shop.issuer.token(sub="carl"))
    with pytest.raises(NotAllowed):
        connect(url, sign_in=source).api.put_domain("billing", settings)
    exchanging = connect(url, sign_in=Exchanged(source, url, scope="govern:*"))
    assert exchanging.api.put_domain("billing", settings).owner == "team-billing"
    too_wide = Exchanged(FromFunction(shop.issuer.token), url, scope="govern:*")
    with pytest.raises(SignInFailed, match="invalid_scope"):
        connect(url, sign_in=too_wide).event(SUBJECT)


def test_a_revoked_grant_ends_an_exchanged_token_on_every_node(shop: Service) -> None:
    grant = shop.grant("people:bob", "read", node="shop.orders")
    token = exchanged(shop.nodes[1], shop.issuer.token(sub="bob"))
    shop.operator("POST", VERSIONS, SCHEMA)
    assert {as_bearer(node, token, f"{VERSIONS}/1").status for node in shop.nodes * 4} == {200}
    assert shop.operator("DELETE", f"/v1/grants/{grant}").status < 300
    assert {as_bearer(shop.nodes[0], token, f"{VERSIONS}/1").status for _ in range(4)} == {404}
    deadline = time.monotonic() + 10
    while {as_bearer(shop.nodes[1], token, f"{VERSIONS}/1").status for _ in range(4)} != {404}:
        assert time.monotonic() < deadline


@pytest.mark.parametrize(
    ("sent", "error"),
    [
        (b"", "invalid_request"),
        (b"grant_type=password", "unsupported_grant_type"),
        (b"grant_type=client_credentials", "invalid_request"),
        (b"grant_type=client_credentials&client_id=a&client_secret=b", "invalid_client"),
        (b"grant_type=client_credentials&grant_type=client_credentials", "invalid_request"),
        (urlencode({"grant_type": EXCHANGE}).encode(), "invalid_request"),
        (b"a=%ff", "invalid_request"),
        (b"\xff", "invalid_request"),
        (b"a" * 33_000, "invalid_request"),
        (b"&".join(b"a%d=1" % number for number in range(40)), "invalid_request"),
    ],
)
def test_a_form_that_is_wrong_is_answered_as_oauth_has_it(shop: Service, sent: bytes, error: str) -> None:
    reply = form(shop.nodes[0], sent)
    assert reply.status in (400, 401, 413)
    assert reply.json["error"] == error
    assert reply.json["error_description"]
    assert reply.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    ("more", "error"),
    [
        ({"subject_token_type": "urn:ietf:params:oauth:token-type:saml2"}, "invalid_request"),
        ({"requested_token_type": "urn:ietf:params:oauth:token-type:refresh_token"}, "invalid_request"),
        ({"actor_token": "x"}, "invalid_request"),
        ({"audience": "https://other.example"}, "invalid_target"),
        ({"resource": "https://other.example"}, "invalid_target"),
        ({"client_id": "somebody"}, "invalid_client"),
        ({"subject_token": "a.b.c"}, "invalid_request"),
        ({"subject_token": ""}, "invalid_request"),
    ],
)
def test_what_an_exchange_cannot_do(shop: Service, more: dict[str, str], error: str) -> None:
    sent = {"subject_token_type": ACCESS_TOKEN, "subject_token": shop.issuer.token(), **more}
    reply = form(shop.nodes[0], {"grant_type": EXCHANGE, **sent})
    assert (reply.status, reply.json["error"]) in ((400, error), (401, error))


def test_parameters_in_the_address_and_bodies_of_another_kind_are_refused(shop: Service) -> None:
    assert form(shop.nodes[0], b"", path="/v1/token?grant_type=x").code == "REQUEST_INVALID"
    assert form(shop.nodes[0], b"{}", Content_Type="application/json").json["error"] == "invalid_request"


def test_the_endpoint_is_described(shop: Service) -> None:
    told = shop.nodes[0].call("GET", "/.well-known/oauth-authorization-server").json
    assert (told["issuer"], told["token_endpoint"]) == (AUDIENCE, f"{AUDIENCE}/v1/token")
    assert told["jwks_uri"] == f"{AUDIENCE}/.well-known/jwks.json"


def test_no_token_is_in_any_log(shop: Service) -> None:
    subject, shown = shop.issuer.token(), assertion(partner_of(shop))
    issued = exchanged(shop.nodes[0], subject)
    authenticate(shop.nodes[0], shown)
    as_bearer(shop.nodes[0], issued)
    swap(shop.nodes[0], subject)
    log = shop.nodes[0].log()
    assert "/v1/token" in log
    for token in (subject, issued, shown):
        assert all(part not in log for part in token.split("."))


def _unbase64(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def test_an_exchange_without_an_own_address_is_not_there() -> None:
    http = Http()
    for method, path in (("POST", "/v1/token"), ("GET", "/.well-known/jwks.json")):
        assert http.call(method, path).code == "NOT_FOUND"
