"""From a `redis+sentinel://` URL to a client of whichever Redis is the master now, as Sentinel says.

    redis+sentinel://user@sentinel1:26379,sentinel2:26379,sentinel3:26379/NAME/0

NAME is what the sentinels call the master; the number of a database may follow. Each new connection asks a sentinel
for the master's address, and a connection to a server that turns out to be a replica is given up. A partition may leave
a sentinel and a former master together on one side: what is added there is not acknowledged, since an append waits for
replicas (`redis_proof`).
"""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import SplitResult

from redis import Redis
from redis.sentinel import Sentinel

from moorings_registry.ledger.errors import LedgerMisconfigured

SCHEME = "redis+sentinel"
DEFAULT_PORT = 26379
_EXAMPLE = (
    "Write redis+sentinel://sentinel1:26379,sentinel2:26379/NAME, where NAME is what the sentinels call the master"
)
_HOST = re.compile(r"(\[[0-9A-Fa-f:.%]+\]|[^:\[\]@]+)(?::(\d{1,5}))?", re.ASCII)
_NAME = re.compile(r"[A-Za-z0-9._-]+", re.ASCII)


def sentinel_client(parts: SplitResult, settings: Mapping[str, Any], of_sentinels: Mapping[str, Any]) -> Redis:
    """Make a client of the master that the URL names; nothing is sent yet.

    *settings* are those of connections to the master, *of_sentinels* those of connections to sentinels.

    Raises:
        LedgerMisconfigured: the URL cannot be used.
    """
    sentinels = [_address(one) for one in parts.netloc.rpartition("@")[2].split(",")]
    name, database = _named(parts.path)
    found = Sentinel(sentinels, sentinel_kwargs=dict(of_sentinels))  # type: ignore[no-untyped-call]
    client: Redis = found.master_for(name, db=database, **settings)  # type: ignore[no-untyped-call]
    return client


def _address(text: str) -> tuple[str, int]:
    found = _HOST.fullmatch(text)
    port = int(found[2]) if found and found[2] else DEFAULT_PORT
    if found is None or not 0 < port <= 65535:
        raise LedgerMisconfigured("the ledger URL does not name sentinels", _EXAMPLE)
    return found[1].strip("[]"), port


def _named(path: str) -> tuple[str, int]:
    """The name of the master, and the number of the database."""
    name, _, database = path.strip("/").partition("/")
    if not _NAME.fullmatch(name):
        raise LedgerMisconfigured("the ledger URL does not say what the sentinels call the master", _EXAMPLE)
    if database and not (database.isascii() and database.isdigit()):
        raise LedgerMisconfigured("what follows the name of the master is not the number of a database", _EXAMPLE)
    return name, int(database or 0)
