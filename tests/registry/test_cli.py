"""The command line: what it prints, and the exit codes that scripts go by."""

import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from moorings_registry.cli.main import main
from moorings_registry.engines import open_ledger
from tests.registry.asking import Asked, record

ENTRIES = 5


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A ledger with five entries."""
    asked = Asked(open_ledger(f"sqlite:///{tmp_path}/l.db"))
    for number in range(ENTRIES):
        asked.register(record("a", name=f"R{number}"), f"s{number}")
    asked.ledger.close()
    return tmp_path / "l.db"


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, arguments)


def test_a_whole_ledger_verifies(path: Path) -> None:
    result = run("ledger", "verify", "--ledger", f"sqlite:///{path}")
    assert (result.exit_code, "verified: 5 entries" in result.output) == (0, True)


def test_a_flipped_byte_is_named_by_its_position(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("UPDATE entries SET line = replace(line, 'R2', 'R9') WHERE position = 3")
        connection.commit()
    result = run("ledger", "verify", "--ledger", f"sqlite:///{path}")
    assert result.exit_code == 1
    assert "position 3" in result.stderr
    assert "Traceback" not in result.output


def test_an_export_is_imported_and_the_same_again_adds_nothing(path: Path, tmp_path: Path) -> None:
    exported, copy = tmp_path / "all.jsonl", f"sqlite:///{tmp_path}/copy.db"
    assert run("ledger", "export", "--ledger", f"sqlite:///{path}", "--to", str(exported)).exit_code == 0
    assert len(exported.read_bytes().splitlines()) == ENTRIES
    for added, there in ((ENTRIES, 0), (0, ENTRIES)):
        result = run("ledger", "import", "--create", "--ledger", copy, "--from", str(exported))
        assert f"imported: {added} entries, {there} already there" in result.output
    assert Asked(open_ledger(copy)).registry.state == Asked(open_ledger(f"sqlite:///{path}")).registry.state


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["serve", "--host", "0.0.0.0"], 2, "sign-in"),
        (["serve", "--host", "registry.example"], 2, "sign-in"),
        (["serve", "--ledger", "mysql://x"], 2, "unknown ledger engine"),
        (["serve", "--port", "70000"], 2, "--port"),
        (["serve", "--server", "apache"], 2, "--server"),
        (["serve", "--default-level", "SOME"], 2, "--default-level"),
        (["ledger", "verify", "--ledger", "sqlite:////proc/nowhere/l.db"], 3, "no ledger"),
        (["nothing"], 2, "No such command"),
    ],
)
def test_mistakes_are_sentences(arguments: list[str], code: int, says: str) -> None:
    result = run(*arguments)
    assert result.exit_code == code
    assert says in result.stderr
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize(
    "arguments", [["--help"], ["serve", "--help"], ["ledger", "--help"], ["ledger", "verify", "--help"]]
)
def test_help_teaches(arguments: list[str]) -> None:
    result = run(*arguments)
    assert result.exit_code == 0
    assert len(result.output) > 200


def test_metrics_are_not_imported_before_it_is_known_where_they_are_written() -> None:
    check = "import sys, moorings_registry.cli.serve; sys.exit('prometheus_client' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", check], check=False).returncode == 0


GRANTING = ("--verb", "read", "--node", "*", "--to", "people:7", "--because", "first")


@pytest.mark.parametrize(
    ("command", "arguments"),
    [
        (("grant",), GRANTING),
        (("ledger", "import"), ("--from", "{file}")),
        (("import",), ("--from-topic-dump", "{file}")),
        (("import",), ("--from-topic-dump", "{file}", "--dry-run")),
        (("ledger", "verify"), ()),
        (("ledger", "export"), ()),
    ],
)
def test_a_mistyped_ledger_is_not_made(command: tuple[str, ...], arguments: tuple[str, ...], tmp_path: Path) -> None:
    empty, typo = tmp_path / "empty", tmp_path / "typo.db"
    empty.touch()
    words = [word.format(file=empty) for word in arguments]
    result = run(*command, "--ledger", f"sqlite:///{typo}", *words)
    assert result.exit_code == 3
    assert f"there is no ledger {typo}" in result.stderr
    assert ("use --create" in result.stderr) == (command[-1] in ("grant", "import"))
    assert [one.name for one in tmp_path.iterdir()] == ["empty"]


def test_a_first_grant_may_make_the_ledger(tmp_path: Path) -> None:
    result = run("grant", "--create", "--ledger", f"sqlite:///{tmp_path}/new.db", *GRANTING)
    assert result.exit_code == 0, result.output
    assert open_ledger(f"sqlite:///{tmp_path}/new.db").head().position == 1


def test_a_rehearsed_import_makes_no_ledger(tmp_path: Path) -> None:
    (tmp_path / "empty").touch()
    new = ("--ledger", f"sqlite:///{tmp_path}/new.db", "--create")
    result = run("import", *new, "--from-topic-dump", str(tmp_path / "empty"), "--dry-run")
    assert (result.exit_code, "to do: versions added: 0" in result.output) == (0, True), result.output
    assert not (tmp_path / "new.db").exists()


# The first grant.


def test_whoever_can_write_the_ledger_grants_the_first_permission(path: Path) -> None:
    url = f"sqlite:///{path}"
    arguments = (
        "--ledger",
        url,
        "--verb",
        "govern,operate",
        "--verb",
        "audit",
        "--node",
        "*",
        "--to",
        "people:7",
        "--because",
        "first",
    )
    result = run("grant", *arguments)
    assert result.exit_code == 0, result.output
    year = (datetime.now(UTC) + timedelta(days=365)).date()
    assert result.output == f"grant {ENTRIES + 1}: people:7 may govern, operate, audit on * until {year}\n"
    *_, entry = open_ledger(url).read(0)
    assert entry.actor.startswith(f"local:{os.getuid()}(")
    assert entry.facts[0]["because"] == "first"
    assert entry.facts[0]["granted_by"] == entry.actor
    again = run("grant", *arguments)
    assert (again.exit_code, open_ledger(url).head().position) == (0, ENTRIES + 1)


@pytest.mark.parametrize(
    ("change", "code", "says"),
    [
        (("--to", "people:*"), 1, "wildcard in a principal"),
        (("--verb", "own"), 1, "verbs must be one or more of"),
        (("--node", "shop"), 1, "operate is granted for the whole registry alone"),
        (("--because", " "), 1, "because must have"),
        (("--expires", "soon"), 2, "not a day"),
        (("--expires", "2020-01-01"), 1, "expires lies in the past"),
        (("--ledger", "sqlite:////proc/nowhere/l.db"), 3, "nowhere"),
    ],
)
def test_a_grant_that_cannot_be_written_says_why(path: Path, change: tuple[str, str], code: int, says: str) -> None:
    given = {
        "--ledger": f"sqlite:///{path}",
        "--verb": "operate",
        "--node": "*",
        "--to": "people:7",
        "--because": "first",
    }
    words = [word for pair in {**given, change[0]: change[1]}.items() for word in pair]
    result = run("grant", *words)
    assert (result.exit_code, says in result.stderr) == (code, True), result.output
    assert open_ledger(f"sqlite:///{path}").head().position == ENTRIES
