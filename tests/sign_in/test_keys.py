"""The keys of an issuer: rotated, unusable, slow, or not to be had."""

import json
import threading
import warnings
from pathlib import Path
from typing import Any

import pytest
from joserfc.jwk import ECKey, Key, OctKey, OKPKey, RSAKey

from moorings_registry.errors import IssuerAway, TokenRefused
from moorings_registry.issuers import Issuer, Trust, read_issuers, take_apart
from moorings_registry.issuers.fetching import FetchedKeys, KeysAway, fetch_keys
from moorings_registry.issuers.issuer_keys import COOLDOWN_S, FRESH_S, KEPT_S, MOST_WAITING, IssuerKeys
from moorings_registry.issuers.key_sets import MOST_KEYS, NO_KEYS, KeySet, KeySetInvalid, read_key_set
from tests.sign_in.forging_issuer import ForgingIssuer
from tests.sign_in.signed_in import SignedIn, fault_of, issuers_file
from tests.waiting import eventually


def key_set(*members: dict[str, Any]) -> KeySet:
    return read_key_set(json.dumps({"keys": members}).encode())


GOOD = ECKey.generate_key("P-256", {"kid": "good"})
PUBLIC = GOOD.as_dict(private=False)
RSA = RSAKey.generate_key(2048, {"kid": "rsa"}).as_dict(private=False)
with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # of the library, about the key that is too short
    SHORT = RSAKey.generate_key(1024, {"kid": "bad"}).as_dict(private=False)
WEAK: dict[str, dict[str, Any]] = {
    "a shared secret": OctKey.generate_key(256, {"kid": "bad"}).as_dict(private=True),
    "a private key": ECKey.generate_key("P-256", {"kid": "bad"}).as_dict(private=True),
    "RSA of 1,024 bits": SHORT,
    "off its curve": {**PUBLIC, "kid": "bad", "x": PUBLIC["y"]},
    "P-521": ECKey.generate_key("P-521", {"kid": "bad"}).as_dict(private=False),
    "secp256k1": ECKey.generate_key("secp256k1", {"kid": "bad"}).as_dict(private=False),
    "for key agreement": OKPKey.generate_key("X25519", {"kid": "bad"}).as_dict(private=False),
    "for encryption": {**PUBLIC, "kid": "bad", "use": "enc"},
    "of certificates": {**PUBLIC, "kid": "bad", "use": "x509-svid"},
    "not for verifying": {**PUBLIC, "kid": "bad", "key_ops": ["sign"]},
    "with operations that are not a list": {**PUBLIC, "kid": "bad", "key_ops": "verify"},
    "for another algorithm": {**PUBLIC, "kid": "bad", "alg": "ECDH-ES"},
    "without a kind": {"kid": "bad"},
    "with a kind that is a list": {**PUBLIC, "kid": "bad", "kty": ["EC"]},
    "with a curve that is a number": {**PUBLIC, "kid": "bad", "crv": 256},
    "with an id that is a number": {**PUBLIC, "kid": 7},
    "with a modulus that is text": {**RSA, "kid": "bad", "n": "?"},
}


@pytest.mark.parametrize("unusable", WEAK.values(), ids=WEAK.keys())
def test_an_unusable_key_is_left_out_and_the_others_hold(unusable: dict[str, Any]) -> None:
    """Libraries fail the whole set, or take the key."""
    assert set(key_set(unusable, PUBLIC).by_id) == {"good"}


@pytest.mark.parametrize(
    "also", [{"use": "jwt-svid"}, {"use": "sig"}, {"alg": "ES256"}, {"key_ops": ["verify"]}], ids=str
)
def test_a_key_that_is_marked_for_tokens_is_used(also: dict[str, Any]) -> None:
    assert set(key_set({**PUBLIC, **also}).by_id) == {"good"}


def test_two_keys_with_one_id_are_left_out_both() -> None:
    other = {**ECKey.generate_key("P-256").as_dict(private=False), "kid": "good"}
    assert set(key_set(PUBLIC, other, RSA).by_id) == {"rsa"}


def test_a_token_without_a_key_id_has_the_only_key() -> None:
    nameless = {name: value for name, value in PUBLIC.items() if name != "kid"}
    assert key_set(PUBLIC).find(None) == key_set(PUBLIC).by_id["good"]
    assert key_set(nameless).find(None) is not None
    assert key_set(nameless).find("good") is None
    assert key_set(PUBLIC, RSA).find(None) is None
    assert NO_KEYS.find(None) is None


@pytest.mark.parametrize(
    "content",
    [b"", b"<html>", b"[]", b'{"keys": {}}', b"\xff", json.dumps({"keys": [{}] * (MOST_KEYS + 1)}).encode()],
    ids=["empty", "a page", "a list", "no list", "not text", "too many keys"],
)
def test_what_is_not_a_key_set_is_refused_whole(content: bytes) -> None:
    with pytest.raises(KeySetInvalid):
        read_key_set(content)


def test_only_the_right_sort_of_key_verifies_an_algorithm() -> None:
    keys = key_set(PUBLIC, RSA)
    assert keys.by_id["good"].algorithms == {"ES256"}
    assert "ES256" not in keys.by_id["rsa"].algorithms


# Served: what happens while a registry runs.


def test_a_rotated_key_signs_in_immediately(own: SignedIn) -> None:
    """The old token holds as long as its key is published; both keys side by side."""
    before = own.issuer.token()
    assert own.name_of(before) == "people:ann"
    fresh = ECKey.generate_key("P-256", auto_kid=True)
    own.issuer.publish(own.issuer.key, fresh)
    assert own.name_of(own.issuer.token(header={"kid": fresh.kid}, key=fresh)) == "people:ann"
    assert own.name_of(before) == "people:ann"


def test_a_withdrawn_key_ends_tokens_that_were_accepted_before(own: SignedIn) -> None:
    """Whatever makes the registry fetch the keys, remembered tokens are forgotten with it."""
    before = own.issuer.token()
    assert own.name_of(before) == "people:ann"
    fresh = ECKey.generate_key("P-256", auto_kid=True)
    own.issuer.publish(fresh)
    assert own.name_of(before) == "people:ann"  # remembered
    assert own.name_of(own.issuer.token(header={"kid": fresh.kid}, key=fresh)) == "people:ann"
    assert fault_of(own.bearer(before)) == "key"


def test_nobody_signs_in_with_an_empty_key_set(own: SignedIn) -> None:
    own.issuer.published = []
    assert fault_of(own.bearer(own.issuer.token(header={"kid": "new"}))) == "key"  # the keys are fetched for it
    assert fault_of(own.bearer(own.issuer.token())) == "key"


BROKEN: dict[str, tuple[int, str, bytes]] = {
    "an error": (500, "text/plain", b"no"),
    "a page": (200, "text/html", b"<html>"),
    "a redirect": (302, "text/plain", b""),
    "300 kB": (200, "application/json", b'{"keys": [], "x": "' + b"x" * 300_000 + b'"}'),
    "10,000 keys": (200, "application/json", b'{"keys": [' + b",".join([b"{}"] * 10_000) + b"]}"),
}


@pytest.mark.parametrize("answer", BROKEN.values(), ids=BROKEN.keys())
def test_keys_that_cannot_be_had_at_the_start_are_answered_503(answer: tuple[int, str, bytes], own: SignedIn) -> None:
    """A caller repeats 503, and never 401."""
    eventually(lambda: own.issuer.fetches > 0)  # the registry fetches before anybody signs in
    working, own.issuer.answer_keys = own.issuer.answer_keys, lambda: answer
    reply = own.ask("Authorization: Bearer " + own.issuer.token(header={"kid": "new"}))
    assert reply.status in (401, 503)
    assert "/elsewhere" not in own.issuer.seen
    own.issuer.answer_keys = working
    assert own.name_of(own.issuer.token()) == "people:ann"  # the keys that were known go on


def test_an_issuer_that_is_away_from_the_start_is_answered_503(tmp_path: Path, issuer: ForgingIssuer) -> None:
    from tests.registry.serving import Serving

    issuer.answer_keys = lambda: (500, "text/plain", b"")
    serving = Serving(tmp_path, "--workers", "1", "--issuers", str(issuers_file(tmp_path, issuer)))
    try:
        own = SignedIn(serving, issuer)
        bearer = f"Authorization: Bearer {issuer.token()}"
        reply = own.ask(bearer)
        assert (reply.status, reply.code) == (503, "ISSUER_AWAY")
        assert "retry-after" in reply.headers
        confluent = own.ask(bearer, path="/subjects")
        assert (confluent.status, confluent.json["error_code"]) == (503, 50306)
        assert own.ask(path="/healthz").status == 200
    finally:
        serving.stop()


# With a clock and an issuer of the test's own: hours pass at will.


class Clock:
    def __init__(self) -> None:
        self.now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


class Fetching:
    """Gives keys, or none; each fetch is counted."""

    def __init__(self, *keys: Key) -> None:
        self.keys = keys
        self.is_away = False
        self.count = 0
        self.may_end = threading.Event()
        self.may_end.set()

    def __call__(self, _issuer: Issuer) -> FetchedKeys:
        self.count += 1
        self.may_end.wait(20)
        if self.is_away:
            raise KeysAway("away")
        return FetchedKeys(key_set(*(one.as_dict(private=False) for one in self.keys)), None)


@pytest.fixture
def any_issuer(tmp_path: Path, issuer: ForgingIssuer) -> Issuer:
    return read_issuers(issuers_file(tmp_path, issuer)).issuers[0]


@pytest.fixture
def kept(any_issuer: Issuer) -> tuple[IssuerKeys, Fetching, Clock]:
    fetching, clock = Fetching(GOOD), Clock()
    return IssuerKeys(any_issuer, lambda: None, fetch=fetching, clock=clock), fetching, clock


def test_known_keys_are_used_for_a_day_while_the_issuer_is_away(kept: tuple[IssuerKeys, Fetching, Clock]) -> None:
    keys, fetching, clock = kept
    assert keys.find("good") is not None
    fetching.is_away = True
    for hours in (0.2, 1, 23.9):
        clock.now = 1_000_000 + hours * 3_600
        assert keys.find("good") is not None
    clock.now = 1_000_000 + KEPT_S + 60
    with pytest.raises(IssuerAway):
        keys.find("good")


def test_a_withdrawn_key_ends_within_five_minutes(kept: tuple[IssuerKeys, Fetching, Clock]) -> None:
    keys, fetching, clock = kept
    assert keys.find("good") is not None
    fetching.keys = ()
    clock.now += FRESH_S + 1
    assert keys.find("good") is None


def test_a_pause_follows_a_fetch_that_found_nothing_new(kept: tuple[IssuerKeys, Fetching, Clock]) -> None:
    keys, fetching, clock = kept
    keys.find("good")
    for _ in range(100):
        assert keys.find("unknown") is None
    assert fetching.count == 2
    clock.now += COOLDOWN_S + 1
    assert keys.find("unknown") is None
    assert fetching.count == 3


def test_few_requests_wait_for_a_slow_issuer(kept: tuple[IssuerKeys, Fetching, Clock]) -> None:
    """The others are asked to come again, so that threads are left for those who are known."""
    keys, fetching, _ = kept
    fetching.may_end.clear()
    found: list[object] = []
    waiting = [threading.Thread(target=lambda: found.append(keys.find("good"))) for _ in range(MOST_WAITING)]
    for one in waiting:
        one.start()
    eventually(lambda: keys._waiting._value == 0)
    with pytest.raises(IssuerAway):
        keys.find("good")
    fetching.may_end.set()
    for one in waiting:
        one.join()
    assert len(found) == MOST_WAITING
    assert all(found)
    assert fetching.count == 1


def test_a_clock_that_is_off_is_shown(tmp_path: Path, issuer: ForgingIssuer) -> None:
    ahead = 300.0
    trust = Trust(
        issuers_file(tmp_path, issuer),
        fetch=lambda one: FetchedKeys(fetch_keys(one).keys, ahead),
    )
    trust.verify(take_apart(issuer.token()))
    assert trust.clocks_differ() == ("people",)
    ahead = 3.0
    again = Trust(
        issuers_file(tmp_path, issuer),
        fetch=lambda one: FetchedKeys(fetch_keys(one).keys, ahead),
    )
    again.verify(take_apart(issuer.token()))
    assert again.clocks_differ() == ()


def test_discovery_has_to_name_the_issuer(tmp_path: Path, issuer: ForgingIssuer) -> None:
    path = issuers_file(tmp_path, issuer)
    path.write_text(path.read_text().replace(issuer.url, issuer.url + "/tenant"))
    (one,) = read_issuers(path).issuers
    with pytest.raises(KeysAway, match="answered 404"):
        fetch_keys(one)
    path.write_text(path.read_text() + f'discovery = "{issuer.url}/.well-known/openid-configuration"\n')
    (one,) = read_issuers(path).issuers
    with pytest.raises(KeysAway, match="does not name the issuer"):
        fetch_keys(one)


def test_a_token_of_an_unconfigured_issuer_causes_no_fetch(tmp_path: Path, issuer: ForgingIssuer) -> None:
    trust = Trust(issuers_file(tmp_path, issuer))
    with pytest.raises(TokenRefused):
        trust.verify(take_apart(issuer.token(iss="https://evil.example")))
    assert issuer.seen == []
