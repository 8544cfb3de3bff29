"""Ledger URLs: which engine keeps the entries, and where.

    memory:                                 in this process, gone with it
    sqlite:///ledger.db                     a file, relative to the working directory: three slashes
    sqlite:////var/lib/moorings/ledger.db   a file, absolute: four slashes, as the path begins with one
    redis://user:password@host:6379/0       a Redis server with an append-only file; rediss:// over TLS

A URL is a scheme, its address, and after ``?`` the engine's own parameters; a parameter nobody knows is refused.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from moorings_registry.entries import START
from moorings_registry.ledger.errors import LedgerMisconfigured
from moorings_registry.ledger.memory import MemoryLedger
from moorings_registry.ledger.port import Ledger
from moorings_registry.ledger.sqlite import SqliteLedger

Opener = Callable[[SplitResult, Mapping[str, str], bool], Ledger]
"""The URL, its parameters, and whether a ledger is made where there is none."""


@dataclass(frozen=True, slots=True)
class Engine:
    """One row of the table of engines."""

    example: str
    about: str
    open: Opener
    parameters: frozenset[str] = frozenset()
    shared: bool = True
    """Whether several processes that open the same URL see the same entries."""


def open_ledger(url: str, *, create: bool = True) -> Ledger:
    """Open the ledger that *url* names; where there is none, *create* decides whether one is made.

    Raises:
        LedgerMisconfigured: the URL, or what stands at its address, is no ledger; says what to write instead.
        LedgerUnavailable, LedgerCorrupt: see `Ledger`.
    """
    engine = engine_of(url)
    try:
        parts = urlsplit(url)
    except ValueError:  # its text may repeat a password
        raise LedgerMisconfigured("the ledger URL cannot be read", f"Write {engine.example}") from None
    if parts.fragment:
        raise LedgerMisconfigured("the ledger URL holds a #", "Write %23 where it belongs to a path or a password")
    parameters = dict(parse_qsl(parts.query, keep_blank_values=True))
    for name in parameters.keys() - engine.parameters:
        what = repr(name) if name.isidentifier() else "whose name is none"  # it may be the rest of a password
        known = ", ".join(sorted(engine.parameters)) or "none"
        raise LedgerMisconfigured(f"the ledger URL has an unknown parameter {what}", f"Known here: {known}")
    return engine.open(parts, parameters, create)


def engine_of(url: str) -> Engine:
    """Look up the engine of *url* without opening anything.

    Raises:
        LedgerMisconfigured: no engine has this scheme; lists those that exist.
    """
    scheme, colon, _ = url.partition(":")
    if colon and scheme.lower() in ENGINES:
        return ENGINES[scheme.lower()]
    raise LedgerMisconfigured(
        f"there is no ledger engine {scheme!r}" if colon else "the ledger is given as a URL",
        "Write one of: " + "  ".join(engine.example for engine in ENGINES.values()),
    )


def _memory(parts: SplitResult, parameters: Mapping[str, str], create: bool) -> Ledger:
    if parts.netloc or parts.path or parameters:
        raise LedgerMisconfigured("a ledger in memory has no address", "Write memory:")
    if not create:
        raise LedgerMisconfigured("a ledger in memory begins empty", "Name the ledger that you mean")
    return MemoryLedger()


def _sqlite(parts: SplitResult, parameters: Mapping[str, str], create: bool) -> Ledger:
    path = unquote(parts.path.removeprefix("/"))
    if parts.netloc or not parts.path.startswith("/") or not path or path.endswith("/") or "\0" in path:
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
        raise LedgerMisconfigured(f"there is no ledger {file.absolute()}", "Look at the path again")
    return SqliteLedger(file, busy_timeout_s=_seconds(parameters, "busy_timeout_s", 5.0))


def _redis(parts: SplitResult, parameters: Mapping[str, str], create: bool) -> Ledger:
    try:
        from moorings_registry.ledger.redis_client import open_redis  # an extra: installed only by those who use it
    except ModuleNotFoundError as error:
        if error.name != "redis":
            raise
        raise LedgerMisconfigured("the Redis client is not installed", "Run pip install 'moorings[redis]'") from None
    ledger = open_redis(parts, parameters, timeout_s=_seconds(parameters, "timeout_s", 5.0))
    if not create and ledger.head() == START:
        ledger.close()
        raise LedgerMisconfigured("there is no ledger with this prefix on that server", "Look at the URL again")
    return ledger


def _seconds(parameters: Mapping[str, str], name: str, default: float) -> float:
    try:
        value = float(parameters.get(name, default))
    except ValueError:
        value = -1.0
    if not 0 < value <= 60:
        raise LedgerMisconfigured(f"{name} is not a number of seconds", "Write a number between 0 and 60")
    return value


_REDIS = frozenset({"durability", "prefix", "timeout_s"})

ENGINES: dict[str, Engine] = {
    "memory": Engine("memory:", "in this process, gone with it", _memory, shared=False),
    "sqlite": Engine("sqlite:///ledger.db", "one file on a local disk", _sqlite, frozenset({"busy_timeout_s"})),
    "redis": Engine("redis://127.0.0.1:6379/0", "a Redis stream, for several machines", _redis, _REDIS),
    "rediss": Engine("rediss://redis.example:6379/0", "the same over TLS", _redis, _REDIS | {"ca_file"}),
}
