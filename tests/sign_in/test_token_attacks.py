"""Tokens that must not sign anybody in, each by one flaw; and the good one, which differs by that flaw alone."""

import base64
import hmac
import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from operator import attrgetter
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from joserfc import jwe, jwt
from joserfc.jwk import ECKey, OKPKey, RSAKey

from tests.sign_in.forging_issuer import AUDIENCE, ForgingIssuer, base64url
from tests.sign_in.signed_in import SignedIn, fault_of

ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
"""Of the group of P-256."""


@dataclass(frozen=True, slots=True)
class Attack:
    shows: str
    make: Callable[[ForgingIssuer], str]
    fault: str


def with_header(shows: str, fault: str, **changed: Any) -> Attack:
    return Attack(
        shows, lambda i: i.sign({k: v for k, v in i.header(**changed).items() if v is not ...}, i.claims()), fault
    )


def with_claims(shows: str, fault: str, **changed: Any) -> Attack:
    return Attack(shows, lambda i: i.sign(i.header(), i.claims(**changed)), fault)


def in_time(shows: str, fault: str, **seconds: int) -> Attack:
    """Claims that are so many seconds from now."""
    return Attack(
        shows,
        lambda i: i.sign(i.header(), i.claims(**{name: int(time.time()) + off for name, off in seconds.items()})),
        fault,
    )


def raw_payload(shows: str, payload: Callable[[ForgingIssuer], bytes], fault: str = "malformed") -> Attack:
    return Attack(shows, lambda i: i.sign(i.header(), payload(i)), fault)


def changed_text(shows: str, change: Callable[[str], str], fault: str = "malformed") -> Attack:
    return Attack(shows, lambda i: change(i.token()), fault)


def hmac_token(secret: Callable[[ForgingIssuer], bytes]) -> Callable[[ForgingIssuer], str]:
    def make(i: ForgingIssuer) -> str:
        parts = (json.dumps(one).encode() for one in (i.header(alg="HS256"), i.claims()))
        text = b".".join(map(base64url, parts))
        return b".".join((text, base64url(hmac.digest(secret(i), text, "sha256")))).decode()

    return make


def with_signature(change: Callable[[bytes], bytes]) -> Callable[[str], str]:
    def changed(token: str) -> str:
        text, _, signature = token.rpartition(".")
        raw = base64.urlsafe_b64decode(signature + "==")
        return f"{text}.{base64url(change(raw)).decode()}"

    return changed


def flipped(part: int) -> Callable[[str], str]:
    """The token with one bit of one part changed."""

    def changed(token: str) -> str:
        parts = token.split(".")
        raw = bytearray(base64.urlsafe_b64decode(parts[part] + "=="))
        # The last character of a value of text, so that it stays JSON.
        at = raw.rindex(b'"') - 1 if part < 2 else 7
        raw[at] ^= 1
        parts[part] = base64url(bytes(raw)).decode()
        return ".".join(parts)

    return changed


def with_trailing_bits(token: str) -> str:
    """The same bytes in another spelling: the last character of the signature has bits that mean nothing."""
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    return token[:-1] + alphabet[alphabet.index(token[-1]) ^ 1]


def encrypted(i: ForgingIssuer) -> str:
    return jwe.encrypt_compact({"alg": "ECDH-ES", "enc": "A128GCM", "kid": i.key.kid}, b"{}", i.key)


def as_json(token: str) -> str:
    header, payload, signature = token.split(".")
    return json.dumps({"protected": header, "payload": payload, "signature": signature})


def own_certificate_chain(i: ForgingIssuer) -> str:
    return i.sign(i.header(x5c=[base64.b64encode(b"a certificate").decode()]), i.claims())


def embedded_key(i: ForgingIssuer) -> str:
    key = ECKey.generate_key("P-256", auto_kid=True)
    header = {"alg": "ES256", "typ": "at+jwt", "kid": key.kid, "jwk": key.as_dict(private=False)}
    return jwt.encode(header, i.claims(), key, algorithms=["ES256"])


def rs256_under_ec_kid(i: ForgingIssuer) -> str:
    return jwt.encode(i.header(alg="RS256"), i.claims(), RSAKey.generate_key(2048), algorithms=["RS256"])


def other_key(algorithm: str, key: Any) -> Callable[[ForgingIssuer], str]:
    return lambda i: jwt.encode(i.header(alg=algorithm), i.claims(), key, algorithms=[algorithm])


HEADERS = [
    *(with_header(f"alg {alg!r}", "algorithm", alg=alg) for alg in ("none", "None", "nOnE", "", ["ES256"], ...)),
    Attack("HS256 keyed with the public key", hmac_token(lambda i: i.key.as_pem(private=False)), "algorithm"),
    Attack("HS256 keyed with the key set", hmac_token(lambda i: json.dumps(i.published).encode()), "algorithm"),
    Attack("RS256 under the kid of an EC key", rs256_under_ec_kid, "signature"),
    Attack("ES384", other_key("ES384", ECKey.generate_key("P-384")), "algorithm"),
    Attack("EdDSA", other_key("EdDSA", OKPKey.generate_key("Ed25519")), "algorithm"),
    Attack("a key of its own in the header", embedded_key, "header"),
    with_header("jku", "header", jku="http://127.0.0.1:9/jwks"),
    with_header("x5u", "header", x5u="http://127.0.0.1:9/chain"),
    Attack("x5c with a chain of its own", own_certificate_chain, "header"),
    with_header("an unknown crit", "header", crit=["what"], what=1),
    with_header("b64 without crit", "header", b64=False),
    with_header("b64 with crit", "header", b64=False, crit=["b64"]),
    *(
        with_header(f"kid {str(kid)[:20]!r}", "key", kid=kid)
        for kid in (7, "", "x" * 300, "../../etc/passwd", "' OR 1=1 --", "\0", None)
    ),
    with_header("a kid of 4 kB", "size", kid="x" * 4_096),
    Attack("r = s = 0", lambda i: with_signature(lambda _: bytes(64))(i.token()), "signature"),
    Attack(
        "DER in place of the raw signature",
        lambda i: with_signature(lambda raw: encode_dss_signature(int.from_bytes(raw[:32]), int.from_bytes(raw[32:])))(
            i.token()
        ),
        "signature",
    ),
    changed_text("a cut signature", with_signature(lambda raw: raw[:63]), "signature"),
    changed_text("an empty signature", lambda token: token.rpartition(".")[0] + "."),
    changed_text("one bit of the header", flipped(0), "key"),
    changed_text("one bit of the payload", flipped(1), "signature"),
    changed_text("one bit of the signature", flipped(2), "signature"),
    changed_text("padding", lambda token: token + "="),
    changed_text("a space within", lambda token: token.replace(".", ". ", 1)),
    changed_text("the other alphabet", lambda token: token.replace(".", "+.", 1)),
    changed_text("trailing bits", with_trailing_bits),
    changed_text("a trailing dot", lambda token: token + "."),
    Attack("encrypted", encrypted, "malformed"),
    with_header("zip", "header", zip="DEF"),
    with_header("a nested token", "header", cty="JWT"),
]


def many(levels: int) -> str:
    return "[" * levels + "]" * levels


def claims_text(i: ForgingIssuer, extra: str) -> bytes:
    return (json.dumps(i.claims())[:-1] + f", {extra}}}").encode()


PAYLOADS = [
    raw_payload("deeply nested", lambda i: claims_text(i, f'"x": {many(1_000)}')),
    raw_payload("a number of 5,000 digits", lambda i: claims_text(i, f'"x": {"9" * 5_000}')),
    raw_payload("a number that parsers round", lambda i: claims_text(i, '"x": 9007199254740993')),
    raw_payload("aud twice", lambda i: claims_text(i, f'"aud": "{AUDIENCE}"')),
    raw_payload("sub twice", lambda i: claims_text(i, '"sub": "bob"')),
    Attack(
        "alg twice",
        lambda i: i.sign((json.dumps(i.header())[:-1] + ', "alg": "none"}').encode(), i.claims()),
        "malformed",
    ),
    raw_payload("a byte order mark", lambda i: b"\xef\xbb\xbf" + json.dumps(i.claims()).encode()),
    raw_payload("UTF-16", lambda i: json.dumps(i.claims()).encode("utf-16")),
    raw_payload("invalid UTF-8", lambda i: json.dumps(i.claims(sub="X")).encode().replace(b"X", b"\xff")),
    raw_payload("a lone surrogate", lambda i: json.dumps(i.claims(sub="\ud800")).encode()),
    raw_payload("a list", lambda _i: b"[]"),
    raw_payload("text", lambda _i: b'"ann"'),
    *(
        with_claims(f"sub {sub!r}", "subject", sub=sub)
        for sub in ("ann\r\nSet-Cookie: x", "ann\0", "ann\u202e", "ann\u200b", " ann", "ann\n")
    ),
]

CLAIMS = [
    *(
        with_claims(f"exp {exp!r}", fault, exp=exp)
        for exp, fault in ((..., "claims"), ("2030", "claims"), (None, "claims"), (True, "claims"), (-1, "claims"))
    ),
    *(
        raw_payload(f"exp {exp}", lambda i, exp=exp: claims_text_without_exp(i, exp))  # type: ignore[misc]
        for exp in ("NaN", "Infinity", "1e30")
    ),
    in_time("expired 61 s ago", "expired", exp=-62, iat=-300),
    in_time("nbf 61 s ahead", "not yet valid", nbf=63),
    in_time("iat 61 s ahead", "not yet valid", iat=63),
    in_time("a life over the cap", "life", iat=0, exp=3_601),
    in_time("exp before iat", "life", iat=0, exp=-10),
    with_claims("iat missing", "claims", iat=...),
    *(
        with_claims(f"aud {aud!r}", "audience", aud=aud)
        for aud in (..., [], "https://billing.example", AUDIENCE + "2", {"x": AUDIENCE}, [AUDIENCE, "other"], None)
    ),
    *(with_claims(f"iss {iss!r}", "issuer", iss=iss) for iss in (..., ["x"], None, 7)),
    *(
        Attack(f"iss {shows}", lambda i, change=change: i.sign(i.header(), i.claims(iss=change(i.url))), "issuer")  # type: ignore[misc]
        for shows, change in {
            "with a slash": lambda url: url + "/",
            "in another case": lambda url: url.upper(),
            "by https": lambda url: url.replace("http:", "https:"),
            "with a user": lambda url: url.replace("//", "//u@"),
            "at another port": lambda url: url + "0",
        }.items()
    ),
    with_claims("an issuer that is not configured", "issuer", iss="http://127.0.0.1:9"),
    *(
        with_claims(f"sub {str(sub)[:20]!r}", "subject", sub=sub)
        for sub in (..., "", 7, ["ann"], "x" * 2_048, None, {"a": 1})
    ),
    Attack("an ID token", lambda i: i.token(header={"typ": "JWT"}, nonce="n", aud=AUDIENCE), "type"),
    Attack("an ID token that calls itself an access token", lambda i: i.token(nonce="n"), "type"),
    Attack("no typ", lambda i: i.token(header={"typ": ...}), "type"),
    Attack("a logout token", lambda i: i.token(header={"typ": "logout+jwt"}, events={}), "type"),
    Attack("a DPoP proof", lambda i: i.token(header={"typ": "dpop+jwt"}, htm="GET", htu="x"), "type"),
    Attack("a client's assertion", lambda i: i.token(header={"typ": "JWT"}, iss="orders", sub="orders"), "issuer"),
    Attack("an SVID for another audience", lambda i: i.token(header={"typ": "JOSE"}, aud="billing"), "type"),
    Attack("bound by DPoP", lambda i: i.token(cnf={"jkt": "x"}), "binding"),
    Attack("of the same issuer, for another registry", lambda i: i.token(aud="https://eu.example"), "audience"),
    Attack("bound to a certificate that was not shown", lambda i: i.token(cnf={"x5t#S256": "x"}), "binding"),
    *(
        Attack(f"groups {groups!r}", lambda i, groups=groups: i.token(groups=groups), "claims")  # type: ignore[misc]
        for groups in ("x,admin", [""], [7], ["a\nb"], {"admin": True})
    ),
]


def claims_text_without_exp(i: ForgingIssuer, exp: str) -> bytes:
    return (json.dumps(i.claims(exp=...))[:-1] + f', "exp": {exp}}}').encode()


@pytest.fixture(scope="module", autouse=True)
def nothing_is_fetched_or_logged(signed_in: SignedIn) -> Iterator[None]:
    """The keys are fetched once, whatever is sent afterwards; no token is written to a log."""
    assert signed_in.name_of(signed_in.issuer.token()) == "people:ann"
    fetched = signed_in.issuer.fetches
    yield
    # One fetch for the first key id that was unknown, and one when the keys were about to be too old.
    assert signed_in.issuer.fetches <= fetched + 2
    assert set(signed_in.issuer.seen) <= {"/.well-known/openid-configuration", "/jwks"}
    assert "eyJ" not in signed_in.serving.log()


@pytest.mark.parametrize("attack", [*HEADERS, *PAYLOADS, *CLAIMS], ids=attrgetter("shows"))
def test_a_flawed_token_is_refused(attack: Attack, signed_in: SignedIn) -> None:
    token = attack.make(signed_in.issuer)
    reply = signed_in.bearer(token)
    assert fault_of(reply) == attack.fault
    assert token.encode() not in reply.body


@pytest.mark.parametrize("size", [9_000, 70_000, 1_000_000], ids="{} characters".format)
def test_a_token_that_is_too_long_is_refused(size: int, signed_in: SignedIn) -> None:
    token = signed_in.issuer.sign(signed_in.issuer.header(), signed_in.issuer.claims(x="x" * size))
    try:
        reply = signed_in.bearer(token)
    except (ConnectionError, IndexError):
        return  # the server ended the connection before it had read the header
    assert reply.status in (400, 431) or fault_of(reply) == "size"


def test_a_token_in_json_is_refused(signed_in: SignedIn) -> None:
    assert fault_of(signed_in.bearer(as_json(signed_in.issuer.token()))) == "several"


def test_a_token_with_a_line_break_is_two_header_lines(signed_in: SignedIn) -> None:
    token = signed_in.issuer.token()
    assert signed_in.bearer(f"{token[:20]}\r\n{token[20:]}").status == 400
    assert signed_in.bearer(f"{token[:20]}\0{token[20:]}").status in (400, 401)


@pytest.mark.parametrize(
    "changed",
    [
        {},
        {"header": {"typ": "AT+JWT"}},
        {"header": {"typ": "application/at+jwt"}},
        {"header": {"kid": ...}},
        {"aud": [AUDIENCE]},
        {"groups": ["x, admin", "group with spaces"]},
        {"sub": "Ann Ärger"},
    ],
    ids=str,
)
def test_a_good_token_signs_in(changed: dict[str, Any], signed_in: SignedIn) -> None:
    subject = changed.get("sub", "ann")
    assert signed_in.name_of(signed_in.issuer.token(**changed)) == f"people:{subject}"


@pytest.mark.parametrize(
    "seconds", [{"exp": -58, "iat": -200}, {"nbf": 58}, {"iat": 58}, {"iat": 0, "exp": 3_600}], ids=str
)
def test_clocks_may_differ_by_a_minute(seconds: dict[str, int], signed_in: SignedIn) -> None:
    moments = {name: int(time.time()) + off for name, off in seconds.items()}
    assert signed_in.name_of(signed_in.issuer.token(**moments)) == "people:ann"


def test_an_unknown_key_id_causes_one_fetch_however_often_it_is_sent(own: SignedIn) -> None:
    assert own.name_of(own.issuer.token()) == "people:ann"
    fetched = own.issuer.fetches
    forged = [own.issuer.token(header={"kid": f"unknown-{number}"}) for number in range(1_000)]
    answers = {own.bearer(token).status for token in forged[:200]} | {
        own.bearer(token).status for token in forged[200:]
    }
    assert answers == {401}
    assert own.issuer.fetches == fetched + 1


def test_a_signature_has_a_twin_that_is_recorded_as_the_same_token(signed_in: SignedIn) -> None:
    """For each ES256 signature (r, s) there is (r, n - s): whatever remembers tokens goes by what is signed."""
    from moorings_registry.issuers import take_apart, token_digest

    def twin(raw: bytes) -> bytes:
        return raw[:32] + (ORDER - int.from_bytes(raw[32:])).to_bytes(32)

    token = signed_in.issuer.token(jti=...)
    assert token_digest(take_apart(with_signature(twin)(token))) == token_digest(take_apart(token))


def test_a_key_of_another_issuer_does_not_count(tmp_path: Any, issuer: ForgingIssuer) -> None:
    """A key is looked up by issuer and id."""
    from tests.registry.serving import Serving
    from tests.sign_in.signed_in import issuers_file

    other = ForgingIssuer()
    more = f'[issuers.partner]\nkind = "oidc"\nissuer = "{other.url}"\naudience = "{AUDIENCE}"\n'
    serving = Serving(tmp_path, "--workers", "1", "--issuers", str(issuers_file(tmp_path, issuer, more=more)))
    try:
        both = SignedIn(serving, issuer)
        assert both.name_of(other.token()) == "partner:ann"
        assert fault_of(both.bearer(other.token(iss=issuer.url))) == "key"
        forged = issuer.token(key=other.key)
        assert fault_of(both.bearer(forged)) == "signature"
    finally:
        serving.stop()
        other.stop()
