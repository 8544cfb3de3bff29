"""`moorings fix`: edits after which the check passes, shown as a difference before anything is written."""

import difflib
from collections.abc import Iterable, Iterator
from pathlib import Path

import click

from moorings.cli.check_command import FileCheck, check_options, results_of
from moorings.cli.exits import CLEAN, FINDINGS
from moorings.cli.results import Checked
from moorings.cli.screen import is_terminal, say, show_checked
from moorings.cli.session import Session


@click.command("fix", short_help="Edit refused contracts so that they pass.")
@check_options
@click.option("--yes", is_flag=True, help="Write the files without asking.")
@click.pass_obj
def fix_command(session: Session, files: tuple[Path, ...], against: str | None, question: FileCheck, yes: bool) -> int:
    """Edit refused contracts so that they pass their check, and show what would change before anything is written.

    Only what was tried is offered: the check ran again with the edited text. Fields that were renamed or got another
    type are kept, and the new ones are added beside them; new fields become optional; what else breaks is undone.

    \b
    moorings fix                              the folder against the registry
    moorings fix OLD NEW [--level FULL]       NEW, so that it may follow OLD; no registry is asked
    moorings fix NEW --against git:main       the file, so that it may follow the one on another branch
    moorings fix NEW --against registry       one file of the folder
    """
    failing = [one for one in results_of(session, files, against, question) if not one.passes]
    fixable = [one for one in failing if one.corrected is not None and one.file is not None]
    left = [one for one in failing if one not in fixable]
    if left:
        show_checked(left)
    if not failing:
        say("nothing to fix", colour="green", bold=True)
        return CLEAN
    for one in fixable:
        _show(one)
    if not fixable:
        say("no edit of these was found that passes", colour="red", bold=True)
        return FINDINGS
    if not yes and not (is_terminal() and click.confirm(f"Write {_named(fixable)}?")):
        say("nothing was written; --yes writes it", bold=True)
        return FINDINGS
    for one in fixable:
        _write(one)
    return FINDINGS if left else CLEAN


def _show(checked: Checked) -> None:
    """Write what is done, and the difference."""
    assert checked.corrected is not None
    say(checked.name, bold=True)
    for way in checked.corrected.get("ways", ()):
        say(f"    {way['title']}")
    for change in checked.changes:
        if change.fails and change.caution:
            say(f"    {change.caution}", colour="yellow")
    for line in _difference(checked):
        colour = {"+": "green", "-": "red", "@": "cyan"}.get(line[:1])
        say(f"    {line}", colour=colour)


def _difference(checked: Checked) -> Iterator[str]:
    before, after = checked.text.splitlines(), _corrected(checked).splitlines()
    return difflib.unified_diff(before, after, str(checked.file), str(checked.file), lineterm="")


def _corrected(checked: Checked) -> str:
    assert checked.corrected is not None
    return str(checked.corrected["text"])


def _write(checked: Checked) -> None:
    """Write the corrected text with the line ends that the file had."""
    assert checked.file is not None
    ends = "\r\n" if b"\r\n" in checked.file.read_bytes() else "\n"
    checked.file.write_text(_corrected(checked), "utf-8", newline=ends)
    say(f"{checked.file} written", colour="green")


def _named(fixable: Iterable[Checked]) -> str:
    return ", ".join(str(one.file) for one in fixable)
