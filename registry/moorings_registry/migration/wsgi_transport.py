"""A transport to a registry in this process."""

from collections.abc import Callable, Iterable
from typing import Any

import httpx2

Wsgi = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


class WsgiTransport(httpx2.BaseTransport):
    """Hands requests to a WSGI application, their targets as they were written.

    The plain `httpx2.WSGITransport` hands on the decoded path alone, in which a slash of a name is one of the path.
    """

    def __init__(self, application: Wsgi) -> None:
        self._application = application

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        target = request.url.raw_path.decode("ascii")

        def called(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
            return self._application({**environ, "RAW_URI": target}, start_response)

        return httpx2.WSGITransport(called).handle_request(request)
