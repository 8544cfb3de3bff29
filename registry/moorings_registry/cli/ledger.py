"""`moorings-registry ledger`: verify, export, import, base and init."""

import sys
from contextlib import redirect_stdout
from pathlib import Path
from typing import BinaryIO

import click

from moorings_registry.bases import BaseFolder, NotStorable, fold_version
from moorings_registry.cli.counts import entries
from moorings_registry.cli.options import create_option, exit_with_code, ledger_option, open_to_write, verified
from moorings_registry.engines import bases_path, open_ledger, run_setup, setup_script
from moorings_registry.ledger import export, import_
from moorings_registry.server.loading import without_collection


@click.group()
def ledger() -> None:
    """Verify, export or import the entries of a ledger, whichever engine keeps them."""


@ledger.command("verify")
@ledger_option
def verify_command(ledger_url: str) -> None:
    """Recompute the hash chain. Exit code 1 names the first position that is not what was appended."""
    with exit_with_code():
        unknown = verified(ledger_url)
    for one in unknown:
        click.echo(f"this release cannot serve it: {one}", err=True)


@ledger.command("export")
@ledger_option
@click.option(
    "--to", "target", type=click.Path(dir_okay=False, path_type=Path), help="A file; standard output by default."
)
def export_command(ledger_url: str, target: Path | None) -> None:
    """Write one entry a line, oldest first: canonical JSON, each with its digest."""
    output = sys.stdout.buffer
    with exit_with_code(), redirect_stdout(sys.stderr):  # no line of a log is to be one of the export
        kept = open_ledger(ledger_url, create=False)
        if target is None:
            head = export(kept, output)
        else:
            with target.open("wb") as stream:
                head = export(kept, stream)
    click.echo(f"exported: {entries(head.position)}, head {head.digest}", err=True)


@ledger.command("import")
@ledger_option
@create_option
@click.option("--from", "source", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def import_command(ledger_url: str, create: bool, source: Path | None) -> None:
    """Import what export wrote, verifying each line, into a ledger that is empty or has the same first entries.

    An interrupted import continues where it stopped when it is run again.
    """
    with exit_with_code():
        kept = open_to_write(ledger_url, create=create)
        if source is None:
            done = import_(kept, _standard_input())
        else:
            with source.open("rb") as stream:
                done = import_(kept, stream)
    click.echo(f"imported: {entries(done.added)}, {done.already_there} already there; head {done.head.digest}")


@ledger.command("base")
@ledger_option
@click.option(
    "--folder", envvar="MOORINGS_BASE_FOLDER", type=click.Path(file_okay=False, path_type=Path),
    help="Where `serve` keeps them: by default beside a ledger that is a file.",
)  # fmt: skip
@click.option(
    "--bytes", "most_bytes", envvar="MOORINGS_BASE_BYTES", type=click.IntRange(0), default=0,
    help="Room that they may take there; by default what the disk has, but its last twentieth.",
)  # fmt: skip
@click.option(
    "--least-entries", type=click.IntRange(1), default=1, show_default=True,
    help="Write none where fewer have come since the last one.",
)  # fmt: skip
def base_command(ledger_url: str, folder: Path | None, most_bytes: int, least_entries: int) -> None:
    """Write the state to a file that `serve` of this release starts from: before an upgrade, with the new release.

    It takes the memory of 100,000 versions, however many there are.
    """
    with exit_with_code():
        path = folder or bases_path(ledger_url)
        if path is None:
            raise click.UsageError("This ledger is not a file: say with --folder where bases are kept")
        if not fold_version():
            raise click.ClickException("the sources of the registry are not installed, so no base could be trusted")
        with without_collection():
            kept = open_ledger(ledger_url, create=False)
            bases = BaseFolder(path, kept, fold_version(), most_bytes=most_bytes)
            try:
                written = bases.bring_up_to_date(least_entries=least_entries)
            except (NotStorable, OSError) as error:
                raise click.ClickException(f"the base was not written: {error}") from None
    told = "nothing to write: too few entries since the last one, or another process writes"
    click.echo(f"written: position {written.position}, {written.size_bytes} bytes" if written else told)


@ledger.command("init")
@ledger_option
@click.option(
    "--user", default="moorings", help="Whom the registry signs in as; in PostgreSQL, made where there is none."
)
@click.option("--run", "runs", is_flag=True, help="Make it, signed in as the URL says, instead of printing how.")
def init_command(ledger_url: str, user: str, runs: bool) -> None:
    """Print what makes a ledger in PostgreSQL or Kafka, or make it: once, as somebody who may.

    For PostgreSQL that is the SQL of the tables; the registry itself signs in as a user who may add entries and read
    them, and not change any. For Kafka it is the topic; its access rules are printed alone.
    """
    with exit_with_code():
        script = setup_script(ledger_url, user)
        if runs:
            run_setup(ledger_url, user)
            click.echo(f"made: the ledger, for user {user}")
        else:
            click.echo(script, nl=False)


def _standard_input() -> BinaryIO:
    return sys.stdin.buffer
