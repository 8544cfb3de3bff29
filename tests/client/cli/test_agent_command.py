"""`moorings agent`: a token for whoever asks as a metadata service is asked, and for nobody else."""

import base64
import http.client
import json
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from moorings.cli.agent_server import PATH, AgentServer
from moorings.cli.commands import run
from moorings.signin import TokenCache, read_sign_in


def jwt(expires_s: float, name: str = "ann") -> str:
    claims = base64.urlsafe_b64encode(json.dumps({"sub": name, "exp": int(expires_s)}).encode()).decode().rstrip("=")
    return f"eyJhbGciOiJub25lIn0.{claims}.c2ln"


@pytest.fixture
def token_file(tmp_path: Path) -> Path:
    path = tmp_path / "token"
    path.write_text(jwt(time.time() + 600))
    return path


@pytest.fixture
def told() -> list[str]:
    return []


@pytest.fixture
def port(token_file: Path, told: list[str]) -> Iterator[int]:
    server = AgentServer("127.0.0.1", 0, TokenCache(read_sign_in(f"file:{token_file}")), told.append)
    threading.Thread(target=server.serve, daemon=True).start()
    yield server.port
    server.close()


def ask(port: int, path: str = PATH, method: str = "GET", **headers: str) -> tuple[int, Any]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request(method, path, headers={name.replace("_", "-"): value for name, value in headers.items()})
        answer = connection.getresponse()
        body = answer.read()
        return answer.status, json.loads(body) if answer.headers.get_content_type() == "application/json" else body
    finally:
        connection.close()


def test_a_token_comes_with_its_expiry(port: int, token_file: Path) -> None:
    status, told = ask(port, PATH + "?api-version=2018-02-01&resource=moorings", Metadata="true")
    assert status == 200
    assert told["access_token"] == token_file.read_text()
    assert told["token_type"] == "Bearer"
    assert 590 <= int(told["expires_in"]) <= 600
    assert int(told["expires_on"]) == pytest.approx(time.time() + 600, abs=5)


def test_a_renewed_file_is_read_again(port: int, token_file: Path) -> None:
    ask(port, Metadata="true")
    token_file.write_text(jwt(time.time() + 900, "bob"))
    assert ask(port, Metadata="true")[1]["access_token"] == token_file.read_text()


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Metadata": "false"},
        {"Metadata": "true", "X_Forwarded_For": "203.0.113.9"},
        {"Metadata": "true", "X_Forwarded_Proto": "https"},
        {"Metadata": "true", "Forwarded": "for=203.0.113.9"},
        {"Metadata": "true", "Via": "1.1 proxy"},
        {"Metadata": "true", "Origin": "http://localhost"},
        {"Metadata": "true", "Sec_Fetch_Site": "same-origin"},
        {"Metadata": "true", "Host": "evil.example"},
        {"Metadata": "true", "Host": "localhost.evil.example:7071"},
        {"Metadata": "true", "Host": "169.254.169.254"},
    ],
    ids=str,
)
def test_a_browser_a_proxy_and_a_foreign_name_get_none(headers: dict[str, str], port: int) -> None:
    status, told = ask(port, **headers)
    assert status == 400
    assert "access_token" not in told


def test_other_paths_and_methods_get_none(port: int) -> None:
    assert ask(port, "/", Metadata="true")[0] == 400
    assert ask(port, "/token" + PATH, Metadata="true")[0] == 400
    assert ask(port, method="POST", Metadata="true")[0] == 501


def test_a_missing_token_is_a_temporary_failure_with_its_reason_on_the_agents_side(
    port: int, token_file: Path, told: list[str]
) -> None:
    token_file.unlink()
    status, answer = ask(port, Metadata="true")
    assert status == 503
    assert str(token_file) not in str(answer)
    assert str(token_file) in told[0]


@pytest.mark.parametrize("address", ["0.0.0.0:7071", "registry.example:7071", "127.0.0.1", "127.0.0.1:x", ":7071"])
def test_an_address_beyond_this_machine_is_refused(address: str, token_file: Path) -> None:
    assert run(["--sign-in", f"file:{token_file}", "agent", "--listen", address]) == 2


def test_without_a_way_to_sign_in_it_does_not_start() -> None:
    assert run(["agent"]) == 2
    assert run(["agent", "--sign-in", "magic"]) == 2
