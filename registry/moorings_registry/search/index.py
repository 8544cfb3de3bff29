"""The index of a worker: words of events, domains and applications in SQLite's full-text search (FTS5).

One implementation for every engine of the ledger: each worker process has a private temporary database, which SQLite
keeps in memory up to a bound and beyond it in a file that is gone with the process. It follows the state by comparing
values, which costs little for what is the same object. It is made when somebody searches first, a bit in each request
and the rest in a thread, and says whether it is complete.

The index holds everything, so what is found is filtered by what the caller may see before it is counted, and words that
are only similar are all looked for: which results there are depends on nothing that is hidden.
"""

import contextlib
import heapq
import os
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from uuid import UUID

from rapidfuzz import process
from rapidfuzz.distance import OSA

from moorings_registry.access import may_read
from moorings_registry.names import Subject
from moorings_registry.search.contents import Contents, event_contents
from moorings_registry.search.words import spelled_out, words_asked
from moorings_registry.state import Consumer, Domain, State, Version
from moorings_registry.version_queries import without_versions

COLUMNS = ("name", "fields", "docs", "tags", "topics", "people")
_CACHE_KIB = 16 * 1024
"""Of the index, what a worker keeps in memory."""
_BIT_S = 0.1
"""Seconds that a request spends on an index that is behind."""
_LEAST_FUZZY = 4
"""Letters from which on a word may have typing errors: one, and two from `_LONG` on."""
_LONG = 8
_LARGEST_ID = 2**31 - 1


class HitKind(StrEnum):
    """What was found."""

    EVENT = "event"
    DOMAIN = "domain"
    APPLICATION = "application"
    SCHEMA = "schema"


@dataclass(frozen=True, slots=True)
class Hit:
    """One thing that was found."""

    kind: HitKind
    name: str
    matched: tuple[str, ...] = ()
    """The columns that hold a word of the question."""
    version: Version | None = None
    """Of a schema: a version that it is."""


@dataclass(frozen=True, slots=True)
class Found:
    """The answer to a question, as far as the caller may see it."""

    hits: tuple[Hit, ...]
    counts: dict[HitKind, int]
    similar: bool
    """Nothing has the very words, so similar ones were looked for."""
    complete: bool
    """Whether everything was looked at; else the index is still being made."""

    @property
    def total(self) -> int:
        return sum(self.counts.values())


@dataclass(frozen=True, slots=True)
class _Document:
    rowid: int
    value: object
    """What it was made of: the same objects mean the same text."""
    kind: HitKind
    name: str
    subject: Subject | None = None


class SearchIndex:
    """Words to documents; safe from any thread. A process that was forked makes its own."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._follower: threading.Thread | None = None
        self._reset()

    def _reset(self) -> None:
        self._pid = os.getpid()
        self._connection: sqlite3.Connection | None = None
        self._documents: dict[tuple[HitKind, object], _Document] = {}
        self._by_row: dict[int, _Document] = {}
        self._rows = 0
        self._state: State | None = None
        """The state that the index is that of; None while it is behind."""
        self._vocabulary: list[str] | None = None

    def close(self) -> None:
        """Let go of the database."""
        with self._lock:
            if self._connection is not None and self._pid == os.getpid():
                self._connection.close()
            self._reset()

    def search(
        self, whole: State, seen: State, question: str, *, kind: HitKind | None = None, limit: int = 20, offset: int = 0
    ) -> Found:
        """Find what *question* names, best first; *seen* is *whole* as the caller sees it."""
        with self._lock:
            complete = self._follow(whole, _BIT_S)
            words = words_asked(question)
            found = self._visible(seen, self._rows_with(words)) if words else []
            similar = False
            if words and not found and complete:
                found = self._visible(seen, self._rows_with_similar(words))
                similar = bool(found)
            counts = dict.fromkeys(HitKind, 0)
            for document in found:
                counts[document.kind] += 1
            schemas = list(_schemas(seen, question.strip()))
            counts[HitKind.SCHEMA] = len(schemas)
            wanted = [one for one in found if kind in (None, one.kind)]
            best = heapq.nsmallest(limit + offset, wanted, key=_nearness(words, self._named(words)))
            shown = schemas if kind in (None, HitKind.SCHEMA) else []
            hits = [*shown, *(Hit(one.kind, one.name, self._matched(one, words)) for one in best)]
        if not complete:
            self._start_following(whole)
        return Found(tuple(hits[offset : offset + limit]), counts, similar, complete)

    # Following the state

    def _follow(self, state: State, seconds: float) -> bool:
        """Bring the index nearer to *state* for so many seconds; whether it is there."""
        if self._pid != os.getpid():
            self._reset()
        if self._state is state:
            return True
        try:
            done = self._catch_up(state, time.monotonic() + seconds)
        except BaseException:  # nobody knows what of it is written
            self._reset()
            raise
        self._state = state if done else None
        return done

    def _catch_up(self, state: State, until: float) -> bool:
        """Write what is new until then; whether everything is."""
        known = set(self._documents)
        with contextlib.closing(self._open().cursor()) as cursor:
            cursor.execute("BEGIN")
            for number, (key, value, make) in enumerate(_wanted(state)):
                known.discard(key)
                held = self._documents.get(key)
                if held is None or not _same(held.value, value):
                    self._write(cursor, key, value, make())
                    if number % 50 == 0 and time.monotonic() > until:
                        cursor.execute("COMMIT")
                        return False
            for key in known:
                self._remove(cursor, key)
            cursor.execute("COMMIT")
        return True

    def _write(self, cursor: sqlite3.Cursor, key: tuple[HitKind, object], value: object, contents: Contents) -> None:
        self._remove(cursor, key)
        self._rows += 1
        subject = key[1] if isinstance(key[1], Subject) else None
        document = _Document(self._rows, value, key[0], str(key[1]), subject)
        cursor.execute(_INSERT, (document.rowid, *contents.columns))
        self._documents[key] = self._by_row[document.rowid] = document
        self._vocabulary = None

    def _remove(self, cursor: sqlite3.Cursor, key: tuple[HitKind, object]) -> None:
        held = self._documents.pop(key, None)
        if held is not None:
            del self._by_row[held.rowid]
            cursor.execute("DELETE FROM documents WHERE rowid = ?", (held.rowid,))
            self._vocabulary = None

    def _open(self) -> sqlite3.Connection:
        if self._connection is None:
            self._connection = sqlite3.connect("", isolation_level=None, check_same_thread=False)
            for statement in _LAYOUT:
                self._connection.execute(statement)
        return self._connection

    def _start_following(self, state: State) -> None:
        """Make the rest in a thread, so that nobody waits for it."""
        follower = self._follower
        if follower is not None and follower.is_alive():
            return
        self._follower = threading.Thread(target=self._follow_on, args=(state,), name="search", daemon=True)
        self._follower.start()

    def _follow_on(self, state: State) -> None:
        done = False
        while not done:
            with self._lock:
                done = self._follow(state, _BIT_S)
            time.sleep(0.01)

    # Asking

    def _rows_with(self, words: list[str]) -> list[int]:
        return self._matching(" AND ".join(f'"{one}"*' for one in words))

    def _rows_with_similar(self, words: list[str]) -> list[int]:
        """Rows that have a word similar to each of *words*: however many similar ones there are."""
        alternatives = [self._similar(one) for one in words]
        if not all(alternatives):
            return []
        return self._matching(
            " AND ".join("(" + " OR ".join(f'"{one}"' for one in similar) + ")" for similar in alternatives)
        )

    def _similar(self, word: str) -> list[str]:
        if self._vocabulary is None:
            self._vocabulary = [term for (term,) in self._open().execute("SELECT term FROM vocabulary")]
        errors = 0 if len(word) < _LEAST_FUZZY else 2 if len(word) >= _LONG else 1
        found = process.extract(word, self._vocabulary, scorer=OSA.distance, score_cutoff=errors, limit=None)
        begins = [one for one in self._vocabulary if one.startswith(word)]
        return list(dict.fromkeys([*begins, *(term for term, _, _ in found)]))

    def _named(self, words: list[str]) -> frozenset[int]:
        """The rows whose name has every word."""
        if not words:
            return frozenset()
        return frozenset(self._matching("name : (" + " AND ".join(f'"{one}"*' for one in words) + ")"))

    def _matching(self, query: str) -> list[int]:
        rows = self._open().execute("SELECT rowid FROM documents WHERE documents MATCH ?", (query,))
        return [rowid for (rowid,) in rows]

    def _matched(self, document: _Document, words: list[str]) -> tuple[str, ...]:
        row = self._open().execute(_SELECT, (document.rowid,)).fetchone()
        held = [text.lower() for text in row or ()]
        return tuple(name for name, text in zip(COLUMNS, held, strict=False) if any(one in text for one in words))

    def _visible(self, seen: State, rows: list[int]) -> list[_Document]:
        return [one for rowid in rows if _is_seen(seen, one := self._by_row[rowid])]


_OPTIONS = "tokenize='unicode61', detail=column, columnsize=0, prefix='2 3'"
_LAYOUT = (
    f"PRAGMA cache_size = -{_CACHE_KIB}",
    "PRAGMA journal_mode = OFF",
    "PRAGMA synchronous = OFF",
    f"CREATE VIRTUAL TABLE documents USING fts5({', '.join(COLUMNS)}, {_OPTIONS})",
    "CREATE VIRTUAL TABLE vocabulary USING fts5vocab(documents, row)",
)
_INSERT = f"INSERT INTO documents (rowid, {', '.join(COLUMNS)}) VALUES (?, ?, ?, ?, ?, ?, ?)"  # noqa: S608 - constants
_SELECT = f"SELECT {', '.join(COLUMNS)} FROM documents WHERE rowid = ?"  # noqa: S608 - constants

_Wanted = tuple[tuple[HitKind, object], object, Callable[[], Contents]]


def _wanted(state: State) -> Iterator[_Wanted]:
    """Every document that the index of *state* has: its key, what it is made of, and how."""
    for subject, held in state.subjects.items():
        declared = state.declarations.get(subject)
        yield (HitKind.EVENT, subject), (held, declared), partial(event_contents, state, held, declared)
    for subject, said in state.declarations.items():
        if subject not in state.subjects:
            nothing = without_versions(subject)
            yield (HitKind.EVENT, subject), (None, said), partial(event_contents, state, nothing, said)
    for name, domain in state.domains.items():
        yield (HitKind.DOMAIN, name), (domain, None), partial(_domain_contents, domain)
    for name, consumer in state.consumers.items():
        yield (HitKind.APPLICATION, name), (consumer, None), partial(_consumer_contents, consumer)


def _domain_contents(domain: Domain) -> Contents:
    people = spelled_out([domain.owner, *domain.contacts])
    return Contents(spelled_out([domain.name]), docs=domain.description, people=people)


def _consumer_contents(consumer: Consumer) -> Contents:
    """What can be found of an application: not what it reads, which not everybody sees."""
    return Contents(spelled_out([consumer.application]), people=spelled_out([consumer.team, consumer.contact]))


def _same(one: object, other: object) -> bool:
    """Whether two documents are made of the same; values that a base has are other objects whenever they are read."""
    if not isinstance(one, tuple) or not isinstance(other, tuple):
        return False
    return all(a is b or a == b for a, b in zip(one, other, strict=True))


def _is_seen(seen: State, document: _Document) -> bool:
    """Whether the caller sees a document: an event whole, since the index has all of its words."""
    subject = document.subject
    if subject is not None:
        return may_read(seen, subject) and (subject in seen.subjects or subject in seen.declarations)
    return document.name in (seen.domains if document.kind is HitKind.DOMAIN else seen.consumers)


def _nearness(words: list[str], named: frozenset[int]) -> Callable[[_Document], tuple[bool, bool, int, str]]:
    """How to sort: those that are called so first, then the shorter names."""

    def key(document: _Document) -> tuple[bool, bool, int, str]:
        whole = document.name.lower()
        last = whole.rpartition(".")[2]
        exact = not words or "".join(words) not in (last, whole.replace(".", ""))
        return (exact, document.rowid not in named, len(document.name), document.name)

    return key


def _schemas(seen: State, question: str) -> Iterator[Hit]:
    """The versions whose id or guid the question is."""
    for context in seen.contexts():
        guid = _guid(seen, context, question)
        for place in seen.places_of(guid, context) if guid else ():
            version = seen.version_at(place)
            if version is not None:
                yield Hit(HitKind.SCHEMA, str(version.subject), ("id" if question.isdigit() else "guid",), version)


def _guid(seen: State, context: str, question: str) -> str | None:
    if question.isascii() and question.isdigit():
        number = int(question) if len(question) < 11 else 0
        return seen.guid_of_id(number, context) if 0 < number <= _LARGEST_ID else None
    try:
        guid = str(UUID(question)) if len(question) >= 32 else ""
    except ValueError:
        return None
    return seen.own_guid(guid) if guid else None
