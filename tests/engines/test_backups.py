"""Backups: whole or not there, consistent while others write, and restored into what is empty alone."""

import gzip
import os
import stat
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from moorings_registry.backups import BackupRefused, check_backup, restore_backup, write_backup
from moorings_registry.cli.main import main
from moorings_registry.engines import open_ledger
from moorings_registry.entries import Entry, Head
from moorings_registry.ledger import Ledger, LedgerCorrupt, LedgerTooNew
from moorings_registry.ledger.memory import MemoryLedger
from moorings_registry.whole_files import written_whole
from tests.engines.places import Place
from tests.engines.samples import append_all, chain
from tests.registry.asking import Asked, record
from tests.servers import PostgresServer

MADE = ("0.1.0", "2026-11-30T10:00:00.000000Z")


def registered(ledger: Ledger, count: int = 5) -> Asked:
    """A registry with some entries."""
    asked = Asked(ledger)
    for number in range(count):
        asked.register(record("a"), f"shop.orders.Event{number}")
    return asked


@pytest.fixture(scope="module")
def backed_up(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A backup of five entries."""
    path = tmp_path_factory.mktemp("backup") / "all.jsonl"
    write_backup(registered(MemoryLedger()).ledger, path, *MADE)
    return path


@pytest.mark.parametrize("name", ["all.jsonl", "all.jsonl.gz"])
def test_a_restored_ledger_is_the_same(place: Place, tmp_path: Path, name: str) -> None:
    before = registered(place.open())
    made = write_backup(before.ledger, tmp_path / name, *MADE)
    restored = MemoryLedger()
    done = restore_backup(restored, tmp_path / name)
    assert (done.head, done.added, made.head) == (before.ledger.head(), 5, before.ledger.head())
    assert Asked(restored).registry.state == before.registry.state
    assert [one.name for one in tmp_path.iterdir() if one.name.endswith(".half")] == []


def test_a_backup_is_restored_into_every_engine(place: Place, backed_up: Path) -> None:
    ledger = place.open()
    assert restore_backup(ledger, backed_up).added == 5
    assert restore_backup(ledger, backed_up).already_there == 5
    assert ledger.head() == check_backup(backed_up).head


def test_a_backup_ends_where_the_ledger_ended_when_it_began(tmp_path: Path) -> None:
    asked = registered(MemoryLedger())

    class Growing(MemoryLedger):
        def head(self) -> Head:
            head = asked.ledger.head()
            asked.register(record("late"), "shop.orders.Late")
            return head

        def read(self, after: int) -> object:  # type: ignore[override]
            return asked.ledger.read(after)

    made = write_backup(Growing(), tmp_path / "all.jsonl", *MADE)
    assert (made.head.position, asked.ledger.head().position) == (5, 6)
    assert check_backup(tmp_path / "all.jsonl").head.position == 5


def test_a_damaged_ledger_makes_no_backup(tmp_path: Path) -> None:
    damaged = MemoryLedger()
    append_all(damaged, chain(3))
    damaged._entries[1] = replace(damaged._entries[1], actor="x")
    (tmp_path / "all.jsonl").write_text("the one of yesterday")
    with pytest.raises(LedgerCorrupt):
        write_backup(damaged, tmp_path / "all.jsonl", *MADE)
    assert [one.read_text() for one in tmp_path.iterdir()] == ["the one of yesterday"]


BAD: list[tuple[str, Callable[[bytes], bytes], str]] = [
    ("the last line is missing", lambda whole: whole[: whole[:-1].rindex(b"\n") + 1], "ends at position 4 of 5"),
    ("cut off within a line", lambda whole: whole[:-10], "line 6: cut off"),
    ("a byte flipped", lambda whole: whole.replace(b"Event3", b"Event9"), "line 5: its digest"),
    ("an export", lambda whole: whole.partition(b"\n")[2], "is not a backup"),
    ("of a later format", lambda whole: whole.replace(b'backup":1', b'backup":2'), "another format"),
    ("empty", lambda whole: b"", "is not a backup"),
    ("compressed, and cut off", lambda whole: gzip.compress(whole)[:-9], "cut off or changed"),
    ("compressed, and changed", lambda whole: gzip.compress(whole)[:200] + b"xx" + gzip.compress(whole)[202:],
     "cut off or changed|line"),
]  # fmt: skip


@pytest.mark.parametrize("case", BAD, ids=[case[0] for case in BAD])
def test_nothing_of_a_bad_backup_is_restored(
    case: tuple[str, Callable[[bytes], bytes], str], backed_up: Path, tmp_path: Path
) -> None:
    _, change, said = case
    (tmp_path / "bad").write_bytes(change(backed_up.read_bytes()))
    ledger = MemoryLedger()
    with pytest.raises(BackupRefused, match=said):
        restore_backup(ledger, tmp_path / "bad")
    assert ledger.head().position == 0


def test_a_backup_of_a_newer_release_is_refused(tmp_path: Path) -> None:
    newer = registered(MemoryLedger()).ledger
    head = newer.head()
    told = {"recorded_at": MADE[1], "actor": "a", "correlation_id": "c", "facts": [{"fact": "ShipSailed", "v": 1}]}
    newer.append(Entry.following(head, **told), after=head)
    write_backup(newer, tmp_path / "all.jsonl", *MADE)
    ledger = MemoryLedger()
    with pytest.raises(LedgerTooNew, match="position 6"):
        restore_backup(ledger, tmp_path / "all.jsonl")
    assert ledger.head().position == 0


def test_a_restore_that_was_cut_off_continues(backed_up: Path) -> None:
    whole, cut = MemoryLedger(), MemoryLedger()
    restore_backup(whole, backed_up)
    append_all(cut, list(whole.read(0))[:2])
    done = restore_backup(cut, backed_up)
    assert (done.added, done.already_there, cut.head()) == (3, 2, whole.head())


def test_a_ledger_with_something_else_is_left_alone(backed_up: Path) -> None:
    other, further = MemoryLedger(), MemoryLedger()
    append_all(other, chain(3))
    restore_backup(further, backed_up)
    Asked(further).register(record("late"), "shop.orders.Late")
    for ledger, said in ((other, "another history"), (further, "more than the backup")):
        before = ledger.head()
        with pytest.raises(BackupRefused, match=said):
            restore_backup(ledger, backed_up)
        assert ledger.head() == before


def run(*arguments: object) -> Result:
    return CliRunner().invoke(main, [str(one) for one in arguments])


def test_the_commands(tmp_path: Path) -> None:
    url, copy = f"sqlite:///{tmp_path}/a.db", f"sqlite:///{tmp_path}/b.db"
    registered(open_ledger(url))
    file = tmp_path / "all.jsonl.gz"
    (tmp_path / "a.db.access").touch()
    made = run("backup", file, "--ledger", url)
    assert (made.exit_code, f"Copy {tmp_path}/a.db.access too" in made.output) == (0, True)
    missing = run("restore", file, "--ledger", copy)
    assert (missing.exit_code, "use --create" in missing.output) == (3, True)
    assert "restored: 5 entries, 0 already there" in run("restore", file, "--ledger", copy, "--create").output
    assert "can serve this ledger" in run("upgrade", "--check", "--ledger", copy).output
    asked = Asked(open_ledger(copy))
    asked.register(record("late"), "shop.orders.Late")
    assert run("restore", file, "--ledger", copy).exit_code == 1
    assert run("backup", tmp_path / "no" / "folder", "--ledger", url).exit_code == 3
    (tmp_path / "issuers.toml").write_text("[issuers")
    refused = run("upgrade", "--check", "--ledger", copy, "--issuers", tmp_path / "issuers.toml")
    assert (refused.exit_code, "not ready" in refused.output) == (1, True)
    head = asked.ledger.head()
    told = {"recorded_at": MADE[1], "actor": "a", "correlation_id": "c", "facts": [{"fact": "ShipSailed", "v": 1}]}
    asked.ledger.append(Entry.following(head, **told), after=head)
    old = run("upgrade", "--check", "--ledger", copy)
    assert (old.exit_code, "position 7: Fact ShipSailed v1" in old.output) == (1, True)


@pytest.mark.postgres
def test_an_upgrade_makes_the_tables_that_are_new(postgres_server: PostgresServer, postgres_url: str) -> None:
    registered(open_ledger(postgres_url))
    owner = postgres_url.replace("moorings@", "postgres@")
    schema = postgres_url.rpartition("schema=")[2]
    postgres_server.sql(f"DROP TABLE {schema}.records, {schema}.kept_checks")
    checked = run("upgrade", "--check", "--ledger", postgres_url, "--owner", owner)
    assert (checked.exit_code, "tables missing: kept_checks, records" in checked.output) == (1, True)
    assert "made: kept_checks, records" in run("upgrade", "--ledger", postgres_url, "--owner", owner).output
    assert run("upgrade", "--check", "--ledger", postgres_url).exit_code == 0


def test_a_backup_is_read_by_its_owner_alone(tmp_path: Path) -> None:
    ledger, file = registered(MemoryLedger()).ledger, tmp_path / "all.jsonl"
    file.touch(0o644)
    write_backup(ledger, file, *MADE)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_backup_is_written_where_a_symbolic_link_leads(tmp_path: Path) -> None:
    (tmp_path / "latest.jsonl").symlink_to(tmp_path / "monday.jsonl")
    write_backup(registered(MemoryLedger()).ledger, tmp_path / "latest.jsonl", *MADE)
    assert (tmp_path / "latest.jsonl").is_symlink()
    assert check_backup(tmp_path / "monday.jsonl").head.position == 5


def test_a_pipe_or_a_device_is_not_replaced_by_a_backup(tmp_path: Path) -> None:
    url, pipe = f"sqlite:///{tmp_path}/a.db", tmp_path / "pipe"
    registered(open_ledger(url))
    os.mkfifo(pipe)
    refused = run("backup", pipe, "--ledger", url)
    assert (refused.exit_code, "pipe is not a file" in refused.output, pipe.is_fifo()) == (3, True, True)
    lost = run("backup", tmp_path / "no" / "all.jsonl", "--ledger", url)
    assert (lost.exit_code, lost.output) == (3, f"moorings-registry: there is no folder {tmp_path}/no: make it first\n")


def test_no_ledger_is_made_for_a_backup_that_is_refused(tmp_path: Path) -> None:
    (tmp_path / "bad").write_bytes(b"")
    refused = run("restore", tmp_path / "bad", "--ledger", f"sqlite:///{tmp_path}/a.db", "--create")
    assert (refused.exit_code, [one.name for one in tmp_path.iterdir()]) == (1, ["bad"])


def test_what_a_killed_backup_left_does_not_stop_the_next(tmp_path: Path) -> None:
    """In a container, the next process has the number of the one before."""
    path = tmp_path / "all.jsonl"
    left = path.with_name(f".{path.name}.{os.getpid()}.half")
    left.write_bytes(b"half of it")
    with written_whole(path) as file:
        file.write(b"all of it")
    assert path.read_bytes() == b"all of it"
    assert not left.exists()
