"""The keys of one issuer, kept fresh: one fetch at a time, a pause between attempts, and old keys while it is away."""

import threading
import time
from collections.abc import Callable
from contextvars import copy_context
from dataclasses import dataclass

import structlog

from moorings_registry.errors import IssuerAway
from moorings_registry.issuers.fetching import FetchedKeys, KeysAway, fetch_keys
from moorings_registry.issuers.issuer import Issuer
from moorings_registry.issuers.key_sets import NO_KEYS, KeySet, PublicKey

FRESH_S = 300.0
"""How long a key that an issuer withdraws may still be used."""
REFETCH_S = 0.8 * FRESH_S
COOLDOWN_S = 30.0
"""Between two fetches: tokens with unknown key ids cause no more requests than this."""
KEPT_S = 24 * 3600.0
"""How long known keys are used while the issuer is away."""
WAIT_S = 2.0
"""How long a request waits for keys."""
MOST_WAITING = 2
"""Requests that wait at a time; the others are asked to come again, so that no issuer holds up all threads."""

log = structlog.get_logger("moorings.sign_in")


@dataclass(frozen=True, slots=True)
class _Held:
    keys: KeySet
    since_s: float


class IssuerKeys:
    """Safe from any thread. A fetch runs in a thread of its own, which does not outlive a fork."""

    def __init__(
        self,
        issuer: Issuer,
        on_change: Callable[[], None],
        *,
        fetch: Callable[[Issuer], FetchedKeys] = fetch_keys,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """*on_change* is called when other keys hold than before."""
        self.issuer = issuer
        self._on_change = on_change
        self._fetch = fetch
        self._clock = clock
        self._lock = threading.Lock()
        self._held: _Held | None = None
        self._tried_s = {True: -COOLDOWN_S, False: -COOLDOWN_S}
        """When the last fetch began: for a key id that was unknown, and for keys that were due."""
        self._fetching: threading.Event | None = None
        self._waiting = threading.Semaphore(MOST_WAITING)
        self.clock_ahead_s: float | None = None
        self._away_since_s: float | None = None

    @property
    def away_s(self) -> float:
        """Seconds since its keys cannot be fetched; 0 while they can."""
        since = self._away_since_s
        return 0.0 if since is None else self._clock() - since

    def find(self, key_id: str | None) -> PublicKey | None:
        """The key that a token names; None if the issuer does not publish it. May wait for a fetch.

        Raises:
            IssuerAway: no keys are known, or those that are known are too old, and none are available now.
        """
        held, now = self._held, self._clock()
        if held is None or now - held.since_s > FRESH_S:
            self._refresh_and_wait(unknown_key=False)
        elif now - held.since_s > REFETCH_S:
            self.refresh(unknown_key=False)
        found = self._known().find(key_id)
        if found is None and self._refresh_and_wait(unknown_key=True):
            found = self._known().find(key_id)
        return found

    def refresh_if_due(self) -> None:
        """Begin a fetch if the keys are about to be too old; for a thread that keeps them fresh."""
        held = self._held
        if held is None or self._clock() - held.since_s > REFETCH_S:
            self.refresh(unknown_key=False)

    def refresh(self, *, unknown_key: bool) -> threading.Event | None:
        """Begin a fetch; the event ends it. None during the pause after the last one for the same reason."""
        with self._lock:
            if self._fetching is not None:
                return self._fetching
            if self._clock() - self._tried_s[unknown_key] < COOLDOWN_S:
                return None
            self._tried_s[unknown_key] = self._clock()
            self._fetching = done = threading.Event()
        about = copy_context().run  # lines about the fetch have the ids of what asks for it
        threading.Thread(target=about, args=(self._fetch_once, done), name="issuer-keys", daemon=True).start()
        return done

    def _known(self) -> KeySet:
        held = self._held
        if held is None or self._clock() - held.since_s > KEPT_S:
            raise IssuerAway
        return held.keys

    def _refresh_and_wait(self, *, unknown_key: bool) -> bool:
        """Whether a fetch ended while this waited.

        Raises:
            IssuerAway: one runs, and others wait for it already, or it takes long.
        """
        done = self.refresh(unknown_key=unknown_key)
        if done is None:
            return False
        if not self._waiting.acquire(blocking=False):
            raise IssuerAway
        try:
            if not done.wait(WAIT_S):
                raise IssuerAway
        finally:
            self._waiting.release()
        return True

    def _fetch_once(self, done: threading.Event) -> None:
        try:
            fetched = self._fetch(self.issuer)
        except KeysAway as error:
            self._note_away()
            log.warning("issuer_away", issuer=self.issuer.alias, cause=str(error))
        except Exception:
            self._note_away()
            log.exception("issuer_away", issuer=self.issuer.alias)
        else:
            self._take(fetched)
        finally:
            with self._lock:
                self._fetching = None
            done.set()

    def _note_away(self) -> None:
        if self._away_since_s is None:
            self._away_since_s = self._clock()

    def _take(self, fetched: FetchedKeys) -> None:
        before = self._held.keys if self._held else NO_KEYS
        self._held = _Held(fetched.keys, self._clock())
        self.clock_ahead_s = fetched.clock_ahead_s
        self._away_since_s = None
        if fetched.keys.fingerprints != before.fingerprints:
            log.info("issuer_keys", issuer=self.issuer.alias, keys=len(fetched.keys.fingerprints))
            self._on_change()
