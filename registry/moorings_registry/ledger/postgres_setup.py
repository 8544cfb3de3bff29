"""What a PostgreSQL server is asked before it may keep a ledger: does it keep what it is given, and in order?

| set up with                                          | an acknowledged entry survives                            |
|------------------------------------------------------|-----------------------------------------------------------|
| `fsync`, `synchronous_commit` on, no standby         | a power cut of the server; not the loss of its disk       |
| `on`, and `synchronous_standby_names`                | also a failover to such a standby                         |
| `synchronous_commit=off`, `fsync=off`, no full pages | not a crash of the server: refused                        |
"""

from collections.abc import Callable, Iterable
from contextlib import suppress

from moorings_registry.ledger.errors import LedgerError, LedgerMisconfigured, LedgerUnavailable
from moorings_registry.ledger.postgres_errors import READ_ONLY, AnswerLost, Refused, ledger_error
from moorings_registry.ledger.postgres_session import Session
from moorings_registry.ledger.postgres_tables import Tables

_MAY_LOSE = "with which a crash may lose or reorder entries"
_SETTINGS = (
    ("fsync", ("on",), _MAY_LOSE),
    ("full_page_writes", ("on",), _MAY_LOSE),
    ("synchronous_commit", ("on", "local", "remote_write", "remote_apply"), _MAY_LOSE),
    ("default_transaction_isolation", ("read committed",), _MAY_LOSE),
    (
        "client_min_messages",
        ("notice", "warning", "log", "debug1", "debug2", "debug3", "debug4", "debug5"),
        "with which nobody learns that a commit did not wait for its standby",
    ),
)
_OF_THE_SERVER = ("fsync", "full_page_writes")
_ASK = b"SELECT " + b", ".join(b"current_setting('" + name.encode() + b"')" for name, _, _ in _SETTINGS)
_PLACE = (
    b"SELECT pg_is_in_recovery(), current_setting('transaction_read_only') = 'on',"
    b" (SELECT relpersistence::text || relkind::text FROM pg_class WHERE oid = '%s'::regclass),"
    b" has_table_privilege('%s', 'UPDATE') OR has_table_privilege('%s', 'DELETE')"
    b" OR has_table_privilege('%s', 'TRUNCATE'),"
    b" row_security_active('%s'),"
    b" EXISTS (SELECT FROM pg_index JOIN pg_attribute ON attrelid = indrelid WHERE indrelid = '%s'::regclass"
    b" AND attname = 'position' AND indkey::text = attnum::text AND indisunique AND indisvalid AND indpred IS NULL)"
)
_AS_MADE = "Make it as `moorings-registry ledger init` prints it, and import the entries"
_TABLES = (b"pr", b"pp")
"""Logged, and a table or a partitioned one."""


def check_setup(session: Session, tables: Tables) -> None:
    """Pass, or refuse a server that would lose entries by design, or a user who may change them.

    Raises:
        LedgerMisconfigured: says what to change.
        LedgerUnavailable: it is a standby now.
        Refused, AnswerLost
    """
    _require_transactions(session)
    (found,) = session.ask(_ASK)
    for (name, allowed, why), value in zip(_SETTINGS, found, strict=True):
        if value.decode() not in allowed:
            raise LedgerMisconfigured(
                f"this PostgreSQL has {name} = {value.decode()}, {why}",
                f"Set it to {allowed[0]} in postgresql.conf"
                if name in _OF_THE_SERVER
                else f"Set it to {allowed[0]} for the ledger's user: ALTER ROLE … SET {name} = '{allowed[0]}'",
            )
    ((recovering, read_only, kind, may_change, hides, one_each),) = session.ask(_PLACE.replace(b"%s", tables.entries))
    if any(recovering) or any(read_only):
        raise LedgerUnavailable(str(ledger_error(Refused(READ_ONLY, ""))))
    if kind not in _TABLES:
        what = "is not logged" if kind[1:] == b"r" else "is not a table"
        raise LedgerMisconfigured(f"the table of the ledger {what}", _AS_MADE)
    if not any(one_each):
        raise LedgerMisconfigured("the table of the ledger allows several entries at one position", _AS_MADE)
    if any(hides):
        raise LedgerMisconfigured(
            "PostgreSQL hides entries from this user by row level security",
            f"Run ALTER TABLE {tables.entries.decode()} DISABLE ROW LEVEL SECURITY",
        )
    if any(may_change):
        raise LedgerMisconfigured(
            "the user of the ledger URL may change or delete entries",
            "Sign in as a user that has SELECT and INSERT alone, as `moorings-registry ledger init` grants them",
        )


def require_one_primary(hosts: Iterable[Callable[[], Session]]) -> None:
    """Pass, or refuse several hosts of a URL that take writes, each of which may have entries of its own.

    After a failover, the server that was replaced may have come back. Who knows a history notices when it is led to
    another one; who starts knows none.

    Raises:
        LedgerMisconfigured
    """
    started = set()
    for connect in hosts:
        with suppress(LedgerError, AnswerLost, Refused):  # away, or a standby: the others serve
            session = connect()
            try:
                started.update(session.ask(b"SELECT pg_postmaster_start_time()::text"))
            finally:
                session.close()
    if len(started) > 1:  # not one server that has several names
        raise LedgerMisconfigured(
            f"{len(started)} of the hosts in the ledger URL take writes, so each may have entries that the others lack",
            "Stop the one that a failover replaced, compare both by `moorings-registry ledger export`, and make it a "
            "standby of the other",
        )


def _require_transactions(session: Session) -> None:
    """Pass, or refuse a pooler that lends a connection for one statement: counts are kept by several."""
    if not session.is_pooled():
        return
    try:
        session.ask(b"BEGIN")
        session.ask(b"COMMIT")
    except AnswerLost as error:
        if "statement pooling" not in str(error):
            raise
        raise LedgerMisconfigured(
            "the pooler before PostgreSQL is in statement mode, which allows no transactions",
            "Set `pool_mode = transaction` for this database, or name PostgreSQL itself in the ledger URL",
        ) from error
