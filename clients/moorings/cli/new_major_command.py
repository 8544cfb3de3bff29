"""`moorings new-major`: the next major of an event, as files."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import click
import tomlkit

from moorings.cli.earlier_contracts import earlier_contracts
from moorings.cli.exits import CLEAN, FINDINGS
from moorings.cli.next_major import next_major_path
from moorings.cli.screen import say, show_issue
from moorings.cli.session import Session
from moorings.event_model.event_formats import shape_of
from moorings.layout import ContractFile, Folder, Parsed, read_folder
from moorings.layout.major_file import major_file_name
from moorings.upcasting.drafting import migration_draft
from moorings_compat import Format, Level, Report, Schema
from moorings_compat.changes import changes_of
from moorings_compat.changes.json_rewriting import rewritten

_NOTICE_DAYS = 30
"""What a domain asks for that does not say `notice_days`."""
_NOT_INHERITED = ("lifecycle", "migration")
_CLOSED = ("deprecated", "retired")


@dataclass(frozen=True, slots=True)
class _Written:
    """A file, and what it gets."""

    path: Path
    text: str
    what: str


@click.command("new-major", short_help="Start the next major of an event, as files.")
@click.argument("event")
@click.option(
    "--against",
    metavar="git:REV | registry",
    default="registry",
    show_default=True,
    help="Where the current major is as it was before the change.",
)
@click.option("--sunset", metavar="DAY", help="The last day of the current major. [default: the domain's least notice]")
@click.option("--dry-run", is_flag=True, help="Show what would be written, and write nothing.")
@click.pass_obj
def new_major_command(session: Session, event: str, against: str, sunset: str | None, dry_run: bool) -> int:
    """Start the next major of EVENT, such as shop.orders.OrderPlaced, with the schema that its file has now.

    \b
    OrderPlaced.v2.avsc   the schema as it is in the file of the current major
    OrderPlaced.v2.toml   metadata and rules of the current major, and a draft of the mapping from it
    OrderPlaced.v1.avsc   as it was before the change
    OrderPlaced.v1.toml   [lifecycle]: deprecated, with a sunset that the domain's notice allows

    Nothing is registered: read the draft of the mapping, complete it, and push.
    """
    folder = read_folder(session.schemas)
    contract = _newest(folder, event)
    parsed = Parsed(folder)
    now = parsed.schema(contract)
    if now is None:
        for issue in parsed.issues:
            show_issue(issue)
        return FINDINGS
    with earlier_contracts(session, against) as earlier:
        before = earlier(contract) if earlier is not None else None
    if before is None:
        raise click.UsageError(f"{against} does not have {contract.label}: its file can still be changed as it is")
    day = _sunset(folder, contract, sunset)
    for one in _files(contract, now, before, day):
        if not dry_run:
            one.path.write_text(one.text, "utf-8")
        say(f"{one.path}: {one.what}", colour="green")
    say(f"{'would be written' if dry_run else 'complete the mapping'}, then moorings lint and moorings push", bold=True)
    return CLEAN


def _newest(folder: Folder, event: str) -> ContractFile:
    """Find the newest major of an event by its subject, or by its name where one domain has it.

    Raises:
        UsageError: none or several; or the next major is there already.
    """
    known = sorted({one.subject for one in folder.contracts})
    named = [one for one in known if event in (one, one.rpartition(".")[2])]
    if len(named) > 1:
        raise click.UsageError(f"several events have that name: {', '.join(named)}")
    if not named:
        close = get_close_matches(event, [*known, *(one.rpartition(".")[2] for one in known)], n=3)
        hint = f"; did you mean {' or '.join(close)}?" if close else ""
        raise click.UsageError(f"{folder.root} does not have {event}{hint}")
    return max((one for one in folder.contracts if one.subject == named[0]), key=lambda one: one.major)


def _sunset(folder: Folder, contract: ContractFile, asked: str | None) -> date:
    """Return the sunset of the current major, which the domain's notice allows.

    Raises:
        UsageError: not a day, or too early.
    """
    notice = int(folder.policy_value(contract.domain, "notice_days", _NOTICE_DAYS))
    earliest = datetime.now(UTC).date() + timedelta(days=notice)
    if asked is None:
        return earliest
    try:
        day = date.fromisoformat(asked)
    except ValueError:
        raise click.UsageError(f"not a day, such as {earliest}: {asked!r}") from None
    if day < earliest:
        raise click.UsageError(f"{day} is earlier than the {notice} days of notice allow: {earliest}")
    return day


def _files(contract: ContractFile, now: Schema, before: Schema, day: date) -> Iterator[_Written]:
    following = next_major_path(contract)
    yield _Written(following, contract.text, "the schema, with its change")
    if before != now:
        yield _Written(contract.path, _restored(contract, before), f"as major {contract.major} was")
    own = contract.path.with_name(major_file_name(contract.event, contract.major))
    held = own.read_text("utf-8") if own.is_file() else ""
    draft = _mapping(contract, now, before)
    target = own.with_name(major_file_name(contract.event, contract.major + 1))
    yield _Written(target, _with_draft(_inherited(held), draft), "metadata, rules, and a draft of the mapping")
    deprecated = _deprecated(held, day)
    if deprecated is not None:
        yield _Written(own, deprecated, f"deprecated, sunset {day}")


def _restored(contract: ContractFile, before: Schema) -> str:
    """Write the earlier schema with the layout that its file has now."""
    if before.format is not contract.format:
        return before.text
    return before.text if before.format is Format.PROTOBUF else rewritten(contract.text, json.loads(before.text))


def _mapping(contract: ContractFile, now: Schema, before: Schema) -> str:
    if now.format is not before.format:
        return "# the format changed: no mapping leads from one to the other"
    changes = changes_of(Report(now.format, Level.NONE), now, {1: before})
    return migration_draft(changes, shape_of(before, contract.event), shape_of(now, contract.event))


def _inherited(text: str) -> str:
    """What the next major takes over from the file of the current one: all but its life and its own mapping."""
    document = tomlkit.parse(text)
    for key in _NOT_INHERITED:
        document.pop(key, None)
    return tomlkit.dumps(document).strip()


def _with_draft(inherited: str, draft: str) -> str:
    return "\n\n".join(one for one in (inherited, draft) if one) + "\n"


def _deprecated(text: str, day: date) -> str | None:
    """Write the deprecation into the file of the current major; None where its life says more than that already."""
    document = tomlkit.parse(text)
    life: Any = document.get("lifecycle")
    if life is not None and life.get("state") in _CLOSED:
        return None
    if life is None:
        life = tomlkit.table()
        document["lifecycle"] = life
    life["state"] = "deprecated"
    life["sunset"] = day
    return tomlkit.dumps(document)
