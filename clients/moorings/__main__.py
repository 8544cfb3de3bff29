"""`python -m moorings` is the `moorings` command."""

from moorings.cli.main import main

main()
