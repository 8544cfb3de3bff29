"""`moorings push`, `moorings pull` and `moorings diff`."""

import json
from collections.abc import Sequence
from contextlib import suppress
from functools import partial
from typing import Any

import click

from moorings.cli.exits import CLEAN, FINDINGS, NOT_ALLOWED
from moorings.cli.next_major import with_next_major
from moorings.cli.results import Checked, from_answer
from moorings.cli.screen import say, show_checked, show_issue
from moorings.cli.session import Session
from moorings.errors import MooringsError
from moorings.layout import ContractFile, Folder, Issue, Parsed, lint, read_folder
from moorings.layout.lock_file import Lock
from moorings.sync import FolderDifference, Matching, PushStep, folder_differences, push
from moorings.sync.pull import PulledFile, pull
from moorings.sync.synced import SyncedState
from moorings_compat.rules import FORMAT_CHANGED

_COLOURS = {"refused": "red", "blocked": "red", "unchanged": None, "kept": "yellow", "behind": "yellow"}
_SHOWN_DOMAINS = 10

_output_format = click.option(
    "--format", "output", type=click.Choice(["text", "json"]), default="text", show_default=True
)


@click.command("push", short_help="Register what is new in the folder.")
@click.option("--dry-run", is_flag=True, help="Show what would be written, and write nothing.")
@_output_format
@click.pass_obj
def push_command(session: Session, dry_run: bool, output: str) -> int:
    """Write the domains that this repository owns: policies, events, contracts, lifecycles.

    Each domain is one request, after those that it uses: all of it is written, or nothing. What the registry has
    already stays unchanged, so that pushing twice changes nothing. A file of a new major (OrderPlaced.v2.avsc) opens
    that major. A contract that breaks its promises is refused with a report, and holds back its domain and those that
    use it.
    """
    folder, issues = lint(session.schemas)
    own, foreign = _own_domains(folder, Lock.read(session.schemas))
    if errors := folder.errors(issues, own):
        for issue in (*_changed_formats(session, folder, errors), *errors):
            show_issue(issue)
        say("nothing was pushed: correct these first (moorings lint)", colour="red", bold=True)
        return FINDINGS
    matching = Matching(session.registry.api, Parsed(folder), Lock.read(session.schemas))
    synced = SyncedState(session.schemas, session.address or "")
    steps = []
    for step in push(matching, domains=own, dry_run=dry_run, synced=synced):
        steps.append(step)
        if output == "text" and step.action != "unchanged":
            _show_step(step, matching.parsed, dry_run=dry_run)
    if output == "json":
        entries = [_step_json(one, matching.parsed) for one in steps]
        click.echo(json.dumps({"dry_run": dry_run, "steps": entries, "not_owned": list(foreign)}, indent=2))
    else:
        _sum_up(steps, dry_run=dry_run)
        _show_foreign(folder, foreign)
        _show_unread(folder, issues, foreign)
    if any(step.forbidden for step in steps):
        return NOT_ALLOWED
    return FINDINGS if any(step.failed for step in steps) else CLEAN


def _changed_formats(session: Session, folder: Folder, errors: Sequence[Issue]) -> list[Issue]:
    """Return an issue for each contract that the registry has in another format, in the domains of *errors*.

    It would be refused for that once its errors are corrected. Nothing is said where the registry does not answer.
    """
    domains = {folder.domain_of(one.file) for one in errors}
    found = []
    with suppress(MooringsError):
        matching = Matching(session.registry.api, Parsed(folder))
        for one in folder.contracts:
            known = matching.registered_major(one) if one.domain in domains else None
            if known is not None and known.version.format is not one.format:
                message = f"the registry has {one.label} as {known.version.format}, and this is {one.format}"
                found.append(Issue(one.path, FORMAT_CHANGED.code, message, FORMAT_CHANGED.fix))
    return found


def _own_domains(folder: Folder, lock: Lock) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Split the domains of a folder: those to push, and those of others."""
    names = [one.domain for one in folder.domains]
    pulled = () if folder.repository.found else tuple(lock.consumed)
    own = tuple(name for name in folder.own_domains if name not in pulled)
    return own, tuple(name for name in names if name not in own)


def _show_foreign(folder: Folder, foreign: tuple[str, ...]) -> None:
    """Say which domains of the folder were left alone, and how to push them."""
    if foreign:
        reason = "moorings.toml does not own them" if folder.repository.found else "they were pulled"
        advice = "" if folder.repository.found else '; to push one, name it in moorings.toml: owns = ["..."]'
        say(f"not pushed, because {reason}: {', '.join(foreign)}{advice}")


def _show_unread(folder: Folder, issues: Sequence[Issue], foreign: tuple[str, ...]) -> None:
    """Show the files beside contracts that nothing reads: their authors may think that they are registered."""
    for issue in issues:
        if issue.code == "FILE_UNKNOWN" and folder.domain_of(issue.file) not in foreign:
            show_issue(issue)


@click.command("pull", short_help="Write the registry's contracts into the folder, and pin them.")
@click.option("--domain", "domains", metavar="NAME", multiple=True, help="Only this domain; may be repeated.")
@click.option("--all", "every", is_flag=True, help="Every domain of the registry.")
@click.option("--force", is_flag=True, help="Overwrite schemas with local changes, and files that are not TOML.")
@_output_format
@click.pass_obj
def pull_command(session: Session, domains: tuple[str, ...], every: bool, force: bool, output: str) -> int:
    """Write the registry's contracts into the folder: domains, events, majors, the latest revision of each.

    Without --domain, the domains that moorings.toml owns and consumes, or those that the folder has. Only what differs
    is changed: comments, order and formatting stay. moorings.lock records the version of each schema.
    """
    synced = SyncedState(session.schemas, session.address or "")
    chosen = None if every else _chosen_domains(session, domains)
    written = list(pull(session.registry.api, session.schemas, chosen, force=force, synced=synced))
    if output == "json":
        entries = [{"path": str(one.path), "action": one.action, "detail": one.detail} for one in written]
        click.echo(json.dumps({"files": entries}, indent=2))
    else:
        for one in written:
            if one.action != "unchanged":
                _show_written(one)
        say(_counts([one.action for one in written]), bold=True)
    return FINDINGS if any(one.action == "kept" for one in written) else CLEAN


def _chosen_domains(session: Session, domains: tuple[str, ...]) -> tuple[str, ...]:
    """Return the domains to pull.

    Raises:
        UsageError: none is named, by the call, by `moorings.toml` or by the folder.
    """
    repository = session.repository
    named = domains or (*repository.owns, *repository.consumes)
    if not named and session.schemas.is_dir():
        named = tuple(one.domain for one in read_folder(session.schemas).domains)
    if not named:
        known = [one.domain for one in session.registry.api.domains()]
        shown = ", ".join(known[:_SHOWN_DOMAINS]) + (", ..." if len(known) > _SHOWN_DOMAINS else "")
        raise click.UsageError(
            f"name the domains to pull, as in --domain {known[0] if known else 'shop.types'}, or take --all; "
            f"the registry has {shown or 'no domains'}"
        )
    return named


@click.command("diff", short_help="Show what differs between the folder and the registry.")
@_output_format
@click.pass_obj
def diff_command(session: Session, output: str) -> int:
    """Show what differs between the folder and the registry, from the registry's side to the folder's.

    Exit code 1 when anything does. With a moorings.toml, only the domains that it names are compared.
    """
    folder, _ = lint(session.schemas)
    matching = Matching(session.registry.api, Parsed(folder), Lock.read(session.schemas))
    found = list(folder_differences(matching, folder.named_domains))
    if output == "json":
        entries = [{"name": d.name, "kind": d.kind, "detail": d.detail, "diff": list(d.lines)} for d in found]
        click.echo(json.dumps({"differences": entries}, indent=2))
    else:
        for one in found:
            _show_difference(one)
        say(f"{len(found)} {'differs' if len(found) == 1 else 'differ'}" if found else "no differences", bold=True)
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
        "version": step.number,
        "label": step.label or None,
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
