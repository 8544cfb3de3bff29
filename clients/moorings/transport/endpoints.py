"""The URLs of one registry: tried in turn, with a breaker each, and the one that works is stayed with."""

from collections.abc import Iterator, Sequence

from moorings.transport.breaker import Breaker


class Endpoint:
    """One base URL, and whether it is asked right now."""

    def __init__(self, url: str, breaker: Breaker) -> None:
        self.url = url
        self.name = endpoint_name(url)
        """The URL without user or password."""
        self.breaker = breaker


class Endpoints:
    """All of them, in the order that they were given."""

    def __init__(self, places: Sequence[Endpoint]) -> None:
        self._places = tuple(places)
        self._preferred = 0

    @property
    def preferred(self) -> Endpoint:
        """The one that answered last."""
        return self._places[self._preferred]

    def __iter__(self) -> Iterator[Endpoint]:
        return iter(self._places)

    def prefer(self, place: Endpoint) -> None:
        self._preferred = self._places.index(place)

    def in_turn(self) -> Iterator[Endpoint]:
        """Yield each once, the preferred one first, as far as its breaker lets a request through."""
        first = self._preferred
        for place in self._places[first:] + self._places[:first]:
            if place.breaker.allows():
                yield place


def endpoint_name(url: str) -> str:
    """Name a place without user or password."""
    scheme, _, rest = url.partition("://")
    host, slash, path = rest.partition("/")
    return f"{scheme}://{host.rpartition('@')[2]}{slash}{path}"
