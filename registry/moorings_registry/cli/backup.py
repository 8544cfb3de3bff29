"""`moorings-registry backup`, `restore` and `upgrade`: what is done to a ledger around its life in service."""

import sys
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import click

from moorings_registry.backups import BackupRefused, check_backup, restore_checked, write_backup
from moorings_registry.cli.counts import entries
from moorings_registry.cli.options import (
    LEDGER_EXITS,
    Exit,
    create_option,
    exit_with_code,
    ledger_option,
    open_to_write,
    verified,
)
from moorings_registry.engines import access_path, missing_tables, open_ledger, run_setup
from moorings_registry.entries import moment_text
from moorings_registry.exit_codes import AWAY, REFUSED
from moorings_registry.issuers import IssuersInvalid, read_issuers
from moorings_registry.ledger import LedgerTooNew

_EXITS = {
    **LEDGER_EXITS,
    BackupRefused: Exit(REFUSED),
    LedgerTooNew: Exit(REFUSED),
    OSError: Exit(AWAY),
}


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@ledger_option
def backup(file: Path, ledger_url: str) -> None:
    """Write all entries of a ledger to FILE, while the registry serves; `.gz` compresses it.

    The chain is verified on the way, and FILE is there when it is complete, not before; its owner alone may read it.
    What lies beside the ledger is not in it: counts, kept checks, how far webhooks and exports are, keys and sessions.
    """
    with exit_with_code(_EXITS):
        ledger = open_ledger(ledger_url, create=False)
        made = write_backup(ledger, file, version("moorings"), moment_text(datetime.now(UTC)))
        click.echo(f"backed up: {entries(made.head.position)}, head {made.head.digest}")
        counts = access_path(ledger_url)
        if counts is not None and counts.exists():
            click.echo(f"not in the backup: counts of who read what, which are evidence. Copy {counts} too")


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@ledger_option
@create_option
def restore(file: Path, ledger_url: str, create: bool) -> None:
    """Bring a backup back, into a ledger that is empty.

    The whole file is checked first, so nothing of a bad one is written. A restore that was cut off continues where it
    stopped when it is run again. Serve the registry afterwards, not meanwhile.
    """
    with exit_with_code(_EXITS):
        checked = check_backup(file)
        done = restore_checked(open_to_write(ledger_url, create=create), file, checked)
    click.echo(f"restored: {entries(done.added)}, {done.already_there} already there; head {done.head.digest}")


@click.command()
@ledger_option
@click.option("--check", is_flag=True, help="Only report what has to be done.")
@click.option("--owner", metavar="URL", help="The same ledger, signed in as the owner of the database: makes tables.")
@click.option("--user", default="moorings", help="Whom the registry signs in to PostgreSQL as.")
@click.option(
    "--issuers",
    envvar="MOORINGS_ISSUERS",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="The issuers file, to be checked too.",
)
def upgrade(ledger_url: str, check: bool, owner: str | None, user: str, issuers: Path | None) -> None:
    """Say whether this release can serve a ledger, and make the tables that it needs besides, in PostgreSQL.

    Run it with the new release, before that is served. Exit code 1: there is something to do.
    """
    ready = True
    with exit_with_code(_EXITS):
        ready &= _knows_entries(ledger_url)
        ready &= _has_tables(ledger_url, None if check else owner, user)
        ready &= issuers is None or _reads_issuers(issuers)
    click.echo(f"release {version('moorings')} can serve this ledger" if ready else "not ready", err=not ready)
    sys.exit(0 if ready else REFUSED)


def _knows_entries(ledger_url: str) -> bool:
    unknown = verified(ledger_url)
    for one in unknown:
        click.echo(str(one), err=True)
    return not unknown


def _has_tables(ledger_url: str, owner: str | None, user: str) -> bool:
    missing = ", ".join(missing_tables(ledger_url))
    if missing and owner:
        run_setup(owner, user)
        click.echo(f"made: {missing}")
        missing = ", ".join(missing_tables(ledger_url))
    if missing:
        click.echo(f"tables missing: {missing}. `upgrade --owner URL` makes them", err=True)
    return not missing


def _reads_issuers(path: Path) -> bool:
    try:
        found = read_issuers(path)
    except IssuersInvalid as invalid:
        click.echo(str(invalid), err=True)
        return False
    click.echo(f"issuers: {len(found.issuers)}")
    return True
