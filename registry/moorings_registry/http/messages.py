"""A request and a response as plain values, so that the middleware depends on no server."""

from collections.abc import Mapping
from dataclasses import dataclass, field

CONNECTION = "moorings.connection"
"""The member of an ASGI scope under which our server tells of the connection."""

HeaderLines = tuple[tuple[bytes, bytes], ...]


@dataclass(frozen=True, slots=True)
class Connection:
    """What a server knows of a connection besides its addresses."""

    peer_user: int | None = None
    """The uid of the process at the other end of a local socket."""
    certificate: bytes = b""
    """The caller's certificate in DER, verified by TLS."""


@dataclass(frozen=True, slots=True)
class Request:
    """A request as it came over the wire, its body not yet read."""

    method: str
    target: str
    """Path and query as sent, still percent-encoded: ``/schemas/ids/7?format=resolved``."""
    headers: Mapping[str, str]
    """By lower-case name; repeated ones joined by commas."""
    peer: str
    """The caller's address; empty for a local socket."""
    peer_port: int = 0
    """The caller's port; 0 where the server does not tell it."""
    server: tuple[str, int] | None = None
    """The address and port at which the caller reached the server, where it tells them."""
    scheme: str = "http"
    """Whether this server itself decrypted the request: ``https``, or ``http``."""
    peer_user: int | None = None
    """The uid of the process at the other end of a local socket; None for any other connection."""
    certificate: bytes = b""
    """The caller's certificate in DER, verified by TLS; empty if it showed none."""


@dataclass(frozen=True, slots=True)
class Response:
    """A whole answer."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    route: str = field(default="", compare=False)
    """What metrics count it under: ``/schemas/ids/{id}``."""
    lines: HeaderLines = field(default=(), compare=False, repr=False)
    """The headers as ASGI has them, of an answer that is sent many times; empty for any other."""


def header_lines(headers: tuple[tuple[str, str], ...]) -> HeaderLines:
    """*headers* as ASGI has them: names in lower case, both as bytes."""
    return tuple((name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers)
