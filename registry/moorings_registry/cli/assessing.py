"""`moorings-registry import --assess`: read another registry, and say what moving in would mean. Nothing is written."""

import os
import sys
import time
from pathlib import Path

import click
import orjson

from moorings_registry.app import build_application
from moorings_registry.cli.assessment_summary import summary
from moorings_registry.engines import open_ledger
from moorings_registry.migration import Peer
from moorings_registry.migration.assessing import (
    ReadRegistry,
    as_json,
    assess_registry,
    read_as_far_as_possible,
    read_dump_as_far_as_possible,
)
from moorings_registry.web.assessment_page import assessment_page
from moorings_registry.whole_files import written_whole

READ_IN_PART = 1
_SAID_EVERY_S = 5.0


def assess(peer: Peer | None, dump: Path | None, *, in_json: bool, html: Path | None) -> int:
    """Assess the registry at *peer*, or in *dump*; the exit code.

    Raises:
        SourceUnreadable: nothing of it can be read.
        CompilerUnavailable, OSError
    """
    if html is not None:
        _require_writable(html)
    progress = Progress()
    registry = build_application(open_ledger("memory:")).registry
    assessed = assess_registry(_read(peer, dump, progress), registry.state, registry.dependencies, progress.say)
    progress.end()
    if in_json:
        click.echo(orjson.dumps(as_json(assessed), option=orjson.OPT_INDENT_2))
    else:
        for line in summary(assessed):
            click.echo(line)
    if html is not None:
        with written_whole(html) as file:
            file.write(assessment_page(assessed).encode())
        click.echo(f"written: {html}", err=True)
    return READ_IN_PART if assessed.incomplete else 0


def _read(peer: Peer | None, dump: Path | None, progress: "Progress") -> ReadRegistry:
    if peer is not None:
        return read_as_far_as_possible(peer, progress.say)
    assert dump is not None
    with dump.open("rb") as stream:
        return read_dump_as_far_as_possible(stream, dump.name)


class Progress:
    """How far the work is, on standard error: one line that changes on a terminal, else a line now and then."""

    def __init__(self) -> None:
        self._on_terminal = sys.stderr.isatty()
        self._said_at = time.monotonic()
        self._open = False

    def say(self, what: str, done: int, of: int) -> None:
        """Report that *done* of *of* are done, unless something was reported a moment ago."""
        now = time.monotonic()
        if now - self._said_at < (0.2 if self._on_terminal else _SAID_EVERY_S):
            return
        self._said_at = now
        line = f"{what}: {done:,} of {of:,}"
        if self._on_terminal:
            click.echo(f"\r\x1b[K{line}", nl=False, err=True)
            self._open = True
        else:
            click.echo(line, err=True)

    def end(self) -> None:
        """Take the line away that changes."""
        if self._open:
            click.echo("\r\x1b[K", nl=False, err=True)


def _require_writable(html: Path) -> None:
    """Pass, or refuse a place for the page before an hour's work is lost.

    Raises:
        click.UsageError
    """
    if html.is_dir() or not html.parent.is_dir() or not os.access(html.parent, os.W_OK):
        raise click.UsageError(f"{html} cannot be written: name a file in a folder that exists and may be written to.")
