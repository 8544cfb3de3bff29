"""`moorings push`, `moorings pull` and `moorings diff`."""

import json
from functools import partial
from typing import Any

import click

from moorings.cli.exits import CLEAN, FINDINGS, NOT_ALLOWED
from moorings.cli.next_major import with_next_major
from moorings.cli.results import Checked, from_answer
from moorings.cli.screen import say, show_checked, show_issue
from moorings.cli.session import Session
from moorings.layout import ContractFile, Parsed, Weight, lint
from moorings.layout.lock_file import Lock
from moorings.sync import FolderDifference, Matching, PushStep, folder_differences, push
from moorings.sync.pull import PulledFile, pull

_COLOURS = {"refused": "red", "blocked": "red", "unchanged": None, "kept": "yellow"}

_output_format = click.option(
    "--format", "output", type=click.Choice(["text", "json"]), default="text", show_default=True
)


@click.command("push", short_help="Register what is new in the folder.")
@click.option("--dry-run", is_flag=True, help="Show what would be registered, and register nothing.")
@_output_format
@click.pass_obj
def push_command(session: Session, dry_run: bool, output: str) -> int:
    """Register the folder: its domains, then its contracts, each after those that it uses.

    What is registered already stays unchanged, so that pushing twice changes nothing. A file of a new major
    (OrderPlaced.v2.avsc) opens that major. A contract that breaks its promises is refused with a report, and the
    others are still registered.
    """
    folder, issues = lint(session.schemas)
    errors = [issue for issue in issues if issue.weight is Weight.ERROR]
    if errors:
        for issue in errors:
            show_issue(issue)
        say("nothing was pushed: correct these first (moorings lint)", colour="red", bold=True)
        return FINDINGS
    matching = Matching(session.registry.api, Parsed(folder), Lock.read(session.schemas))
    steps = []
    for step in push(matching, dry_run=dry_run):
        steps.append(step)
        if output == "text" and step.action != "unchanged":
            _show_step(step, matching.parsed, dry_run=dry_run)
    if output == "json":
        click.echo(
            json.dumps({"dry_run": dry_run, "steps": [_step_json(one, matching.parsed) for one in steps]}, indent=2)
        )
    else:
        _sum_up(steps, dry_run=dry_run)
    if any(step.forbidden for step in steps):
        return NOT_ALLOWED
    return FINDINGS if any(step.failed for step in steps) else CLEAN


@click.command("pull", short_help="Write the registry's contracts into the folder, and pin them.")
@click.option("--domain", "domains", metavar="NAME", multiple=True, help="Only this domain; may be repeated.")
@click.option("--force", is_flag=True, help="Overwrite files with local changes.")
@_output_format
@click.pass_obj
def pull_command(session: Session, domains: tuple[str, ...], force: bool, output: str) -> int:
    """Write the registry's contracts into the folder, the latest revision of each major, and pin them.

    moorings.lock records the version of each file, by number, id and guid. Comments in domain.toml are kept.
    """
    written = list(pull(session.registry.api, session.schemas, domains, force=force))
    if output == "json":
        entries = [{"path": str(one.path), "action": one.action, "detail": one.detail} for one in written]
        click.echo(json.dumps({"files": entries}, indent=2))
    else:
        for one in written:
            if one.action != "unchanged":
                _show_written(one)
        say(_counts([one.action for one in written]), bold=True)
    return FINDINGS if any(one.action == "kept" for one in written) else CLEAN


@click.command("diff", short_help="Show what differs between the folder and the registry.")
@_output_format
@click.pass_obj
def diff_command(session: Session, output: str) -> int:
    """Show what differs between the folder and the registry, from the registry's side to the folder's.

    Exit code 1 when anything does.
    """
    folder, _ = lint(session.schemas)
    matching = Matching(session.registry.api, Parsed(folder), Lock.read(session.schemas))
    found = list(folder_differences(matching))
    if output == "json":
        entries = [{"name": d.name, "kind": d.kind, "detail": d.detail, "diff": list(d.lines)} for d in found]
        click.echo(json.dumps({"differences": entries}, indent=2))
    else:
        for one in found:
            _show_difference(one)
        say(f"{len(found)} differ" if found else "no differences", bold=True)
    return FINDINGS if found else CLEAN


def _refused(step: PushStep, contract: ContractFile, parsed: Parsed) -> Checked:
    """Read the report of a refused contract; its places are looked up in the folder's own text."""
    candidate = partial(parsed.schema, contract)
    report = step.report or {}
    found = from_answer(contract.label, report, file=contract.path, text=contract.text, candidate=candidate)
    return with_next_major(found, contract)


def _show_step(step: PushStep, parsed: Parsed, *, dry_run: bool) -> None:
    if step.report is not None and step.contract is not None:
        show_checked([_refused(step, step.contract, parsed)])
        return
    would = "would be " if dry_run else ""
    detail = f": {step.detail}" if step.detail else ""
    say(f"{step.name} {would}{step.action}{detail}", colour=_COLOURS.get(step.action, "green"))


def _sum_up(steps: list[PushStep], *, dry_run: bool) -> None:
    say(("would be: " if dry_run else "") + _counts([step.action for step in steps]), bold=True)


def _counts(actions: list[str]) -> str:
    return ", ".join(f"{actions.count(action)} {action}" for action in dict.fromkeys(actions)) or "nothing to do"


def _step_json(step: PushStep, parsed: Parsed) -> dict[str, Any]:
    version = step.version
    return {
        "name": step.name,
        "action": step.action,
        "detail": step.detail,
        "file": str(step.contract.path) if step.contract else None,
        "version": version.version if version else None,
        "label": version.label if version else None,
        "id": version.id if version else None,
        "guid": str(version.guid) if version else None,
        "report": _refused(step, step.contract, parsed).as_json() if step.report and step.contract else None,
    }


def _show_written(one: PulledFile) -> None:
    detail = f": {one.detail}" if one.detail else ""
    say(f"{one.path} {one.action}{detail}", colour=_COLOURS.get(one.action, "green"))


def _show_difference(one: FolderDifference) -> None:
    say(f"{one.name}: {one.kind}{f' ({one.detail})' if one.detail else ''}", colour="yellow", bold=True)
    for line in one.lines:
        colour = {"+": "green", "-": "red", "@": "cyan"}.get(line[:1])
        say(f"    {line}", colour=colour)
