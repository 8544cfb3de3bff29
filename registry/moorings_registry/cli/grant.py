"""`moorings-registry grant`: the first grant, written straight into the ledger by whoever can write that."""

import getpass
import os
import socket
from datetime import UTC, datetime, time, timedelta
from typing import NoReturn

import click

from moorings_registry.callers import Caller
from moorings_registry.cli.options import create_option, fail, ledger_option, open_to_write
from moorings_registry.commands import GrantAccess, latest_grant
from moorings_registry.errors import LedgerUnavailable, Refusal
from moorings_registry.exit_codes import AWAY, REFUSED
from moorings_registry.ledger import LedgerError
from moorings_registry.principals import Principal
from moorings_registry.service import Registry

A_YEAR = timedelta(days=365)


@click.command("grant")
@ledger_option
@create_option
@click.option(
    "--to", "principal", required=True, metavar="PRINCIPAL", help="Who: the issuer's alias and the caller's id."
)
@click.option(
    "--verb", "verbs", required=True, multiple=True, metavar="VERB,...", help="read, register, govern, operate, audit."
)
@click.option("--node", required=True, help="What: shop.orders and what is below it, or * for the whole registry.")
@click.option("--expires", metavar="DAY", help="The day at whose end it ends; in a year if left out.")
@click.option("--because", required=True, metavar="TEXT", help="Why; it is kept with the grant.")
def grant(
    ledger_url: str, create: bool, principal: str, verbs: tuple[str, ...], node: str, expires: str | None, because: str
) -> None:
    """Let a caller do something, by writing into the ledger: for the first administrator, and when nobody is left.

    \b
    moorings-registry grant --verb govern,operate,audit --node '*' --to people:4f1c9a --because "first administrator"

    The entry names the user of the operating system and the machine. The registry may run meanwhile. If it
    never has, --create makes its ledger.
    """
    command = GrantAccess(
        issuer=principal.partition(":")[0],
        principal=principal,
        verbs=tuple(one.strip() for one in ",".join(verbs).split(",") if one.strip()),
        node=node,
        because=because,
        expires=_end_of(expires or (datetime.now(UTC) + A_YEAR).date().isoformat()),
        knows_issuers=False,
    )
    try:
        registry = Registry(open_to_write(ledger_url, create=create))
        registry.catch_up()
        _, state = registry.execute(command, Caller(_operator()))
        found = latest_grant(state, command)
    except Refusal as refusal:
        _fail_with_problems(refusal)
    except LedgerError as error:
        fail(error, AWAY)
    until = found.expires[: len("2027-01-31")]
    click.echo(f"grant {found.id}: {principal} may {', '.join(found.verbs)} on {found.node} until {until}")


def _operator() -> Principal:
    """Whoever runs the command, by the operating system's word."""
    try:
        user = getpass.getuser()
    except (KeyError, OSError):
        user = "?"
    return Principal(f"local:{os.getuid()}({user})@{socket.gethostname()}")


def _end_of(text: str) -> datetime:
    try:
        return datetime.combine(datetime.fromisoformat(text).date(), time(23, 59, 59), UTC)
    except ValueError:
        raise click.UsageError(f"--expires: not a day: {text!r}; write 2027-01-31") from None


def _fail_with_problems(refusal: Refusal) -> NoReturn:
    problems = "".join(f"\n  {one.where}: {one.message}" for one in refusal.problems)
    fail(f"{refusal}{problems}", AWAY if isinstance(refusal, LedgerUnavailable) else REFUSED)
