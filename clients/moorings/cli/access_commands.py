"""`moorings grant`, `grants`, `revoke` and `explain-access`: who may do what in a registry, and why."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import click

from moorings.cli.exits import CLEAN, FINDINGS
from moorings.cli.moments import end_of
from moorings.cli.screen import is_terminal, say
from moorings.cli.session import Session

VERBS = ("read", "register", "govern", "operate", "audit")

_format = click.option("--format", "output", type=click.Choice(("text", "json")), default="text", show_default=True)
_claims = click.option(
    "--claim", "claims", multiple=True, metavar="NAME=VALUE", help="A claim of the caller; repeatable."
)
_issuer = click.option(
    "--issuer", default="", metavar="ALIAS", help="The issuer of the caller, as the registry calls it."
)


@click.command("grant", short_help="Let callers do something.")
@click.argument("node")
@click.argument("verbs", nargs=-1, required=True, type=click.Choice(VERBS))
@_issuer
@click.option("--to", "principal", default="", metavar="PRINCIPAL", help="The one caller: people:4f1c9a.")
@_claims
@click.option("--group", default="", metavar="NAME", help="A group that the caller is in.")
@click.option("--expires", metavar="DAY", help="The day at whose end it ends; or a time as RFC 3339.")
@click.option("--because", required=True, metavar="TEXT", help="Why; it is kept with the grant.")
@_format
@click.pass_obj
def grant_command(
    session: Session,
    node: str,
    verbs: Sequence[str],
    issuer: str,
    principal: str,
    claims: Sequence[str],
    group: str,
    expires: str | None,
    because: str,
    output: str,
) -> int:
    """Grant VERBS on NODE: a name and everything below it, `orders*`, `.context/name`, or `*` for the whole registry.

    \b
    moorings grant shop.orders register --to people:4f1c9a --expires 2027-06-30 --because "joined the team"
    moorings grant 'orders*' read --issuer github --claim repository_id=123456 --claim repository_owner_id=42 \\
        --because "nightly report"
    """
    body = {
        "issuer": issuer or principal.partition(":")[0],
        "principal": principal,
        "claims": _read_claims(claims),
        "group": group,
        "verbs": list(dict.fromkeys(verbs)),
        "node": node,
        "expires": end_of(expires, "--expires") if expires else None,
        "because": because,
    }
    _write([session.registry.api.grant_access(body)], output)
    return CLEAN


@click.command("grants", short_help="List who may do what.")
@click.option("--node", default="", metavar="NODE", help="Only what holds on this node, or below it.")
@_format
@click.pass_obj
def grants_command(session: Session, node: str, output: str) -> int:
    """List the grants on nodes that you govern; all of them, if you audit."""
    _write(session.registry.api.grants(node), output)
    return CLEAN


@click.command("revoke", short_help="End a grant early.")
@click.argument("id", type=click.IntRange(min=1))
@click.option("--because", default="", metavar="TEXT", help="Why; it is kept in the ledger.")
@click.pass_obj
def revoke_command(session: Session, id: int, because: str) -> int:
    """End a grant early."""
    session.registry.api.revoke_access(id, because)
    say(f"grant {id} is revoked")
    return CLEAN


@click.command("explain-access", short_help="Say which grant decides.")
@click.argument("verb", type=click.Choice(VERBS))
@click.argument("node", default="")
@click.option("--as", "principal", default="", metavar="PRINCIPAL", help="Another caller; you, if left out.")
@_issuer
@_claims
@click.option("--group", "groups", multiple=True, metavar="NAME", help="A group of the other caller; repeatable.")
@_format
@click.pass_obj
def explain_access_command(
    session: Session,
    verb: str,
    node: str,
    principal: str,
    issuer: str,
    claims: Sequence[str],
    groups: Sequence[str],
    output: str,
) -> int:
    """Say whether you, or somebody else, may do VERB on NODE, and which grant decides. Exit code 1 where not.

    \b
    moorings explain-access register shop.orders.OrderPlaced
    moorings explain-access --as people:4f1c9a govern shop
    """
    query: dict[str, Any] = {"verb": verb, "node": node}
    if principal or issuer:
        query |= {"principal": principal, "issuer": issuer or principal.partition(":")[0]}
        query |= {"claim": list(claims), "group": list(groups)}
    found = session.registry.api.explain_access(query)
    if output == "json":
        click.echo(json.dumps(found, indent=2, ensure_ascii=False))
    else:
        word, colour = ("allowed", "green") if found.get("allowed") else ("not allowed", "red")
        say(f"{found.get('principal', '')}: {word}. {found.get('why', '')}", colour=colour if is_terminal() else None)
    return CLEAN if found.get("allowed") else FINDINGS


def _read_claims(claims: Sequence[str]) -> dict[str, str]:
    read: dict[str, str] = {}
    for one in claims:
        name, found, value = one.partition("=")
        if not found or not name:
            raise click.UsageError(f"--claim: not a name and a value: {one!r}; write repository_id=123456")
        if name in read:
            raise click.UsageError(f"--claim: {name} is given twice")
        read[name] = value
    return read


def _write(grants: Sequence[Mapping[str, Any]], output: str) -> None:
    if output == "json":
        click.echo(json.dumps({"grants": list(grants)}, indent=2, ensure_ascii=False))
        return
    for one in grants:
        say(_line(one), colour=None if one.get("in_force") or not is_terminal() else "yellow")
    if not grants:
        say("no grants")


def _line(grant: Mapping[str, Any]) -> str:
    matched = [str(grant.get("principal") or grant.get("issuer") or "")]
    matched += [f"{name}={value}" for name, value in sorted((grant.get("claims") or {}).items())]
    matched += [f"group {grant['group']}"] if grant.get("group") else []
    ends = f", until {grant['expires']}" if grant.get("expires") else ""
    ended = "" if grant.get("in_force") else " (ended)"
    verbs = ", ".join(grant.get("verbs") or ())
    return f"{grant.get('id')}  {grant.get('node')}  {verbs}  {' '.join(matched)}{ends}{ended}: {grant.get('because')}"
