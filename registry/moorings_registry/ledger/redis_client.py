"""From a `redis://` URL to a ledger: the client's settings, and clear words about a wrong address."""

import re
import string
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, unquote

from redis import Redis
from redis.backoff import NoBackoff
from redis.credentials import CredentialProvider
from redis.exceptions import AuthenticationError
from redis.retry import Retry

from moorings_registry.ledger.errors import LedgerMisconfigured
from moorings_registry.ledger.redis import RedisLedger
from moorings_registry.ledger.redis_sentinel import SCHEME, sentinel_client
from moorings_registry.ledger.redis_setup import Durability

_PREFIX = re.compile(r"[A-Za-z0-9._:-]{1,64}", re.ASCII)
_EXAMPLE = "Write redis://127.0.0.1:6379/0, with user@ before the host and ?password_file=PATH where they are needed"
_NO_PASSWORDS = (
    "Leave it out: sign in by a client certificate (certificate_file, key_file), over a local socket, or with a "
    "password_file, which is read again for each connection"
)
_FILES = {
    "ca_file": "the certificates to trust, in PEM",
    "certificate_file": "a client certificate, in PEM",
    "key_file": "the key of the client certificate, in PEM",
    "password_file": "a file that holds the password and nothing else",
    "sentinel_password_file": "a file that holds the password of the sentinels and nothing else",
}


class _PasswordFile(CredentialProvider):
    """The password of a file, read for each connection, so that it may be rotated while the registry runs."""

    def __init__(self, user: str | None, path: Path) -> None:
        self._user = user
        self._path = path

    def get_credentials(self) -> tuple[str] | tuple[str, str]:
        try:
            password = self._path.read_text("utf-8").strip()
        except (OSError, ValueError):
            raise AuthenticationError("the password_file cannot be read") from None
        return (self._user, password) if self._user else (password,)


def open_redis(parts: SplitResult, parameters: Mapping[str, str], *, timeout_s: float) -> RedisLedger:
    """Open the ledger at `redis://user@host:port/db`; `rediss` speaks TLS and verifies the certificate.

    At `redis+sentinel://...` it is on the master that sentinels name, see `redis_sentinel`.

    *parameters*: ``durability`` (``aof``, ``everysec`` or ``any``), ``replicas`` that have to have an entry before
    it is acknowledged (0; with sentinels 1), ``prefix`` of the keys, ``password_file``, ``socket``, for `rediss`
    ``ca_file`` with certificates to trust, ``certificate_file`` and ``key_file``, and for sentinels
    ``sentinel_password_file``.

    Raises:
        LedgerMisconfigured, LedgerUnavailable: see `RedisLedger`. No message repeats a password.
    """
    prefix = prefix_of(parameters)
    client = connect(parts, parameters, timeout_s=timeout_s)
    replicas = _replicas(parameters, 1 if parts.scheme.lower() == SCHEME else 0)
    durability = _durability(parameters)
    return RedisLedger(client, prefix=prefix, durability=durability, replicas=replicas, timeout_s=timeout_s)


def prefix_of(parameters: Mapping[str, str]) -> str:
    """Read the prefix of all keys.

    Raises:
        LedgerMisconfigured: it is not usable.
    """
    prefix = parameters.get("prefix", "moorings")
    if not _PREFIX.fullmatch(prefix):
        raise LedgerMisconfigured("the prefix is not usable", "Write up to 64 letters, digits and . _ : -")
    return prefix


def connect(parts: SplitResult, parameters: Mapping[str, str], *, timeout_s: float) -> Redis:
    """Make a client that retries nothing by itself and answers in bytes; nothing is sent yet.

    Raises:
        LedgerMisconfigured: the URL cannot be used.
    """
    if parts.password is not None:
        raise LedgerMisconfigured("the ledger URL holds a password", _NO_PASSWORDS)
    for name, what in _FILES.items():
        if name in parameters and not Path(parameters[name]).is_file():
            raise LedgerMisconfigured(f"there is no file {parameters[name]}", f"Set {name} to {what}")
    user = unquote(parts.username) if parts.username else None
    settings = _settings(user, parameters.get("password_file"), timeout_s)
    if parts.scheme.lower() == SCHEME:
        sentinels = _settings(None, parameters.get("sentinel_password_file"), timeout_s)
        return sentinel_client(parts, settings, sentinels)
    return Redis(
        host=parts.hostname or "127.0.0.1",
        port=_port(parts),
        db=_database(parts.path),
        unix_socket_path=parameters.get("socket"),
        ssl=parts.scheme.lower() == "rediss",
        ssl_ca_certs=parameters.get("ca_file"),
        ssl_certfile=parameters.get("certificate_file"),
        ssl_keyfile=parameters.get("key_file"),
        **settings,
    )


def _settings(user: str | None, password_file: str | None, timeout_s: float) -> dict[str, Any]:
    """Settings of connections that sign in as *user*, where there is one, with the password in a file, where one is."""
    signing_in: dict[str, Any] = {"username": user} if user else {}
    if password_file is not None:
        signing_in = {"credential_provider": _PasswordFile(user, Path(password_file))}
    return {
        **signing_in,
        "socket_timeout": timeout_s + 2.0,  # longer than the server may take to sync, or to block a reader that waits
        "socket_connect_timeout": timeout_s,
        "retry": Retry(NoBackoff(), 0),  # the client's default sends a command up to ten more times
        "protocol": 2,
    }


def _port(parts: SplitResult) -> int:
    try:
        return parts.port or 6379
    except ValueError:
        raise LedgerMisconfigured("the port of the ledger URL is not a number up to 65535", _EXAMPLE) from None


def _database(path: str) -> int:
    number = path.strip("/") or "0"
    if not number.isascii() or not number.isdigit():
        raise LedgerMisconfigured("the path of the Redis URL is not the number of a database", _EXAMPLE)
    return int(number)


def _replicas(parameters: Mapping[str, str], default: int) -> int:
    text = parameters.get("replicas", str(default))
    if len(text) != 1 or text not in string.digits:
        raise LedgerMisconfigured("replicas is not a number from 0 to 9", f"Leave it out: {default} is the default")
    return int(text)


def _durability(parameters: Mapping[str, str]) -> Durability:
    try:
        return Durability(parameters.get("durability", Durability.AOF))
    except ValueError:
        raise LedgerMisconfigured(
            "the durability is not one of aof, everysec and any", "Leave it out: aof is the default"
        ) from None
