"""`moorings lint`."""

import click

from moorings.cli.earlier_contracts import earlier_contracts
from moorings.cli.exits import CLEAN, FINDINGS
from moorings.cli.options import output_format, write
from moorings.cli.output.entries import counted
from moorings.cli.results import Checked
from moorings.cli.screen import say, show_issue
from moorings.cli.session import Session
from moorings.layout import Folder, Issue, Weight, lint


@click.command("lint", short_help="Check the folder without a registry.")
@click.option(
    "--against",
    metavar="git:REV | registry",
    help="Ask for documentation of what was added or changed since a revision, or is not registered yet.",
)
@output_format
@click.pass_obj
def lint_command(session: Session, against: str | None, output: str) -> int:
    """Check the folder of contracts without a registry: layout, owners, names, texts, references, every key.

    \b
    Event names are facts in the past tense (OrderPlaced, not PlaceOrder), unless the domain's policy says
    names = "any". References are found in the texts: an Avro type's full name, "$ref": "moorings:shop.types.Address"
    or a relative path, import "shop.types/Card.v1.proto".
    """
    with earlier_contracts(session, against) as earlier:
        folder, issues = lint(session.schemas, earlier)
    failed = any(issue.weight is Weight.ERROR for issue in issues)
    if output == "text":
        _show_issues(folder, issues, failed=failed)
    else:
        write(by_contract(folder, issues), output)
    return FINDINGS if failed else CLEAN


def _show_issues(folder: Folder, issues: list[Issue], *, failed: bool) -> None:
    for issue in issues:
        show_issue(issue)
    count = f"{counted(len(folder.contracts), 'contract')} in {counted(len(folder.domains), 'domain')}"
    say(
        f"{count}: {counted(len(issues), 'issue') if issues else 'clean'}",
        colour="red" if failed else "green",
        bold=True,
    )


def by_contract(folder: Folder, issues: list[Issue]) -> list[Checked]:
    """Group issues by file: one result for each contract, and one for each other file with issues."""
    results = []
    known = {contract.path for contract in folder.contracts}
    for contract in folder.contracts:
        own = tuple(issue for issue in issues if issue.file == contract.path)
        results.append(Checked(contract.label, _verdict(own), "", contract.path, contract.text, problems=own))
    for file in dict.fromkeys(issue.file for issue in issues if issue.file not in known):
        own = tuple(issue for issue in issues if issue.file == file)
        results.append(Checked(str(file), _verdict(own), "", file, problems=own))
    return results


def _verdict(issues: tuple[Issue, ...]) -> str:
    return "invalid" if any(issue.weight is Weight.ERROR for issue in issues) else "clean"
