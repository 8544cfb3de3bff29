"""What SQLite's errors mean for a ledger: a table from result codes (sqlite.org/rescode.html) to our errors."""

import sqlite3

from moorings_registry.ledger.errors import LedgerCorrupt, LedgerError, LedgerMisconfigured, LedgerUnavailable

_UNAVAILABLE = {  # primary result code: what happened, may it pass by itself
    sqlite3.SQLITE_BUSY: ("another process holds the lock on {path} for too long", True),
    sqlite3.SQLITE_LOCKED: ("another connection holds the lock on {path}", True),
    sqlite3.SQLITE_FULL: ("the disk that holds {path} is full: free some space", True),
    sqlite3.SQLITE_IOERR: ("{path} cannot be read or written ({name}): look at the disk and its free space", True),
    sqlite3.SQLITE_NOMEM: ("there is not enough memory to use {path}", True),
    sqlite3.SQLITE_READONLY: ("{path} cannot be written: make the file and its folder writable", False),
    sqlite3.SQLITE_PERM: ("{path} may not be opened: look at the permissions of the file and its folder", False),
    sqlite3.SQLITE_CANTOPEN: ("{path} cannot be opened: look at the permissions of the file and its folder", False),
    sqlite3.SQLITE_PROTOCOL: ("other processes keep the locks on {path} busy", True),
}


THE_FILE = "the file of the ledger"
"""What callers read in place of its path."""

FAILURES = (sqlite3.Error, UnicodeDecodeError)
"""What a damaged file may raise: SQLite's messages quote it, and Python then fails to decode the message."""


def ledger_error(error: Exception, path: str, *, in_doubt: bool = False) -> LedgerError:
    """Translate one of `FAILURES`; what the table does not know is unavailable, with SQLite's own words."""
    if isinstance(error, UnicodeDecodeError):
        return LedgerCorrupt(None, f"{path} is damaged: it holds text that is not UTF-8")
    code = primary_code(error)
    if code == sqlite3.SQLITE_CORRUPT:
        return LedgerCorrupt(None, f"{path} is damaged: {error}")
    if code == sqlite3.SQLITE_NOTADB:
        return LedgerMisconfigured(f"{path} is not a SQLite database", "Name another file, or restore this one")
    name = getattr(error, "sqlite_errorname", "")
    reason, retryable = _UNAVAILABLE.get(code, ("{path} cannot be used: " + _literal(str(error)), False))
    public = reason.format(path=THE_FILE, name=name)
    return LedgerUnavailable(reason.format(path=path, name=name), retryable=retryable, in_doubt=in_doubt, public=public)


def _literal(text: str) -> str:
    return text.replace("{", "{{").replace("}", "}}")


def primary_code(error: Exception) -> int:
    """Return the result code of *error* without its extension; errors of the Python module itself have none."""
    return int(getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR)) & 0xFF
