"""What a Redis server is asked before it may keep a ledger, and with each append: does it keep what it is given?

On which terms an append is durable when it returns:

| server                                        | what an acknowledged entry survives                                |
|-----------------------------------------------|--------------------------------------------------------------------|
| AOF, `appendfsync always`                     | a power cut: it is synced before the answer                        |
| AOF, `everysec`, Redis 7.2 and later          | a power cut: an append waits for the sync (WAITAOF), up to a second |
| AOF, `everysec`, before 7.2                   | refused: nothing tells when an entry is synced                     |
| AOF, `everysec`, and `durability=everysec`    | the end of the Redis process; a power cut may take two seconds     |
| no AOF (`durability=any` only)                | nothing, but for what the server's snapshots happen to hold        |
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, cast

from redis import Redis
from redis.exceptions import BusyLoadingError, NoPermissionError, ResponseError

from moorings_registry.ledger.errors import LedgerMisconfigured


class Durability(StrEnum):
    """What a ledger URL demands of the server."""

    AOF = "aof"
    """An acknowledged entry is synced in the append-only file; the default."""
    EVERYSEC = "everysec"
    """It is in an append-only file, which is synced every second."""
    ANY = "any"
    """Whatever the server does: for caches, trials and tests."""


class Proof(StrEnum):
    """What is asked together with each append, and shows that the entry is kept."""

    SYNCED = "synced"
    """WAITAOF, since Redis 7.2: how many append-only files have it on disk."""
    ALWAYS = "always"
    """The settings: before 7.2, and with `always`, the answer to the append comes after the sync."""
    WRITTEN = "written"
    """That the append-only file is on."""
    NONE = "none"


def check_setup(client: Redis, durability: Durability) -> Proof:
    """Ask the server behind *client*, and refuse one that would lose entries by design.

    Raises:
        LedgerMisconfigured: says which setting to change.
        redis.RedisError: it does not answer, or still loads its data.
    """
    if durability is Durability.ANY:
        return Proof.NONE
    persistence = _info(client, "persistence")
    if persistence.get("loading"):  # until it has, it says that it has no append-only file
        raise BusyLoadingError("it says so")
    if not persistence.get("aof_enabled"):
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
    if durability is Durability.EVERYSEC:
        return Proof.WRITTEN
    return Proof.SYNCED if _knows_waitaof(client) else _syncing_always(client)


def _syncing_always(client: Redis) -> Proof:
    """Pass a server that cannot be asked for a sync and does without, because it syncs before each answer."""
    otherwise = "or add ?durability=everysec to the ledger URL, if a power cut may take the last two seconds"
    try:
        asked: Any = client.config_get(SETTINGS)
    except (NoPermissionError, ResponseError) as error:
        raise LedgerMisconfigured(
            "this Redis server is older than 7.2 and does not say whether it syncs before it answers",
            f"Grant CONFIG GET, use Redis 7.2 or later, {otherwise}",
        ) from error
    if asked.get("appendfsync") != "always":
        raise LedgerMisconfigured(
            "this Redis server is older than 7.2 and syncs its append-only file after it has answered",
            f"Set `appendfsync always`, use Redis 7.2 or later, {otherwise}",
        )
    return Proof.ALWAYS


SETTINGS = "append*"
"""What CONFIG GET is asked for: `appendonly` and `appendfsync`, as one pattern, since it takes one before 7.0."""


def _info(client: Redis, section: str) -> Mapping[str, Any]:
    return cast(Mapping[str, Any], client.info(section))


def _knows_waitaof(client: Redis) -> bool:
    """Ask for the command itself: version numbers differ between Redis and the servers that speak like it."""
    described: list[Any] = client.execute_command("COMMAND INFO", "WAITAOF")  # type: ignore[no-untyped-call]
    return described[0] is not None
