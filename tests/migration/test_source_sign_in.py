"""Signing in at another registry with what files hold and commands print."""

import base64
import shlex
import sys
from pathlib import Path

import httpx2
import pytest
from click.testing import CliRunner

from moorings_registry.cli.main import main
from moorings_registry.migration import Peer, SourceAway, read_sign_in

URL = "https://old-registry"


def peer(way: str, accepts: str) -> Peer:
    """A registry with one header that it *accepts*."""

    def handle(request: httpx2.Request) -> httpx2.Response:
        granted = request.headers.get("Authorization") == accepts
        return httpx2.Response(200 if granted else 401, json=["orders-value"] if granted else {})

    return Peer(URL, sign_in=read_sign_in(way, URL), transport=httpx2.MockTransport(handle), pause=lambda _: None)


def test_a_token_comes_from_a_file_and_is_read_again_when_it_is_not_accepted(tmp_path: Path) -> None:
    path = tmp_path / "token"
    path.write_text("first\n")
    asked = peer(f"file:{path}", "Bearer second")
    with pytest.raises(SourceAway, match=r"denied access \(401\)$"):
        asked.get("/subjects")
    path.write_text("second\n")
    assert asked.get("/subjects") == ["orders-value"]


def test_a_token_comes_from_a_command() -> None:
    command = shlex.join([sys.executable, "-c", "print('of-a-command')"])
    assert peer(f"command:{command}", "Bearer of-a-command").get("/subjects") == ["orders-value"]


def test_a_user_and_a_password_come_from_a_file(tmp_path: Path) -> None:
    path = tmp_path / "user"
    path.write_text("key:pass:wörd\n")
    accepted = f"Basic {base64.b64encode('key:pass:wörd'.encode()).decode()}"
    assert peer(f"basic:{path}", accepted).get("/subjects") == ["orders-value"]


@pytest.mark.parametrize(
    ("way", "content", "said"),
    [
        ("file", "", "does not hold a token"),
        ("file", "two words", "does not hold a token"),
        ("file", "two\r\nlines", "does not hold a token"),
        ("basic", "no colon", "does not hold user:password"),
        ("basic", "user:pass\nmore", "does not hold user:password"),
        ("file", None, "cannot be read: No such file"),
    ],
)
def test_what_does_not_sign_in_is_said_without_its_value(
    tmp_path: Path, way: str, content: str | None, said: str
) -> None:
    path = tmp_path / "secret"
    if content is not None:
        path.write_bytes(content.encode())
    with pytest.raises(SourceAway, match=said) as error:
        peer(f"{way}:{path}", "").get("/subjects")
    assert not content or content not in str(error.value)


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (shlex.join([sys.executable, "-c", "import sys; print('told'); sys.exit(3)"]), "failed with code 3$"),
        ("/no/such/command", "cannot be run: No such file"),
    ],
)
def test_a_command_that_fails_is_said_without_what_it_prints(command: str, said: str) -> None:
    with pytest.raises(SourceAway, match=said):
        peer(f"command:{command}", "").get("/subjects")


@pytest.mark.parametrize(
    ("url", "way", "said"),
    [
        (URL, "password:x", "unknown way to sign in"),
        (URL, "file:", "unknown way to sign in"),
        ("http://old-registry:8081", "file:x", "over http is refused"),
        ("https://user:password@old-registry", "file:x", "has a user already"),
    ],
)
def test_ways_that_would_not_do_are_refused_before_anything_is_sent(url: str, way: str, said: str) -> None:
    result = CliRunner().invoke(main, ["import", "--assess", "--from", url, "--sign-in", way])
    assert result.exit_code == 2
    assert said in result.output


def test_a_dump_needs_no_sign_in() -> None:
    result = CliRunner().invoke(main, ["import", "--assess", "--from-topic-dump", __file__, "--sign-in", "file:x"])
    assert result.exit_code == 2
    assert "--sign-in belongs to --from" in result.output
