"""Signing in as a whole: what `connect` and the command take, and what the registry receives."""

import asyncio
import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx2
import pytest

import moorings
from moorings.cli.commands import run
from moorings.cli.session import Session
from moorings.signin import Exchanged, FromFile, FromFunction, GitHubJob, GitLabJob, Token, read_sign_in
from moorings_compat import Format

if TYPE_CHECKING:
    from tests.client.signin.token_server import TokenServer

SUBJECT = "shop.orders.OrderPlaced"
SCHEMA = json.dumps({"type": "record", "name": "OrderPlaced", "fields": [{"name": "order_id", "type": "string"}]})


class Gate(httpx2.BaseTransport):
    """Lets those through who carry one of `good`."""

    def __init__(self, http: httpx2.BaseTransport, *good: str) -> None:
        self.http = http
        self.good = set(good)
        self.seen: list[str | None] = []

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        carried = request.headers.pop("Authorization", None)
        self.seen.append(carried)
        if (carried or "").removeprefix("Bearer ") not in self.good:
            return httpx2.Response(401, json={"code": "SIGN_IN"})
        return self.http.handle_request(request)


@pytest.fixture
def gate(http: httpx2.BaseTransport) -> Gate:
    moorings.connect(http=http).api.register(SUBJECT, SCHEMA, Format.AVRO)
    return Gate(http, "good")


def test_an_exchange_goes_before_any_other_way(tmp_path: Path) -> None:
    known = {"MOORINGS_URL": "https://one.example,https://two.example", "MOORINGS_EXCHANGE_SCOPE": "read:*"}
    source = read_sign_in("exchange:github:moorings", known)
    assert isinstance(source, Exchanged)
    assert source.name == "one.example/v1/token, for a token of GitHub Actions"
    assert read_sign_in("exchange:gitlab", known, ("https://two.example",)).name.startswith("two.example/")
    with pytest.raises(moorings.SettingInvalid, match="MOORINGS_URL"):
        read_sign_in("exchange:github", {})
    with pytest.raises(moorings.SettingInvalid, match="https"):
        read_sign_in("exchange:github", {"MOORINGS_URL": "http://registry.example"})
    with pytest.raises(moorings.SettingInvalid, match="unknown way"):
        read_sign_in("exchange:", known)


def test_requests_without_sign_in_carry_no_token(gate: Gate) -> None:
    with pytest.raises(moorings.NotAllowed):
        moorings.connect(http=gate).event(SUBJECT)
    assert gate.seen == [None]


def test_every_request_carries_the_token(gate: Gate) -> None:
    assert moorings.connect(http=gate, sign_in=lambda: "good").event(SUBJECT).latest.label == "1.0"
    assert set(gate.seen) == {"Bearer good"}


def test_a_rewritten_token_file_is_read_again(gate: Gate, tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text("good\n")
    registry = moorings.connect(http=gate, sign_in=FromFile(file))
    assert registry.api.domains() == ()
    gate.good = {"better"}
    file.write_text("better")
    assert registry.api.domains() == ()
    assert gate.seen == ["Bearer good", "Bearer better"]


def test_a_refused_token_is_renewed_once(gate: Gate) -> None:
    given = iter(["old", "good", "never"])
    assert moorings.connect(http=gate, sign_in=lambda: next(given)).api.domains() == ()
    assert gate.seen == ["Bearer old", "Bearer good"]


def test_a_token_that_is_refused_twice_is_an_error(gate: Gate) -> None:
    given = iter(["old", "older", "never"])
    with pytest.raises(moorings.NotAllowed):
        moorings.connect(http=gate, sign_in=lambda: next(given)).api.domains()
    assert gate.seen == ["Bearer old", "Bearer older"]


def test_a_revoked_token_is_replaced(gate: Gate, monkeypatch: pytest.MonkeyPatch) -> None:
    given = iter([Token("good", 4e9), Token("better", 4e9)])
    registry = moorings.connect(http=gate, sign_in=lambda: next(given))
    registry.api.domains()
    gate.good = {"better"}
    with pytest.raises(moorings.NotAllowed):
        registry.api.domains()  # so fresh that another one would be refused as well
    monkeypatch.setattr("moorings.signin.token_cache._FRESH_S", 0.0)
    assert registry.api.domains() == ()


def raising() -> str:
    raise RuntimeError("hunter2")


@pytest.mark.parametrize("function", [raising, lambda: "", lambda: None, lambda: "a\nb", lambda: "x" * 100_000])
def test_a_function_without_a_token_is_an_error_that_shows_nothing(gate: Gate, function: Any) -> None:
    with pytest.raises(moorings.SignInFailed) as caught:
        moorings.connect(http=gate, sign_in=FromFunction(function)).api.domains()
    assert "hunter2" not in str(caught.value)
    assert caught.value.__cause__ is None
    assert gate.seen == []


def test_a_service_runs_from_its_cache_when_it_cannot_sign_in(gate: Gate, tmp_path: Path) -> None:
    moorings.connect(http=gate, cache=tmp_path, sign_in=lambda: "good").event(SUBJECT)
    offline = moorings.connect(http=gate, cache=tmp_path, sign_in=FromFile(tmp_path / "absent"))
    assert offline.event(SUBJECT).encode({"order_id": "o-1"})[5:] == b"\x06o-1"


@pytest.mark.parametrize("url", ["http://registry.example", "https://a.example, http://b.example", "http://10.0.0.1"])
def test_a_token_is_not_sent_unencrypted(url: str) -> None:
    with pytest.raises(moorings.SettingInvalid, match="https"):
        moorings.connect(url, sign_in=lambda: "good")


@pytest.mark.parametrize("url", ["http://localhost:8081", "http://127.0.0.1", "http://[::1]:8081", "https://a.example"])
def test_loopback_and_tls_urls_are_accepted(url: str) -> None:
    assert moorings.connect(url, sign_in=lambda: "good").cache["disk"].hits == 0


def test_a_github_job_signs_in(tokens: "TokenServer", gate: Gate, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ACTIONS_ID_TOKEN_REQUEST_URL", f"{tokens.url}?api-version=2")
    monkeypatch.setenv("ACTIONS_ID_TOKEN_REQUEST_TOKEN", "runner-key")
    blocking = moorings.transport.sync_runner.SyncRunner()
    token = blocking.run(GitHubJob("https://registry.example").fetch())
    assert tokens.asked[0] == {"audience": "https://registry.example", "api-version": "2"}
    assert tokens.headers[0]["HTTP_AUTHORIZATION"] == "Bearer runner-key"
    assert token.value.count(".") == 2
    assert token.expires_s is not None


@pytest.mark.parametrize("source", [GitHubJob(), GitLabJob(), FromFile("/nowhere/token")])
def test_a_job_without_an_identity_is_an_error(source: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ACTIONS_ID_TOKEN_REQUEST_URL", raising=False)
    monkeypatch.delenv("MOORINGS_ID_TOKEN", raising=False)
    with pytest.raises(moorings.SignInFailed):
        moorings.transport.sync_runner.SyncRunner().run(source.fetch())


def test_a_gitlab_job_signs_in(gate: Gate, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REGISTRY_TOKEN", "good")
    assert moorings.connect(http=gate, sign_in=GitLabJob("REGISTRY_TOKEN")).api.domains() == ()


SPOKEN: list[tuple[str, str]] = [
    ("file:/var/run/token", "the file /var/run/token"),
    ("github", "GitHub Actions"),
    ("github:https://registry.example", "GitHub Actions"),
    ("gitlab:ID_TOKEN", "the variable ID_TOKEN of the GitLab job"),
    ("client-credentials", "login.example/token"),
]
ENVIRONMENT = {
    "MOORINGS_TOKEN_URL": "https://login.example/token?tenant=secret",
    "MOORINGS_CLIENT_ID": "shop",
    "MOORINGS_CLIENT_KEY": "/etc/key.pem",
}


@pytest.mark.parametrize(("text", "name"), SPOKEN)
def test_ways_to_sign_in_can_be_named(text: str, name: str) -> None:
    assert read_sign_in(text, ENVIRONMENT).name == name


UNKNOWN = ["", "file:", "basic:user", "client-credentials", "github-actions:x", "gitlab:a b"]


@pytest.mark.parametrize("text", UNKNOWN)
def test_unknown_ways_to_sign_in_are_refused(text: str) -> None:
    with pytest.raises(moorings.SettingInvalid):
        read_sign_in(text, {})


def test_the_command_signs_in_with_its_option(gate: Gate, tmp_path: Path, capsys: Any) -> None:
    (tmp_path / "token").write_text("good")
    (tmp_path / "wrong").write_text("wrong")
    schemas = ["--schemas", str(tmp_path / "schemas")]
    assert run([*schemas, "--sign-in", f"file:{tmp_path / 'token'}", "pull", "--all"], Session(http=gate)) == 0
    assert run([*schemas, "--sign-in", f"file:{tmp_path / 'wrong'}", "pull", "--all"], Session(http=gate)) == 4
    assert run([*schemas, "--sign-in", "nonsense", "pull", "--all"], Session(http=gate)) == 2
    assert run([*schemas, "--sign-in", f"file:{tmp_path / 'absent'}", "pull", "--all"], Session(http=gate)) == 3
    assert "good" not in capsys.readouterr().err


def test_the_environment_chooses_the_sign_in(gate: Gate, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "token").write_text("good")
    monkeypatch.setenv("MOORINGS_SIGN_IN", f"file:{tmp_path / 'token'}")
    assert moorings.connect(http=gate).api.domains() == ()


def test_under_asyncio_a_coroutine_function_may_return_tokens(gate: Gate) -> None:
    class Line(httpx2.AsyncBaseTransport):
        async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
            answer = gate.handle_request(request)
            return httpx2.Response(answer.status_code, content=answer.read())

    async def token() -> str:
        await asyncio.sleep(0)
        return "good"

    async def main() -> list[Any]:
        ways = (token, lambda: "good")
        return [await moorings.connect_async(http=Line(), sign_in=way).api.domains() for way in ways]

    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(lambda: asyncio.run(main())).result(30) == [(), ()]
