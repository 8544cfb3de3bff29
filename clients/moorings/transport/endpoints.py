"""The URLs of one registry: tried in turn, each with a breaker; the one that works is used until it fails."""

from collections.abc import Iterator, Sequence
from urllib.parse import urlsplit

from moorings.transport.breaker import Breaker


class Endpoint:
    """One base URL, and its breaker."""

    def __init__(self, url: str, breaker: Breaker) -> None:
        self.url = url
        self.name = endpoint_name(url)
        """The URL without user or password."""
        self.breaker = breaker
        self.last_failure = ""
        """Why the last request that failed did."""


class Endpoints:
    """All endpoints, in the order given."""

    def __init__(self, endpoints: Sequence[Endpoint]) -> None:
        self._endpoints = tuple(endpoints)
        self._preferred = 0

    @property
    def preferred(self) -> Endpoint:
        """The endpoint that responded last."""
        return self._endpoints[self._preferred]

    def __iter__(self) -> Iterator[Endpoint]:
        return iter(self._endpoints)

    def prefer(self, endpoint: Endpoint) -> None:
        self._preferred = self._endpoints.index(endpoint)

    def in_turn(self) -> Iterator[Endpoint]:
        """Yield each endpoint whose breaker allows a request, the preferred one first."""
        first = self._preferred
        for endpoint in self._endpoints[first:] + self._endpoints[:first]:
            if endpoint.breaker.allows():
                yield endpoint


def is_registry_url(url: str) -> bool:
    """Whether a registry may be at *url*: it begins with http:// or https:// and a host."""
    try:
        return url.startswith(("http://", "https://")) and bool(urlsplit(url).hostname)
    except ValueError:
        return False


def endpoint_name(url: str) -> str:
    """Return a URL without user and password."""
    scheme, _, rest = url.partition("://")
    host, slash, path = rest.partition("/")
    return f"{scheme}://{host.rpartition('@')[2]}{slash}{path}"
