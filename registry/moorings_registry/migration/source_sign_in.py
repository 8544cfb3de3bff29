"""Signing in at another registry, with what a file holds or a command prints: a secret on the command line is read by
everybody who may list processes, and stays in the shell's history.
"""

import base64
import shlex
import subprocess
import threading
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

from moorings_registry.issuers import require_https
from moorings_registry.migration.imported import SourceAway

COMMAND_TIMEOUT_S = 60.0
_LONGEST = 64 * 1024


class SourceSignIn:
    """The value of the header ``Authorization``, which many threads ask for; read when it is needed first, and again
    when the other registry does not accept it any more.
    """

    def __init__(self, way: str, read: Callable[[], str]) -> None:
        self._way = way
        self._read = read
        self._known = ""
        self._lock = threading.Lock()

    def header(self, *, instead_of: str = "") -> str:
        """The header's value; a new one where the one known is *instead_of*.

        Raises:
            SourceAway: it cannot be had; says why, and nothing of its value.
        """
        with self._lock:
            if not self._known or self._known == instead_of:
                self._known = f"{self._way} {self._read()}"
            return self._known


def read_sign_in(text: str, url: str) -> SourceSignIn:
    """Read ``file:PATH`` and ``command:COMMAND`` (a token), or ``basic:PATH`` (``user:password``), for *url*.

    Raises:
        ValueError: unknown way, nothing after it, or what is sent to *url* could be read on its way.
    """
    way, _, rest = text.strip().partition(":")
    if way not in ("file", "command", "basic") or not rest.strip():
        raise ValueError("unknown way to sign in: neither file:PATH, command:COMMAND, nor basic:PATH")
    if urlsplit(url).username is not None:
        raise ValueError("the URL has a user already")
    try:
        require_https(url)
    except ValueError:
        raise ValueError("signing in over http is refused, unless the other registry runs on this machine") from None
    if way == "command":
        command = shlex.split(rest)
        return SourceSignIn("Bearer", lambda: _token(_printed(command), "the command"))
    path = Path(rest.strip())
    if way == "file":
        return SourceSignIn("Bearer", lambda: _token(_content(path), str(path)))
    return SourceSignIn("Basic", lambda: _basic(_content(path), str(path)))


def _content(path: Path) -> str:
    try:
        with path.open("rb") as stream:
            return stream.read(_LONGEST + 1).decode()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not text"
        raise SourceAway(f"{path}, which signs in at the other registry, cannot be read: {reason}") from None


def _printed(command: list[str]) -> str:
    try:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=COMMAND_TIMEOUT_S)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "not a command"
        raise SourceAway(f"the command that signs in at the other registry cannot be run: {reason}") from None
    except subprocess.TimeoutExpired:
        raise SourceAway(
            f"the command that signs in at the other registry took longer than {COMMAND_TIMEOUT_S:.0f} seconds"
        ) from None
    if done.returncode:
        raise SourceAway(f"the command that signs in at the other registry failed with code {done.returncode}")
    return done.stdout[: _LONGEST + 1].decode(errors="replace")


def _token(text: str, where: str) -> str:
    token = text.strip()
    if not token or len(token) > _LONGEST or not token.isascii() or any(one.isspace() for one in token):
        raise SourceAway(f"{where} does not hold a token that signs in at the other registry")
    return token


def _basic(text: str, where: str) -> str:
    pair = text.strip("\r\n")
    user, colon, _ = pair.partition(":")
    if not user or not colon or len(pair) > _LONGEST or any(one in pair for one in "\r\n\0"):
        raise SourceAway(f"{where} does not hold user:password in one line")
    return base64.b64encode(pair.encode()).decode()
