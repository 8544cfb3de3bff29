"""From a `redis://` URL to a ledger: the client's settings, and clear words about a wrong address."""

import re
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import SplitResult, unquote

from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from moorings_registry.ledger.errors import LedgerMisconfigured
from moorings_registry.ledger.redis import RedisLedger
from moorings_registry.ledger.redis_setup import Durability

_PREFIX = re.compile(r"[A-Za-z0-9._:-]{1,64}", re.ASCII)
_EXAMPLE = "Write redis://127.0.0.1:6379/0, with user:password@ before the host where they are needed"


def open_redis(parts: SplitResult, parameters: Mapping[str, str], *, timeout_s: float) -> RedisLedger:
    """Open the ledger at `redis://user:password@host:port/db`; `rediss` speaks TLS and verifies the certificate.

    *parameters*: ``durability`` (``aof``, ``everysec`` or ``any``), ``prefix`` of the keys, ``ca_file`` with
    certificates to trust.

    Raises:
        LedgerMisconfigured, LedgerUnavailable: see `RedisLedger`. No message repeats the password.
    """
    prefix = prefix_of(parameters)
    client = connect(parts, parameters, timeout_s=timeout_s)
    return RedisLedger(client, prefix=prefix, durability=_durability(parameters), timeout_s=timeout_s)


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
    ca_file = parameters.get("ca_file")
    if ca_file is not None and not Path(ca_file).is_file():
        raise LedgerMisconfigured(f"there is no file {ca_file}", "Set ca_file to the certificates to trust, in PEM")
    return Redis(
        host=parts.hostname or "127.0.0.1",
        port=_port(parts),
        db=_database(parts.path),
        username=unquote(parts.username) if parts.username else None,
        password=unquote(parts.password) if parts.password else None,
        ssl=parts.scheme.lower() == "rediss",
        ssl_ca_certs=ca_file,
        socket_timeout=timeout_s + 2.0,  # longer than the server may take to sync, or to block a reader that waits
        socket_connect_timeout=timeout_s,
        retry=Retry(NoBackoff(), 0),  # the client's default sends a command up to ten more times
        protocol=2,
    )


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


def _durability(parameters: Mapping[str, str]) -> Durability:
    try:
        return Durability(parameters.get("durability", Durability.AOF))
    except ValueError:
        raise LedgerMisconfigured(
            "the durability is not one of aof, everysec and any", "Leave it out: aof is the default"
        ) from None
