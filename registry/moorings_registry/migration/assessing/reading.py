"""Reading another registry as far as that is possible: several requests at a time, and what fails is said.

An import reads all or nothing. An assessment of what could be read is worth having, as long as it says what is missing.
"""

import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import BinaryIO, TypeVar

from moorings_registry.migration.http_source import (
    ListedVersions,
    listed_contexts,
    listed_scopes,
    listed_subjects,
    listed_versions,
    not_shown,
    scope_mode,
    scope_settings,
    shown_version,
)
from moorings_registry.migration.imported import (
    ImportedRegistry,
    ImportedVersion,
    Json,
    SourceAway,
    SourceDenied,
    SourceUnreadable,
)
from moorings_registry.migration.key_source import ImportedKeys, read_keys
from moorings_registry.migration.peer import Peer
from moorings_registry.migration.topic_dump import read_topic_dump

CONCURRENCY = 8
"""Requests at a time."""
_AHEAD = 64
"""Requests that wait or whose answers do: so much is held besides what was taken."""
_FAILURES_IN_A_ROW = 5
"""After so many requests without an answer in between, the other registry is taken to be gone."""
_MOST_SAID = 200
"""Sentences about what could not be read; further ones are counted."""
Item = TypeVar("Item")
Result = TypeVar("Result")
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class ReadRegistry:
    """What could be read of a registry, and what could not."""

    source: str
    """Its address without user and password, or the name of the file."""
    registry: ImportedRegistry
    unread: tuple[str, ...] = ()
    owners: dict[str, str] = field(default_factory=dict)
    """The owner of each domain, where it is another Moorings."""


def read_dump_as_far_as_possible(stream: BinaryIO, source: str) -> ReadRegistry:
    """Read a dump of the topic; lines that cannot be read are said."""
    unread: list[str] = []
    registry = read_topic_dump(stream, unread)
    return ReadRegistry(source, registry, _bounded(unread))


def read_as_far_as_possible(peer: Peer, progress: Progress = lambda *_: None) -> ReadRegistry:
    """Read what *peer* shows. Ctrl-C ends it with what was read until then.

    Raises:
        SourceAway, SourceUnreadable: not even its subjects.
    """
    subjects = listed_subjects(peer)
    reader = _Reader(peer, progress)
    with reader.working():
        reader.read(subjects)
    return ReadRegistry(peer.name, reader.registry(), _bounded(reader.unread), reader.owners)


class _Reader:
    """One reading; requests run in threads, and everything is collected in this one."""

    def __init__(self, peer: Peer, progress: Progress) -> None:
        self._peer = peer
        self._progress = progress
        self._stop = threading.Event()
        self._failed = 0
        self._counting = threading.Lock()
        self._pool = ThreadPoolExecutor(CONCURRENCY, thread_name_prefix="read")
        self.unread: list[str] = []
        self.owners: dict[str, str] = {}
        self._untold: list[str] = []
        self._versions: list[ImportedVersion] = []
        self._keys = ImportedKeys()
        self._configs: dict[str, Json] = {}
        self._modes: dict[str, str] = {}

    @contextmanager
    def working(self) -> Iterator[None]:
        """Let requests run; at the end, however it comes, none is left."""
        try:
            yield
        except KeyboardInterrupt:
            self.unread.insert(0, "interrupted: what follows is about what was read until then")
        finally:
            self._stop.set()
            self._pool.shutdown(cancel_futures=True)

    def registry(self) -> ImportedRegistry:
        keys = self._keys
        return ImportedRegistry(
            tuple(self._versions),
            self._configs,
            self._modes,
            (*self._untold, *keys.untold),
            tuple(keys.keks),
            tuple(keys.deks),
        )

    def read(self, subjects: list[str]) -> None:
        wanted: list[tuple[str, int, bool]] = []
        for subject, listed in self._each(subjects, self._listed, "subjects", lambda one: f"subject {one}"):
            wanted += ((subject, number, number in listed.active) for number in listed.every)
        for (subject, number, _), version in self._each(
            wanted, self._shown, "versions", lambda one: f"{one[0]} version {one[1]}"
        ):
            if version is None:
                self._untold.append(not_shown(subject, number))
            else:
                self._versions.append(version)
        self._read_settings(subjects)

    def _read_settings(self, subjects: list[str]) -> None:
        contexts = self._tried(lambda: listed_contexts(self._peer, subjects), "the contexts") or []
        self._keys = self._tried(lambda: read_keys(self._peer, contexts), "the encryption keys") or ImportedKeys()
        scopes = self._tried(lambda: listed_scopes(self._peer, subjects), "the scopes of settings") or ["", *subjects]
        for scope, (own, mode) in self._each(
            scopes, self._settings, "settings", lambda one: f"the settings of {one or 'the registry'}"
        ):
            if own is not None:
                self._configs[scope] = own
            if mode is not None:
                self._modes[scope] = mode
        self.owners |= self._tried(lambda: domain_owners(self._peer), "the domains") or {}

    def _listed(self, subject: str) -> ListedVersions:
        return listed_versions(self._peer, subject)

    def _shown(self, wanted: tuple[str, int, bool]) -> ImportedVersion | None:
        subject, number, is_active = wanted
        return shown_version(self._peer, subject, number, is_active=is_active)

    def _settings(self, scope: str) -> tuple[Json | None, str | None]:
        return scope_settings(self._peer, scope), scope_mode(self._peer, scope)

    def _each(
        self, items: Iterable[Item], work: Callable[[Item], Result], what: str, name: Callable[[Item], str]
    ) -> Iterator[tuple[Item, Result]]:
        """Yield each item with what *work* gives for it, in order; say which failed."""
        listed = list(items)
        pending: deque[tuple[Item, Future[Result]]] = deque()
        for done, item in enumerate(listed):
            pending.append((item, self._pool.submit(self._worked, work, item)))
            if len(pending) >= _AHEAD:
                yield from self._taken(*pending.popleft(), name)
            self._progress(f"{what} read", done - len(pending) + 1, len(listed))
        while pending:
            yield from self._taken(*pending.popleft(), name)
        self._progress(f"{what} read", len(listed), len(listed))

    def _worked(self, work: Callable[[Item], Result], item: Item) -> Result:
        """Do *work*, in whichever thread, unless the other registry is gone; notice when it is."""
        if self._stop.is_set():
            raise SourceAway(f"{self._peer.name} had stopped answering")
        try:
            result = work(item)
        except SourceUnreadable as error:
            self._count(is_answer=isinstance(error, SourceDenied) or not isinstance(error, SourceAway))
            raise
        self._count(is_answer=True)
        return result

    def _count(self, *, is_answer: bool) -> None:
        with self._counting:
            self._failed = 0 if is_answer else self._failed + 1
            if self._failed >= _FAILURES_IN_A_ROW:
                self._stop.set()

    def _taken(self, item: Item, future: Future[Result], name: Callable[[Item], str]) -> Iterator[tuple[Item, Result]]:
        try:
            result = future.result()
        except SourceUnreadable as error:
            self.unread.append(f"{name(item)}: {error}")
        else:
            yield item, result

    def _tried(self, work: Callable[[], Result], name: str) -> Result | None:
        try:
            return self._worked(lambda _: work(), None)
        except SourceUnreadable as error:
            self.unread.append(f"{name}: {error}")
            return None


def domain_owners(peer: Peer) -> dict[str, str]:
    """The owner of each domain of another Moorings; empty where it is something else.

    Raises:
        SourceAway, SourceUnreadable
    """
    if not peer.is_ours():
        return {}
    told = peer.find("/v1/domains")
    listed = told.get("domains") if isinstance(told, dict) else None
    return {
        str(one["domain"]): str(one["owner"])
        for one in (listed if isinstance(listed, list) else ())
        if isinstance(one, dict) and one.get("domain") and one.get("owner")
    }


def _bounded(said: list[str]) -> tuple[str, ...]:
    further = len(said) - _MOST_SAID
    return (*said[:_MOST_SAID], *((f"and {further} more that could not be read",) if further > 0 else ()))
