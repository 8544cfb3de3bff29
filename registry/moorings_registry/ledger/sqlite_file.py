"""The file behind the SQLite ledger: created private, recognised, opened with the settings that durability asks for."""

import os
import sqlite3
import time
from contextlib import closing
from pathlib import Path

from moorings_registry.ledger.errors import LedgerMisconfigured, LedgerUnavailable
from moorings_registry.ledger.sqlite_errors import primary_code

APPLICATION_ID = 0x4D4F4F52  # "MOOR"
LAYOUT = 1
_WAL_KEPT_BYTES = 64 * 1024 * 1024
_LOCK_POLL_S = 0.002

_TABLE = """
CREATE TABLE entries (
    position INTEGER PRIMARY KEY CHECK (position > 0),
    digest TEXT NOT NULL,
    line TEXT NOT NULL
) STRICT
"""


def prepare(path: Path, busy_timeout_s: float) -> None:
    """Create *path* with its folder and table where they are missing; recognise it where they are not.

    Raises:
        LedgerMisconfigured: no place for a file, another program's database, or a newer layout.
        LedgerUnavailable: the file or its folder may not be made now.
        sqlite3.Error: anything else.
    """
    try:
        _create(path)
    except (IsADirectoryError, NotADirectoryError) as error:
        raise LedgerMisconfigured(f"{path} cannot be a file: {error.strerror}", "Name another file") from error
    except OSError as error:
        raise LedgerUnavailable(f"{path} cannot be created: {error.strerror}", retryable=False) from error
    with closing(_open(path, busy_timeout_s)) as connection:
        connection.execute("BEGIN")
        ours = _is_ours(connection, path)  # before anything is set: another program's file stays as it is
        connection.execute("ROLLBACK")
        if not ours:
            _lay_out(connection, path)
        _turn_on_log(connection, path, busy_timeout_s)


def connect(path: Path, busy_timeout_s: float) -> sqlite3.Connection:
    """Open *path*, a ledger, in autocommit; any thread may use the connection, one at a time."""
    connection = _open(path, busy_timeout_s)
    try:
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA fullfsync = ON")  # macOS: fsync alone leaves data in the drive's cache
        connection.execute(f"PRAGMA journal_size_limit = {_WAL_KEPT_BYTES}")
    except BaseException:
        connection.close()
        raise
    return connection


def _open(path: Path, busy_timeout_s: float) -> sqlite3.Connection:
    return sqlite3.connect(
        f"{path.as_uri()}?mode=rw",
        uri=True,
        timeout=busy_timeout_s,
        isolation_level=None,
        check_same_thread=False,
    )


def _create(path: Path) -> None:
    if path.is_dir():
        raise IsADirectoryError(0, "it is a folder")
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
    except FileExistsError:
        return
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)  # a power cut must not take the name of a file whose entries were acknowledged
    finally:
        os.close(folder)


def _is_ours(connection: sqlite3.Connection, path: Path) -> bool:
    """Distinguish a ledger from an empty file; inside a transaction, as another process may be creating it."""
    tables = connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]
    application = connection.execute("PRAGMA application_id").fetchone()[0]
    layout = connection.execute("PRAGMA user_version").fetchone()[0]
    if application != APPLICATION_ID:
        if application or tables:
            raise LedgerMisconfigured(f"{path} is a database of another program", "Name another file")
        return False
    if layout > LAYOUT:
        raise LedgerMisconfigured(
            f"{path} was written by a newer Moorings (layout {layout}, known here: {LAYOUT})",
            "Run the newer version",
        )
    return True


def _lay_out(connection: sqlite3.Connection, path: Path) -> None:
    connection.execute("BEGIN IMMEDIATE")
    if not _is_ours(connection, path):  # asked again under the lock: another process may have been first
        connection.execute(_TABLE)
        connection.execute(f"PRAGMA user_version = {LAYOUT}")
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    connection.execute("COMMIT")


def switch_to_log(connection: sqlite3.Connection, busy_timeout_s: float) -> str:
    """Ask for the write-ahead log until nobody is in the way, and return the journal mode that is in force.

    SQLite's busy timeout does not hold for this, so it is ours.

    Raises:
        sqlite3.OperationalError: the file stayed locked for *busy_timeout_s*, or cannot be used.
    """
    deadline = time.monotonic() + busy_timeout_s
    while True:
        try:
            return str(connection.execute("PRAGMA journal_mode = WAL").fetchone()[0])
        except sqlite3.OperationalError as error:
            if primary_code(error) != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
            time.sleep(_LOCK_POLL_S)


def _turn_on_log(connection: sqlite3.Connection, path: Path, busy_timeout_s: float) -> None:
    """Switch a new file to its write-ahead log permanently."""
    if switch_to_log(connection, busy_timeout_s) != "wal":
        raise LedgerMisconfigured(
            f"the file system of {path} has no shared memory for SQLite's write-ahead log",
            "Keep the ledger on a local disk",
        )
