"""Questions: `moorings can-i`, `who`, `unused-fields`, `as-expected`; and `deployed`, which they are asked with."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from moorings.cli.exits import CLEAN, COULD_NOT_DECIDE, FINDINGS
from moorings.cli.meant_event import naming_meant_event
from moorings.cli.screen import say
from moorings.cli.session import Session
from moorings.layout.contract_file import format_of
from moorings.layout.schema_files import SourceInvalid, read_text

_EXITS = {"yes": CLEAN, "no": FINDINGS, "unknown": COULD_NOT_DECIDE}
_COLOURS = {"yes": "green", "no": "red", "unknown": "yellow"}

_format = click.option("--format", "output", type=click.Choice(("text", "json")), default="text", show_default=True)


@click.group("can-i", short_help="May this be deployed, changed, retired?")
def can_i_command() -> None:
    """Ask the registry whether something is safe for those who read events.

    Exit codes: 0 yes, 1 no, 3 unknown.
    """


@can_i_command.command("deploy", short_help="Does a version of an application find all that it reads?")
@click.option("--app", "application", required=True, metavar="NAME")
@click.option("--version", required=True)
@click.option("--env", "environment", required=True, metavar="NAME")
@_format
@click.pass_obj
def can_deploy(session: Session, application: str, version: str, environment: str, output: str) -> int:
    """Ask whether the registry has all that a version of an application declares to read."""
    query = {"application": application, "version": version, "environment": environment}
    return _ask(session, "/v1/questions/can-deploy", query, output)


@can_i_command.command("break", short_help="May fields go, or a schema change?")
@click.argument("event", metavar="EVENT[@MAJOR]")
@click.option("--drop", multiple=True, metavar="POINTER", help="A field to remove; several times for several.")
@click.option("--change", type=click.Path(path_type=Path, exists=True, dir_okay=False), help="The changed schema.")
@_format
@click.pass_obj
def can_break(session: Session, event: str, drop: Sequence[str], change: Path | None, output: str) -> int:
    """Ask whether fields may be removed from an event, or its schema changed, without harm to those who read it."""
    if bool(drop) is bool(change):
        raise click.UsageError("give either --drop or --change")
    subject, major = _event(event)
    body: dict[str, Any] = {"event": subject, "major": major, "drop": list(drop)}
    if change is not None:
        format = format_of(change)
        if format is None:
            raise SourceInvalid(f"{change}: unknown file type; schema files end in .avsc, .schema.json or .proto")
        body["change"] = {"schema": read_text(change), "format": str(format)}
    with naming_meant_event(session.registry.api, subject):
        return _told(session.registry.api.send("POST", "/v1/questions/can-break", body), output)


@can_i_command.command("retire", short_help="May a major be retired?")
@click.argument("event", metavar="EVENT@MAJOR")
@_format
@click.pass_obj
def can_retire(session: Session, event: str, output: str) -> int:
    """Ask whether a major may be retired, and who keeps it from that."""
    subject, major = _event(event)
    if major is None:
        raise click.UsageError(f"the major is missing: write {subject}@1")
    return _ask(session, "/v1/questions/can-retire", {"event": subject, "major": str(major)}, output)


@click.group("who", short_help="Who reads a field?")
def who_command() -> None:
    """Ask the registry who reads an event."""


@who_command.command("reads", short_help="Who reads a field of an event, or the event at all?")
@click.argument("event", metavar="EVENT[@MAJOR]")
@click.argument("path", metavar="[POINTER]", default="")
@_format
@click.pass_obj
def who_reads(session: Session, event: str, path: str, output: str) -> int:
    """Ask who reads a field of an event; without a pointer, the event at all."""
    subject, major = _event(event)
    return _ask(session, "/v1/questions/who-reads", _query(subject, major) | {"path": path}, output)


@click.command("unused-fields", short_help="Which fields does nobody read?")
@click.argument("event", metavar="EVENT[@MAJOR]")
@_format
@click.pass_obj
def unused_fields_command(session: Session, event: str, output: str) -> int:
    """Ask which fields of an event nobody declares to read."""
    subject, major = _event(event)
    return _ask(session, "/v1/questions/unused-fields", _query(subject, major), output)


@click.command("as-expected", short_help="Does an event keep to the rate and size that it declares?")
@click.argument("event", metavar="EVENT")
@_format
@click.pass_obj
def as_expected_command(session: Session, event: str, output: str) -> int:
    """Ask whether the load of an event, as clients sample it, keeps to what the event is planned for.

    Exit codes: 0 yes, 1 no, 3 unknown.
    """
    return _ask(session, "/v1/questions/as-expected", {"event": event}, output)


@click.command("deployed", short_help="Record which version of an application runs where.")
@click.option("--app", "application", required=True, metavar="NAME")
@click.option("--version", required=True)
@click.option("--env", "environment", required=True, metavar="NAME")
@click.pass_obj
def deployed_command(session: Session, application: str, version: str, environment: str) -> int:
    """Record which version of an application runs in an environment."""
    path = f"/v1/deployments/{environment}/{application}"
    session.registry.api.send("PUT", path, {"version": version})
    say(f"{application} {version} runs in {environment}", colour="green")
    return CLEAN


def _event(text: str) -> tuple[str, int | None]:
    """Split ``shop.orders.OrderPlaced@1``."""
    subject, at, major = text.rpartition("@")
    if not at:
        return text, None
    if not (major.isascii() and major.isdigit() and int(major[:10])):
        raise click.UsageError(f"not a major: {major!r}; write {subject}@1")
    return subject, int(major)


def _query(subject: str, major: int | None) -> dict[str, str]:
    return {"event": subject} | ({} if major is None else {"major": str(major)})


def _ask(session: Session, path: str, query: Mapping[str, str], output: str) -> int:
    with naming_meant_event(session.registry.api, query.get("event", "")):
        return _told(session.registry.api.ask(path, query), output)


def _told(answer: Mapping[str, Any], output: str) -> int:
    """Print an answer and return its exit code."""
    if output == "json":
        click.echo(json.dumps(answer, indent=2, ensure_ascii=False))
    else:
        say(f"{answer['answer']}: {answer['question']}", colour=_COLOURS[answer["answer"]])
        for one in answer["reasons"]:
            say(f"    {one['message']}" + (f" ({one['team']})" if one["team"] else ""))
        say(f"  {answer['next_step']}")
    return _EXITS[answer["answer"]]
