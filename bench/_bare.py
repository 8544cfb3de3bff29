"""The least that a server can be asked to do: answer the same bytes to everything. What the service is held against."""

import os
from collections.abc import Awaitable, Callable, MutableMapping
from pathlib import Path
from typing import Any

BODY = Path(os.environ["MOORINGS_BENCH_BODY"]).read_bytes()
STATUS = int(os.environ.get("MOORINGS_BENCH_STATUS", "200"))
HEADERS = [(b"content-type", b"application/json"), (b"content-length", str(len(BODY)).encode())]

Message = MutableMapping[str, Any]


async def app(
    _scope: Message, receive: Callable[[], Awaitable[Message]], send: Callable[[Message], Awaitable[None]]
) -> None:
    """Read the request and answer."""
    while (await receive()).get("more_body"):
        pass
    await send({"type": "http.response.start", "status": STATUS, "headers": HEADERS})
    await send({"type": "http.response.body", "body": BODY})
