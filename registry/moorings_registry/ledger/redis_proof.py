"""What is asked in the round trip of an append, and what its answer has to be: the entry is kept as it was promised."""

from collections.abc import Callable, Mapping
from typing import Any

from redis.exceptions import ResponseError

from moorings_registry.ledger.errors import LedgerUnavailable
from moorings_registry.ledger.redis_setup import SETTINGS, Proof


def question(proof: Proof, timeout_s: float) -> tuple[tuple[Any, ...], ...]:
    """The command that follows an append; none where nothing is promised."""
    commands: Mapping[Proof, tuple[tuple[Any, ...], ...]] = {
        Proof.SYNCED: (("WAITAOF", 1, 0, int(timeout_s * 1000)),),
        Proof.ALWAYS: (("CONFIG", "GET", SETTINGS),),
        Proof.WRITTEN: (("INFO", "persistence"),),
    }
    return commands.get(proof, ())


def require_kept(proof: Proof, read_response: Callable[[], Any]) -> None:
    """Read the answer to `question`, and pass if the entry is kept.

    Raises:
        LedgerUnavailable: it may be lost by a restart or a power cut; in doubt, since it was added.
    """
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
