"""Where `moorings login` keeps what it was given: the system's keyring, or a file that nobody else can read."""

import hashlib
import importlib
import json
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from moorings.errors import SignInFailed
from moorings.whole_files import write_whole

SOURCE = "`moorings login`"
_SERVICE = "moorings"
_LARGEST_BYTES = 64 * 1024
_VERSION = 1
_RECOMMENDED = 1.0
"""Of a keyring's priority: those below write files that are not encrypted, or keep nothing."""


@dataclass(frozen=True, slots=True)
class Login:
    """A person's sign-in at a registry's issuer.

    Attributes:
        url: The registry.
        token_url, revocation_url: Endpoints of the issuer; the second is empty where it has none.
        resource: What tokens are asked for (RFC 8707); empty where the issuer is not told.
        expires_s: When the token ends, in seconds of the epoch.
        refresh_token: Valid for one more token, which comes with another one; empty without.
    """

    url: str
    issuer: str
    client_id: str
    token_url: str
    revocation_url: str
    resource: str
    token: str = field(repr=False)
    expires_s: float
    refresh_token: str = field(default="", repr=False)


class LoginStore:
    """One login a registry. Safe from any process."""

    def __init__(self, folder: Path | None = None, keyring: Any = None) -> None:
        """Keep files in *folder*, by default below the user's configuration; *keyring* stands for the package."""
        self._folder = folder or default_folder()
        self._keyring = keyring or system_keyring()

    @property
    def place(self) -> str:
        """Where logins are kept, in words."""
        return f"the keyring ({self._keyring.get_keyring().name})" if self._keyring else str(self._folder)

    def find(self, url: str) -> Login | None:
        """The login at a registry; None if there is none.

        Raises:
            SignInFailed: there is one, and others can read or change it, or it cannot be read.
        """
        text = self._from_keyring(url) or self._from_file(url)
        if not text:
            return None
        try:
            found = json.loads(text)
            return Login(**found["login"]) if found.get("v") == _VERSION else None
        except (ValueError, TypeError, KeyError, AttributeError):
            raise SignInFailed(SOURCE, "what it stored cannot be read: run `moorings login` again") from None

    def put(self, login: Login) -> None:
        """Store a login in place of the one before."""
        text = json.dumps({"v": _VERSION, "login": asdict(login)})
        if self._keyring is not None:
            with suppress(self._keyring.errors.KeyringError):
                self._keyring.set_password(_SERVICE, login.url, text)
                self._path(login.url).unlink(missing_ok=True)
                return
        self._write(self._path(login.url), text)

    def remove(self, url: str) -> None:
        """Forget the login at a registry, if there is one."""
        if self._keyring is not None:
            with suppress(self._keyring.errors.KeyringError):
                self._keyring.delete_password(_SERVICE, url)
        self._path(url).unlink(missing_ok=True)

    @contextmanager
    def turn(self, url: str) -> Iterator[None]:
        """Exclude other processes of the user: a refresh token that two of them use ends both (RFC 9700 §4.14.2)."""
        self._make_folder()
        with self._path(url).with_suffix(".lock").open("a") as file:
            _lock(file.fileno())
            yield  # closing the file ends the lock

    def _from_keyring(self, url: str) -> str:
        if self._keyring is None:
            return ""
        with suppress(self._keyring.errors.KeyringError):
            return self._keyring.get_password(_SERVICE, url) or ""
        return ""

    def _from_file(self, url: str) -> str:
        path = self._path(url)
        try:
            with path.open("rb") as file:
                _require_own(path, os.fstat(file.fileno()))
                return file.read(_LARGEST_BYTES).decode()
        except FileNotFoundError:
            return ""
        except (OSError, UnicodeDecodeError) as error:
            raise SignInFailed(SOURCE, f"{path} cannot be read: {type(error).__name__}") from None

    def _write(self, path: Path, text: str) -> None:
        """Write it as a whole; nobody else can read it at any moment."""
        self._make_folder()
        write_whole(path, text, mode=0o600)

    def _make_folder(self) -> None:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    def _path(self, url: str) -> Path:
        host = "".join(one if one.isalnum() or one in ".-" else "_" for one in urlsplit(url).netloc)
        return self._folder / f"{host[:80]}-{hashlib.sha256(url.encode()).hexdigest()[:12]}.json"


def default_folder() -> Path:
    """Where the user's logins are: below `XDG_CONFIG_HOME`, `APPDATA` or `~/.config`."""
    home = os.environ.get("XDG_CONFIG_HOME") or os.environ.get("APPDATA")
    return (Path(home) if home else Path.home() / ".config") / "moorings" / "logins"


def _require_own(path: Path, found: os.stat_result) -> None:
    if os.name != "posix":
        return
    if found.st_uid != os.getuid() or stat.S_IMODE(found.st_mode) & 0o077:
        raise SignInFailed(SOURCE, f"others can read or change {path}: remove it, and run `moorings login` again")


def system_keyring() -> Any:
    """The package `keyring`, if it is installed and has a keyring that it recommends; else None."""
    try:
        keyring = importlib.import_module("keyring")
        usable = float(keyring.get_keyring().priority) >= _RECOMMENDED
    except Exception:  # noqa: BLE001 - backends of others, which raise what they like where there is no desktop
        return None
    return keyring if usable else None


def _lock(descriptor: int) -> None:
    try:
        fcntl = importlib.import_module("fcntl")
    except ModuleNotFoundError:
        msvcrt = importlib.import_module("msvcrt")
        msvcrt.locking(descriptor, msvcrt.LK_LOCK, 1)
    else:
        fcntl.lockf(descriptor, fcntl.LOCK_EX)
