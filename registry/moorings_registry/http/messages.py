"""A request and a response as plain values, so that the middleware depends on no server."""

from collections.abc import Mapping
from dataclasses import dataclass, field


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


@dataclass(frozen=True, slots=True)
class Response:
    """A whole answer."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    route: str = field(default="", compare=False)
    """What metrics count it under: ``/schemas/ids/{id}``."""
