"""`moorings webhooks`: where events of the registry are sent, and how far they have come."""

import json
from collections.abc import Mapping
from typing import Any

import click

from moorings.cli.exits import CLEAN, FINDINGS
from moorings.cli.screen import is_terminal, say
from moorings.cli.session import Session

MODES = ("structured", "binary")
_COLOURS = {"failing": "red", "stopped": "yellow"}

_format = click.option("--format", "output", type=click.Choice(("text", "json")), default="text", show_default=True)
_id = click.argument("id", type=click.IntRange(min=1))


@click.group("webhooks", short_help="Send events of the registry to a URL.")
def webhooks_command() -> None:
    """Send events of the registry, such as SchemaRefused and ContractDeprecated, to a URL.

    They are CloudEvents, signed with the registry's own key; docs/webhooks.md says how a receiver verifies them.

    \b
    moorings webhooks add https://hooks.example/moorings --node shop.orders --kind SchemaRefused
    moorings webhooks list
    moorings webhooks test 7
    moorings webhooks replay 7 --after 1200
    moorings webhooks replay 7 --dead-letters
    moorings webhooks remove 7
    """


@webhooks_command.command("add", short_help="Send events to a URL from now on.")
@click.argument("url")
@click.option("--node", required=True, metavar="NAME", help="A domain and all below it, an event, or * for everything.")
@click.option("--kind", "kinds", multiple=True, metavar="KIND", help="Only this kind of event; may be repeated.")
@click.option("--mode", type=click.Choice(MODES), default="structured", show_default=True, help="Form of CloudEvents.")
@click.option("--after", type=click.IntRange(min=0), help="Send what followed this position, too; 0 for everything.")
@_format
@click.pass_obj
def add_webhook(
    session: Session, url: str, node: str, kinds: tuple[str, ...], mode: str, after: int | None, output: str
) -> int:
    """Send events to a URL from now on. It takes `govern` on the node, and ends with that right."""
    body = {"url": url, "node": node, "kinds": list(kinds), "mode": mode, "after": after}
    _write_one(session.registry.api.create_webhook(body), output)
    return CLEAN


@webhooks_command.command("list", short_help="List webhooks, and how far they have come.")
@_format
@click.pass_obj
def list_webhooks(session: Session, output: str) -> int:
    """List the webhooks of what you govern, and how far they have come. Exit code 1 where one fails or has stopped."""
    found = session.registry.api.webhooks()
    if output == "json":
        click.echo(json.dumps({"webhooks": list(found)}, indent=2, ensure_ascii=False))
    else:
        for one in found:
            _say(one)
        if not found:
            say("no webhooks")
    return FINDINGS if any(one.get("state") in _COLOURS for one in found) else CLEAN


@webhooks_command.command("remove", short_help="End a webhook.")
@_id
@click.option("--because", default="", help="Why, for the ledger.")
@click.pass_obj
def remove_webhook(session: Session, id: int, because: str) -> int:
    """End a webhook: what was not sent yet is not sent."""
    session.registry.api.remove_webhook(id, because)
    say(f"webhook {id} was removed")
    return CLEAN


@webhooks_command.command("replay", short_help="Send events again.")
@_id
@click.option("--after", type=click.IntRange(min=0), metavar="POSITION", help="Everything that followed this position.")
@click.option("--dead-letters", is_flag=True, help="What the receiver did not take.")
@_format
@click.pass_obj
def replay_webhook(session: Session, id: int, after: int | None, dead_letters: bool, output: str) -> int:
    """Send events again: those after a position, or those that the receiver did not take."""
    if (after is None) is not dead_letters:
        raise click.UsageError("give either --after or --dead-letters")
    body = {"dead_letters": True} if dead_letters else {"after": after}
    _write_one(session.registry.api.replay_webhook(id, body), output)
    return CLEAN


@webhooks_command.command("test", short_help="Send a test event now.")
@_id
@_format
@click.pass_obj
def test_webhook(session: Session, id: int, output: str) -> int:
    """Send a test event now, once. Exit code 1 where the receiver did not take it."""
    told = session.registry.api.test_webhook(id)
    if output == "json":
        click.echo(json.dumps(told, indent=2, ensure_ascii=False))
    else:
        say(" ".join(filter(None, (str(told.get("fate")), _reason(told)))))
    return CLEAN if told.get("fate") == "delivered" else FINDINGS


def _reason(told: Mapping[str, Any]) -> str:
    return f"({told['reason']})" if told.get("reason") else f"(status {told.get('status')})"


def _write_one(webhook: Mapping[str, Any], output: str) -> None:
    if output == "json":
        click.echo(json.dumps(webhook, indent=2, ensure_ascii=False))
    else:
        _say(webhook)


def _say(one: Mapping[str, Any]) -> None:
    kinds = ", ".join(one.get("kinds") or ()) or "all events"
    lag = one.get("lag") or 0
    behind = f", {lag} {'entry' if lag == 1 else 'entries'} behind" if lag else ""
    say(
        f"{one['id']}  {one['state']}  {one['url']}  {kinds} of {one['node']}; at position {one['position']}{behind}",
        colour=_COLOURS.get(str(one.get("state"))) if is_terminal() else None,
    )
    if one.get("error"):
        say(f"    {one['error']} ({one['failures']} in a row, last {one['failed_at']})")
    letters = one.get("dead_letters") or ()
    for letter in letters[-5:]:
        say(f"    not taken: entry {letter['position']} {letter['kind']}: {letter['reason']}")
    if len(letters) > 5:
        say(f"    and {len(letters) - 5} more; --format json lists them")
