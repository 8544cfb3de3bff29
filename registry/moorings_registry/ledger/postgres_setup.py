"""What a PostgreSQL server is asked before it may keep a ledger: does it keep what it is given, and in order?

| set up with                                          | an acknowledged entry survives                            |
|------------------------------------------------------|-----------------------------------------------------------|
| `fsync`, `synchronous_commit` on, no standby         | a power cut of the server; not the loss of its disk       |
| `on`, and `synchronous_standby_names`                | also a failover to such a standby                         |
| `synchronous_commit=off`, `fsync=off`, no full pages | not a crash of the server: refused                        |
"""

from moorings_registry.ledger.errors import LedgerMisconfigured, LedgerUnavailable
from moorings_registry.ledger.postgres_errors import READ_ONLY, Refused, ledger_error
from moorings_registry.ledger.postgres_session import Session
from moorings_registry.ledger.postgres_tables import Tables

_SETTINGS = (
    ("fsync", ("on",)),
    ("full_page_writes", ("on",)),
    ("synchronous_commit", ("on", "local", "remote_write", "remote_apply")),
    ("default_transaction_isolation", ("read committed",)),
)
_ASK = b"SELECT " + b", ".join(b"current_setting('" + name.encode() + b"')" for name, _ in _SETTINGS)
_PLACE = (
    b"SELECT pg_is_in_recovery(), current_setting('transaction_read_only') = 'on',"
    b" (SELECT relpersistence::text FROM pg_class WHERE oid = '%s'::regclass),"
    b" has_table_privilege('%s', 'UPDATE') OR has_table_privilege('%s', 'DELETE')"
    b" OR has_table_privilege('%s', 'TRUNCATE')"
)


def check_setup(session: Session, tables: Tables) -> None:
    """Pass, or refuse a server that would lose entries by design, or a user who may change them.

    Raises:
        LedgerMisconfigured: says what to change.
        LedgerUnavailable: it is a standby now.
        Refused, AnswerLost
    """
    (found,) = session.ask(_ASK)
    for (name, allowed), value in zip(_SETTINGS, found, strict=True):
        if value.decode() not in allowed:
            raise LedgerMisconfigured(
                f"this PostgreSQL has {name} = {value.decode()}, with which a crash may lose or reorder entries",
                f"Set it to {allowed[0]} for the ledger's user: ALTER ROLE … SET {name} = '{allowed[0]}'"
                if name in ("synchronous_commit", "default_transaction_isolation")
                else f"Set it to {allowed[0]} in postgresql.conf",
            )
    ((recovering, read_only, persistence, may_change),) = session.ask(_PLACE.replace(b"%s", tables.entries))
    if any(recovering) or any(read_only):
        raise LedgerUnavailable(str(ledger_error(Refused(READ_ONLY, ""))))
    if persistence != b"p":
        raise LedgerMisconfigured("the table of the ledger is not logged", "Make it again, without UNLOGGED")
    if any(may_change):
        raise LedgerMisconfigured(
            "the user of the ledger URL may change or delete entries",
            "Sign in as a user that has SELECT and INSERT alone, as `moorings-registry ledger init` grants them",
        )
