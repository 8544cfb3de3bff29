"""How a tool calls a registry: the headers that it sends, the escapes in its paths, connections that it keeps."""

import base64
import gzip
import http.client
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import quote, urlsplit

from moorings_registry.http.confluent.blueprint import ROUTES
from tests.replies import Reply

V1 = "application/vnd.schemaregistry.v1+json"
JSON = "application/json"


PAGE = Path(__file__).resolve().parents[3] / "docs" / "tools.md"
_ROUTES = tuple((one.method, re.compile(re.sub(r"{\w+}", "[^/]+", one.shown_path) + "/?"), one) for one in ROUTES)


def calls_on_the_page() -> dict[str, set[str]]:
    """What each tool sends, as the page lists it: operations of the API, and other requests as they are."""
    table = PAGE.read_text().partition("\n## Calls\n")[2]
    rows = re.findall(r"^\| ([^|]+) \| (`[^|]*) \|$", table, re.MULTILINE)
    return {tool: set(re.findall(r"`([^`]+)`", calls)) for tool, calls in rows}


def operation_of(method: str, path: str) -> str:
    """The operation that a request asks for; the request itself where it asks for none."""
    plain = path.partition("?")[0]
    named = [one for verb, pattern, one in _ROUTES if verb == method and pattern.fullmatch(plain)]
    exact = min(named, key=lambda one: len(one.arguments), default=None)
    return exact.operation if exact else f"{method} {plain}"


class Refused(Exception):
    """An answer that a tool takes for an error; with the code and the message that it reads of it."""

    def __init__(self, answer: Reply) -> None:
        content = read(answer.json, {"error_code": int, "message": str})
        self.status: int = answer.status
        self.code: int = content["error_code"]
        self.message: str = content["message"]
        super().__init__(f"{self.status} {self.code} {self.message}")


@dataclass
class Tool:
    """A tool that is configured with the address of a registry, and with a token where callers sign in."""

    url: str
    token: str = ""
    headers: ClassVar[Mapping[str, str]] = {}
    """Sent with every request."""
    body_type: ClassVar[str] = V1
    """Of bodies."""
    on_page: ClassVar[str] = ""
    """What the page calls it: its requests have to be listed there."""
    signs_in_by: ClassVar[str] = "bearer"
    """Or `basic`: the token is the password of the user `token`."""
    _connection: http.client.HTTPConnection | None = field(default=None, repr=False)

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> Reply:
        """Send a request over the connection that is kept; *path* goes out as it is."""
        if self.on_page:
            listed = calls_on_the_page()[self.on_page]
            assert operation_of(method, path) in listed, f"{PAGE.name} does not list it for {self.on_page}"
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        sent = {**self.headers, **self._credential(), **named}
        data = None if body is None else json.dumps(body, ensure_ascii=False).encode()
        if data is not None:
            sent.setdefault("Content-Type", self.body_type)
        return self._exchange(method, path, data, sent)

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        """The content of a success.

        Raises:
            Refused: the status is not 200.
        """
        answer = self.ask(method, path, body, **headers)
        if answer.status != 200:
            raise Refused(answer)
        return answer.json

    def get(self, path: str) -> Any:
        return self.call("GET", path)

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()

    def _exchange(self, method: str, path: str, data: bytes | None, headers: Mapping[str, str]) -> Reply:
        place = urlsplit(self.url)
        if self._connection is None:
            self._connection = http.client.HTTPConnection(str(place.hostname), place.port, timeout=30)
        self._connection.request(method, place.path + path, data, dict(headers))
        answer = self._connection.getresponse()
        named = {name.lower(): value for name, value in answer.getheaders()}
        content = answer.read()
        unpacked = gzip.decompress(content) if named.get("content-encoding") == "gzip" else content
        return Reply(answer.status, named, unpacked)

    def _credential(self) -> Mapping[str, str]:
        if not self.token:
            return {}
        if self.signs_in_by == "basic":
            pair = base64.b64encode(f"token:{self.token}".encode()).decode()
            return {"Authorization": f"Basic {pair}"}
        return {"Authorization": f"Bearer {self.token}"}


def escaped(segment: str) -> str:
    """A segment of a path as Java's, Go's and Python's clients write it: a slash is a character of the name."""
    return quote(segment, safe=":")


def read(content: Any, shape: Any, where: str = "") -> Any:
    """Check that *content* has the members that a tool dereferences, in the types that it reads them as.

    A shape is a type, a list of one shape, a tuple of allowed values, or an object of shapes, where a name that ends
    with ``?`` may be absent. It may not be null: several tools do not tell the two apart, and one that does fails.
    """
    match shape:
        case dict():
            assert isinstance(content, dict), f"{where or '/'} is {content!r}"
            for name, inner in shape.items():
                if name.removesuffix("?") in content:
                    read(content[name.removesuffix("?")], inner, f"{where}/{name.removesuffix('?')}")
                else:
                    assert name.endswith("?"), f"{where}/{name} is absent: {content}"
        case [inner]:
            assert isinstance(content, list), f"{where or '/'} is {content!r}"
            for number, one in enumerate(content):
                read(one, inner, f"{where}/{number}")
        case tuple():
            assert content in shape, f"{where} is {content!r}"
        case _:
            assert type(content) is shape, f"{where or '/'} is {content!r}"
    return content
