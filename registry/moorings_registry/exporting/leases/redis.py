"""A lease in Redis, beside the ledger's stream: for the processes of several machines.

A key that holds the name of who exports, and goes by itself when that one does not ask again in time.
"""

import time
from collections.abc import Callable
from typing import Any

from redis import Redis
from redis.exceptions import RedisError

from moorings_registry.exporting.leases.port import EXPORTING
from moorings_registry.exporting.leases.timed import LASTS_S, TimedLease

_TAKE = """
if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('PEXPIRE', KEYS[1], ARGV[2]) return 1 end
if redis.call('SET', KEYS[1], ARGV[1], 'NX', 'PX', ARGV[2]) then return 1 end
return 0
"""
_RELEASE = "if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end return 1"


class RedisLease(TimedLease):
    """Held by the node whose name is the value of the key."""

    failures = (RedisError,)

    def __init__(
        self, client: Redis, prefix: str, purpose: str = EXPORTING, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        super().__init__(clock=clock)
        self._client: Any = client
        self._key = f"{{{prefix}}}:{purpose}"

    def take(self) -> bool:
        return bool(self._client.eval(_TAKE, 1, self._key, self.name, LASTS_S * 1000))

    def give_back(self) -> None:
        self._client.eval(_RELEASE, 1, self._key, self.name)
