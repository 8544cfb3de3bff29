"""A ledger in a Redis stream, and keys beside it.

redis is an extra, so what uses it is imported by those who have a ledger there.
"""

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from moorings_registry.drift import DriftStore
from moorings_registry.engines.engine import BESIDE_TIMEOUT_S, Address, Engine, needing_extra, with_entries
from moorings_registry.expiring_records import ExpiringRecords
from moorings_registry.export_statuses import StatusStore
from moorings_registry.exporting.leases import Lease
from moorings_registry.kept_checks import KeptCheckStore
from moorings_registry.ledger import Ledger

if TYPE_CHECKING:
    from redis import Redis


def _ledger(address: Address, create: bool) -> Ledger:
    with needing_extra("redis", "redis", "Redis"):
        from moorings_registry.ledger.redis_client import open_redis
    ledger = open_redis(address.parts, address.parameters, timeout_s=address.seconds("timeout_s", 5.0))
    return ledger if create else with_entries(ledger, "there is no ledger with this prefix on that server")


def _counts(address: Address, kind: str, kept: timedelta) -> DriftStore:
    from moorings_registry.drift.redis import RedisDrift

    return RedisDrift(*_beside(address), kind, kept)


def _lease(address: Address, _runtime: Path, purpose: str) -> Lease:
    from moorings_registry.exporting.leases.redis import RedisLease

    return RedisLease(*_beside(address), purpose)


def _statuses(address: Address, _runtime: Path) -> StatusStore:
    from moorings_registry.exporting.redis_statuses import RedisStatuses

    return RedisStatuses(*_beside(address))


def _kept_checks(address: Address) -> KeptCheckStore:
    from moorings_registry.kept_checks.redis import RedisKeptChecks

    return RedisKeptChecks(*_beside(address))


def _records(address: Address) -> ExpiringRecords:
    from moorings_registry.expiring_records.redis import RedisRecords

    return RedisRecords(*_beside(address))


def _beside(address: Address) -> "tuple[Redis, str]":
    """A client of the ledger's server, and the prefix of its keys."""
    from moorings_registry.ledger.redis_client import connect, prefix_of

    return connect(address.parts, address.parameters, timeout_s=BESIDE_TIMEOUT_S), prefix_of(address.parameters)


_ON_REDIS = (_ledger, _counts, _lease, _statuses, _kept_checks, _records)
_PARAMETERS = frozenset({"durability", "password_file", "prefix", "replicas", "socket", "timeout_s"})
_SENTINEL_PARAMETERS = _PARAMETERS - {"socket"} | {"sentinel_password_file"}
_TLS_PARAMETERS = _PARAMETERS - {"socket"} | {"ca_file", "certificate_file", "key_file"}

REDIS = Engine("redis://127.0.0.1:6379/0", "a Redis stream, for several machines", *_ON_REDIS, _PARAMETERS)
SENTINEL = Engine(
    "redis+sentinel://sentinel1:26379,sentinel2:26379/NAME",
    "the master that Redis Sentinel names",
    *_ON_REDIS,
    _SENTINEL_PARAMETERS,
)
REDISS = Engine("rediss://redis.example:6379/0", "the same over TLS", *_ON_REDIS, _TLS_PARAMETERS)
