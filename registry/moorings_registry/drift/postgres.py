"""Counts in PostgreSQL, beside the ledger's table: for registries that run on several machines."""

from datetime import datetime, timedelta

from moorings_registry.drift.port import (
    BATCHES_KEPT,
    KEPT_DAYS,
    LARGEST_COUNT,
    MOST_ROWS,
    NOBODY,
    Batch,
    DriftRow,
    DriftStoreError,
    Observed,
    Reporter,
    other,
)
from moorings_registry.entries import moment_text
from moorings_registry.ledger.postgres_client import PostgresServer
from moorings_registry.ledger.postgres_session import number
from moorings_registry.ledger.postgres_side_tables import PostgresSideTables, SideSession

_KEY = "kind, subject, direction, revision, writer, path, rule, client, service"
_COUNT_AGAIN = (
    f"UPDATE %s.counts SET count = least(count + $10, {LARGEST_COUNT}), last_seen = $11"  # noqa: S608 - constants
    f" WHERE ({_KEY}) = ($1, $2, $3, $4, $5, $6, $7, $8, $9) RETURNING 1::bigint"
)
_COUNT_FIRST = (
    f"INSERT INTO %s.counts ({_KEY}, count, first_seen, last_seen)"  # noqa: S608 - constants
    " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $11)"
    f" ON CONFLICT ({_KEY}) DO UPDATE SET"
    f" count = least(counts.count + excluded.count, {LARGEST_COUNT}), last_seen = excluded.last_seen"
)
_ROWS = "SELECT count(*) FROM %s.counts WHERE kind = $1 AND subject = $2"
_FORGET = "DELETE FROM %s.counts WHERE kind = $1 AND last_seen < $2"
_FORGET_BATCHES = "DELETE FROM %s.batches WHERE kind = $1 AND at <= $2"
_BATCH = "INSERT INTO %s.batches (kind, key, at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING RETURNING 1::bigint"
_OF = (
    "SELECT subject, direction, revision, writer, path, rule, client, service, first_seen, last_seen, count"
    " FROM %s.counts WHERE kind = $1 AND subject = $2 AND last_seen >= $3"
    ' ORDER BY last_seen DESC, count DESC, path COLLATE "C" DESC, rule COLLATE "C" DESC'
)


class PostgresDrift:
    """Rows of one table, and the names of the batches of the last day in another."""

    def __init__(self, server: PostgresServer, kind: str, kept: timedelta = timedelta(days=KEPT_DAYS)) -> None:
        """Keep counts of *kind* on *server* until they were not seen again for *kept*; nothing is opened yet."""
        self._kept = kept
        self._kind = kind
        self._tables = PostgresSideTables(server, DriftStoreError)

    def add(self, batch: Batch, at: datetime) -> bool:
        """Count a batch; see `DriftStore.add`."""

        def work(session: SideSession) -> bool:
            session.ask("BEGIN")
            session.ask(_FORGET, self._kind, moment_text(at - self._kept))
            session.ask(_FORGET_BATCHES, self._kind, moment_text(at - BATCHES_KEPT))
            if batch.key and not session.ask(_BATCH, self._kind, batch.key, moment_text(at)):
                session.ask("ROLLBACK")
                return False
            # In one order for all, so that two batches never wait for each other.
            for observed, count in sorted(batch.counts.items(), key=lambda one: _row(one[0], batch.reporter)):
                self._count(session, observed, batch.reporter, count, moment_text(at))
            session.ask("COMMIT")
            return True

        return self._tables.using(work)

    def of(self, subject: str, at: datetime) -> tuple[DriftRow, ...]:
        """Return the rows of a subject; see `DriftStore.of`."""
        since = moment_text(at - self._kept)
        rows = self._tables.ask(_OF, self._kind, subject, since)
        return tuple(_read(*(one.decode() for one in row[:-1]), count=number(row[-1])) for row in rows)

    def close(self) -> None:
        """Close the connections."""
        self._tables.close()

    def _count(self, session: SideSession, observed: Observed, reporter: Reporter, count: int, now: str) -> None:
        key = _row(observed, reporter)
        if session.ask(_COUNT_AGAIN, self._kind, *key, count, now):
            return
        if number(session.ask(_ROWS, self._kind, observed.subject)[0][0]) >= MOST_ROWS:
            key = _row(other(observed), NOBODY)
        session.ask(_COUNT_FIRST, self._kind, *key, min(count, LARGEST_COUNT), now)


def _row(observed: Observed, reporter: Reporter) -> tuple[str, ...]:
    named = (observed.subject, observed.direction, observed.revision, observed.writer, observed.path, observed.rule)
    return (*named, reporter.client, reporter.service)


def _read(
    subject: str,
    direction: str,
    revision: str,
    writer: str,
    path: str,
    rule: str,
    client: str,
    service: str,
    first_seen: str,
    last_seen: str,
    *,
    count: int,
) -> DriftRow:
    observed = Observed(subject, direction, revision, writer, path, rule)
    return DriftRow(observed, Reporter(client, service), count, first_seen, last_seen)
