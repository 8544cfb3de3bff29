"""Drift counts in Redis, beside the ledger's stream: for registries that run on several machines.

A hash for each subject, ``{moorings}:drift:shop.orders.OrderPlaced``, with three fields for each row (its count, when
it was seen first, and when last), named by the row as JSON. One script counts a batch. A hash that nobody adds to
expires; rows in it that were not seen for as long are left out, and removed when there is no room.
"""

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, TypeVar, cast

from redis import Redis
from redis.exceptions import RedisError

from moorings_registry.drift.port import (
    BATCHES_KEPT,
    KEPT_DAYS,
    LARGEST_COUNT,
    MOST_ROWS,
    NOBODY,
    Batch,
    DriftRow,
    DriftStoreError,
    Observed,
    Reporter,
    newest_first,
    other,
)
from moorings_registry.entries import moment_text

T = TypeVar("T")

_ADD = """
if KEYS[1] ~= '' and not redis.call('SET', KEYS[1], '1', 'NX', 'EX', ARGV[1]) then return 0 end
local now, kept, most, largest, since = ARGV[2], ARGV[3], tonumber(ARGV[4]), tonumber(ARGV[5]), ARGV[6]
local place = 7
for number = 2, #KEYS do
  local key, row, rest, count = KEYS[number], ARGV[place], ARGV[place + 1], tonumber(ARGV[place + 2])
  place = place + 3
  if redis.call('HEXISTS', key, 'l' .. row) == 0 and redis.call('HLEN', key) >= 3 * most then
    local found = redis.call('HGETALL', key)
    for one = 1, #found, 2 do
      if string.sub(found[one], 1, 1) == 'l' and found[one + 1] < since then
        local name = string.sub(found[one], 2)
        redis.call('HDEL', key, 'c' .. name, 'f' .. name, 'l' .. name)
      end
    end
    if redis.call('HLEN', key) >= 3 * most then row = rest end
  end
  local last = redis.call('HGET', key, 'l' .. row)
  if last and last < since then redis.call('HDEL', key, 'c' .. row, 'f' .. row) end
  local before = tonumber(redis.call('HGET', key, 'c' .. row) or '0')
  redis.call('HSET', key, 'c' .. row, string.format('%.0f', math.min(before + count, largest)), 'l' .. row, now)
  redis.call('HSETNX', key, 'f' .. row, now)
  redis.call('EXPIRE', key, kept)
end
return 1
"""


class RedisDrift:
    """A hash for each subject."""

    def __init__(
        self, client: Redis, prefix: str, kind: str = "drift", kept: timedelta = timedelta(days=KEPT_DAYS)
    ) -> None:
        """Use the server that *client* reaches, which answers in bytes; nothing is asked yet.

        *kind* names the keys; a row that was not seen again for *kept* is forgotten.
        """
        self._kept = kept
        self._client = client
        self._prefix = f"{{{prefix}}}:{kind}"

    def add(self, batch: Batch, at: datetime) -> bool:
        """Count a batch; see `DriftStore.add`."""
        named = f"{self._prefix}-batch:{batch.key}" if batch.key else ""
        keys, arguments = [named], [
            str(int(BATCHES_KEPT.total_seconds())),
            moment_text(at),
            str(int(self._kept.total_seconds())),
            str(MOST_ROWS),
            str(LARGEST_COUNT),
            moment_text(at - self._kept),
        ]  # fmt: skip
        for observed, count in batch.counts.items():
            keys.append(self._key(observed.subject))
            arguments += [_name(observed, batch.reporter), _name(other(observed), NOBODY), str(count)]
        return bool(self._ask(lambda: self._client.eval(_ADD, len(keys), *keys, *arguments)))

    def of(self, subject: str, at: datetime) -> tuple[DriftRow, ...]:
        """Return the rows of a subject; see `DriftStore.of`."""
        since = moment_text(at - self._kept)
        found = self._ask(lambda: cast(dict[bytes, bytes], self._client.hgetall(self._key(subject))))
        rows = [_row(subject, name[1:], found) for name in found if name[:1] == b"c"]
        return tuple(sorted((row for row in rows if row.last_seen >= since), key=newest_first, reverse=True))

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def _key(self, subject: str) -> str:
        return f"{self._prefix}:{subject}"

    def _ask(self, question: Callable[[], T]) -> T:
        try:
            return question()
        except (RedisError, ValueError, KeyError) as error:
            raise DriftStoreError(f"Redis: {type(error).__name__}") from error


def _name(observed: Observed, reporter: Reporter) -> str:
    named = [observed.direction, observed.revision, observed.writer, observed.path, observed.rule]
    return json.dumps([*named, reporter.client, reporter.service], ensure_ascii=False, separators=(",", ":"))


def _row(subject: str, name: bytes, found: dict[bytes, bytes]) -> DriftRow:
    parts: list[Any] = json.loads(name)
    first, last = (found[letter + name].decode() for letter in (b"f", b"l"))
    return DriftRow(Observed(subject, *parts[:5]), Reporter(*parts[5:]), int(found[b"c" + name]), first, last)
