"""Options that several commands share."""

import click

from moorings_registry.engines import ENGINES

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
