"""A SQLite file beside the ledger's, for what is counted or kept there: private, laid out when it is first used."""

import contextlib
import os
import sqlite3
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from moorings_registry.ledger.connections import Connections
from moorings_registry.ledger.errors import LedgerError
from moorings_registry.ledger.sqlite_file import switch_to_log

T = TypeVar("T")

_BUSY_TIMEOUT_S = 5.0
_FAILURES = (sqlite3.Error, OSError, LedgerError)


@dataclass(frozen=True, slots=True)
class SideFileLayout:
    """What is in a file, and how strictly it is synced."""

    holds: str
    """In a sentence, such as ``drift counts``."""
    application_id: int
    layout: int
    tables: tuple[str, ...]
    synchronous: str
    """SQLite's ``FULL`` or ``NORMAL``: whether a commit survives a power cut."""


class SqliteSideFile:
    """Connections to one such file; safe from any thread."""

    def __init__(self, path: Path, layout: SideFileLayout, failure: Callable[[str], Exception]) -> None:
        """Use *path*, of which nothing is opened yet; what goes wrong with it becomes a *failure*."""
        self._path = path
        self._layout = layout
        self._failure = failure
        self._creating = threading.Lock()
        self._connections = Connections(self._connect)

    def using(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Do *work* with a connection of its own; one that had an error is closed, and its transaction with it."""
        try:
            with self._connections.lent() as connection:
                return work(connection)
        except _FAILURES as error:
            raise self._failure(f"{self._path}: {error}") from error

    def exists(self) -> bool:
        """Whether anything was ever kept in it."""
        return self._path.exists()

    def close(self) -> None:
        """Close the file."""
        self._connections.close()

    def _connect(self) -> sqlite3.Connection:
        """Open the file, made and laid out where it is missing."""
        with self._creating:
            self._create()
        connection = sqlite3.connect(self._path, timeout=_BUSY_TIMEOUT_S, isolation_level=None, check_same_thread=False)
        try:
            switch_to_log(connection, _BUSY_TIMEOUT_S)
            connection.execute(f"PRAGMA synchronous = {self._layout.synchronous}")
            self._lay_out(connection)
        except BaseException:
            connection.close()
            raise
        return connection

    def _create(self) -> None:
        """Make the file, for its owner alone, where it is missing.

        An existing one is not opened: closing any descriptor of a file drops the locks that SQLite's connections in
        this process hold on it (POSIX).
        """
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with contextlib.suppress(FileExistsError):
            os.close(os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))

    def _lay_out(self, connection: sqlite3.Connection) -> None:
        """Make the tables where there are none; under the lock, as another process may be at it too."""
        ours = self._layout
        connection.execute("BEGIN IMMEDIATE")
        application = connection.execute("PRAGMA application_id").fetchone()[0]
        layout = connection.execute("PRAGMA user_version").fetchone()[0]
        if (application, layout) == (0, 0):
            for statement in ours.tables:
                connection.execute(statement)
            connection.execute(f"PRAGMA user_version = {ours.layout}")
            connection.execute(f"PRAGMA application_id = {ours.application_id}")
        elif (application, layout) != (ours.application_id, ours.layout):
            raise sqlite3.DatabaseError(f"the file is not one of {ours.holds} that this release reads")
        connection.execute("COMMIT")
