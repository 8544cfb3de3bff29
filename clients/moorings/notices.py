"""What happens between a service and its registry, as values: for a callback, and as structured records of the log.

No notice holds a value of an event, a token, or a header.
"""

import logging
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, fields
from typing import ClassVar

from moorings.violations import Violation

_log = logging.getLogger("moorings")


@dataclass(frozen=True, slots=True)
class Notice:
    """The root of all notices; `level` is that of its record in the log."""

    level: ClassVar[int] = logging.DEBUG
    text: ClassVar[str] = ""
    """The sentence of the log, with the names of fields in braces."""

    def __str__(self) -> str:
        return self.text.format(**{one.name: getattr(self, one.name) for one in fields(self)})


@dataclass(frozen=True, slots=True)
class RequestEnded(Notice):
    """One request was answered, or not: `status` is None then, and `reason` says why. Times are since the epoch."""

    text: ClassVar[str] = "{method} {path} at {place}: {reason}"

    method: str
    path: str
    place: str
    status: int | None
    reason: str
    began_s: float
    lasted_s: float


@dataclass(frozen=True, slots=True)
class RequestRetried(Notice):
    """A request is repeated after `wait_s`; `attempt` counts those that failed."""

    level: ClassVar[int] = logging.INFO
    text: ClassVar[str] = "asking again: {path}"

    method: str
    path: str
    reason: str
    attempt: int
    wait_s: float


@dataclass(frozen=True, slots=True)
class CircuitChanged(Notice):
    """The breaker of one place moved: ``closed``, ``open`` or ``half_open``."""

    level: ClassVar[int] = logging.WARNING
    text: ClassVar[str] = "circuit {after}: {place}"

    place: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class EndpointChanged(Notice):
    """Requests go to another of the registry's URLs from now on."""

    level: ClassVar[int] = logging.WARNING
    text: ClassVar[str] = "the registry is asked at {after} instead of {before}"

    before: str
    after: str


@dataclass(frozen=True, slots=True)
class StaleAnswerServed(Notice):
    """The registry is away, and an answer that may have changed was taken from the store."""

    level: ClassVar[int] = logging.WARNING
    text: ClassVar[str] = "served from the store, the registry is away: {path}"

    path: str
    reason: str


@dataclass(frozen=True, slots=True)
class CacheAnswered(Notice):
    """A schema was looked for: in ``memory`` (or among the ids lately ``unknown``) or in the ``disk`` store.

    Messages of a schema that their handle has met look for nothing, and are not counted.
    """

    text: ClassVar[str] = "{cache} {hits} hits, {misses} misses"

    cache: str
    hit: bool
    hits: int
    misses: int


@dataclass(frozen=True, slots=True)
class ContractMoved(Notice):
    """A handle moved to another revision of its major."""

    level: ClassVar[int] = logging.INFO
    text: ClassVar[str] = "moved to {after}: {subject}"

    subject: str
    major: int
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class ContractStayed(Notice):
    """A handle could not be refreshed, and goes on as it is."""

    level: ClassVar[int] = logging.WARNING
    text: ClassVar[str] = "{subject} stays at {label}: {reason}"

    subject: str
    major: int
    label: str
    reason: str


@dataclass(frozen=True, slots=True)
class EventRefused(Notice):
    """An event was not written; `violations` has places and rules."""

    text: ClassVar[str] = "refused on produce: {subject} {label}"

    subject: str
    major: int
    label: str
    violations: tuple[Violation, ...]


@dataclass(frozen=True, slots=True)
class EventNotRead(Notice):
    """An event could not be read; `writer` and `reader` are labels, or what names the schema."""

    text: ClassVar[str] = "not readable: {subject}, written with {writer}, read with {reader}, at {path}"

    subject: str
    major: int
    writer: str
    reader: str
    path: str
    reason: str
    violations: tuple[Violation, ...] = ()


@dataclass(frozen=True, slots=True)
class EventUnframed(Notice):
    """Bytes that name no schema, where an event was expected."""

    text: ClassVar[str] = "not framed: {subject}"

    subject: str
    major: int
    label: str


@dataclass(frozen=True, slots=True)
class RetiredRefused(Notice):
    """Somebody wanted to write with a major that is retired."""

    text: ClassVar[str] = "retired: {subject} {label}"

    subject: str
    major: int
    label: str


@dataclass(frozen=True, slots=True)
class WriterMissing(Notice):
    """An event names a schema that the registry does not know."""

    text: ClassVar[str] = "unknown writer: {subject}, {writer}"

    subject: str
    major: int
    writer: str


@dataclass(frozen=True, slots=True)
class TokenRenewed(Notice):
    """A token was fetched to sign in with; `expires_s` is how long it holds, None where it does not say."""

    text: ClassVar[str] = "signed in anew: {source}"

    source: str
    expires_s: float | None


@dataclass(frozen=True, slots=True)
class TokenFailed(Notice):
    """No new token was to be had; an older one that still holds is used on."""

    level: ClassVar[int] = logging.WARNING
    text: ClassVar[str] = "no token from {source}: {reason}"

    source: str
    reason: str


Listener = Callable[[Notice], object]


class Notices:
    """Tells the log and the listeners. What a listener raises never reaches a call."""

    def __init__(self, listeners: Iterable[Listener] = ()) -> None:
        self._listeners = tuple(listeners)

    def add(self, listener: "Listener") -> None:
        """Tell *listener* too, from now on."""
        self._listeners = (*self._listeners, listener)

    def tell(self, notice: Notice) -> None:
        if _log.isEnabledFor(notice.level):
            _log.log(notice.level, "%s", notice, extra=_extra(notice))
        for listener in self._listeners:
            try:
                listener(notice)
            except Exception:  # noqa: BLE001 - an observer that fails must not harm what it observes
                _log.warning("a listener failed on %s", type(notice).__name__, exc_info=True)


SILENT = Notices()


@dataclass(frozen=True, slots=True)
class CacheCounts:
    """How often schemas were found where they were looked for."""

    hits: int
    misses: int

    @property
    def ratio(self) -> float:
        """Hits among all; 1.0 where nothing was looked for."""
        looked = self.hits + self.misses
        return self.hits / looked if looked else 1.0


class CacheCounter:
    """Counts for one cache, and tells."""

    def __init__(self, cache: str, notices: Notices) -> None:
        self._cache = cache
        self._notices = notices
        self._lock = threading.Lock()
        self._hits = self._misses = 0

    @property
    def counts(self) -> CacheCounts:
        return CacheCounts(self._hits, self._misses)

    def note(self, *, hit: bool) -> None:
        with self._lock:
            self._hits += hit
            self._misses += not hit
            told = CacheAnswered(self._cache, hit, self._hits, self._misses)
        self._notices.tell(told)


def _extra(notice: Notice) -> dict[str, object]:
    """Give a record the notice's name and fields, as ``moorings.<field>``: no name that `logging` keeps for itself."""
    found: dict[str, object] = {"notice": type(notice).__name__}
    found.update((f"moorings.{one.name}", getattr(notice, one.name)) for one in fields(notice))
    return found
