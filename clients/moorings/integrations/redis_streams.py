"""Contracts for Redis Streams: the fields of an entry, and a consumer of a group.

An entry has the field ``payload``, ``content-type``, and the labels that name its schema
(`moorings.integrations.records`); further fields are headers. The client is `redis.Redis` or `redis.asyncio.Redis`
with ``decode_responses=False``: payloads are bytes.
"""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from moorings.errors import SettingInvalid
from moorings.integrations.consuming import (
    AsyncReadingContract,
    ReadingContract,
    consume_or_set_aside,
    consume_or_set_aside_async,
)
from moorings.integrations.dead_letters import AsyncSetAside, DeadLetter, SetAside
from moorings.integrations.records import TransportRecord, WritingContract, encode_unframed, header_pairs

PAYLOAD = "payload"
CONTENT_TYPE = "content-type"


@dataclass(frozen=True, slots=True)
class Consumed:
    """The outcome for the entries that one call read."""

    handled: int
    set_aside: int


def stream_fields(
    contract: WritingContract, event: Any, headers: Mapping[str, str | bytes] | None = None
) -> dict[str, str | bytes]:
    """Validate *event* and return the fields of its entry.

    Raises:
        EventInvalid: with every violation.
    """
    bare = encode_unframed(contract, event)
    return {**(headers or {}), PAYLOAD: bare.payload, CONTENT_TYPE: bare.content_type, **bare.labels}


def add(
    client: Any,
    stream: str,
    contract: WritingContract,
    event: Any,
    *,
    headers: Mapping[str, str | bytes] | None = None,
    maxlen: int | None = None,
) -> Any:
    """Validate *event* and add it to *stream*; return its entry id, which an asyncio client lets you await.

    *maxlen* trims the stream to about that many entries.
    """
    return client.xadd(stream, stream_fields(contract, event, headers), maxlen=maxlen, approximate=True)


def stream_record(stream: str | bytes, entry_id: str | bytes, fields: Mapping[Any, Any]) -> TransportRecord:
    """Return an entry, as `xread` and similar commands return it, as a record.

    Raises:
        SettingInvalid: the client decodes responses, which damages payloads.
    """
    named = {_decoded(name): value for name, value in fields.items()}
    payload = named.pop(PAYLOAD, b"")
    if isinstance(payload, str):
        raise SettingInvalid("the Redis client decodes responses, and must return bytes: set decode_responses=False")
    return TransportRecord(
        value=payload, headers=header_pairs(named), place=_decoded(stream), position=_decoded(entry_id)
    )


def consume_group(
    client: Any,
    stream: str,
    group: str,
    consumer: str,
    contract: ReadingContract,
    handle: Callable[[Any], object],
    set_aside: SetAside,
    *,
    count: int = 100,
    block_ms: int = 1000,
    claim_idle_ms: int = 60_000,
    patience_s: float = 30.0,
) -> Consumed:
    """Take up to *count* entries for *group*: first those that a consumer left unacknowledged for *claim_idle_ms*,
    then new ones, waited for up to *block_ms*. Each is acknowledged once it was handled or set aside.

    What *handle* and *set_aside* raise reaches the caller; the entry stays pending, and is read again later.
    """
    claimed = client.xautoclaim(stream, group, consumer, min_idle_time=claim_idle_ms, count=count)[1]
    left = _left(count, claimed, block_ms)
    new = client.xreadgroup(group, consumer, {stream: ">"}, **left) if len(claimed) < count else ()
    handled, entries = 0, [*claimed, *_entries(new)]
    for entry_id, fields in entries:
        record = stream_record(stream, entry_id, fields or {})
        handled += consume_or_set_aside(contract, record, handle, set_aside, patience_s=patience_s)
        client.xack(stream, group, entry_id)
    return Consumed(handled, len(entries) - handled)


async def consume_group_async(
    client: Any,
    stream: str,
    group: str,
    consumer: str,
    contract: AsyncReadingContract,
    handle: Callable[[Any], Awaitable[object]],
    set_aside: AsyncSetAside,
    *,
    count: int = 100,
    block_ms: int = 1000,
    claim_idle_ms: int = 60_000,
    patience_s: float = 30.0,
) -> Consumed:
    """Do the same with `redis.asyncio`."""
    claimed = (await client.xautoclaim(stream, group, consumer, min_idle_time=claim_idle_ms, count=count))[1]
    left = _left(count, claimed, block_ms)
    new = await client.xreadgroup(group, consumer, {stream: ">"}, **left) if len(claimed) < count else ()
    handled, entries = 0, [*claimed, *_entries(new)]
    for entry_id, fields in entries:
        record = stream_record(stream, entry_id, fields or {})
        handled += await consume_or_set_aside_async(contract, record, handle, set_aside, patience_s=patience_s)
        await client.xack(stream, group, entry_id)
    return Consumed(handled, len(entries) - handled)


class RedisStreamSink:
    """Sets dead letters aside in a stream: the fields as they came, and the reason in fields beside them."""

    def __init__(self, client: Any, stream: str, *, maxlen: int | None = None) -> None:
        self._client = client
        self._stream = stream
        self._maxlen = maxlen

    def __call__(self, letter: DeadLetter) -> Any:
        """Add *letter*; return its entry id, which an asyncio client lets you await."""
        fields: dict[str, str | bytes] = dict(letter.headers())
        fields[PAYLOAD] = letter.record.value or b""
        return self._client.xadd(self._stream, fields, maxlen=self._maxlen, approximate=True)


def _left(count: int, claimed: Sequence[Any], block_ms: int) -> dict[str, int | None]:
    """Return how many new entries to read, and how long to wait for one: not at all if there are claimed ones."""
    return {"count": count - len(claimed), "block": None if claimed else block_ms}


def _entries(answer: Any) -> Iterable[tuple[Any, Any]]:
    """Return the entries of the stream that was read, from a response of either protocol."""
    if isinstance(answer, Mapping):  # RESP3: a list of pages for each stream
        return [entry for pages in answer.values() for page in pages for entry in page]
    return [entry for _, page in answer or () for entry in page]


def _decoded(name: Any) -> str:
    return name.decode("utf-8", "replace") if isinstance(name, bytes) else str(name)
