"""Requests without a socket: through the middleware as WSGI servers call it, and as ASGI servers do."""

import asyncio
import json
import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote, unquote

from werkzeug.test import Client

from moorings_registry.app import Application, build_application
from moorings_registry.engines import open_ledger
from moorings_registry.http.asgi import AsgiMiddleware
from moorings_registry.ledger import Ledger
from moorings_registry.settings import Settings
from tests import replies
from tests.registry.asking import PLACED, record

EVENT = f"/v1/events/{PLACED}"


class Reply(replies.Reply):
    """What came back of the native API."""

    __slots__ = ()

    @property
    def code(self) -> str:
        """The code of a refusal; empty for anything else. A refusal is checked for its form on the way."""
        return str(require_problem(self)["code"]) if self.status >= 400 else ""


def require_problem(reply: Reply) -> dict[str, Any]:
    """Check that a refusal is a whole problem (RFC 9457), gives nothing away, and return it."""
    assert reply.headers["content-type"] == "application/problem+json"
    assert b"Traceback" not in reply.body
    assert b"/registry/" not in reply.body
    problem: dict[str, Any] = reply.json
    assert problem["status"] == reply.status
    assert problem["type"] == f"urn:moorings:error:{problem['code']}"
    assert problem["correlation_id"] == reply.headers["x-correlation-id"]
    assert problem["title"]
    assert problem["fix"]
    assert len(problem["detail"]) < 2_000
    assert all(set(one) == {"pointer", "detail"} for one in problem["errors"])
    assert ("retry-after" in reply.headers) == problem["retryable"]
    return problem


class Http:
    """One registry, asked by requests."""

    def __init__(self, ledger: Ledger | None = None, settings: Settings | None = None) -> None:
        self.ledger = ledger or open_ledger("memory:")
        self.application: Application = build_application(self.ledger, settings)
        self._client = Client(self.application.middleware)

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> Reply:
        """Send a request; *body* becomes JSON, bytes and streams are sent as they are."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if body is not None and not isinstance(body, bytes):
            body = json.dumps(body).encode()
            sent.setdefault("Content-Type", "application/json")
        return self._send(method, path, body, sent)

    def _send(self, method: str, path: str, body: bytes | None, headers: dict[str, str]) -> Reply:
        response = self._client.open(path, method=method, data=body, headers=headers)
        return Reply.of(response.status_code, response.headers.items(), response.data)

    def get(self, path: str, **headers: str) -> Reply:
        return self.call("GET", path, **headers)

    def put(self, path: str, body: Any = None, **headers: str) -> Reply:
        return self.call("PUT", path, body, **headers)

    def post(self, path: str, body: Any = None, **headers: str) -> Reply:
        return self.call("POST", path, body, **headers)

    def delete(self, path: str, **headers: str) -> Reply:
        return self.call("DELETE", path, **headers)

    def register(self, text: str = record("a"), path: str = EVENT, **more: Any) -> Any:
        """Register a schema that has to be accepted; the version as the answer tells it."""
        reply = self.post(f"{path}/versions", {"schema": text, **more})
        assert reply.status in (200, 201), reply.body
        return reply.json


def without_form_keys(page: bytes) -> bytes:
    """A page without the keys of its forms, each of which is another one whenever it is shown."""
    return re.sub(rb'name="request_key" value="[^"]*"', b"", page)


def grant(http: Http, kind: str, domain: str, **scope: Any) -> int:
    """Grant a waiver for a month; its id."""
    until = (datetime.now(UTC) + timedelta(days=30)).isoformat(timespec="seconds")
    people = {"reason": "a migration", "requested_by": "ann", "approved_by": "bob"}
    reply = http.post("/v1/waivers", {"kind": kind, "domain": domain, **people, "until": until, **scope})
    assert reply.status == 201, reply.body
    return int(reply.json["id"])


class AsgiHttp(Http):
    """The same through the middleware for ASGI servers."""

    def _send(self, method: str, path: str, body: bytes | None, headers: dict[str, str]) -> Reply:
        return asyncio.run(self.send_pieces(method, path, [body or b""], headers))

    async def send_pieces(
        self, method: str, path: str, pieces: Iterable[bytes], headers: dict[str, str], *, gone_at_the_end: bool = False
    ) -> Reply:
        """Send a body piece by piece; with *gone_at_the_end*, the caller leaves before the last one."""
        raw, _, query = path.partition("?")
        named = {"host": "localhost", **{name.lower(): value for name, value in headers.items()}}
        scope = {
            "type": "http",
            "method": method,
            "path": unquote(raw),
            "raw_path": quote(raw, safe="/%:;=@,!$&'()*+~").encode(),
            "query_string": query.encode(),
            "headers": [(name.encode(), value.encode("latin-1")) for name, value in named.items()],
            "client": ("127.0.0.1", 0),
        }
        messages = [{"type": "http.request", "body": piece, "more_body": True} for piece in pieces]
        if gone_at_the_end:
            messages.append({"type": "http.disconnect"})
        else:
            messages[-1]["more_body"] = False
        waiting = iter(messages)
        sent: list[Any] = []

        async def receive() -> Any:
            return next(waiting)

        async def send(message: Any) -> None:
            sent.append(message)

        await AsgiMiddleware(self.application.middleware, threads=1)(scope, receive, send)
        if not sent:
            return Reply(0, {}, b"")
        start, *rest = sent
        answered = {name.decode(): value.decode("latin-1") for name, value in start["headers"]}
        return Reply(start["status"], answered, b"".join(one["body"] for one in rest))
