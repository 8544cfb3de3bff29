"""A Redis stream as an archive: ``redis://127.0.0.1:6379/0/orders``, or ``redis://host/orders`` for database 0.

Entries are as `moorings.integrations.redis_streams` writes them: a field ``payload``, and fields that name the schema.
They are read by `XRANGE`, page by page: nothing is consumed, acknowledged or changed.
"""

from collections.abc import Iterator
from importlib import import_module
from typing import Any
from urllib.parse import unquote, urlsplit, urlunsplit

from moorings.errors import ExtraMissing, FramingInvalid
from moorings.integrations.records import framed_value
from moorings.integrations.redis_streams import PAYLOAD, stream_record
from moorings.replay.items import ArchiveUnreadable, Content, Cursor, Damage, FramedEvent, Item

_PAGE = 200
_TIMEOUT_S = 10.0


class RedisStream:
    """One stream of a Redis server."""

    kind = "redis"

    def __init__(self, url: str) -> None:
        """Connect to the server of *url*.

        Raises:
            ArchiveUnreadable: the URL names no stream, or the server cannot be reached.
            ExtraMissing: the Redis client is not installed.
        """
        try:
            self._redis = import_module("redis")
        except ModuleNotFoundError:
            raise ExtraMissing("redis", "reading a Redis stream") from None
        server, self._stream, self.name = _split(url)
        try:
            self._client: Any = self._redis.Redis.from_url(
                server, socket_timeout=_TIMEOUT_S, socket_connect_timeout=_TIMEOUT_S
            )
        except ValueError:
            raise ArchiveUnreadable(f"{self.name} is not the URL of a stream") from None
        self._total = int(self._ask("xlen", self._stream))

    @property
    def identity(self) -> str:
        return self.name

    @property
    def total(self) -> int | None:
        return self._total

    def read(self, start: Cursor | None = None) -> Iterator[Item]:
        """Yield an item for each entry, oldest first."""
        last = str(start.get("id", "")) if start is not None else ""
        found = start.get("entry", 0) if start is not None else 0
        number = found if isinstance(found, int) else 0
        while page := self._ask("xrange", self._stream, min=f"({last}" if last else "-", count=_PAGE):
            for entry_id, fields in page:
                number += 1
                last = entry_id.decode("ascii", "replace")
                yield Item(f"entry {last}", self._content(entry_id, fields), {"id": last, "entry": number}, number)

    def close(self) -> None:
        self._client.close()

    def _content(self, entry_id: bytes, fields: Any) -> Content:
        if PAYLOAD.encode() not in (fields or {}):
            return Damage(f"the entry has no field {PAYLOAD}")
        record = stream_record(self._stream, entry_id, fields)
        try:
            return FramedEvent(framed_value(record))
        except FramingInvalid:
            return Damage("a field that names a schema cannot be read")

    def _ask(self, command: str, *arguments: Any, **options: Any) -> Any:
        try:
            return getattr(self._client, command)(*arguments, **options)
        except self._redis.RedisError as error:
            kind = type(error).__name__
        raise ArchiveUnreadable(f"{self.name} cannot be read: {kind}")


def _split(url: str) -> tuple[str, str, str]:
    """Return the server's URL, the stream, and a name without user and password."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        port = parts.port
    except ValueError:
        raise ArchiveUnreadable("the URL of the stream cannot be read") from None
    steps = [unquote(step) for step in parts.path.split("/") if step]
    database = steps.pop(0) if len(steps) > 1 and steps[0].isdecimal() else "0"
    if not host or len(steps) != 1:
        raise ArchiveUnreadable("write redis://host:6379/STREAM, or redis://host:6379/0/STREAM with the database")
    server = urlunsplit((parts.scheme, parts.netloc, f"/{database}", parts.query, ""))
    place = f"{host}:{port}" if port else host
    return server, steps[0], f"{parts.scheme}://{place}/{database}/{steps[0]}"
