"""Statuses of exporters in Redis, beside the ledger's stream: every node can answer."""

from typing import Any

from redis import Redis
from redis.exceptions import RedisError


class RedisStatuses:
    """A hash with a field for each exporter. A status that cannot be stored or read now is dropped."""

    def __init__(self, client: Redis, prefix: str) -> None:
        self._client: Any = client
        self._key = f"{{{prefix}}}:exports"

    def put(self, name: str, told: bytes) -> None:
        try:
            self._client.hset(self._key, name, told)
        except RedisError:
            return

    def get(self, name: str) -> bytes | None:
        try:
            found = self._client.hget(self._key, name)
        except RedisError:
            return None
        return bytes(found) if found is not None else None
