"""`moorings consumers`: what the applications of a repository read, declared, recorded, listed and checked."""

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

import click

from moorings.cli.exits import CLEAN, FINDINGS
from moorings.cli.screen import say
from moorings.cli.session import Session
from moorings.errors import ContractUnknown, RegistryRefused
from moorings.layout.consumer_file import FOLDER, ConsumerFile, read_consumer_file
from moorings.layout.consumer_toml import RecordedRead, with_recorded
from moorings.layout.issues import Issue
from moorings_compat.fields import field_tree, find, nearest, path_of

_files = click.argument("files", nargs=-1, type=click.Path(path_type=Path, exists=True))
_format = click.option("--format", "output", type=click.Choice(("text", "json")), default="text", show_default=True)


@click.group("consumers", short_help="Declare what applications read, and check it.")
def consumers_command() -> None:
    """Declare what applications read: a file for each in the folder `consumers`.

    \b
    moorings consumers check                 are the files right, and does the registry have what they read?
    moorings consumers push                  declare them, or renew that
    moorings consumers record                write what the tests touched into the files
    moorings consumers list --event shop.orders.OrderPlaced
    moorings consumers hold billing --by github:repo/7 --domain payments
    """


@consumers_command.command("push", short_help="Declare what the files say.")
@_files
@click.option("--app-version", default="", help="The version of the application, in place of the one in its file.")
@click.pass_obj
def push_consumers(session: Session, files: Sequence[Path], app_version: str) -> int:
    """Declare what each file says; one that is refused does not stop the others."""
    failed = False
    for consumer in _readable(files):
        body = consumer.body() | ({"version": app_version} if app_version else {})
        try:
            session.registry.api.send("PUT", f"/v1/consumers/{consumer.application}", body)
        except RegistryRefused as refused:
            failed = True
            say(f"{consumer.path}: {refused}", colour="red")
            continue
        count = len(consumer.reads)
        say(f"{consumer.application} reads {count} {'event' if count == 1 else 'events'}", colour="green")
    return FINDINGS if failed else CLEAN


@consumers_command.command("check", short_help="Hold the files against the registry; nothing is declared.")
@_files
@click.pass_obj
def check_consumers(session: Session, files: Sequence[Path]) -> int:
    """Check that the registry has every event, major and field that the files name; nothing is declared."""
    found = [problem for consumer in _readable(files) for problem in _problems(session, consumer)]
    for problem in found:
        say(problem, colour="red")
    if not found:
        say("everything that is read is there", colour="green")
    return FINDINGS if found else CLEAN


@consumers_command.command("list", short_help="List who declares what.")
@click.option("--event", metavar="SUBJECT", default="", help="Only those who read this event.")
@click.option("--team", metavar="NAME", default="")
@_format
@click.pass_obj
def list_consumers(session: Session, event: str, team: str, output: str) -> int:
    """List the applications that declare what they read, by name."""
    found: list[dict[str, Any]] = []
    while True:
        query = {"event": event, "team": team, "limit": "500", "offset": str(len(found))}
        page = session.registry.api.ask("/v1/consumers", query)
        found += page["consumers"]
        if not page["consumers"] or len(found) >= page["total"]:
            break
    if output == "json":
        click.echo(json.dumps({"consumers": found}, indent=2, ensure_ascii=False))
        return CLEAN
    for one in found:
        expired = ", expired" if one["expired"] else ""
        say(f"{one['application']}  team {one['team']}{expired}", colour="yellow" if one["expired"] else None)
        for read in one["reads"]:
            fields = ", ".join(field["path"] for field in read["fields"]) or "the whole event"
            say(f"    {read['event']} {read['major']}: {fields}")
    if not found:
        say("no consumers")
    return CLEAN


@consumers_command.command("hold", short_help="Say who may change an application; also to hand it over.")
@click.argument("application")
@click.option("--by", "principals", multiple=True, required=True, metavar="PRINCIPAL", help="A caller; repeatable.")
@click.option("--domain", "domains", multiple=True, metavar="DOMAIN", help="Whoever governs it may, too; repeatable.")
@click.pass_obj
def hold_consumer(session: Session, application: str, principals: Sequence[str], domains: Sequence[str]) -> int:
    """Say who may declare, deploy and withdraw an application from now on: the whole list.

    Whoever declares or deploys it first holds it. They may name others, and so may the registry's operator.
    """
    body = {"principals": list(principals), "domains": list(domains)}
    held = session.registry.api.send("PUT", f"/v1/consumers/{quote(application, safe='')}/holders", body)
    governing = f", and whoever governs {', '.join(held['domains'])}" if held["domains"] else ""
    say(f"{application} is held by {', '.join(held['principals'])}{governing}", colour="green")
    return CLEAN


@consumers_command.command("record", short_help="Write what the tests touched into the files.")
@click.option(
    "--from",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path(".moorings/reads"),
    show_default=True,
    help="Where the pytest plugin wrote it.",
)
@click.option("--prune", is_flag=True, help="Drop the fields of the files that no test touched.")
def record_consumers(folder: Path, prune: bool) -> int:
    """Write the fields that the tests touched into `consumers/<application>.toml`; comments and order are kept."""
    recorded = _recorded(folder)
    if not recorded:
        raise click.UsageError(f"nothing recorded in {folder}: run the tests with the fixture moorings_reads")
    for application, reads in sorted(recorded.items()):
        path = Path(FOLDER) / f"{application}.toml"
        before = path.read_text("utf-8") if path.is_file() else ""
        after = with_recorded(before, application, reads, prune=prune)
        if after != before:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(after, "utf-8")
        say(f"{path}: {'written' if after != before else 'nothing new'}", colour="green")
    return CLEAN


def _recorded(folder: Path) -> dict[str, list[RecordedRead]]:
    """Join what the processes of a test session wrote, by application; a field is required where any needs it."""
    joined: dict[tuple[str, str, int], dict[str, str]] = {}
    for path in sorted(folder.glob("*.json")):
        found = json.loads(path.read_text("utf-8"))
        for read in found["reads"]:
            fields = joined.setdefault((found["application"], read["event"], read["major"]), {})
            for name, use in read["fields"].items():
                fields[name] = use if fields.get(name) != "required" else "required"
    by_application: dict[str, list[RecordedRead]] = {}
    for (application, event, major), fields in sorted(joined.items()):
        by_application.setdefault(application, []).append(RecordedRead(event, major, fields))
    return by_application


def _readable(files: Sequence[Path]) -> Iterable[ConsumerFile]:
    """Read the files, or those of the folder `consumers`.

    Raises:
        click.UsageError: there are none, or something in one cannot be used.
    """
    paths = [
        one for path in files or [Path(FOLDER)] for one in ([path] if path.is_file() else sorted(path.glob("*.toml")))
    ]
    if not paths:
        raise click.UsageError(f"no consumer files: write {FOLDER}/<application>.toml, or name files")
    read = [read_consumer_file(path) for path in paths]
    issues = [issue for _, found in read for issue in found]
    if issues:
        raise click.UsageError("\n".join(map(_line, issues)))
    return [consumer for consumer, _ in read]


def _line(issue: Issue) -> str:
    line = f":{issue.line}" if issue.line else ""
    return f"{issue.file}{line}: {issue.message}. {issue.advice}".strip()


def _problems(session: Session, consumer: ConsumerFile) -> Iterable[str]:
    for read in consumer.reads:
        try:
            contract = session.registry.event(read.event, read.major)
        except ContractUnknown as unknown:
            yield f"{consumer.path}: {unknown}"
            continue
        root = field_tree(contract.schema, read.event.rpartition(".")[2])
        for field in read.fields:
            if find(root, path_of(field.path)) is None:
                close = nearest(root, path_of(field.path))
                hint = f"; did you mean {close}?" if close else ""
                yield f"{consumer.path}: {field.path} is not a field of {read.event} {contract.latest.label}{hint}"
