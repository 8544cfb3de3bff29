"""One request to one node, as an `Operation`: over a connection of its own, so that any worker may answer it."""

import contextlib
import http.client
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from tests.chaos.checker import content_of
from tests.chaos.history import Kind, Operation, Outcome
from tests.namespaces import move_thread

PORT = 8081
NOT_STORED = "nothing of this request was stored"
"""What an answer says of a write that certainly did nothing."""


@dataclass(frozen=True)
class Ask:
    """A request before it is sent."""

    kind: Kind
    method: str
    path: str
    about: Mapping[str, Any]
    """The fields of the `Operation` that are known before."""
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)


def send(ask: Ask, client: str, node: str, timeout_s: float) -> tuple[Operation, Mapping[str, str]]:
    """What came of it, and the headers of the answer; whatever goes wrong is an outcome."""
    headers = {"Content-Type": "application/json", "Connection": "close", **ask.headers}
    begun = time.monotonic()
    found = Operation(client, node, ask.kind, begun, begun, Outcome.UNANSWERED, **ask.about)
    try:
        status, answered, text = _exchanged(node, ask, headers, timeout_s)
    except ConnectionRefusedError:
        return replace(found, ended=time.monotonic(), outcome=Outcome.UNSENT), {}
    except (OSError, http.client.HTTPException, ValueError):
        return replace(found, ended=time.monotonic()), {}
    ended = time.monotonic()
    return replace(found, ended=ended, status=status, **_read(ask.kind, status, answered, text, found)), answered


def _exchanged(node: str, ask: Ask, headers: Mapping[str, str], timeout_s: float) -> tuple[int, Mapping[str, str], str]:
    """Status, headers in lower case, and text.

    Raises:
        OSError, HTTPException: there was no whole answer.
    """
    move_thread(node)
    connection = http.client.HTTPConnection("127.0.0.1", PORT, timeout=timeout_s)
    with contextlib.closing(connection):
        connection.request(ask.method, ask.path, None if ask.body is None else json.dumps(ask.body), dict(headers))
        answer = connection.getresponse()
        return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read().decode()


def _read(kind: Kind, status: int, headers: Mapping[str, str], text: str, asked: Operation) -> dict[str, Any]:
    """The fields of the `Operation` that the answer tells."""
    told = json.loads(text) if text.startswith("{") else {}
    if status >= 400:
        code = str(told.get("code") or told.get("error_code") or "")
        return {"outcome": _refusal(status, text), "code": code}
    if status not in (200, 201):
        return {"outcome": Outcome.FAILED}
    position = int(headers.get("moorings-position", 0))
    return {"outcome": Outcome.DONE, "position": position, **_shown(kind, told, asked)}


def _refusal(status: int, text: str) -> Outcome:
    if status == 503:
        return Outcome.NOT_STORED if NOT_STORED in text else Outcome.UNAVAILABLE
    if status == 404:
        return Outcome.MISSING
    return Outcome.REFUSED if status < 500 else Outcome.FAILED


def _shown(kind: Kind, told: Mapping[str, Any], asked: Operation) -> dict[str, Any]:
    """What an answer of 200 or 201 shows; a write keeps the content that it was sent with."""
    if kind is Kind.SET_STATE:
        return {}  # a repeated one shows the state of today
    if kind is Kind.READ_STATE:
        return {"content": told["majors"][0]["page"]}
    content = content_of(told["schema"]) if "schema" in told else asked.content
    if kind is Kind.READ_ID:
        return {"content": content}
    if kind is Kind.REGISTER and content != asked.content:
        return {"outcome": Outcome.FAILED, "code": f"answered with {content}"}
    return {"content": content, "version": told.get("version", 0), "id": told["id"]}
