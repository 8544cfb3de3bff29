"""Options that several commands share."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import click

from moorings.cli.output import FORMATS
from moorings.cli.results import Checked
from moorings.cli.screen import show_checked

F = TypeVar("F", bound=Callable[..., Any])


def output_format(function: F) -> F:
    """Add ``--format``."""
    option = click.option(
        "--format",
        "output",
        type=click.Choice(["text", *FORMATS]),
        default="text",
        show_default=True,
        help="How to write what was found: for people, for machines, or for a forge's CI.",
    )
    return option(function)


def write(checked: Sequence[Checked], output: str) -> None:
    """Write results in the requested format."""
    if output == "text":
        show_checked(checked)
    else:
        click.echo(FORMATS[output](checked))
