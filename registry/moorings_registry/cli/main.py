"""The `moorings-registry` command."""

from importlib import import_module

import click

from moorings_registry.server.loading import without_collection

_COMMANDS = {
    "serve": ("moorings_registry.cli.serve", "serve"),
    "ledger": ("moorings_registry.cli.ledger", "ledger"),
    "backup": ("moorings_registry.cli.backup", "backup"),
    "restore": ("moorings_registry.cli.backup", "restore"),
    "upgrade": ("moorings_registry.cli.backup", "upgrade"),
    "grant": ("moorings_registry.cli.grant", "grant"),
    "dev-issuer": ("moorings_registry.cli.dev_issuer", "dev_issuer"),
    "import": ("moorings_registry.cli.importing", "import_command"),
}


class Commands(click.Group):
    """A group that imports a command when it is called: where metrics are written has to be known before what counts
    is imported, and `serve` says so, while `import` brings the whole application along.
    """

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        module, name = _COMMANDS[cmd_name]
        with without_collection():
            command: click.Command = getattr(import_module(module), name)
        return command


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="moorings", prog_name="moorings-registry")
def main() -> None:
    """Run and maintain a Moorings registry.

    \b
    moorings-registry serve                     on 127.0.0.1:8081, entries in ./moorings.db
    moorings-registry ledger verify             recompute the hash chain, name the first bad position
    moorings-registry ledger export > all.jsonl one entry a line, oldest first
    moorings-registry backup FILE               all of a ledger, while it is served
    moorings-registry restore FILE              into an empty ledger
    moorings-registry upgrade --check           whether this release can serve a ledger
    moorings-registry import --from URL         import another registry, and compare
    moorings-registry import --assess --from URL  only say what it looks like here
    moorings-registry grant --to WHO ...        the first administrator, written into the ledger
    moorings-registry dev-issuer NAME...        certificates and tokens for services, for development
    """
