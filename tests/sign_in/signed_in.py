"""A served registry with sign-in, asked over raw connections: header lines go out exactly as a test has them."""

import itertools
import json
import socket
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.registry.calling import Reply
from tests.registry.serving import Serving
from tests.sign_in.forging_issuer import AUDIENCE, ForgingIssuer

WHO = "/v1/principal"
REPEATED_S = 15
_callers = itertools.count(1)


def issuers_file(folder: Path, issuer: ForgingIssuer, extra: str = 'groups_claim = "groups"', more: str = "") -> Path:
    """An issuers file that trusts *issuer*, with *extra* settings for it and *more* issuers."""
    path = folder / "issuers.toml"
    path.write_text(
        f'[issuers.people]\nkind = "oidc"\nissuer = "{issuer.url}"\naudience = "{AUDIENCE}"\n{extra}\n{more}'
    )
    return path


def fresh_address() -> str:
    """A loopback address of a caller that nobody was yet: failures are counted by address."""
    number = next(_callers)
    return f"127.{1 + number // 60_000}.{number // 250 % 250}.{1 + number % 250}"


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A registry and its issuer."""

    serving: Serving
    issuer: ForgingIssuer

    def ask(
        self, *lines: str | bytes, path: str = WHO, method: str = "GET", body: bytes = b"", source: str = ""
    ) -> Reply:
        """Send one request with these header lines; each from an address of its own unless *source* says which."""
        with socket.create_connection(
            ("127.0.0.1", self.serving.port), timeout=20, source_address=(source or fresh_address(), 0)
        ) as connection:
            return exchange(connection, *lines, path=path, method=method, body=body)

    def bearer(self, token: str, **more: Any) -> Reply:
        """Ask with a token; while the keys are on their way, ask again, as every client does."""
        deadline = time.monotonic() + REPEATED_S
        while True:
            reply = self.ask(f"Authorization: Bearer {token}", **more)
            if reply.status != 503 or time.monotonic() > deadline:
                return reply
            time.sleep(0.2)

    def name_of(self, token: str, **more: Any) -> str:
        """The name of the principal that a token is accepted as."""
        reply = self.bearer(token, **more)
        assert reply.status == 200, reply.body
        return str(reply.json["name"])


def exchange(
    connection: socket.socket, *lines: str | bytes, path: str = WHO, method: str = "GET", body: bytes = b""
) -> Reply:
    """One request over *connection*, which is closed afterwards."""
    start = f"{method} {path} HTTP/1.1\r\nConnection: close\r\nContent-Length: {len(body)}\r\n".encode()
    if not any(_name(one) == "host" for one in lines):
        start += b"Host: localhost\r\n"
    sent = b"".join((one if isinstance(one, bytes) else one.encode("latin-1")) + b"\r\n" for one in lines)
    connection.sendall(start + sent + b"\r\n" + body)
    answered = b""
    while chunk := connection.recv(65_536):
        answered += chunk
    head, _, content = answered.partition(b"\r\n\r\n")
    status, *headers = head.decode("latin-1").split("\r\n")
    named = dict(one.split(": ", 1) for one in headers if ": " in one)
    return Reply.of(int(status.split()[1]), named.items(), content)


def fault_of(reply: Reply) -> str:
    """Why a credential was refused: the class of the reason. The whole answer is checked on the way."""
    assert reply.status == 401, reply.body
    assert reply.headers["www-authenticate"] == 'Bearer realm="moorings", error="invalid_token"'
    assert reply.code == "TOKEN_REFUSED"
    detail = str(json.loads(reply.body)["detail"])
    return detail[detail.rindex("(") + 1 : -1]


def _name(line: str | bytes) -> str:
    text = line.decode("latin-1") if isinstance(line, bytes) else line
    return text.partition(":")[0].lower()
