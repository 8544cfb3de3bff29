"""Engines: everything that uses one kind of storage, as one row, chosen by the scheme of the ledger's URL.

    memory:                                 in this process, gone with it
    sqlite:///ledger.db                     a file, relative to the working directory: three slashes
    sqlite:////var/lib/moorings/ledger.db   a file, absolute: four slashes, as the path begins with one
    redis://user@host:6379/0                a Redis server with an append-only file; rediss:// over TLS
    postgresql://moorings@host/registry     a table that `moorings-registry ledger init` made
    kafka://host:9092,host2:9092/moorings   a topic; preview

A URL is a scheme, its address, and after ``?`` the engine's own parameters; an unknown parameter is refused. Counts of
drift, kept checks, the leases of background work, what is known of exports and webhooks, and expiring records are
stored beside the entries, on the same engine; Kafka has no place for them, so its URL names another engine, `beside`.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from moorings_registry.drift import KEPT_DAYS, DriftStore, MemoryDrift
from moorings_registry.drift.sqlite import SqliteDrift
from moorings_registry.entries import START
from moorings_registry.expiring_records import ExpiringRecords, MemoryRecords
from moorings_registry.expiring_records.sqlite import SqliteRecords
from moorings_registry.export_statuses import FileStatuses, StatusStore
from moorings_registry.exporting.leases import EXPORTING, FileLease, Lease
from moorings_registry.kept_checks import KeptCheckStore, MemoryKeptChecks
from moorings_registry.kept_checks.sqlite import SqliteKeptChecks
from moorings_registry.last_use import LAST_USE_DAYS
from moorings_registry.ledger import Ledger, LedgerMisconfigured, LedgerMissing
from moorings_registry.ledger.memory import MemoryLedger
from moorings_registry.ledger.sqlite import SqliteLedger
from moorings_registry.usage_counts import Usage

if TYPE_CHECKING:
    from types import ModuleType

    from redis import Redis

    from moorings_registry.ledger.kafka_url import KafkaServer
    from moorings_registry.ledger.postgres_client import PostgresServer

_KEPT = timedelta(days=KEPT_DAYS)
_BESIDE_TIMEOUT_S = 2.0
"""How long to wait for what is stored beside the ledger, which nothing depends on."""


@dataclass(frozen=True, slots=True)
class Address:
    """A ledger's URL, taken apart."""

    parts: SplitResult
    parameters: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Engine:
    """One row of the table of engines."""

    example: str
    about: str
    open_ledger: Callable[[Address, bool], Ledger]
    """Takes whether a ledger is made where there is none."""
    open_counts: Callable[[Address, str, timedelta], DriftStore]
    """Takes what is counted, drift or usage, which names where the counts are kept, and for how long a row is kept."""
    open_lease: Callable[[Address, Path, str], Lease]
    """Takes the folder of this run, for what does not outlive it, and what the lease is for."""
    open_statuses: Callable[[Address, Path], StatusStore]
    """Takes the folder of this run, too."""
    open_kept_checks: Callable[[Address], KeptCheckStore]
    open_records: Callable[[Address], ExpiringRecords]
    parameters: frozenset[str] = frozenset()
    shared: bool = True
    """Whether several processes that open the same URL see the same entries."""


def open_ledger(url: str, *, create: bool = True) -> Ledger:
    """Open the ledger that *url* names; where there is none, *create* decides whether one is made.

    Raises:
        LedgerMisconfigured: the URL, or what is at its address, is not a ledger; says what to write instead.
        LedgerMissing: there is none, and *create* is False.
        LedgerUnavailable, LedgerCorrupt: see `Ledger`.
    """
    return engine_of(url).open_ledger(_address(url), create)


def open_drift(url: str) -> DriftStore:
    """Make the store of drift counts that belongs to the ledger at *url*; nothing is asked of it yet.

    Raises:
        LedgerMisconfigured: the URL does not name a ledger.
    """
    return engine_of(url).open_counts(_address(url), "drift", _KEPT)


def open_drift_days(url: str) -> DriftStore:
    """Make the store of drift counts by day that belongs to the ledger at *url*; nothing is asked of it yet.

    Raises:
        LedgerMisconfigured: the URL does not name a ledger.
    """
    return engine_of(url).open_counts(_address(url), "drift-days", _KEPT)


def open_usage(url: str) -> Usage:
    """Make the counts of usage that belong to the ledger at *url*; nothing is asked of them yet.

    Raises:
        LedgerMisconfigured: the URL does not name a ledger.
    """
    engine, address = engine_of(url), _address(url)
    last_use = engine.open_counts(address, "last-use", timedelta(days=LAST_USE_DAYS))
    return Usage(engine.open_counts(address, "usage", _KEPT), last_use)


def open_kept_checks(url: str) -> KeptCheckStore:
    """Make the store of kept checks that belongs to the ledger at *url*; nothing is asked of it yet.

    Raises:
        LedgerMisconfigured: the URL does not name a ledger.
    """
    return engine_of(url).open_kept_checks(_address(url))


def access_path(url: str) -> Path | None:
    """The file in which a node counts who reads what: beside a ledger that is a file, else in the working directory.

    None for a ledger in memory, whose counts go with it.

    Raises:
        LedgerMisconfigured: the URL does not name a ledger.
    """
    file = _address_of_file(url)
    if file is not None:
        return _beside_file(file, ".access")
    return Path("moorings.access").absolute() if engine_of(url).shared else None


def bases_path(url: str) -> Path | None:
    """The folder of the bases of a ledger that is a file, beside it; None for one that is not on a disk of this node.

    Raises:
        LedgerMisconfigured: the URL does not name a ledger.
    """
    file = _address_of_file(url)
    return _beside_file(file, ".bases") if file is not None else None


def open_lease(url: str, runtime: Path, purpose: str = EXPORTING) -> Lease:
    """Make the lease of those who do *purpose* for the ledger at *url*; *runtime* is the folder of this run.

    Raises:
        LedgerMisconfigured: the URL does not name a ledger.
    """
    return engine_of(url).open_lease(_address(url), runtime, purpose)


def open_statuses(url: str, runtime: Path) -> StatusStore:
    """Make the store of export statuses that all processes of the ledger at *url* share.

    Raises:
        LedgerMisconfigured: the URL does not name a ledger.
    """
    return engine_of(url).open_statuses(_address(url), runtime)


def open_webhook_progress(url: str, runtime: Path) -> StatusStore:
    """Make the store of how far webhooks have come, which outlives a run where the ledger does.

    Raises:
        LedgerMisconfigured: the URL does not name a ledger.
    """
    file = _address_of_file(url)
    if file is not None:
        return FileStatuses(_beside_file(file, ".webhooks"))
    return engine_of(url).open_statuses(_address(url), runtime)


def open_records(url: str) -> ExpiringRecords:
    """Make the store of expiring records that belongs to the ledger at *url*; nothing is asked of it yet.

    Raises:
        LedgerMisconfigured: the URL does not name a ledger.
    """
    return engine_of(url).open_records(_address(url))


def engine_of(url: str) -> Engine:
    """Look up the engine of *url* without opening anything.

    Raises:
        LedgerMisconfigured: no engine has this scheme; lists those that exist.
    """
    scheme, colon, _ = url.partition(":")
    if colon and scheme.lower() in ENGINES:
        return ENGINES[scheme.lower()]
    raise LedgerMisconfigured(
        f"unknown ledger engine {scheme!r}" if colon else "the ledger is not given as a URL",
        "Write one of: " + "  ".join(engine.example for engine in ENGINES.values()),
    )


def _address_of_file(url: str) -> Address | None:
    """The address of the file that *url* names, as the ledger or beside it; None where neither is a file."""
    address = _address(url)
    if engine_of(url).open_ledger is _kafka_ledger:
        return _file_beside_topic(address)
    return address if engine_of(url).open_ledger is _sqlite_ledger else None


def _address(url: str) -> Address:
    engine = engine_of(url)
    try:
        parts = urlsplit(url)
    except ValueError:  # its text may repeat a password
        raise LedgerMisconfigured("the ledger URL cannot be read", f"Write {engine.example}") from None
    if parts.fragment:
        raise LedgerMisconfigured("the ledger URL holds a #", "Write %23 where it belongs to a path or a password")
    parameters = dict(parse_qsl(parts.query, keep_blank_values=True))
    for name in parameters.keys() - engine.parameters:
        what = repr(name) if name.isidentifier() else "with an invalid name"  # it may be the rest of a password
        known = ", ".join(sorted(engine.parameters)) or "none"
        raise LedgerMisconfigured(f"the ledger URL has an unknown parameter {what}", f"Known here: {known}")
    return Address(parts, parameters)


def _memory_ledger(address: Address, create: bool) -> Ledger:
    if address.parts.netloc or address.parts.path or address.parameters:
        raise LedgerMisconfigured("a ledger in memory has no address", "Write memory:")
    if not create:
        raise LedgerMisconfigured("a ledger in memory begins empty", "Name the ledger that you mean")
    return MemoryLedger()


def _memory_counts(_address: Address, _kind: str, kept: timedelta) -> DriftStore:
    return MemoryDrift(kept)


def _folder_lease(_address: Address, runtime: Path, purpose: str) -> Lease:
    return FileLease(runtime / purpose)


def _folder_statuses(_address: Address, runtime: Path) -> StatusStore:
    return FileStatuses(runtime / "exporters")


def _memory_kept_checks(_address: Address) -> KeptCheckStore:
    return MemoryKeptChecks()


def _memory_records(_address: Address) -> ExpiringRecords:
    return MemoryRecords()


def _sqlite_ledger(address: Address, create: bool) -> Ledger:
    path = unquote(address.parts.path.removeprefix("/"))
    if address.parts.netloc or not address.parts.path.startswith("/") or not path or path.endswith("/") or "\0" in path:
        raise LedgerMisconfigured(
            "the ledger URL names no file",
            "Write sqlite:///ledger.db for a file in the working directory (three slashes), "
            "or sqlite:////var/lib/moorings/ledger.db for an absolute path (four)",
        )
    file = Path(path)
    absolute = Path("/") / file
    if not file.is_absolute() and not file.parent.exists() and absolute.parent.exists() and not path.startswith("."):
        raise LedgerMisconfigured(
            f"sqlite:///{path} is relative to the working directory, where there is no folder {file.parent}",
            f"For the absolute path write sqlite:///{absolute}; to have the folder made here, sqlite:///./{path}",
        )
    if not create and not file.exists():
        raise LedgerMissing(f"there is no ledger {file.absolute()}", "Check the path")
    return SqliteLedger(file, busy_timeout_s=_seconds(address, "busy_timeout_s", 5.0))


def _sqlite_counts(address: Address, kind: str, kept: timedelta) -> DriftStore:
    return SqliteDrift(_beside_file(address, f".{kind}"), kept)


def _sqlite_kept_checks(address: Address) -> KeptCheckStore:
    return SqliteKeptChecks(_beside_file(address, ".checks"))


def _sqlite_lease(address: Address, _runtime: Path, purpose: str) -> Lease:
    return FileLease(_beside_file(address, f".{purpose}"))


def _sqlite_records(address: Address) -> ExpiringRecords:
    return SqliteRecords(_beside_file(address, ".records"))


def _beside_file(address: Address, suffix: str) -> Path:
    file = Path(unquote(address.parts.path.removeprefix("/")))
    return file.with_name(file.name + suffix).absolute()


@contextmanager
def _extra(extra: str, module: str, client: str) -> Iterator[None]:
    """Import what needs *module*, the client of an engine, which comes with *extra*.

    Raises:
        LedgerMisconfigured: it is not installed.
    """
    try:
        yield
    except ModuleNotFoundError as error:
        if error.name != module:
            raise
        what, fix = f"the {client} client is not installed", f"Run pip install 'moorings-registry[{extra}]'"
        raise LedgerMisconfigured(what, fix) from None


def _begun(ledger: Ledger, otherwise: str) -> Ledger:
    """Return *ledger*, which has entries.

    Raises:
        LedgerMissing: it has none, which *otherwise* says.
    """
    if ledger.head() == START:
        ledger.close()
        raise LedgerMissing(otherwise, "Check the URL")
    return ledger


# redis is an extra, so what uses it is imported by those who have a ledger there.


def _redis_ledger(address: Address, create: bool) -> Ledger:
    with _extra("redis", "redis", "Redis"):
        from moorings_registry.ledger.redis_client import open_redis
    ledger = open_redis(address.parts, address.parameters, timeout_s=_seconds(address, "timeout_s", 5.0))
    return ledger if create else _begun(ledger, "there is no ledger with this prefix on that server")


def _redis_counts(address: Address, kind: str, kept: timedelta) -> DriftStore:
    from moorings_registry.drift.redis import RedisDrift

    return RedisDrift(*_beside_stream(address), kind, kept)


def _redis_kept_checks(address: Address) -> KeptCheckStore:
    from moorings_registry.kept_checks.redis import RedisKeptChecks

    return RedisKeptChecks(*_beside_stream(address))


def _redis_lease(address: Address, _runtime: Path, purpose: str) -> Lease:
    from moorings_registry.exporting.leases.redis import RedisLease

    return RedisLease(*_beside_stream(address), purpose)


def _redis_statuses(address: Address, _runtime: Path) -> StatusStore:
    from moorings_registry.exporting.redis_statuses import RedisStatuses

    return RedisStatuses(*_beside_stream(address))


def _redis_records(address: Address) -> ExpiringRecords:
    from moorings_registry.expiring_records.redis import RedisRecords

    return RedisRecords(*_beside_stream(address))


def _beside_stream(address: Address) -> "tuple[Redis, str]":
    """A client of the ledger's server, and the prefix of its keys."""
    from moorings_registry.ledger.redis_client import connect, prefix_of

    return connect(address.parts, address.parameters, timeout_s=_BESIDE_TIMEOUT_S), prefix_of(address.parameters)


# and so is psycopg


def _postgres_ledger(address: Address, create: bool) -> Ledger:
    server = postgres_server(address)
    from moorings_registry.ledger.postgres import PostgresLedger

    ledger = PostgresLedger(server)
    return ledger if create else _begun(ledger, "the ledger in that schema has no entries")


def postgres_server(address: Address, timeout_s: float | None = None) -> "PostgresServer":
    """Where the tables of the ledger at *address* are, and how they are reached.

    Raises:
        LedgerMisconfigured
    """
    with _extra("postgresql", "psycopg", "PostgreSQL"):
        from moorings_registry.ledger.postgres_client import server_of
    return server_of(address.parts, address.parameters, timeout_s or _seconds(address, "timeout_s", 5.0))


def setup_script(url: str, user: str) -> str:
    """What makes the ledger at *url* for a registry that signs in as *user*: SQL, or commands of Kafka's tools.

    Raises:
        LedgerMisconfigured: the engine has nothing to make, or the URL or the name cannot be used.
    """
    if engine_of(url).open_ledger is not _kafka_ledger:
        return tables_script(url, user)
    setup, server = _kafka_setup(_address(url))
    return str(setup.script(server, user))


def run_setup(url: str, user: str) -> None:
    """Make what `setup_script` says, signed in as *url* says.

    Raises:
        LedgerMisconfigured, LedgerUnavailable
    """
    if engine_of(url).open_ledger is not _kafka_ledger:
        run_script(url, tables_script(url, user))
        return
    setup, server = _kafka_setup(_address(url))
    setup.prepare(server, create=True)


def tables_script(url: str, user: str) -> str:
    """SQL that makes the tables of the ledger at *url*, for a registry that signs in as *user*.

    Raises:
        LedgerMisconfigured: the engine has no tables to make, or the URL or the name cannot be used.
    """
    if engine_of(url).open_ledger is not _postgres_ledger:
        raise LedgerMisconfigured("this engine makes what it needs itself", "Serve it")
    return postgres_server(_address(url)).tables.script(user)


def run_script(url: str, script: str) -> None:
    """Run what `tables_script` returned, all or nothing, signed in as *url* says.

    Raises:
        LedgerMisconfigured, LedgerUnavailable
    """
    server = postgres_server(_address(url))
    from moorings_registry.ledger.postgres_client import run

    run(server, script)


def missing_tables(url: str) -> tuple[str, ...]:
    """The tables that this release needs and the ledger at *url* does not have; none where the engine makes its own.

    Raises:
        LedgerMisconfigured, LedgerUnavailable
    """
    if engine_of(url).open_ledger is not _postgres_ledger:
        return ()
    server = postgres_server(_address(url))
    from moorings_registry.ledger.postgres_client import table_names

    there = table_names(server)
    return tuple(one for one in server.tables.names if one not in there)


def _postgres_counts(address: Address, kind: str, kept: timedelta) -> DriftStore:
    from moorings_registry.drift.postgres import PostgresDrift

    return PostgresDrift(postgres_server(address, _BESIDE_TIMEOUT_S), kind, kept)


def _postgres_kept_checks(address: Address) -> KeptCheckStore:
    from moorings_registry.kept_checks.postgres import PostgresKeptChecks

    return PostgresKeptChecks(postgres_server(address, _BESIDE_TIMEOUT_S))


def _postgres_lease(address: Address, _runtime: Path, purpose: str) -> Lease:
    from moorings_registry.exporting.leases.postgres import PostgresLease

    return PostgresLease(postgres_server(address, _BESIDE_TIMEOUT_S), purpose)


def _postgres_statuses(address: Address, _runtime: Path) -> StatusStore:
    from moorings_registry.exporting.postgres_statuses import PostgresStatuses

    return PostgresStatuses(postgres_server(address, _BESIDE_TIMEOUT_S))


def _postgres_records(address: Address) -> ExpiringRecords:
    from moorings_registry.expiring_records.postgres import PostgresRecords

    return PostgresRecords(postgres_server(address, _BESIDE_TIMEOUT_S))


# and so is confluent-kafka


def _kafka_ledger(address: Address, create: bool) -> Ledger:
    _beside_topic(address)
    setup, server = _kafka_setup(address)
    from moorings_registry.ledger.kafka import KafkaLedger

    file = _file_beside_topic(address)
    if file is not None and server.index is None:
        server = replace(server, index=_beside_file(file, f".{server.topic}.index"))
    ledger = KafkaLedger(server, setup.prepare(server, create=create))
    return ledger if create else _begun(ledger, "the topic has no entries")


def _kafka_setup(address: Address) -> "tuple[ModuleType, KafkaServer]":
    """What makes and checks topics, and where this one is.

    Raises:
        LedgerMisconfigured
    """
    with _extra("kafka", "confluent_kafka", "Kafka"):
        from moorings_registry.ledger import kafka_setup
        from moorings_registry.ledger.kafka_url import server_of
    server = server_of(address.parts, address.parameters, _seconds(address, "timeout_s", 5.0))
    return kafka_setup, server


def _beside_topic(address: Address) -> tuple[str, Address]:
    """The URL, and its address, of what stores all that is beside a ledger in a topic.

    Raises:
        LedgerMisconfigured
    """
    url = address.parameters.get("beside", "")
    if not url:
        raise LedgerMisconfigured(
            "the ledger URL does not say what stores that which a topic cannot: leases, counts, kept checks, sessions",
            "Add &beside= with the URL of a PostgreSQL or a Redis, or of an SQLite file if there is one node, its "
            "special characters escaped: beside=sqlite%3A%2F%2F%2Fbeside.db",
        )
    engine = engine_of(url)
    if engine.open_ledger in (_memory_ledger, _kafka_ledger):
        raise LedgerMisconfigured(
            "what is beside the ledger would not be shared", "Let beside name a PostgreSQL, a Redis or an SQLite file"
        )
    return url, _address(url)


def _file_beside_topic(address: Address) -> Address | None:
    url, beside = _beside_topic(address)
    return beside if engine_of(url).open_ledger is _sqlite_ledger else None


def start_notes(url: str) -> tuple[str, ...]:
    """What somebody should know who serves the ledger at *url*, one sentence each.

    Raises:
        LedgerMisconfigured: the URL does not name a ledger.
    """
    if engine_of(url).open_ledger is not _kafka_ledger:
        return ()
    preview = "a ledger in Kafka is a preview: keep backups, and read docs/operations.md on what it promises"
    if _file_beside_topic(_address(url)) is None:
        return (preview,)
    alone = (
        "what is beside this ledger is a file: no second node may serve it, which would do exports and webhooks again"
    )
    return (preview, alone)


def _kafka_counts(address: Address, kind: str, kept: timedelta) -> DriftStore:
    url, beside = _beside_topic(address)
    return engine_of(url).open_counts(beside, kind, kept)


def _kafka_kept_checks(address: Address) -> KeptCheckStore:
    url, beside = _beside_topic(address)
    return engine_of(url).open_kept_checks(beside)


def _kafka_lease(address: Address, runtime: Path, purpose: str) -> Lease:
    url, beside = _beside_topic(address)
    return engine_of(url).open_lease(beside, runtime, purpose)


def _kafka_statuses(address: Address, runtime: Path) -> StatusStore:
    url, beside = _beside_topic(address)
    return engine_of(url).open_statuses(beside, runtime)


def _kafka_records(address: Address) -> ExpiringRecords:
    url, beside = _beside_topic(address)
    return engine_of(url).open_records(beside)


def _seconds(address: Address, name: str, default: float) -> float:
    try:
        value = float(address.parameters.get(name, default))
    except ValueError:
        value = -1.0
    if not 0 < value <= 60:
        raise LedgerMisconfigured(f"{name} is not a number of seconds", "Write a number between 0 and 60")
    return value


_ON_REDIS = (_redis_ledger, _redis_counts, _redis_lease, _redis_statuses, _redis_kept_checks, _redis_records)
_REDIS_PARAMETERS = frozenset({"durability", "password_file", "prefix", "socket", "timeout_s"})
_REDISS_PARAMETERS = _REDIS_PARAMETERS - {"socket"} | {"ca_file", "certificate_file", "key_file"}

_ON_POSTGRES = (
    _postgres_ledger,
    _postgres_counts,
    _postgres_lease,
    _postgres_statuses,
    _postgres_kept_checks,
    _postgres_records,
)
_POSTGRES_PARAMETERS = frozenset(
    {
        "host",
        "listen",
        "notify",
        "passfile",
        "password_command",
        "schema",
        "sslcert",
        "sslkey",
        "sslmode",
        "sslrootcert",
        "timeout_s",
    }
)

ENGINES: dict[str, Engine] = {
    "memory": Engine(
        "memory:",
        "in this process, gone with it",
        _memory_ledger,
        _memory_counts,
        _folder_lease,
        _folder_statuses,
        _memory_kept_checks,
        _memory_records,
        shared=False,
    ),
    "sqlite": Engine(
        "sqlite:///ledger.db",
        "one file on a local disk",
        _sqlite_ledger,
        _sqlite_counts,
        _sqlite_lease,
        _folder_statuses,
        _sqlite_kept_checks,
        _sqlite_records,
        frozenset({"busy_timeout_s"}),
    ),
    "redis": Engine("redis://127.0.0.1:6379/0", "a Redis stream, for several machines", *_ON_REDIS, _REDIS_PARAMETERS),
    "postgresql": Engine(
        "postgresql://moorings@db.example/registry",
        "a table in PostgreSQL, for several machines",
        *_ON_POSTGRES,
        _POSTGRES_PARAMETERS,
    ),
    "rediss": Engine("rediss://redis.example:6379/0", "the same over TLS", *_ON_REDIS, _REDISS_PARAMETERS),
    "kafka": Engine(
        "kafka://kafka.example:9092/moorings?beside=...",
        "a topic in Kafka, for several machines; preview",
        _kafka_ledger,
        _kafka_counts,
        _kafka_lease,
        _kafka_statuses,
        _kafka_kept_checks,
        _kafka_records,
        frozenset({"beside", "config", "durability", "fetch_wait_ms", "index", "timeout_s"}),
    ),
}
