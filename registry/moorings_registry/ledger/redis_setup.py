"""What a Redis server is asked before it may keep a ledger: does it keep what it is given?

On which terms an append is durable when it returns:

| server                               | what an acknowledged entry survives                                         |
|--------------------------------------|-----------------------------------------------------------------------------|
| AOF, `appendfsync always`            | a power cut: it is synced before the answer                                 |
| AOF, `everysec`, Redis 7.2 and later | a power cut: an append waits for the next sync (WAITAOF), up to a second    |
| AOF, `everysec`, before 7.2          | the end of the Redis process; a power cut may take the last second or two   |
| no AOF (`durability=any` only)       | nothing, but for what the server's snapshots happen to hold                 |
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, cast

from redis import Redis

from moorings_registry.ledger.errors import LedgerMisconfigured


class Durability(StrEnum):
    """What a ledger URL demands of the server."""

    AOF = "aof"
    """Append-only file on; the default."""
    ANY = "any"
    """Whatever the server does: for caches, trials and tests."""


@dataclass(frozen=True, slots=True)
class Setup:
    """What the server offers."""

    can_wait_for_sync: bool


def check_setup(client: Redis, durability: Durability) -> Setup:
    """Ask the server behind *client*, and refuse one that would lose entries by design.

    Raises:
        LedgerMisconfigured: says which setting to change.
        redis.RedisError: it does not answer.
    """
    if durability is Durability.ANY:
        return Setup(can_wait_for_sync=False)
    if not _info(client, "persistence").get("aof_enabled"):
        raise LedgerMisconfigured(
            "this Redis server keeps no append-only file, so a restart may lose acknowledged entries",
            "Start it with `--appendonly yes --appendfsync always`, or add ?durability=any to the ledger URL",
        )
    memory = _info(client, "memory")
    if memory.get("maxmemory") and str(memory.get("maxmemory_policy", "")).startswith("allkeys"):
        raise LedgerMisconfigured(
            "this Redis server evicts keys when its memory is full, and the ledger is two keys",
            "Set `maxmemory-policy noeviction`, or add ?durability=any to the ledger URL",
        )
    return Setup(can_wait_for_sync=_knows_waitaof(client))


def _info(client: Redis, section: str) -> Mapping[str, Any]:
    return cast(Mapping[str, Any], client.info(section))


def _knows_waitaof(client: Redis) -> bool:
    """Ask for the command itself: version numbers differ between Redis and the servers that speak like it."""
    described: list[Any] = client.execute_command("COMMAND INFO", "WAITAOF")  # type: ignore[no-untyped-call]
    return described[0] is not None
