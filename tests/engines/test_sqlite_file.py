"""The SQLite file: private, recognised, durable, and nobody else's."""

import sqlite3
import stat
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing
from multiprocessing import get_context
from pathlib import Path

import pytest

from moorings_registry.engines import open_ledger
from moorings_registry.ledger import LedgerError, LedgerMisconfigured, LedgerUnavailable, verify
from moorings_registry.ledger.sqlite import SqliteLedger
from moorings_registry.ledger.sqlite_file import APPLICATION_ID, LAYOUT, connect
from tests.engines.samples import append_next


def test_the_file_and_its_companions_are_for_the_owner_alone(tmp_path: Path) -> None:
    ledger = SqliteLedger(tmp_path / "deep" / "er" / "ledger.db")
    append_next(ledger, "one")
    files = list((tmp_path / "deep" / "er").iterdir())
    assert {file.name for file in files} == {"ledger.db", "ledger.db-wal", "ledger.db-shm"}
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}
    ledger.close()


def test_a_commit_waits_for_the_disk(tmp_path: Path) -> None:
    SqliteLedger(tmp_path / "ledger.db").close()
    with closing(connect(tmp_path / "ledger.db", 1.0)) as connection:
        settings = {
            name: connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("synchronous", "journal_mode")
        }
    assert settings == {"synchronous": 2, "journal_mode": "wal"}  # 2 is FULL


def write_database(file: Path, *statements: str) -> None:
    """Make a database of somebody else's."""
    with closing(sqlite3.connect(file)) as connection:
        for statement in statements:
            connection.execute(statement)
        connection.commit()


FOREIGN = [  # what it is, how it comes to be, what is said
    ("a text file", lambda file: file.write_text("just some notes\n" * 100), "is not a SQLite database"),
    (
        "another program's tables",
        lambda file: write_database(file, "CREATE TABLE t (x)"),
        "database of another program",
    ),
    (
        "another program's mark",
        lambda file: write_database(file, "PRAGMA application_id = 7", "CREATE TABLE entries (x)"),
        "database of another program",
    ),
    (
        "a newer layout",
        lambda file: write_database(
            file, f"PRAGMA application_id = {APPLICATION_ID}", f"PRAGMA user_version = {LAYOUT + 1}"
        ),
        "newer Moorings .layout 2, known here: 1.",
    ),
    ("a folder", lambda file: file.mkdir(), "it is a folder"),
]


@pytest.mark.parametrize(("made", "said"), [case[1:] for case in FOREIGN], ids=[case[0] for case in FOREIGN])
def test_what_is_not_a_ledger_is_left_as_it_is(tmp_path: Path, made: object, said: str) -> None:
    file = tmp_path / "ledger.db"
    made(file)  # type: ignore[operator]
    before = file.read_bytes() if file.is_file() else None
    with pytest.raises(LedgerMisconfigured, match=said):
        SqliteLedger(file)
    assert (file.read_bytes() if file.is_file() else None) == before


def test_an_empty_file_becomes_a_ledger(tmp_path: Path) -> None:
    (tmp_path / "ledger.db").touch()
    ledger = SqliteLedger(tmp_path / "ledger.db")
    append_next(ledger, "one")
    assert ledger.head().position == 1
    ledger.close()


def test_a_path_through_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(LedgerError, match="cannot be"):
        SqliteLedger(tmp_path / "file" / "ledger.db")


def test_a_ledger_that_was_removed_or_replaced_is_not_written_to(tmp_path: Path) -> None:
    file = tmp_path / "ledger.db"
    ledger = SqliteLedger(file)
    append_next(ledger, "one")
    file.rename(tmp_path / "moved.db")
    with pytest.raises(LedgerUnavailable, match="is missing"):
        append_next(ledger, "two")
    SqliteLedger(file).close()
    with pytest.raises(LedgerUnavailable, match="was replaced while it was in use"):
        append_next(ledger, "two")
    ledger.close()


def test_a_closed_ledger_says_so(tmp_path: Path) -> None:
    ledger = SqliteLedger(tmp_path / "ledger.db")
    ledger.close()
    with pytest.raises(LedgerUnavailable, match="has been closed"):
        ledger.head()


def test_many_processes_may_make_the_same_file(tmp_path: Path) -> None:
    with ProcessPoolExecutor(4, get_context("forkserver")) as processes:
        for round_ in range(20):
            url = f"sqlite:///{tmp_path}/{round_}.db"
            assert list(processes.map(_open_and_append, [url] * 4)) == [True] * 4
            ledger = open_ledger(url)
            assert verify(ledger.read(0)).position == 4
            ledger.close()


def _open_and_append(url: str) -> bool:
    ledger = open_ledger(url)
    append_next(ledger, "one")
    ledger.close()
    return True
