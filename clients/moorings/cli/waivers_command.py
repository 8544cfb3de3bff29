"""`moorings waivers`: the exceptions of a registry, listed, granted and withdrawn."""

import csv
import io
import json
from collections.abc import Mapping, Sequence
from typing import Any

import click

from moorings.cli.exits import CLEAN
from moorings.cli.moments import end_of
from moorings.cli.screen import is_terminal, say
from moorings.cli.session import Session

KINDS = ("level", "import", "purge", "retire", "finding")
_COLUMNS = (
    "id",
    "kind",
    "domain",
    "subject",
    "major",
    "open",
    "until",
    "requested_by",
    "approved_by",
    "uses",
    "reason",
)
_FORMATS = ("text", "json", "csv", "markdown")

_format = click.option("--format", "output", type=click.Choice(_FORMATS), default="text", show_default=True)


@click.group("waivers", short_help="List, grant and withdraw waivers.")
def waivers_command() -> None:
    """List, grant and withdraw waivers: rules of governance that two people suspended.

    \b
    moorings waivers list --domain shop.orders --open
    moorings waivers grant --kind level --domain shop.orders --reason "..." \\
        --requested-by ann --approved-by bob --until 2027-01-31
    moorings waivers approve 7
    moorings waivers withdraw 7
    """


@waivers_command.command("list", short_help="List waivers, the newest first.")
@click.option("--domain", metavar="NAME", help="Only of this domain and those below it.")
@click.option("--kind", type=click.Choice(KINDS))
@click.option("--open/--ended", "is_open", default=None, help="Only those that hold, or that have ended.")
@_format
@click.pass_obj
def list_waivers(session: Session, domain: str | None, kind: str | None, is_open: bool | None, output: str) -> int:
    """List waivers, the newest first, with what they were used for."""
    query = {"domain": domain, "kind": kind, "open": None if is_open is None else str(is_open).lower()}
    found = session.registry.api.waivers({name: value for name, value in query.items() if value is not None})
    _write(found, output)
    return CLEAN


@waivers_command.command("grant", short_help="Grant a waiver.")
@click.option("--kind", type=click.Choice(KINDS), required=True, help="What it allows; see docs/policies.md.")
@click.option("--domain", metavar="NAME", required=True, help="Where it holds: this domain and those below it.")
@click.option("--subject", metavar="SUBJECT", default="", help="Only for this event.")
@click.option("--major", type=click.IntRange(min=1), help="Only for this major.")
@click.option("--guid", help="Of kind finding: the refused definition, as its report names it.")
@click.option("--reason", required=True)
@click.option("--requested-by", default="", metavar="NAME", help="Left out where callers sign in.")
@click.option("--approved-by", default="", metavar="NAME", help="Another person; where callers sign in, see approve.")
@click.option("--until", metavar="DAY", help="The day at whose end it ends, at most 90 days on; or a time as RFC 3339.")
@_format
@click.pass_obj
def grant_waiver(
    session: Session,
    kind: str,
    domain: str,
    subject: str,
    major: int | None,
    guid: str | None,
    reason: str,
    requested_by: str,
    approved_by: str,
    until: str | None,
    output: str,
) -> int:
    """Grant a waiver: a reason, two people, an end."""
    body = {
        "kind": kind,
        "domain": domain,
        "subject": subject,
        "major": major or 0,
        "guid": guid,
        "reason": reason,
        "requested_by": requested_by,
        "approved_by": approved_by,
        "until": end_of(until, "--until") if until else None,
    }
    _write([session.registry.api.grant_waiver(body)], output)
    return CLEAN


@waivers_command.command("approve", short_help="Approve a waiver that somebody else requested.")
@click.argument("id", type=click.IntRange(min=1))
@_format
@click.pass_obj
def approve_waiver(session: Session, id: int, output: str) -> int:
    """Approve a waiver that somebody else requested, where callers sign in: from then on it holds."""
    _write([session.registry.api.approve_waiver(id)], output)
    return CLEAN


@waivers_command.command("withdraw", short_help="End a waiver early.")
@click.argument("id", type=click.IntRange(min=1))
@_format
@click.pass_obj
def withdraw_waiver(session: Session, id: int, output: str) -> int:
    """End a waiver early; one that has ended stays as it is."""
    _write([session.registry.api.withdraw_waiver(id)], output)
    return CLEAN


def _write(waivers: Sequence[Mapping[str, Any]], output: str) -> None:
    if output == "json":
        click.echo(json.dumps({"waivers": list(waivers)}, indent=2, ensure_ascii=False))
    elif output == "csv":
        click.echo(_csv(waivers), nl=False)
    elif output == "markdown":
        click.echo(_markdown(waivers))
    else:
        for one in waivers:
            say(_line(one), colour="yellow" if one.get("open") and is_terminal() else None)
        if not waivers:
            say("no waivers")


def _line(waiver: Mapping[str, Any]) -> str:
    scope = waiver.get("subject") or waiver.get("domain")
    major = f" v{waiver['major']}" if waiver.get("major") else ""
    used = len(waiver.get("uses") or ())
    times = "never used" if not used else "used once" if used == 1 else f"used {used} times"
    return f"{waiver['id']}  {waiver['kind']}  {scope}{major}  {_state(waiver)}, {times}: {waiver.get('reason', '')}"


def _state(waiver: Mapping[str, Any]) -> str:
    if not waiver.get("approved_by"):
        return "waits for approval"
    if waiver.get("withdrawn_at"):
        return f"withdrawn {waiver['withdrawn_at']}"
    if not waiver.get("until"):
        return "open" if waiver.get("open") else "used"
    return f"{'until' if waiver.get('open') else 'ended'} {waiver['until']}"


def _cells(waiver: Mapping[str, Any]) -> list[str]:
    return [str(len(waiver.get("uses") or ())) if name == "uses" else str(waiver.get(name, "")) for name in _COLUMNS]


def _csv(waivers: Sequence[Mapping[str, Any]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(_COLUMNS)
    writer.writerows([_harmless(cell) for cell in _cells(one)] for one in waivers)
    return text.getvalue()


def _harmless(cell: str) -> str:
    """Keep a spreadsheet from reading a text as a formula."""
    return f"'{cell}" if cell[:1] in ("=", "+", "-", "@", "\t") else cell


def _markdown(waivers: Sequence[Mapping[str, Any]]) -> str:
    rows = [f"| {' | '.join(_COLUMNS)} |", f"|{'---|' * len(_COLUMNS)}"]
    for one in waivers:
        cells = (" ".join(cell.split()).replace("|", "\\|").replace("<", "&lt;") for cell in _cells(one))
        rows.append(f"| {' | '.join(cells)} |")
    return "\n".join(rows)
