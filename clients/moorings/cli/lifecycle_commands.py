"""`moorings deprecate`, `retire` and `activate`: the lives of majors."""

import json
import re
from collections.abc import Mapping
from datetime import date
from typing import Any

import click

from moorings.api.responses import Event, MajorState
from moorings.cli.exits import CLEAN, FINDINGS
from moorings.cli.meant_event import naming_meant_event
from moorings.cli.screen import say
from moorings.cli.session import Session
from moorings.errors import RegistryRefused

BLOCKED = "RETIREMENT_BLOCKED"

_MAJOR = re.compile(r"(?P<subject>.+)@(?P<major>[1-9][0-9]{0,8})")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


class _EventMajor(click.ParamType[tuple[str, int]]):
    name = "EVENT@MAJOR"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, int]:
        found = _MAJOR.fullmatch(value) if isinstance(value, str) else None
        if found is None:
            self.fail(f"{value!r} does not name a major: write it as shop.orders.OrderPlaced@1", param, ctx)
        return found["subject"], int(found["major"])


class _Day(click.ParamType[str]):
    name = "DAY"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        try:
            date.fromisoformat(str(value) if _DAY.fullmatch(str(value)) else "")
        except ValueError:
            self.fail(f"{value!r} is not a day: write it as 2027-01-31", param, ctx)
        return str(value)


_which = click.argument("which", metavar="EVENT@MAJOR", type=_EventMajor())
_format = click.option("--format", "output", type=click.Choice(("text", "json")), default="text", show_default=True)


@click.command("deprecate", short_help="Ask users of a major to migrate.")
@_which
@click.option("--sunset", type=_Day(), help="The last day on which consumers may rely on it.")
@click.option("--from", "since", type=_Day(), help="The day from which it is deprecated. [default: today]")
@click.option(
    "--replacement", default="", metavar="EVENT[@MAJOR]", help="What to use instead. [default: the next major]"
)
@click.option("--page", default="", metavar="URL", help="A page that says how to migrate.")
@_format
@click.pass_obj
def deprecate_command(
    session: Session,
    which: tuple[str, int],
    sunset: str | None,
    since: str | None,
    replacement: str,
    page: str,
    output: str,
) -> int:
    """Ask users of a major to migrate, and say until when it is maintained.

    The same command with a later day moves the sunset; it never moves to an earlier one.

    \b
    moorings deprecate shop.orders.OrderPlaced@1 --sunset 2027-03-31 \\
        --page https://wiki.example/orders-v2
    """
    subject, major = which
    with naming_meant_event(session.registry.api, subject):
        event = session.registry.api.set_lifecycle(
            subject, major, MajorState.DEPRECATED, sunset=sunset, since=since, replacement=replacement, page=page
        )
    return _shown(event, major, output)


@click.command("retire", short_help="End a major: nothing is written with it any more.")
@_which
@click.option("--dry-run", is_flag=True, help="Only say whether it may be retired, and what keeps it.")
@_format
@click.pass_obj
def retire_command(session: Session, which: tuple[str, int], dry_run: bool, output: str) -> int:
    """End a major: nothing is written with it any more, on either API, and what is stored stays readable.

    It has to be deprecated, its sunset over, and nobody may use it; else every blocker is listed, with the exit code 1.
    """
    subject, major = which
    api = session.registry.api
    with naming_meant_event(api, subject):
        if dry_run:
            return _retirement(api.retirement(subject, major), subject, major, output)
        try:
            event = api.set_lifecycle(subject, major, MajorState.RETIRED)
        except RegistryRefused as refused:
            if refused.code != BLOCKED:
                raise
            return _retirement(api.retirement(subject, major), subject, major, output)
    return _shown(event, major, output)


@click.command("activate", short_help="Make a draft, or a deprecated major, active.")
@_which
@_format
@click.pass_obj
def activate_command(session: Session, which: tuple[str, int], output: str) -> int:
    """Make a draft active, or take a deprecation back. A retired major needs a waiver of kind retire."""
    subject, major = which
    with naming_meant_event(session.registry.api, subject):
        return _shown(session.registry.api.set_lifecycle(subject, major, MajorState.ACTIVE), major, output)


def _shown(event: Event, number: int, output: str) -> int:
    major = event.major(number)
    assert major is not None, number
    if output == "json":
        instead = {"subject": major.successor[0], "major": major.successor[1]} if major.successor else None
        shown = {"subject": event.subject, "major": number, "state": str(major.state), "sunset": major.sunset}
        click.echo(json.dumps({**shown, "successor": instead}, indent=2))
        return CLEAN
    sunset = f", with sunset on {major.sunset}" if major.sunset else ""
    use = f"; its users move to {major.successor[0]}@{major.successor[1]}" if major.successor else ""
    say(f"{event.subject} major {number} is {major.state}{sunset}{use}")
    return CLEAN


def _retirement(found: Mapping[str, Any], subject: str, major: int, output: str) -> int:
    allowed = bool(found.get("allowed"))
    if output == "json":
        click.echo(json.dumps({"subject": subject, "major": major, **found}, indent=2, ensure_ascii=False))
        return CLEAN if allowed else FINDINGS
    if allowed:
        say(f"{subject} major {major} may be retired")
        return CLEAN
    day = f" before {found['earliest']}" if found.get("earliest") else ""
    say(f"{subject} major {major} cannot be retired{day}:")
    for one in found.get("blockers", ()):
        until = f" (until {one['until']})" if one.get("until") else ""
        say(f"  {one.get('code')}: {one.get('message')}{until}")
    return FINDINGS
