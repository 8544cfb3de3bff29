"""Options that several commands share."""

import click

from moorings_registry.engines import ENGINES, open_ledger
from moorings_registry.ledger import Ledger, LedgerMissing

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
