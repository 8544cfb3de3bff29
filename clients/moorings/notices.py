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
    """One request ended. Without a response `status` is None, and `reason` says why. Times are since the epoch."""

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
    text: ClassVar[str] = "retrying: {path}"

    method: str
    path: str
    reason: str
    attempt: int
    wait_s: float


@dataclass(frozen=True, slots=True)
class CircuitChanged(Notice):
    """The breaker of one endpoint changed its state: ``closed``, ``open`` or ``half_open``."""

    level: ClassVar[int] = logging.WARNING
    text: ClassVar[str] = "circuit {after}: {place}"

    place: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class EndpointChanged(Notice):
    """From now on requests go to another of the registry's URLs."""

    level: ClassVar[int] = logging.WARNING
    text: ClassVar[str] = "switched from {before} to {after}"

    before: str
    after: str


@dataclass(frozen=True, slots=True)
class StaleAnswerServed(Notice):
    """The registry is unavailable, and a cached response that may be outdated was used."""

    level: ClassVar[int] = logging.WARNING
    text: ClassVar[str] = "registry unavailable, cached response used: {path}"

    path: str
    reason: str


@dataclass(frozen=True, slots=True)
class CacheAnswered(Notice):
    """A schema was looked up: in ``memory``, recently unknown ids included, or on ``disk``.

    Messages of a schema that their handle already knows are not looked up, and not counted.
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
    """A handle could not be refreshed, and keeps its revision."""

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
    """Bytes without a schema id or guid, where an event was expected."""

    text: ClassVar[str] = "not framed: {subject}"

    subject: str
    major: int
    label: str


@dataclass(frozen=True, slots=True)
class DraftRefused(Notice):
    """An attempt to write with a draft outside its domain."""

    text: ClassVar[str] = "draft: {subject} {label}"

    subject: str
    major: int
    label: str


@dataclass(frozen=True, slots=True)
class RetiredRefused(Notice):
    """An attempt to write with a retired major."""

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
    """A new token was fetched; `expires_s` is how long it is valid, None where that is unknown."""

    text: ClassVar[str] = "token renewed: {source}"

    source: str
    expires_s: float | None


@dataclass(frozen=True, slots=True)
class TokenFailed(Notice):
    """No new token could be fetched; the old one, still valid, stays in use."""

    level: ClassVar[int] = logging.WARNING
    text: ClassVar[str] = "no token from {source}: {reason}"

    source: str
    reason: str


Listener = Callable[[Notice], object]


class Notices:
    """Hands notices to the log and to the listeners. What a listener raises never reaches a call."""

    def __init__(self, listeners: Iterable[Listener] = ()) -> None:
        self._listeners = tuple(listeners)

    def add(self, listener: "Listener") -> None:
        """Add *listener* to those that are called."""
        self._listeners = (*self._listeners, listener)

    def tell(self, notice: Notice) -> None:
        """Write *notice* to the log and hand it to each listener; one that raises is logged, and harms nobody."""
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
    """How often a cache had the schema that was looked up."""

    hits: int
    misses: int

    @property
    def ratio(self) -> float:
        """The share of hits; 1.0 before the first look-up."""
        looked = self.hits + self.misses
        return self.hits / looked if looked else 1.0


class CacheCounter:
    """Counts hits and misses of one cache, and tells the listeners."""

    def __init__(self, cache: str, notices: Notices) -> None:
        self._cache = cache
        self._notices = notices
        self._lock = threading.Lock()
        self._hits = self._misses = 0

    @property
    def counts(self) -> CacheCounts:
        return CacheCounts(self._hits, self._misses)

    def note(self, *, hit: bool) -> None:
        """Count one look-up, and tell the listeners."""
        with self._lock:
            self._hits += hit
            self._misses += not hit
            notice = CacheAnswered(self._cache, hit, self._hits, self._misses)
        self._notices.tell(notice)


def _extra(notice: Notice) -> dict[str, object]:
    """Name the notice and its fields for a log record: ``moorings.<field>``, which `logging` does not use itself."""
    found: dict[str, object] = {"notice": type(notice).__name__}
    found.update((f"moorings.{one.name}", getattr(notice, one.name)) for one in fields(notice))
    return found
