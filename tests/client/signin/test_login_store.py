"""Where a login is kept: in a file that nobody else can read, or in the keyring; and how its token is renewed."""

import json
import os
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from moorings.errors import SettingInvalid, SignInFailed
from moorings.signin import FromLogin, Login, LoginStore, read_sign_in
from moorings.transport.sync_runner import SyncRunner

URL = "https://registry.example.com"
LOGIN = Login(
    url=URL, issuer="https://sso.example", client_id="moorings", token_url="http://127.0.0.1:1/token",
    revocation_url="", resource="", token="a-token", expires_s=1_000.0, refresh_token="a-refresh-token",
)  # fmt: skip


class Keyring:
    """The part of the package `keyring` that is used; it can be locked."""

    class errors:  # noqa: N801 - the module's name
        class KeyringError(Exception):
            """As the package's."""

    def __init__(self) -> None:
        self.held: dict[tuple[str, str], str] = {}
        self.is_locked = False

    def get_keyring(self) -> Any:
        return SimpleNamespace(name="a keyring", priority=5)

    def _require_open(self) -> None:
        if self.is_locked:
            raise self.errors.KeyringError

    def get_password(self, service: str, name: str) -> str | None:
        self._require_open()
        return self.held.get((service, name))

    def set_password(self, service: str, name: str, text: str) -> None:
        self._require_open()
        self.held[service, name] = text

    def delete_password(self, service: str, name: str) -> None:
        self._require_open()
        if (service, name) not in self.held:
            raise self.errors.KeyringError
        del self.held[service, name]


def test_a_login_is_in_a_file_of_its_own_that_nobody_else_can_read(tmp_path: Path) -> None:
    store = LoginStore(tmp_path / "logins")
    assert store.find(URL) is None
    store.put(LOGIN)
    store.put(LOGIN)
    (file,) = (tmp_path / "logins").iterdir()
    assert file.stat().st_mode & 0o777 == 0o600
    assert file.parent.stat().st_mode & 0o777 == 0o700
    assert store.find(URL) == LOGIN
    assert store.find("https://other.example.com") is None
    assert "a-token" not in repr(LOGIN)
    store.remove(URL)
    store.remove(URL)
    assert store.find(URL) is None


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"v": 1}', '{"v": 1, "login": {"url": "x"}}', "\x00"])
def test_a_file_that_is_not_whole_is_no_login(tmp_path: Path, text: str) -> None:
    store = LoginStore(tmp_path)
    store.put(LOGIN)
    next(tmp_path.glob("*.json")).write_text(text)
    if text in ("", "{}"):
        assert store.find(URL) is None
        return
    with pytest.raises(SignInFailed, match="run `moorings login` again"):
        store.find(URL)


@pytest.mark.parametrize("mode", [0o644, 0o620, 0o604])
def test_a_file_that_others_can_read_or_change_is_refused(tmp_path: Path, mode: int) -> None:
    store = LoginStore(tmp_path)
    store.put(LOGIN)
    next(tmp_path.glob("*.json")).chmod(mode)
    with pytest.raises(SignInFailed, match="others can read or change"):
        store.find(URL)


def test_a_keyring_is_preferred_to_a_file(tmp_path: Path) -> None:
    keyring = Keyring()
    LoginStore(tmp_path).put(LOGIN)
    store = LoginStore(tmp_path, keyring)
    assert store.find(URL) == LOGIN  # from the time without a keyring
    store.put(LOGIN)
    assert [*tmp_path.glob("*.json")] == []
    assert store.find(URL) == LOGIN
    store.remove(URL)
    assert keyring.held == {}


def test_a_locked_keyring_leaves_the_file(tmp_path: Path) -> None:
    keyring = Keyring()
    keyring.is_locked = True
    store = LoginStore(tmp_path, keyring)
    store.put(LOGIN)
    assert store.find(URL) == LOGIN
    store.remove(URL)
    assert store.find(URL) is None


def token(store: LoginStore, now_s: float) -> str:
    runner = SyncRunner()
    try:
        return runner.run(FromLogin([URL], store, clock=lambda: now_s).fetch()).value
    finally:
        runner.close()


def test_a_token_is_handed_out_until_it_ends(tmp_path: Path) -> None:
    store = LoginStore(tmp_path)
    with pytest.raises(SignInFailed, match="run `moorings login`"):
        token(store, 0)
    store.put(LOGIN)
    assert token(store, 900) == "a-token"
    assert token(store, 999) == "a-token"  # due, and the issuer is away: it holds still
    with pytest.raises(SignInFailed):
        token(store, 1_000)
    assert json.loads(next(tmp_path.glob("*.json")).read_text())["login"]["refresh_token"] == "a-refresh-token"


def test_login_is_a_way_to_sign_in_for_a_registry_with_a_url(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(os.environ, "XDG_CONFIG_HOME", str(tmp_path))
    assert isinstance(read_sign_in("login", urls=(URL,)), FromLogin)
    with pytest.raises(SettingInvalid, match="needs the URL"):
        read_sign_in("login")
