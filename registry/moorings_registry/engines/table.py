"""The table of engines, by the scheme of a ledger's URL.

    memory:                                 in this process, gone with it
    sqlite:///ledger.db                     a file, relative to the working directory: three slashes
    sqlite:////var/lib/moorings/ledger.db   a file, absolute: four slashes, as the path begins with one
    redis://user@host:6379/0                a Redis server with an append-only file; rediss:// over TLS
    redis+sentinel://host,host2/NAME        the Redis that sentinels call the master NAME
    postgresql://moorings@host/registry     a table that `moorings-registry ledger init` made
    kafka://host:9092,host2:9092/moorings   a topic; preview

A URL is a scheme, its address, and after ``?`` the engine's own parameters; an unknown parameter is refused. Counts of
drift, kept checks, the leases of background work, what is known of exports and webhooks, and expiring records are
stored beside the entries, on the same engine; Kafka has no place for them, so its URL names another engine, `beside`.
"""

from moorings_registry.engines.engine import Address, Engine, address_of, engine_among
from moorings_registry.engines.kafka import KAFKA
from moorings_registry.engines.memory import MEMORY
from moorings_registry.engines.postgres import POSTGRES
from moorings_registry.engines.redis import REDIS, REDISS, SENTINEL
from moorings_registry.engines.sqlite import SQLITE

ENGINES: dict[str, Engine] = {
    "memory": MEMORY,
    "sqlite": SQLITE,
    "redis": REDIS,
    "postgresql": POSTGRES,
    "rediss": REDISS,
    "redis+sentinel": SENTINEL,
    "kafka": KAFKA,
}


def engine_of(url: str) -> Engine:
    """Look up the engine of *url* without opening anything.

    Raises:
        LedgerMisconfigured: no engine has this scheme; lists those that exist.
    """
    return engine_among(url, ENGINES)


def found(url: str) -> tuple[Engine, Address]:
    """The engine of *url*, and what its functions take.

    Raises:
        LedgerMisconfigured: the URL does not name a ledger.
    """
    engine = engine_of(url)
    return engine, address_of(url, engine)
