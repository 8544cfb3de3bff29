"""Kept checks in Redis, beside the ledger's stream: for registries that run on several machines.

A hash for each check, ``{moorings}:check:ID``, which expires; and sorted sets that name them by when they were kept:
one of all checks, one of each domain. One script keeps a check and forgets what is too old or too much.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, TypeVar, cast

from redis import Redis
from redis.exceptions import RedisError

from moorings_registry.kept_checks.port import (
    KEPT_DAYS,
    MOST_LISTED,
    MOST_OF_DOMAIN,
    KeptCheckStoreError,
    StoredCheck,
)

T = TypeVar("T")

_KEPT = timedelta(days=KEPT_DAYS)
_PUT = """
local prefix, id, domain, at, score = ARGV[1], ARGV[2], ARGV[3], ARGV[4], tonumber(ARGV[5])
local kept, since, most = ARGV[6], ARGV[7], tonumber(ARGV[8])
local check, all, own = KEYS[1], KEYS[2], KEYS[3]
local before = redis.call('HGET', check, 'domain')
if before and before ~= domain then redis.call('ZREM', prefix .. ':checks-of:' .. before, id) end
redis.call('HSET', check, 'domain', domain, 'at', at, 'summary', ARGV[9], 'content', ARGV[10])
redis.call('EXPIRE', check, kept)
for _, key in ipairs({all, own}) do
  redis.call('ZADD', key, score, id)
  redis.call('ZREMRANGEBYSCORE', key, '-inf', '(' .. since)
  redis.call('EXPIRE', key, kept)
end
for _, old in ipairs(redis.call('ZREVRANGE', own, most, -1)) do
  redis.call('DEL', prefix .. ':check:' .. old)
  redis.call('ZREM', own, old)
  redis.call('ZREM', all, old)
end
return 1
"""


class RedisKeptChecks:
    """A hash for each check, and their order."""

    def __init__(self, client: Redis, prefix: str) -> None:
        """Use the server that *client* reaches, which answers in bytes; nothing is asked yet."""
        self._client: Any = client
        self._prefix = f"{{{prefix}}}"

    def put(self, check: StoredCheck, at: datetime) -> None:
        """Keep a check; see `KeptCheckStore.put`."""
        keys = [f"{self._prefix}:check:{check.id}", f"{self._prefix}:checks", self._of(check.domain)]
        moments = [
            str(datetime.fromisoformat(check.at).timestamp()),
            str(int(_KEPT.total_seconds())),
            str((at - _KEPT).timestamp()),
        ]
        told = [self._prefix, check.id, check.domain, check.at, *moments, str(MOST_OF_DOMAIN)]
        self._ask(lambda: self._client.eval(_PUT, 3, *keys, *told, check.summary, check.content))

    def get(self, id: str, at: datetime) -> StoredCheck | None:
        """Return a check; see `KeptCheckStore.get`."""
        found = self._ask(
            lambda: cast(dict[bytes, bytes], self._client.hgetall(f"{self._prefix}:check:{id}")),
        )
        if not found:
            return None
        stored = StoredCheck(id, found[b"domain"].decode(), found[b"at"].decode(), found[b"summary"], found[b"content"])
        return stored if datetime.fromisoformat(stored.at) >= at - _KEPT else None

    def summaries(self, at: datetime) -> tuple[bytes, ...]:
        """Return the newest summaries; see `KeptCheckStore.summaries`."""

        def question() -> tuple[bytes, ...]:
            since = (at - _KEPT).timestamp()
            named = self._client.zrevrangebyscore(f"{self._prefix}:checks", "+inf", since, start=0, num=MOST_LISTED)
            if not named:
                return ()
            pipeline = self._client.pipeline(transaction=False)
            for id in named:
                pipeline.hget(f"{self._prefix}:check:{id.decode()}", "summary")
            return tuple(one for one in pipeline.execute() if one is not None)

        return self._ask(question)

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def _of(self, domain: str) -> str:
        return f"{self._prefix}:checks-of:{domain}"

    def _ask(self, question: Callable[[], T]) -> T:
        try:
            return question()
        except (RedisError, ValueError, KeyError) as error:
            raise KeptCheckStoreError(f"Redis: {type(error).__name__}") from error
