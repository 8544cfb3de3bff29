"""The ledger in one PostgreSQL table: for registries that run on several machines, on a database that is there already.

An append is one statement: it inserts the entry if the one that it follows is the last. Rows are never changed, so a
predecessor that is visible stays so; the primary key lets one row in at a position; and whoever comes second waits for
the first and then inserts nothing. So every snapshot holds a beginning of the history without gaps.

An append whose answer was lost is sent again. The insert waits for the first one, if that is still under way, and then
finds that the position is taken; whose entry it has then, one look shows. How durable it is, `postgres_setup` says.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

from moorings_registry.entries import START, Entry, Head
from moorings_registry.ledger.chain import require_chain
from moorings_registry.ledger.connections import Connections
from moorings_registry.ledger.errors import HeadMoved, LedgerError, LedgerUnavailable
from moorings_registry.ledger.port import UNBOUNDED
from moorings_registry.ledger.postgres_announcements import Announcements
from moorings_registry.ledger.postgres_client import PostgresServer
from moorings_registry.ledger.postgres_errors import READ_ONLY, AnswerLost, Refused, ledger_error, unreachable
from moorings_registry.ledger.postgres_session import Session, Value, number
from moorings_registry.ledger.postgres_setup import check_setup, require_one_primary
from moorings_registry.ledger.rows import Row, entries_of

T = TypeVar("T")

_HEAD = b"SELECT position, digest FROM %s ORDER BY position DESC LIMIT 1"
_READ = b"SELECT position, digest, line FROM %s WHERE position > $1 ORDER BY position LIMIT $2"
_DIGEST = b"SELECT digest FROM %s WHERE position = $1"
_APPEND = b"""
WITH made AS (
    INSERT INTO %s (position, previous, digest, line)
    SELECT $1, $2, $3, $4
    WHERE CASE WHEN $1 = 1 THEN $2 = decode(repeat('00', 32), 'hex')
               ELSE EXISTS (SELECT FROM %s WHERE position = $1 - 1 AND digest = $2) END
    ON CONFLICT (position) DO NOTHING
    RETURNING position)
SELECT position%n FROM made
"""
_APPEND_ALL = b"""
WITH given (position, previous, digest, line) AS (VALUES %v),
made AS (
    INSERT INTO %s (position, previous, digest, line)
    SELECT * FROM given
    WHERE CASE WHEN $1 = 1 THEN $2 = decode(repeat('00', 32), 'hex')
               ELSE EXISTS (SELECT FROM %s WHERE position = $1 - 1 AND digest = $2) END
    ORDER BY position
    RETURNING position)
SELECT position%n FROM (SELECT max(position) AS position FROM made HAVING count(*) > 0) AS last
"""
"""Without ``ON CONFLICT``: a position that is taken refuses all of them."""
_NOTIFY = b", pg_notify('%c', position::text)"
_TOUCH = b"SELECT pg_logical_emit_message(true, 'moorings', '')::text"
"""A record of the write-ahead log that means nothing, synced like any other."""
_FILL = (
    b"SELECT count(*) FROM (SELECT set_config('work_mem', '64kB', true) || set_config('temp_tablespaces', '', true) AS"
    b" spills OFFSET 0) AS settings, generate_series(1, 40000 + 0 * length(spills))"
)
"""Rows of a megabyte that have to go to a temporary file, on the disk where the database has its tables."""

_FIRST_BATCH = 16  # entries; then as many as make `_BATCH_BYTES`, going by the batch before
_LARGEST_BATCH = 1024
_BATCH_BYTES = 1024 * 1024
_SETTLE_PAUSE_S = 0.1
_SERIALIZATION_FAILURE = "40001"
_UNIQUE_VIOLATION = "23505"
_NO_ROOM = "53100"
_FILE_LIMIT = "53400"
"""What this user may keep in temporary files is less."""


class PostgresLedger:
    """Entries as rows of one table; see `postgres_tables`."""

    largest_append_bytes = UNBOUNDED

    def __init__(self, server: PostgresServer) -> None:
        """Open the ledger on *server*.

        Raises:
            LedgerMisconfigured, LedgerUnavailable: it cannot be a ledger, or not now.
        """
        self._timeout_s = server.timeout_s
        self._lacked_room = False
        self._sessions = Connections(server.connect)
        self._announcements = Announcements(server, self._sessions)
        notify = _NOTIFY.replace(b"%c", server.tables.channel) if server.connect_to_listen else b""
        entries = server.tables.entries
        self._head, self._read, self._digest = (one.replace(b"%s", entries) for one in (_HEAD, _READ, _DIGEST))
        self._append, self._append_all = (
            one.replace(b"%s", entries).replace(b"%n", notify) for one in (_APPEND, _APPEND_ALL)
        )
        self._ask(lambda session: check_setup(session, server.tables))
        require_one_primary(server.connect_to_each)

    def head(self) -> Head:
        """Return where the history ends now."""
        rows = self._ask(lambda session: session.ask(self._head))
        return Head(number(rows[0][0]), rows[0][1].hex()) if rows else START

    def append(self, *entries: Entry, after: Head) -> None:
        """Add *entries* behind *after* by one statement; see `Ledger.append`."""
        require_chain(entries, after)
        try:
            added = self._using(lambda session: self._insert(session, entries))
        except AnswerLost:
            added = self._settle(entries)
        if not added:
            raise HeadMoved(after)

    def require_writable(self) -> None:
        """Write to the log of the server; see `Ledger.require_writable`.

        The log has room that was taken beforehand, when the tables have none. So once something did not fit, a file
        of a megabyte is tried besides, until it fits. Not before: servers may log each temporary file.
        """
        self._ask(lambda session: session.ask(_TOUCH))
        if self._lacked_room:
            self._ask(_require_room)
            self._lacked_room = False

    def read(self, after: int) -> Iterator[Entry]:
        """Yield the entries that follow position *after*, oldest first."""
        return entries_of(self._rows(after), after)

    def wait(self, after: int, timeout_s: float) -> bool:
        """Block until an entry follows position *after*, or *timeout_s* seconds have passed.

        Notifications are listened for before the head is looked at, so none is missed; each is but a hint.
        """
        deadline = time.monotonic() + timeout_s
        while True:
            with self._announcements.heard() as next_or:
                if self.head().position > after:
                    return True
                left_s = deadline - time.monotonic()
                if left_s <= 0:
                    return False
                next_or(left_s)

    def close(self) -> None:
        """Close the connections."""
        self._sessions.close()
        self._announcements.close()

    def _insert(self, session: Session, entries: Sequence[Entry]) -> bool:
        """Insert *entries* if they follow; whether they did.

        Raises:
            LedgerUnavailable: they are in, and the server warns that they may be lost by a failover.
        """
        values: list[Value] = []
        for one in entries:
            values += (one.position, bytes.fromhex(one.previous), bytes.fromhex(one.digest), one.to_line())
        statement = self._append if len(entries) == 1 else self._append_all.replace(b"%v", _placeholders(len(entries)))
        try:
            rows = session.ask(statement, *values)
        except Refused as refused:
            if refused.state == _UNIQUE_VIOLATION:  # somebody was first, and none of them is in
                return False
            raise
        _require_replicated(session)
        return bool(rows)

    def _settle(self, entries: Sequence[Entry]) -> bool:
        """Find out what became of an append that lost its answer, and make it if it never arrived."""
        deadline = time.monotonic() + self._timeout_s

        def again(session: Session) -> bool:
            if self._insert(session, entries):
                return True
            last = entries[-1]  # its digest vouches for those before it
            rows = session.ask(self._digest, last.position)
            if not rows or rows[0][0].hex() != last.digest:
                return False
            # A server that crashed while the commit waited for its standby shows what the standby does not have.
            # What is committed now waits until the standby has everything before it, too.
            session.ask(_TOUCH)
            _require_replicated(session)
            return True

        while True:
            try:
                return self._using(again)
            except (AnswerLost, LedgerUnavailable) as error:
                if time.monotonic() > deadline:
                    raise LedgerUnavailable("PostgreSQL does not answer", in_doubt=True) from error
            time.sleep(_SETTLE_PAUSE_S)

    def _rows(self, after: int) -> Iterator[Row]:
        """Yield rows batch by batch; between batches no snapshot is held."""
        count = _FIRST_BATCH
        while batch := self._ask(lambda session: session.ask(self._read, after, count)):  # noqa: B023  # called immediately
            yield from ((number(position), digest.hex().encode(), line) for position, digest, line in batch)
            after = number(batch[-1][0])
            average_bytes = sum(len(line) for _, _, line in batch) // len(batch)
            count = max(1, min(_LARGEST_BATCH, _BATCH_BYTES // max(1, average_bytes)))

    def _ask(self, question: Callable[[Session], T]) -> T:
        """Ask something that changes nothing; once again when a kept connection turns out to be dead."""
        try:
            return self._using(question)
        except AnswerLost:
            self._sessions.close_idle()
        try:
            return self._using(question)
        except AnswerLost as error:
            raise unreachable(error) from error

    def _using(self, work: Callable[[Session], T]) -> T:
        """Do *work* with a connection of its own; its errors become the ledger's, but for `AnswerLost`."""
        try:
            with self._sessions.lent() as session:
                return work(session)
        except Refused as refused:
            raise self._error_of(refused) from refused

    def _error_of(self, refused: Refused) -> LedgerError:
        """What the server answered, as an error of the ledger."""
        if refused.state == READ_ONLY:  # it was made a standby: whatever is kept leads there
            self._sessions.close_idle()
        if refused.state == _NO_ROOM:
            self._lacked_room = True
        if refused.state == _SERIALIZATION_FAILURE:
            return LedgerUnavailable("PostgreSQL asks to try again")
        return ledger_error(refused)


def _require_room(session: Session) -> None:
    try:
        session.ask(_FILL)
    except Refused as refused:
        if refused.state != _FILE_LIMIT:
            raise


def _require_replicated(session: Session) -> None:
    """Pass, if the last commit has waited for the standby that there is, or there is none."""
    if session.warnings:
        reason = "PostgreSQL did not wait for its standby"
        raise LedgerUnavailable(f"{reason} ({session.warnings[0]})", in_doubt=True, public=reason)


def _placeholders(count: int) -> bytes:
    """The parameters of *count* rows of four."""
    rows = (", ".join(f"${4 * row + column}" for column in range(1, 5)) for row in range(count))
    return ", ".join(f"({row})" for row in rows).encode()
