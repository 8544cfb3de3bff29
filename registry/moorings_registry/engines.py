"""Which store goes with which ledger: the counts stand beside the entries, on the same engine."""

from collections.abc import Callable, Mapping
from pathlib import Path
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from moorings_registry.drift.memory import MemoryDrift
from moorings_registry.drift.port import DriftStore
from moorings_registry.drift.sqlite import SqliteDrift
from moorings_registry.ledger import engine_of

_TIMEOUT_S = 2.0


def open_drift(ledger_url: str) -> DriftStore:
    """Make the store that belongs to the ledger at *ledger_url*, a URL that opens; nothing is asked of it yet.

    Raises:
        LedgerMisconfigured: the URL names no ledger.
    """
    engine_of(ledger_url)
    parts = urlsplit(ledger_url)
    return STORES[parts.scheme.lower()](parts, dict(parse_qsl(parts.query, keep_blank_values=True)))


def _memory(_parts: SplitResult, _parameters: Mapping[str, str]) -> DriftStore:
    return MemoryDrift()


def _sqlite(parts: SplitResult, _parameters: Mapping[str, str]) -> DriftStore:
    ledger = Path(unquote(parts.path.removeprefix("/")))
    return SqliteDrift(ledger.with_name(ledger.name + ".drift").absolute())


def _redis(parts: SplitResult, parameters: Mapping[str, str]) -> DriftStore:
    # An extra: installed only by those who use it, and whoever got here has opened a ledger with it.
    from moorings_registry.drift.redis import RedisDrift
    from moorings_registry.ledger.redis_client import connect, prefix_of

    return RedisDrift(connect(parts, parameters, timeout_s=_TIMEOUT_S), prefix_of(parameters))


STORES: dict[str, Callable[[SplitResult, Mapping[str, str]], DriftStore]] = {
    "memory": _memory,
    "sqlite": _sqlite,
    "redis": _redis,
    "rediss": _redis,
}
"""One row for each engine of the ledger; a test holds the two tables together."""
