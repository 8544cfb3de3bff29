"""Which lease, and which place for statuses, goes with which ledger: they stand beside the entries."""

from collections.abc import Callable, Mapping
from pathlib import Path
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from moorings_registry.export_statuses import InFolder, StatusStore
from moorings_registry.exporting.leases.file import FileLease
from moorings_registry.exporting.leases.port import Lease
from moorings_registry.ledger import engine_of

_TIMEOUT_S = 2.0


def open_lease(ledger_url: str, runtime: Path) -> Lease:
    """Make the lease of the ledger at *ledger_url*, a URL that opens; *runtime* is the folder of this run.

    Raises:
        LedgerMisconfigured: the URL names no ledger.
    """
    engine_of(ledger_url)
    parts = urlsplit(ledger_url)
    return LEASES[parts.scheme.lower()](parts, dict(parse_qsl(parts.query, keep_blank_values=True)), runtime)


def open_statuses(ledger_url: str, runtime: Path) -> StatusStore:
    """Make the place where the exporters of the ledger at *ledger_url* tell how they fare: for all who may be asked.

    Raises:
        LedgerMisconfigured: the URL names no ledger.
    """
    engine_of(ledger_url)
    parts = urlsplit(ledger_url)
    if parts.scheme.lower() not in ("redis", "rediss"):
        return InFolder(runtime)
    from moorings_registry.exporting.redis_statuses import RedisStatuses  # an extra, as below
    from moorings_registry.ledger.redis_client import connect, prefix_of

    parameters = dict(parse_qsl(parts.query, keep_blank_values=True))
    return RedisStatuses(connect(parts, parameters, timeout_s=_TIMEOUT_S), prefix_of(parameters))


def _memory(_parts: SplitResult, _parameters: Mapping[str, str], runtime: Path) -> Lease:
    return FileLease(runtime / "exporting")


def _sqlite(parts: SplitResult, _parameters: Mapping[str, str], _runtime: Path) -> Lease:
    ledger = Path(unquote(parts.path.removeprefix("/")))
    return FileLease(ledger.with_name(ledger.name + ".exporting").absolute())


def _redis(parts: SplitResult, parameters: Mapping[str, str], _runtime: Path) -> Lease:
    # An extra: installed only by those who use it, and whoever got here has opened a ledger with it.
    from moorings_registry.exporting.leases.redis import RedisLease
    from moorings_registry.ledger.redis_client import connect, prefix_of

    return RedisLease(connect(parts, parameters, timeout_s=_TIMEOUT_S), prefix_of(parameters))


LEASES: dict[str, Callable[[SplitResult, Mapping[str, str], Path], Lease]] = {
    "memory": _memory,
    "sqlite": _sqlite,
    "redis": _redis,
    "rediss": _redis,
}
"""One row for each engine of the ledger; a test holds the two tables together."""
