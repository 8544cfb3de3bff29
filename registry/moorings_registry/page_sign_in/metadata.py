"""What issuers say of themselves, kept for some minutes. Few requests at a time wait for an issuer."""

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import structlog

from moorings_registry.errors import IssuerAway
from moorings_registry.issuers import Issuer
from moorings_registry.issuers.fetching import KeysAway, fetch_metadata

FRESH_S = 300.0
PAUSE_S = 5.0
"""After a failure, an issuer is not asked again for so long."""
MOST_WAITING = 2
"""Requests that wait for issuers at a time; the others are asked to come again."""

log = structlog.get_logger("moorings.sign_in")


class MetadataCache:
    """Safe from any thread."""

    def __init__(
        self,
        fetch: Callable[[Issuer], Mapping[str, Any]] = fetch_metadata,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._fetch = fetch
        self._clock = clock
        self._waiting = threading.Semaphore(MOST_WAITING)
        self._held: dict[Issuer, tuple[Mapping[str, Any], float]] = {}
        self._failed_s: dict[Issuer, float] = {}

    def of(self, issuer: Issuer) -> Mapping[str, Any]:
        """The metadata of *issuer*. May wait: never called on an event loop.

        Raises:
            IssuerAway
        """
        held = self._held.get(issuer)
        if held is not None and self._clock() - held[1] < FRESH_S:
            return held[0]
        if self._clock() - self._failed_s.get(issuer, -PAUSE_S) < PAUSE_S:
            raise IssuerAway
        with self.asking(issuer):
            found = self._fetch(issuer)
        self._held = {**self._held, issuer: (found, self._clock())}
        return found

    @contextmanager
    def asking(self, issuer: Issuer) -> Iterator[None]:
        """Wait for the issuer inside, if not too many do already.

        Raises:
            IssuerAway: others wait, or what is done inside raises `KeysAway`.
        """
        if not self._waiting.acquire(blocking=False):
            raise IssuerAway
        try:
            yield
        except KeysAway as error:
            self._failed_s[issuer] = self._clock()
            log.warning("issuer_away", issuer=issuer.alias, cause=str(error))
            raise IssuerAway from None
        finally:
            self._waiting.release()
