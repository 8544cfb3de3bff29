"""Options that several commands share."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

import click

from moorings.cli.output import ERROR_REPORTS, FORMATS
from moorings.cli.results import Checked
from moorings.cli.screen import show_checked
from moorings.errors import MooringsError

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


@contextmanager
def reporting(output: str) -> Iterator[None]:
    """Write a report that says why nothing could be checked, for the formats that a CI system waits for."""
    try:
        yield
    except MooringsError as error:
        if output in ERROR_REPORTS:
            click.echo(ERROR_REPORTS[output](str(error)))
        raise


def write(checked: Sequence[Checked], output: str) -> None:
    """Write results in the requested format."""
    if output == "text":
        show_checked(checked)
    else:
        click.echo(FORMATS[output](checked))
