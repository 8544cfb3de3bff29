"""`moorings generate`."""

from pathlib import Path

import click

from moorings.cli.exits import CLEAN, FINDINGS
from moorings.cli.screen import complain, say
from moorings.cli.session import Session
from moorings.layout import read_folder
from moorings.layout.repository_file import read_repository
from moorings.typed.generate import STYLES, Change, ContractSource, changes, files_of, from_folder, from_registry, write

_COLOURS = {"new": "green", "changed": "yellow", "stale": "red"}


@click.command("generate", short_help="Write Python types for the contracts.")
@click.option(
    "--out",
    required=True,
    type=click.Path(path_type=Path, file_okay=False),
    help="The package to write; files that were not generated are never touched.",
)
@click.option(
    "--schemas",
    type=click.Path(path_type=Path, file_okay=False),
    help="The folder of contracts, if not that of the other commands.",
)
@click.option("--url", help="Generate from this registry, not from the folder.")
@click.option("--event", "subjects", metavar="SUBJECT", multiple=True, help="Only this event; may be repeated.")
@click.option("--style", type=click.Choice(list(STYLES)), default="dataclass", show_default=True)
@click.option(
    "--line-length",
    type=click.IntRange(60, 320),
    default=88,
    show_default=True,
    help="The line length of the package's formatter.",
)
@click.option("--check", "only_check", is_flag=True, help="Write nothing; exit code 1 if a file is outdated.")
@click.pass_obj
def generate_command(
    session: Session,
    out: Path,
    schemas: Path | None,
    url: str | None,
    subjects: tuple[str, ...],
    style: str,
    line_length: int,
    only_check: bool,
) -> int:
    """Write a Python package with a type for every event: a package for each domain, a module for each major.

    The same contracts give the same bytes, formatted as `ruff format` leaves them. Events of domains that moorings.toml
    does not own come without the fields that are internal to them, as the client reads them.
    """
    session.url, session.schemas = url or session.url, schemas or session.schemas
    sources, problems = _sources(session, subjects, ask_registry=url is not None)
    for problem in problems:
        complain(problem)
    if problems:
        complain("nothing was written: correct these first (moorings lint)")
        return FINDINGS
    files = files_of(sources, style, line_length)
    try:
        found = changes(out, files) if only_check else write(out, files)
    except FileExistsError as error:
        raise click.UsageError(str(error)) from None
    for change in found:
        say(_sentence(change, only_check=only_check), colour=_COLOURS[change.kind])
    say(f"{len(files)} files, {len(found)} {'not up to date' if only_check else 'written or removed'}", bold=True)
    return FINDINGS if only_check and found else CLEAN


def _sources(
    session: Session, subjects: tuple[str, ...], *, ask_registry: bool
) -> tuple[list[ContractSource], list[str]]:
    if not ask_registry:
        return from_folder(read_folder(session.schemas), subjects)
    if not subjects:
        raise click.UsageError(
            "--event is missing: name the events of the registry, as in --event shop.orders.OrderPlaced"
        )
    own = read_repository(session.schemas).owns
    return from_registry(session.registry, subjects, own), []


def _sentence(change: Change, *, only_check: bool) -> str:
    done = {"new": "written", "changed": "written", "stale": "removed"}
    return f"{change.path} {change.kind}" if only_check else f"{change.path} {done[change.kind]}"
