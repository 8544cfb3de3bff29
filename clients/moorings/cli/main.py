"""The entry point of the `moorings` command; without its extra, it says that the extra is missing."""

import sys


def main() -> None:
    """Run the command and leave with its exit code."""
    try:
        from moorings.cli.commands import run  # here, so that a missing extra gives a sentence
    except ModuleNotFoundError as error:
        if error.name not in ("click", "rich", "tomlkit"):
            raise
        print("the moorings command needs an extra: pip install 'moorings[cli]'", file=sys.stderr)
        sys.exit(2)
    sys.exit(run(sys.argv[1:]))
