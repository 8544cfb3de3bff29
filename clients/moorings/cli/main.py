"""The entry point of the `moorings` command: it starts without its extra, to say that it is missing."""

import sys


def main() -> None:
    """Run the command and leave with its exit code."""
    try:
        from moorings.cli.commands import run  # imported here, so that a missing extra is told in a sentence
    except ModuleNotFoundError as error:
        if error.name not in ("click", "rich", "tomlkit"):
            raise
        print("the moorings command needs an extra: pip install 'moorings[cli]'", file=sys.stderr)
        sys.exit(2)
    sys.exit(run(sys.argv[1:]))
