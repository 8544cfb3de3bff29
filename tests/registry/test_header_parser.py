"""The parser of headers answers as gunicorn's own does, for every byte; kept answers leave turns to others."""

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest
from gunicorn.asgi.parser import PythonProtocol

from moorings_registry.http.messages import Response
from moorings_registry.server import asgi_worker
from moorings_registry.server.asgi_worker import Parser, Protocol


@pytest.mark.parametrize("before", [b"", b"a", b"a b\t"])
def test_every_byte_is_judged_as_before(before: bytes) -> None:
    ours, theirs = Parser(), PythonProtocol()
    for one in range(256):
        text = before + bytes([one])
        assert ours._has_invalid_header_chars(text) == theirs._has_invalid_header_chars(text), one
        assert ours._is_valid_token(text) == theirs._is_valid_token(text), one
    for text in (b"", before):
        assert ours._has_invalid_header_chars(text) == theirs._has_invalid_header_chars(text)
        assert ours._is_valid_token(text) == theirs._is_valid_token(text)


def test_requests_that_come_together_leave_turns_to_other_connections(monkeypatch: pytest.MonkeyPatch) -> None:
    """Kept answers are sent without waiting for anything, so thousands in a row would keep everybody else waiting."""
    answered: list[str] = []
    parts: dict[str, Any] = {
        "_flow_control": SimpleNamespace(write_paused=False),
        "_send_response_start": lambda *_args, **_more: None,
        "_send_body": lambda _body: None,
        "_will_close": lambda *_args: False,
        "app": SimpleNamespace(leave=lambda entered, _answer: answered.append(entered.name)),
    }
    protocol = Protocol.__new__(Protocol)
    for name, part in parts.items():
        monkeypatch.setattr(protocol, name, part, raising=False)
    monkeypatch.setattr(asgi_worker, "lines_of", lambda _answer, _entered: [])

    async def served() -> None:
        asyncio.get_running_loop().call_soon(answered.append, "another connection")
        for name in ("first", "second", "third"):
            await protocol._send_kept(None, SimpleNamespace(answer=Response(200, (), b""), name=name))  # type: ignore[arg-type]

    asyncio.run(served())
    assert answered == ["first", "second", "another connection", "third"]
