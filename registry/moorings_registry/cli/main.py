"""The `moorings-registry` command."""

import click

from moorings_registry.cli.importing import import_command
from moorings_registry.cli.ledger import ledger
from moorings_registry.cli.serve import serve


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="moorings", prog_name="moorings-registry")
def main() -> None:
    """Run and look after a Moorings registry.

    \b
    moorings-registry serve                     on 127.0.0.1:8081, entries in ./moorings.db
    moorings-registry ledger verify             recompute the hash chain, name the first bad position
    moorings-registry ledger export > all.jsonl one entry a line, oldest first
    moorings-registry import --from URL         take over another registry, and compare
    """


main.add_command(serve)
main.add_command(ledger)
main.add_command(import_command)
