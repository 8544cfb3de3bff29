"""Expiring records in Redis, beside the ledger's stream: for registries that run on several machines.

A hash for each kind, ``{moorings}:records:KIND``: a field for each name, whose value begins with the end of the record
in milliseconds; and beside it a sorted set by end, from which what ended is removed. Hash and set expire with their
last record.
"""

from typing import Any, cast

from redis import Redis
from redis.exceptions import RedisError

from moorings_registry.expiring_records.port import RecordsUnavailable

_STORE = """
local now, till, name, value, only_new = tonumber(ARGV[1]), tonumber(ARGV[2]), ARGV[3], ARGV[4], ARGV[5]
local ended = redis.call('ZRANGEBYSCORE', KEYS[2], '-inf', now, 'LIMIT', 0, 1000)
for _, one in ipairs(ended) do
  redis.call('HDEL', KEYS[1], one)
  redis.call('ZREM', KEYS[2], one)
end
if only_new == '1' then
  local found = redis.call('ZSCORE', KEYS[2], name)
  if found and tonumber(found) > now then return 0 end
end
redis.call('HSET', KEYS[1], name, ARGV[2] .. ' ' .. value)
redis.call('ZADD', KEYS[2], ARGV[2], name)
for _, key in ipairs(KEYS) do
  if redis.call('PTTL', key) < till - now then redis.call('PEXPIRE', key, till - now) end
end
return 1
"""
_TAKE = """
local found = redis.call('HGET', KEYS[1], ARGV[1])
redis.call('HDEL', KEYS[1], ARGV[1])
redis.call('ZREM', KEYS[2], ARGV[1])
return found
"""


class RedisRecords:
    """A hash and a sorted set for each kind."""

    def __init__(self, client: Redis, prefix: str) -> None:
        """Use the server that *client* reaches, which answers in bytes; nothing is asked yet."""
        self._client: Any = client
        self._prefix = f"{{{prefix}}}:records"

    def put(self, kind: str, name: str, value: bytes, until_s: float, now_s: float) -> None:
        """Store a record; see `ExpiringRecords.put`."""
        self._store(kind, name, value, until_s, now_s, only_new=False)

    def add(self, kind: str, name: str, value: bytes, until_s: float, now_s: float) -> bool:
        """Store a record unless there is one; see `ExpiringRecords.add`."""
        return self._store(kind, name, value, until_s, now_s, only_new=True)

    def get(self, kind: str, name: str, now_s: float) -> bytes | None:
        """The value of a record; see `ExpiringRecords.get`."""
        return _held(self._ask("hget", self._keys(kind)[0], name), now_s)

    def take(self, kind: str, name: str, now_s: float) -> bytes | None:
        """Remove a record; see `ExpiringRecords.take`."""
        return _held(self._ask("eval", _TAKE, 2, *self._keys(kind), name), now_s)

    def every(self, kind: str, now_s: float) -> dict[str, bytes]:
        """All records of a kind; see `ExpiringRecords.every`."""
        found = cast(dict[bytes, bytes], self._ask("hgetall", self._keys(kind)[0]))
        held = {name.decode(): _held(stored, now_s) for name, stored in found.items()}
        return {name: value for name, value in held.items() if value is not None}

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def _store(self, kind: str, name: str, value: bytes, until_s: float, now_s: float, *, only_new: bool) -> bool:
        arguments = (_ms(now_s), _ms(until_s), name, value, "1" if only_new else "0")
        return bool(self._ask("eval", _STORE, 2, *self._keys(kind), *arguments))

    def _keys(self, kind: str) -> tuple[str, str]:
        return f"{self._prefix}:{kind}", f"{self._prefix}:{kind}:ends"

    def _ask(self, command: str, *arguments: object) -> Any:
        try:
            return getattr(self._client, command)(*arguments)
        except RedisError as error:
            raise RecordsUnavailable(f"Redis: {type(error).__name__}") from error


def _ms(moment_s: float) -> int:
    return int(moment_s * 1000)


def _held(stored: bytes | None, now_s: float) -> bytes | None:
    if stored is None:
        return None
    until_ms, _, value = stored.partition(b" ")
    return value if _ms(now_s) < int(until_ms) else None
