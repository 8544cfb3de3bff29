"""What is asked in the round trip of an append, and what its answer has to be: the entry is kept as it was promised."""

from collections.abc import Callable, Mapping
from typing import Any

from redis.exceptions import ResponseError

from moorings_registry.ledger.errors import LedgerUnavailable
from moorings_registry.ledger.redis_setup import SETTINGS, Proof


def question(proof: Proof, timeout_s: float, replicas: int = 0) -> tuple[tuple[Any, ...], ...]:
    """The commands that follow an append; none where nothing is promised.

    Replicas are asked by WAIT whether they have the entry, in memory. WAITAOF could ask whether they have synced it,
    but they say that once a second, whatever their `appendfsync`: an append would take a second.
    """
    timeout_ms = max(1, int(timeout_s * 1000))  # 0 would be for ever
    commands: Mapping[Proof, tuple[tuple[Any, ...], ...]] = {
        Proof.SYNCED: (("WAITAOF", 1, 0, timeout_ms),),
        Proof.ALWAYS: (("CONFIG", "GET", SETTINGS),),
        Proof.WRITTEN: (("INFO", "persistence"),),
    }
    of_replicas = (("WAIT", replicas, timeout_ms),) if replicas else ()
    return (*commands.get(proof, ()), *of_replicas)


def require_kept(proof: Proof, read_response: Callable[[], Any], replicas: int = 0) -> None:
    """Read the answers to `question`, and pass if the entry is kept, and *replicas* have it.

    Raises:
        LedgerUnavailable: it may be lost by a restart, a power cut or a failover; in doubt, since it was added.
    """
    if proof is not Proof.NONE:
        _require_synced(proof, read_response)
    if replicas and (found := read_response()) < replicas:
        raise LedgerUnavailable(f"{found} replicas of Redis have the entry, and {replicas} have to", in_doubt=True)


def _require_synced(proof: Proof, read_response: Callable[[], Any]) -> None:
    try:
        said = read_response()
    except ResponseError as error:
        raise LedgerUnavailable(f"Redis cannot sync: {error}", retryable=False, in_doubt=True) from error
    if proof is Proof.SYNCED:
        if said[0] < 1:  # it counts the local disk as 1, or 0 when the time ran out
            raise LedgerUnavailable("the disk of Redis is too slow: it has not synced the entry in time", in_doubt=True)
        return
    kept = b"aof_enabled:1" in said if proof is Proof.WRITTEN else _syncs_first(said)
    if not kept:
        raise LedgerUnavailable(
            "Redis cannot sync: its append-only file was turned off, or is synced later than it was",
            retryable=False,
            in_doubt=True,
        )


def _syncs_first(settings: Any) -> bool:
    pairs = settings if isinstance(settings, dict) else dict(zip(settings[::2], settings[1::2], strict=True))
    return pairs.get(b"appendonly") == b"yes" and pairs.get(b"appendfsync") == b"always"
