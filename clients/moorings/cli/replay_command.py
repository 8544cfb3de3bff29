"""`moorings replay`: which events of an archive can a reader read?"""

import contextlib
import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from moorings.cli.exits import CLEAN, FINDINGS
from moorings.cli.screen import complain, say
from moorings.cli.session import Session
from moorings.connecting import connect
from moorings.errors import ContractUnknown, RegistryUnavailable
from moorings.registry import Registry
from moorings.replay import (
    KINDS,
    About,
    Archive,
    ArchiveUnreadable,
    Replay,
    ReplayReader,
    ReplayResult,
    StateFile,
    Task,
    open_archive,
    replay_json,
    replay_markdown,
)
from moorings.replay.replay_run import Progress
from moorings.replay.reports import more_kinds, most_frequent, verdict
from moorings.sync.pinning import STORE_NAME
from moorings.upcasting import MappingInvalid

if TYPE_CHECKING:
    import httpx2

_REPLAY_HELP = """Run an archive of events through a reader, and report which of them it can read.

ARCHIVE is a file of JSON lines, dead letters, an Avro container file, length-prefixed frames, - for standard input, or
a Redis stream (redis://127.0.0.1:6379/0/STREAM). Nothing is consumed and nothing is written.

\b
    moorings replay orders.jsonl --event shop.orders.OrderPlaced --reader 2
    moorings replay orders.avro --event shop.orders.OrderPlaced --reader schemas/shop.orders/OrderPlaced.v2.avsc
    moorings replay dead.jsonl --event shop.orders.OrderPlaced --resume replay.state --format markdown

Reports have pointers, rules and counts, never a value. Exit code 1 where something cannot be read, or
the archive is damaged.
"""


@click.command("replay", help=_REPLAY_HELP, short_help="Run an archive of events through a reader.")
@click.argument("archive")
@click.option("--event", "subject", required=True, metavar="SUBJECT", help="The event in the archive.")
@click.option(
    "--reader", default="latest", show_default=True, metavar="WHICH",
    help="A major (2), a revision (2.1), a version (v5) or a schema file.",
)  # fmt: skip
@click.option(
    "--kind", type=click.Choice(["auto", *KINDS]), default="auto", show_default=True, help="The kind of archive."
)
@click.option(
    "--writer", default="", metavar="WHICH",
    help="The revision (1.0) or version (v5) that events without a framing were written with.",
)  # fmt: skip
@click.option(
    "--upcasts", type=click.Path(path_type=Path, exists=True), multiple=True,
    help="A folder of contracts or a mapping file: earlier majors are read by their mappings. May be given again.",
)  # fmt: skip
@click.option("--offline", is_flag=True, help="Use no registry: read the contracts that `moorings pull` pinned.")
@click.option(
    "--resume", "state", type=click.Path(path_type=Path, dir_okay=False),
    help="Keep the progress in this file, and resume from it.",
)  # fmt: skip
@click.option("--limit", type=click.IntRange(min=1), help="Stop after so many items.")
@click.option("--stop-on-damage", is_flag=True, help="Stop at damage instead of skipping it.")
@click.option(
    "--failures", "most", type=click.IntRange(min=0), default=20, show_default=True, help="Kinds of failures to list."
)
@click.option("--format", "output", type=click.Choice(["text", "json", "markdown"]), default="text", show_default=True)
@click.pass_obj
def replay_command(
    session: Session,
    archive: str,
    subject: str,
    reader: str,
    kind: str,
    writer: str,
    upcasts: tuple[Path, ...],
    offline: bool,
    state: Path | None,
    limit: int | None,
    stop_on_damage: bool,
    most: int,
    output: str,
) -> int:
    with contextlib.ExitStack() as opened:
        found = _open(archive, kind)
        opened.callback(found.close)
        registry = opened.enter_context(_connected(session, offline=offline))
        try:
            replaying = ReplayReader(registry, subject, reader, writer=writer, upcasts=upcasts or None)
        except (ContractUnknown, MappingInvalid) as error:
            raise click.UsageError(str(error)) from None
        except RegistryUnavailable:
            _hint(session, offline=offline)
            raise
        about = About(found.name, found.kind, subject, replaying.label, replaying.guid)
        task = Task(found.identity, found.kind, subject, replaying.guid or reader, writer)
        kept = _state_file(state, task)
        with _progress(found) as progress:
            replay = Replay(found, replaying, state=kept, progress=progress)
            replayed = _run_replay(replay, limit, stop_on_damage=stop_on_damage)
    _write_report(about, replayed, output, most)
    return CLEAN if replayed.tally.is_clean else FINDINGS


def _open(archive: str, kind: str) -> Archive:
    try:
        return open_archive(archive, kind)
    except ArchiveUnreadable as error:
        raise click.UsageError(str(error)) from None


def _run_replay(replay: Replay, limit: int | None, *, stop_on_damage: bool) -> ReplayResult:
    try:
        return replay.run(limit=limit, stop_on_damage=stop_on_damage)
    except ArchiveUnreadable as error:
        raise click.UsageError(str(error)) from None


def _state_file(path: Path | None, task: Task) -> StateFile | None:
    if path is None:
        return None
    if not task.archive:
        raise click.UsageError("cannot resume from standard input: name a file, or leave --resume out")
    return StateFile(path, task)


def _connected(session: Session, *, offline: bool) -> Registry:
    """Connect for reading alone: nothing is refreshed, and failures do not count as drift."""
    if not offline:
        return connect(
            session.url,
            timeout_s=session.timeout_s,
            sign_in=session.sign_in,
            http=session.http,
            refresh_s=None,
            drift=False,
        )
    folder = _kept_answers(session)
    if folder is None:
        raise click.UsageError(f"folder not found: {session.schemas / STORE_NAME}; `moorings pull` creates it")
    return connect(session.url, cache=folder, retries=0, http=_no_network(), refresh_s=None, drift=False)


def _kept_answers(session: Session) -> Path | None:
    """Return the folder of responses that a service would start with: pinned by `pull`, else the cache."""
    folders = [session.schemas / STORE_NAME, Path(os.environ.get("MOORINGS_CACHE") or STORE_NAME)]
    return next((one for one in folders if one.is_dir()), None)


def _no_network() -> "httpx2.BaseTransport":
    import httpx2  # 0.04 CPU-seconds, for --offline alone

    def refuse(_request: httpx2.Request) -> httpx2.Response:
        raise httpx2.ConnectError("offline")

    return httpx2.MockTransport(refuse)


def _hint(session: Session, *, offline: bool) -> None:
    if offline:
        complain("offline, and this contract is not pinned: run `moorings pull` first")
    elif _kept_answers(session) is not None:
        complain("the registry is unavailable; --offline uses the pinned contracts")


@contextlib.contextmanager
def _progress(archive: Archive) -> Iterator[Progress | None]:
    """Show a progress bar on standard error if that is a terminal."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console  # 0.07 CPU-seconds: only for a terminal
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("replaying", total=archive.total)
        yield lambda done: bar.update(task, completed=done)


def _write_report(about: About, replayed: ReplayResult, output: str, most: int) -> None:
    if output == "json":
        click.echo(json.dumps(replay_json(about, replayed), indent=2, ensure_ascii=False))
    elif output == "markdown":
        click.echo(replay_markdown(about, replayed, most), nl=False)
    else:
        _show_report(about, replayed, most)


def _show_report(about: About, replayed: ReplayResult, most: int) -> None:
    tally = replayed.tally
    colour = "green" if tally.is_clean else "red"
    mark = "✓" if tally.is_clean else "✗"
    say(f"{mark} {about.event} read as {about.reader}: {verdict(replayed)}", colour=colour, bold=True)
    for name, one in sorted(tally.writers.items()):
        unreadable = f", {one.unreadable:,} not" if one.unreadable else ""
        say(f"    written with {name}: {one.readable:,} readable{unreadable}")
    if tally.tombstones:
        say(f"    {tally.tombstones:,} {'tombstone' if tally.tombstones == 1 else 'tombstones'}")
    failures = most_frequent(replayed)
    for failing in failures[:most]:
        say(f"    {failing.path or 'the event'}: {failing.rule}, {failing.reason}", colour="red")
        say(f"        {failing.count:,} written with {failing.writer or 'several'}, the first at {failing.first}")
    if len(failures) > most:
        say(f"    and {more_kinds(len(failures) - most)}")
    for one_place in tally.damages[:most]:
        say(f"    {one_place.place}: {one_place.reason}", colour="yellow")
    if tally.damaged > min(most, len(tally.damages)):
        say(f"    {tally.damaged:,} damaged places in all")
