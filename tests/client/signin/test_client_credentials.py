"""Client credentials with a signed assertion, against a token endpoint over a socket."""

import json
import logging
import threading
import traceback
from pathlib import Path
from typing import Any

import pytest

import moorings
from moorings.errors import SettingInvalid, SignInFailed
from moorings.notices import Notice, Notices, TokenFailed, TokenRenewed
from moorings.signin import ClientCredentials, FromFile, FromFunction, Token, TokenCache
from moorings.transport.sync_runner import SyncRunner

pytest.importorskip("joserfc")

from joserfc.jwk import ECKey, OKPKey, RSAKey

from tests.client.signin.token_server import TokenServer

SHELL = SyncRunner(sleep=lambda seconds: None)


class Clock:
    def __init__(self, now: float) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


def credentials(tokens: TokenServer, key: Path, **options: Any) -> ClientCredentials:
    return ClientCredentials(tokens.url, "shop-orders", key, **options)


def token_of(source: ClientCredentials) -> Token:
    return SHELL.run(source.fetch())


def test_a_signed_assertion_is_exchanged_for_a_token(tokens: TokenServer, key_file: Path) -> None:
    token = token_of(credentials(tokens, key_file, scope="read", resource="urn:registry"))
    assert token.value == "t-1"
    assert (tokens.asked[0]["scope"], tokens.asked[0]["resource"]) == ("read", "urn:registry")
    assert "client_secret" not in tokens.asked[0]


def test_every_assertion_is_unique(tokens: TokenServer, key_file: Path) -> None:
    source = credentials(tokens, key_file)
    assert [token_of(source).value, token_of(source).value] == ["t-1", "t-2"]
    assert tokens.asked[0]["client_assertion"] != tokens.asked[1]["client_assertion"]


def test_a_key_may_be_a_jwk(tokens: TokenServer, key: ECKey, tmp_path: Path) -> None:
    (tmp_path / "key.json").write_text(json.dumps({**key.as_dict(private=True), "kid": "k-1"}))
    assert token_of(credentials(tokens, tmp_path / "key.json")).value == "t-1"


OTHERS = [RSAKey.generate_key(2048), OKPKey.generate_key("Ed25519"), ECKey.generate_key("P-384")]


@pytest.mark.parametrize("other", OTHERS)
def test_keys_of_every_kind_sign(tokens: TokenServer, tmp_path: Path, other: Any) -> None:
    """Signed and sent; this endpoint knows another key."""
    (tmp_path / "key.pem").write_bytes(other.as_pem(private=True))
    with pytest.raises(SignInFailed, match="invalid_client"):
        token_of(credentials(tokens, tmp_path / "key.pem"))
    assert tokens.asked[0]["client_assertion"].count(".") == 2


def test_a_refused_client_gets_an_error_without_the_servers_text(tokens: TokenServer, tmp_path: Path) -> None:
    (tmp_path / "other.pem").write_bytes(ECKey.generate_key("P-256").as_pem(private=True))
    with pytest.raises(SignInFailed, match=r"401 \(invalid_client\)") as caught:
        token_of(credentials(tokens, tmp_path / "other.pem"))
    assert "hunter2" not in str(caught.value)
    assert len(tokens.asked) == 1


UNUSABLE = [
    b"",
    b"hunter2",
    b'{"kty": "oct", "k": "aHVudGVyMmh1bnRlcjJodW50ZXIyaHVudGVyMg"}',
    b'{"kty": "EC"}',
    b"[" * 1000,
]


@pytest.mark.parametrize("content", UNUSABLE)
def test_an_invalid_key_is_an_error_without_its_content(tokens: TokenServer, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "key").write_bytes(content)
    with pytest.raises(SignInFailed, match="private key") as caught:
        token_of(credentials(tokens, tmp_path / "key"))
    assert "hunter2" not in repr(caught.value)
    assert tokens.asked == []


def test_a_public_key_signs_nothing(tokens: TokenServer, key: ECKey, tmp_path: Path) -> None:
    (tmp_path / "key.pem").write_bytes(key.as_pem(private=False))
    with pytest.raises(SignInFailed, match="private key"):
        token_of(credentials(tokens, tmp_path / "key.pem"))


def test_a_missing_key_file_is_an_error(tokens: TokenServer, tmp_path: Path) -> None:
    with pytest.raises(SignInFailed, match="No such file"):
        token_of(credentials(tokens, tmp_path / "absent"))


WRONG: list[tuple[int, bytes, str]] = [
    (200, b"", "not a JSON object"),
    (200, b"[1]", "not a JSON object"),
    (200, b"[" * 100_000, "not a JSON object"),
    (200, b'{"access_token": "' + b"x" * 300_000 + b'"}', "not a JSON object"),
    (200, b'{"token_type": "Bearer"}', "no token"),
    (200, b'{"token_type": "Bearer", "access_token": "a\\r\\nX-Evil: 1"}', "no token"),
    (200, b'{"token_type": "DPoP", "access_token": "a"}', "another type than Bearer"),
    (302, b"", "302"),
    (400, b'{"error": "hunter2 IS NO CODE"}', "400$"),
    (500, b"", "500"),
]


@pytest.mark.parametrize(("status", "content", "says"), WRONG)
def test_invalid_token_responses_are_errors(
    tokens: TokenServer, key_file: Path, status: int, content: bytes, says: str
) -> None:
    tokens.misbehave = lambda: (status, content)
    with pytest.raises(SignInFailed, match=says) as caught:
        token_of(credentials(tokens, key_file))
    assert "hunter2" not in str(caught.value)
    assert len(tokens.asked) == (3 if status == 500 else 1)


def test_a_slow_token_endpoint_is_given_up(tokens: TokenServer, key_file: Path) -> None:
    tokens.slow_s = 0.6
    with pytest.raises(SignInFailed, match="ReadTimeout"):
        token_of(credentials(tokens, key_file, timeout_s=0.1))


def test_an_unreachable_token_endpoint_is_an_error(key_file: Path) -> None:
    with pytest.raises(SignInFailed, match="ConnectError"):
        token_of(ClientCredentials("http://127.0.0.1:1/token", "shop-orders", key_file))


@pytest.mark.parametrize("url", ["http://login.example/token", "ftp://127.0.0.1/token", "nonsense", "https://"])
def test_an_assertion_is_not_sent_unencrypted(url: str, key_file: Path) -> None:
    with pytest.raises(SettingInvalid, match="https"):
        ClientCredentials(url, "shop-orders", key_file)


def test_no_repr_or_error_shows_a_token() -> None:
    assert "hunter2" not in repr(Token("hunter2", 5.0)) + str(Token("hunter2"))


def test_nothing_that_holds_a_token_shows_it(tokens: TokenServer, key_file: Path, tmp_path: Path, caplog: Any) -> None:
    """In no repr, log line of any level or library, notice, error or traceback."""
    caplog.set_level(0)
    for library in ("httpx2", "httpcore2", "moorings"):
        caplog.set_level(1, logger=library)
    tokens.begins = secret = "hunter2.hunter2.hunter2"
    (tmp_path / "token").write_text(secret)
    ways = (FromFile(tmp_path / "token"), FromFunction(lambda: secret), credentials(tokens, key_file))
    shown: list[str] = []
    seen: list[Notice] = []
    for way in ways:
        with moorings.connect(tokens.url, sign_in=way, retries=0, notices=seen.append) as client:
            with pytest.raises(moorings.MooringsError) as failed:
                client.event("shop.orders.OrderPlaced", 1)
            state = [getattr(client, name, None) for name in dir(client) if not name.startswith("__")]
            shown.extend((*map(repr, (way, client, *state)), *traceback.format_exception(failed.value)))
    shown.extend((*map(repr, seen), caplog.text, *(str(vars(one)) for one in caplog.records)))
    assert tokens.headers
    assert "Bearer hunter2" in str(tokens.headers)  # it was sent, and seen by the server alone
    (assertion,) = {one["client_assertion"] for one in tokens.asked if "client_assertion" in one}
    for word in ("hunter2", assertion, key_file.read_text().splitlines()[1]):
        assert [one for one in shown if word in one] == []


def test_many_threads_share_one_token(tokens: TokenServer, key_file: Path) -> None:
    tokens.slow_s = 0.1
    keeper = TokenCache(credentials(tokens, key_file))
    found: list[str] = []
    threads = [threading.Thread(target=lambda: found.append(SHELL.run(keeper.token()))) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == ["t-1"] * 20
    assert tokens.given == 1


def test_a_token_is_renewed_before_it_expires(tokens: TokenServer, key_file: Path, caplog: Any) -> None:
    clock, told = Clock(2e9), list[Notice]()
    source = credentials(tokens, key_file, clock=clock)
    caplog.set_level(logging.DEBUG)
    keeper = TokenCache(source, notices=Notices([told.append]), clock=clock)
    tokens.expires_in = "600"
    assert SHELL.run(keeper.token()) == "t-1"
    clock.now += 530
    assert SHELL.run(keeper.token()) == "t-1"
    clock.now += 20
    assert SHELL.run(keeper.token()) == "t-2"
    assert [type(one) for one in told] == [TokenRenewed, TokenRenewed]
    assert "t-1" not in caplog.text + repr(told)


def test_a_valid_token_is_used_while_no_new_one_can_be_fetched(tokens: TokenServer, key_file: Path) -> None:
    clock, told = Clock(2e9), list[Notice]()
    keeper = TokenCache(credentials(tokens, key_file, clock=clock), notices=Notices([told.append]), clock=clock)
    SHELL.run(keeper.token())
    tokens.misbehave = lambda: (400, b"")
    clock.now += 3590
    assert [SHELL.run(keeper.token()) for _ in range(3)] == ["t-1"] * 3
    assert len(tokens.asked) == 2  # not once more for each request
    assert isinstance(told[-1], TokenFailed)
    clock.now += 20
    with pytest.raises(SignInFailed):
        SHELL.run(keeper.token())
    tokens.misbehave = None
    clock.now += 5
    assert SHELL.run(keeper.token()) == "t-2"


@pytest.mark.parametrize("says", [None, "soon", -5, 0, [], 1e300])
def test_an_invalid_lifetime_counts_as_a_short_one(tokens: TokenServer, key_file: Path, says: Any) -> None:
    tokens.expires_in = says
    clock = Clock(2e9)
    token = token_of(credentials(tokens, key_file, clock=clock))
    assert token.expires_s in (2e9 + 300, 2e9 + 86_400)
