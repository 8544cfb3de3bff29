"""Who read and wrote what, counted by the hour: in memory for a minute, then in a file of the node beside the ledger.

One row is what one caller did, by one verb, to one node, with one outcome, in one hour. Rows grow with callers and
subjects, not with requests, so that every read can be counted. Denied writes are remembered one by one, the first of
each caller, verb, node and hour, within bounds: a flood of them must not grow the ledger.
"""

import hashlib
import json
import math
import os
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import structlog

from moorings_registry.access import Verb
from moorings_registry.entries import moment_text
from moorings_registry.facts import AccessDenied

MOST_KEYS = 50_000
"""Rows of one worker's minute; beyond, nodes are counted as their domains, and beyond twice that as ``*``."""
MOST_DENIED = 1_000
"""Denied writes of an hour that a node remembers one by one; further ones are counted alone."""
KEPT_DAYS = 400
HOUR = len("2026-11-29T22")
_BUSY_TIMEOUT_S = 5.0
_TABLES = (
    """CREATE TABLE IF NOT EXISTS rows (
        hour TEXT NOT NULL, principal TEXT NOT NULL, verb TEXT NOT NULL, node TEXT NOT NULL, ok INTEGER NOT NULL,
        count INTEGER NOT NULL, first TEXT NOT NULL, last TEXT NOT NULL,
        PRIMARY KEY (hour, principal, verb, node, ok)
    ) STRICT, WITHOUT ROWID""",
    """CREATE TABLE IF NOT EXISTS denied (
        hour TEXT NOT NULL, principal TEXT NOT NULL, verb TEXT NOT NULL, node TEXT NOT NULL,
        PRIMARY KEY (hour, principal, verb, node)
    ) STRICT, WITHOUT ROWID""",
    "CREATE TABLE IF NOT EXISTS sealed (hour TEXT PRIMARY KEY) STRICT, WITHOUT ROWID",
)
_ADD = (
    "INSERT INTO rows VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET count = count + excluded.count,"
    " first = min(first, excluded.first), last = max(last, excluded.last)"
)

log = structlog.get_logger("moorings.access")


@dataclass(frozen=True, slots=True)
class AccessRow:
    """What one caller did to one node in one hour, by one verb and with one outcome."""

    hour: str
    """As moments begin: ``2026-11-29T22``."""
    principal: str
    verb: str
    node: str
    ok: bool
    """Whether the request was answered as asked."""
    count: int
    first: str
    last: str


@dataclass(frozen=True, slots=True)
class AccessFilter:
    """Which rows are asked for; an empty member asks for nothing."""

    principal: str = ""
    node: str = ""
    """This node, and those below it by dots."""
    verb: str = ""
    ok: bool | None = None
    since: str = ""
    until: str = ""
    limit: int = 1_000


Key = tuple[str, str, str, str, bool]


class AccessCounts:
    """The counts of one worker, and the file that all workers of the node share. Safe from any thread."""

    def __init__(self, path: Path | None, now: Callable[[], str]) -> None:
        """Keep counts in *path*; None keeps them in this process. Nothing is opened yet."""
        self._path = path
        self._now = now
        self._moment, self._looked = "", -math.inf
        self._lock = threading.Lock()
        self._rows: dict[Key, list[str | int]] = {}
        self._denied: dict[tuple[str, str, str, str], str] = {}
        self._using = threading.Lock()
        self._connection: sqlite3.Connection | None = None
        self._opened_by = 0

    def note(self, principal: str, verb: Verb, node: str, *, ok: bool) -> None:
        """Count one request."""
        now = self._about_now()
        with self._lock:
            known = self._rows.get((now[:HOUR], principal, verb, node, ok))
            if known is None:
                key = (now[:HOUR], principal, str(verb), self._bounded(node), ok)
                known = self._rows.setdefault(key, [0, now, now])
            known[0] = int(known[0]) + 1
            known[2] = now

    def _about_now(self) -> str:
        """The moment, at most a second old: writing one as text costs more than counting."""
        clock = time.monotonic()
        if clock >= self._looked + 1.0:
            self._moment, self._looked = self._now(), clock
        return self._moment

    def _bounded(self, node: str) -> str:
        if len(self._rows) < MOST_KEYS:
            return node
        return node.rpartition(".")[0] or "*" if len(self._rows) < 2 * MOST_KEYS else "*"

    def deny(self, principal: str, verb: Verb, node: str) -> None:
        """Remember a write that was denied."""
        now = self._now()
        with self._lock:
            if len(self._denied) < MOST_DENIED:
                self._denied.setdefault((now[:HOUR], principal, str(verb), node), now)

    def flush(self) -> None:
        """Move what was counted into the file; while that cannot be written, it stays in memory, within its bounds."""
        with self._lock:
            rows, self._rows = self._rows, {}
        if not rows:
            return
        try:
            with self._transaction() as connection:
                connection.executemany(_ADD, [(*key, *values) for key, values in rows.items()])
        except (sqlite3.Error, OSError) as error:
            log.warning("access_not_counted", cause=str(error))
            self._keep_for_later(rows)

    def take_denied(self) -> list[AccessDenied]:
        """Return the denied writes that no worker of the node has recorded in their hour; they are taken.

        Raises:
            sqlite3.Error, OSError: the file cannot be used; they are kept for the next time.
        """
        with self._lock:
            denied, self._denied = self._denied, {}
        if not denied:
            return []
        try:
            with self._transaction() as connection:
                return list(_first(connection, denied))
        except (sqlite3.Error, OSError):
            with self._lock:
                self._denied = {**denied, **self._denied}
            raise

    def _keep_for_later(self, rows: dict[Key, list[str | int]]) -> None:
        with self._lock:
            for key, (count, first, last) in rows.items():
                if key in self._rows or len(self._rows) < 2 * MOST_KEYS:
                    known = self._rows.setdefault(key, [0, first, last])
                    known[0] = int(known[0]) + int(count)
                    known[1] = first

    def find(self, asked: AccessFilter) -> list[AccessRow]:
        """Return the rows that match, the newest hour first.

        Raises:
            sqlite3.Error, OSError: the file cannot be read.
        """
        where, values = ["1 = 1"], []
        for column, comparison, value in (
            ("principal", "=", asked.principal),
            ("verb", "=", asked.verb),
            ("hour", ">=", asked.since[:HOUR]),
            ("hour", "<=", asked.until[:HOUR]),
        ):
            if value:
                where.append(f"{column} {comparison} ?")
                values.append(value)
        if asked.node:
            where.append("(node = ? OR substr(node, 1, ?) = ?)")
            values += [asked.node, str(len(asked.node) + 1), f"{asked.node}."]
        if asked.ok is not None:
            where.append(f"ok = {int(asked.ok)}")
        query = f"SELECT * FROM rows WHERE {' AND '.join(where)} ORDER BY hour DESC, principal, verb, node, ok LIMIT ?"  # noqa: S608
        with self._transaction() as connection, closing(connection.execute(query, (*values, asked.limit))) as found:
            return [
                AccessRow(hour, principal, verb, node, bool(ok), count, first, last)
                for hour, principal, verb, node, ok, count, first, last in found
            ]

    def claim_closed_hours(self) -> list[tuple[str, int, str]]:
        """Return the closed hours that nobody has sealed, each with its number of rows and their digest.

        They are taken. An hour is closed some minutes after its end, when every worker has moved its counts.
        """
        if not self._is_begun():
            return []
        closed = (datetime.fromisoformat(self._now()) - timedelta(minutes=5)).replace(minute=0, second=0, microsecond=0)
        oldest = moment_text(closed - timedelta(days=KEPT_DAYS))[:HOUR]
        with self._transaction() as connection:
            for table in ("rows", "denied", "sealed"):
                connection.execute(f"DELETE FROM {table} WHERE hour < ?", (oldest,))  # noqa: S608 - a constant
            query = "SELECT DISTINCT hour FROM rows WHERE hour < ? AND hour NOT IN (SELECT hour FROM sealed) LIMIT 100"
            hours = [str(hour) for (hour,) in connection.execute(query, (moment_text(closed)[:HOUR],))]
            connection.executemany("INSERT INTO sealed VALUES (?)", [(hour,) for hour in hours])
            return [(hour, *_digest(connection, hour)) for hour in hours]

    def _is_begun(self) -> bool:
        """Whether anything was ever counted: where nobody signs in, there is no file."""
        return self._path.exists() if self._path is not None else self._connection is not None

    def release_hour(self, hour: str) -> None:
        """Give back an hour that could not be sealed."""
        with self._transaction() as connection:
            connection.execute("DELETE FROM sealed WHERE hour = ?", (hour,))

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        with self._using:
            connection = self._open()
            try:
                connection.execute("BEGIN IMMEDIATE")
                yield connection
                connection.execute("COMMIT")
            except BaseException:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise

    def _open(self) -> sqlite3.Connection:
        """The connection of this process; one that was opened before a fork belongs to another."""
        if self._connection is None or self._opened_by != os.getpid():
            target = str(self._path) if self._path is not None else ":memory:"
            if self._path is not None:
                _make_for_its_owner_alone(self._path)
            connection = sqlite3.connect(target, timeout=_BUSY_TIMEOUT_S, isolation_level=None, check_same_thread=False)
            for table in _TABLES:
                connection.execute(table)
            self._connection, self._opened_by = connection, os.getpid()
        return self._connection


def _make_for_its_owner_alone(path: Path) -> None:
    """Make the file where it is missing: it says who read what.

    An existing one is not opened: closing any descriptor of a file drops SQLite's locks on it in this process (POSIX).
    """
    with suppress(FileExistsError):
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))


def _first(connection: sqlite3.Connection, denied: dict[tuple[str, str, str, str], str]) -> Iterator[AccessDenied]:
    """Yield the denied writes that no worker of the node has seen in their hour, as far as they are remembered."""
    for (hour, principal, verb, node), at in denied.items():
        (seen,) = connection.execute("SELECT count(*) FROM denied WHERE hour = ?", (hour,)).fetchone()
        if seen >= MOST_DENIED:
            return
        values = (hour, principal, verb, node)
        if connection.execute("INSERT OR IGNORE INTO denied VALUES (?, ?, ?, ?)", values).rowcount:
            yield AccessDenied(principal, verb, node, hour, at)


def _digest(connection: sqlite3.Connection, hour: str) -> tuple[int, str]:
    """The number of rows of an hour, and SHA-256 over them, one line of JSON each, in order."""
    digest, count = hashlib.sha256(), 0
    query = "SELECT * FROM rows WHERE hour = ? ORDER BY principal, verb, node, ok"
    for row in connection.execute(query, (hour,)):
        digest.update(
            json.dumps(row, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass") + b"\n"
        )
        count += 1
    return count, digest.hexdigest()
