"""A lease in Redis, beside the ledger's stream: for the processes of several machines.

A key that holds the name of who exports, and goes by itself when that one does not ask again in time. By the clock of
this process the right is over a little earlier than by that of Redis, so that two never have it.
"""

import time
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import structlog
from redis import Redis
from redis.exceptions import RedisError

LASTS_S = 30.0
ASKED_EVERY_S = 5.0
_MARGIN_S = 5.0

_TAKE = """
if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('PEXPIRE', KEYS[1], ARGV[2]) return 1 end
if redis.call('SET', KEYS[1], ARGV[1], 'NX', 'PX', ARGV[2]) then return 1 end
return 0
"""
_RELEASE = "if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end return 1"


log = structlog.get_logger("moorings.exporting")


class RedisLease:
    """Held by the node whose name is the value of the key."""

    def __init__(self, client: Redis, prefix: str, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._client: Any = client
        self._key = f"{{{prefix}}}:exporting"
        self._name = uuid4().hex
        self._clock = clock
        self._asked = self._until = float("-inf")
        self._away = False

    def held(self) -> bool:
        now = self._clock()
        if now < min(self._until, self._asked + ASKED_EVERY_S):
            return True
        try:
            taken = self._client.eval(_TAKE, 1, self._key, self._name, int(LASTS_S * 1000))
        except RedisError as error:
            if not self._away:
                log.warning("export_lease_unavailable", cause=type(error).__name__)
            self._away = True
            return now < self._until  # what was given stays given as long as it was
        self._asked, self._away = now, False
        self._until = now + LASTS_S - _MARGIN_S if taken else float("-inf")
        return bool(taken)

    def release(self) -> None:
        self._asked = self._until = float("-inf")
        try:
            self._client.eval(_RELEASE, 1, self._key, self._name)
        except RedisError:
            return  # it ends by itself
