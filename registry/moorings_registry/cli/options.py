"""Options that several commands share."""

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import NamedTuple, NoReturn

import click

from moorings_registry.cli.counts import entries
from moorings_registry.engines import ENGINES, open_ledger
from moorings_registry.exit_codes import AWAY, REFUSED
from moorings_registry.known_facts import noting_unknown
from moorings_registry.ledger import Ledger, LedgerCorrupt, LedgerError, LedgerMissing, LedgerTooNew, verify

DEFAULT_LEDGER = "sqlite:///moorings.db"

ledger_option = click.option(
    "--ledger",
    "ledger_url",
    envvar="MOORINGS_LEDGER",
    default=DEFAULT_LEDGER,
    show_default=True,
    metavar="URL",
    help=f"Where entries are stored: {', '.join(engine.example for engine in ENGINES.values())}.",
)
create_option = click.option(
    "--create", is_flag=True, help="Make the ledger if there is none; without it, a mistyped URL is an error."
)


def open_to_write(url: str, *, create: bool) -> Ledger:
    """Open the ledger of a command that writes into it: one that is there, unless *create*.

    Raises:
        LedgerMissing: says how to have one made.
        LedgerError
    """
    try:
        return open_ledger(url, create=create)
    except LedgerMissing as missing:
        raise LedgerMissing(missing.what, f"{missing.fix}, or use --create to make it") from None


class Exit(NamedTuple):
    """How a command ends after an error: with which code, and with what said before the error's own words."""

    code: int
    before: str = ""


LEDGER_EXITS: Mapping[type[Exception], Exit] = {LedgerCorrupt: Exit(REFUSED), LedgerError: Exit(AWAY)}


@contextmanager
def exit_with_code(exits: Mapping[type[Exception], Exit] = LEDGER_EXITS) -> Iterator[None]:
    """Turn errors of the classes in *exits* into a sentence and an exit code; the nearest class of an error decides."""
    try:
        yield
    except tuple(exits) as error:
        found = next(exits[one] for one in type(error).__mro__ if one in exits)
        fail(f"{found.before}{error}", found.code)


def fail(why: Exception | str, code: int) -> NoReturn:
    """Say why the command ends, and end it with an exit code."""
    click.echo(f"moorings-registry: {why}", err=True)
    sys.exit(code)


def verified(url: str) -> list[LedgerTooNew]:
    """Verify the chain of a ledger, say where it ends, and return the entries that this release does not know.

    Raises:
        LedgerCorrupt: names the first bad position.
        LedgerError
    """
    unknown: list[LedgerTooNew] = []
    head = verify(noting_unknown(open_ledger(url, create=False).read(0), unknown))
    click.echo(f"verified: {entries(head.position)}, head {head.digest}")
    return unknown
