"""`moorings-registry import`: import another registry, and compare."""

import sys
from collections.abc import Iterable
from pathlib import Path

import click

from moorings_registry.app import Application, build_application
from moorings_registry.callers import Caller
from moorings_registry.cli.assessing import assess
from moorings_registry.cli.counts import counted
from moorings_registry.cli.options import (
    Exit,
    create_option,
    exit_with_code,
    ledger_option,
    open_to_write,
)
from moorings_registry.commands import CreateDek, CreateKek, DeleteVersion, ImportVersion, SetConfig, SetMode
from moorings_registry.engines import engine_of, open_ledger
from moorings_registry.errors import CompilerUnavailable, LedgerUnavailable, Refusal
from moorings_registry.exit_codes import AWAY, REFUSED
from moorings_registry.ledger import Ledger, LedgerError, LedgerMissing
from moorings_registry.migration import (
    ImportedRegistry,
    ImportPlan,
    Peer,
    SourceUnreadable,
    WsgiTransport,
    differences,
    different_answers,
    lost_guids,
    other_guids,
    plan_import,
    read_registry,
    read_sign_in,
    read_topic_dump,
    with_aliases,
    without_guids,
    without_skipped,
)
from moorings_registry.principals import Principal

SHOWN = 50
"""Lines of one list that are printed; the rest is counted."""
_CALLER = Caller(Principal("import"))
_EXITS = {
    # The plan was made on a state that has changed since.
    Refusal: Exit(REFUSED, "the registry changed in the meantime, import again: "),
    **dict.fromkeys((SourceUnreadable, LedgerError, LedgerUnavailable, CompilerUnavailable, OSError), Exit(AWAY)),
}


@click.command("import", context_settings={"max_content_width": 100})
@click.option("--from", "url", metavar="URL", help="A registry that speaks the Confluent API.")
@click.option(
    "--from-topic-dump", "dump", type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A dump of its _schemas topic: JSON lines of key and value.",
)  # fmt: skip
@click.option(
    "--sign-in", "way", metavar="WAY",
    help="How to sign in at --from: file:PATH or command:COMMAND (a token), basic:PATH (user:password).",
)  # fmt: skip
@ledger_option
@create_option
@click.option("--skip-invalid", is_flag=True, help="Skip what this registry cannot store, instead of stopping.")
@click.option("--dry-run", is_flag=True, help="Say what would be done, and write nothing.")
@click.option(
    "--assess",
    "assessing",
    is_flag=True,
    help="Only look: what breaks what there, what nobody owns, and what would come along. Needs no ledger.",
)
@click.option("--json", "in_json", is_flag=True, help="With --assess: all of it as JSON, in place of the summary.")
@click.option(
    "--html", type=click.Path(dir_okay=False, path_type=Path),
    help="With --assess: write a page that holds all it needs to this file.",
)  # fmt: skip
def import_command(
    url: str | None,
    dump: Path | None,
    way: str | None,
    ledger_url: str,
    create: bool,
    skip_invalid: bool,
    dry_run: bool,
    assessing: bool,
    in_json: bool,
    html: Path | None,
) -> None:
    """Import another registry: ids, versions, references, soft deletes, settings and modes.

    Nothing is written if there is a conflict. An interrupted import continues where it stopped when it is run again;
    a second run adds nothing. At the end, the answers of both registries are compared.

    Exit codes: 0 imported and equal, 1 differences or conflicts, 2 usage, 3 not reachable or not readable.
    With --assess: 0 all of it was read, 1 a part, 2 usage, 3 nothing.
    """
    if (url is None) == (dump is None):
        raise click.UsageError("Give either --from or --from-topic-dump.")
    if not assessing and (in_json or html is not None):
        raise click.UsageError("--json and --html belong to --assess.")
    with exit_with_code(_EXITS):
        if assessing:
            sys.exit(assess(_peer(url, way), dump, in_json=in_json, html=html))
        if not engine_of(ledger_url).shared:
            raise click.UsageError("A ledger in memory is lost when the command ends: name one that is stored.")
        application = build_application(_ledger(ledger_url, create=create, dry_run=dry_run))
        there = _peer(url, way)
        imported = with_aliases(read_registry(there), there) if there is not None else _read_dump(dump)
        sys.exit(_take_over(application, imported, there, skip_invalid=skip_invalid, dry_run=dry_run))


def _peer(url: str | None, way: str | None) -> Peer | None:
    """The other registry, where it is asked.

    Raises:
        click.UsageError, SourceUnreadable
    """
    if way is None:
        return None if url is None else Peer(url)
    if url is None:
        raise click.UsageError("--sign-in belongs to --from.")
    try:
        return Peer(url, sign_in=read_sign_in(way, url))
    except ValueError as error:
        raise click.UsageError(f"--sign-in: {error}.") from None


def _ledger(url: str, *, create: bool, dry_run: bool) -> Ledger:
    """The ledger to import into; to try that, an empty one will do where there is none yet."""
    try:
        return open_to_write(url, create=create and not dry_run)
    except LedgerMissing:
        if create and dry_run:
            return open_ledger("memory:")
        raise


def _read_dump(dump: Path | None) -> ImportedRegistry:
    assert dump is not None
    with dump.open("rb") as stream:
        return read_topic_dump(stream)


def _take_over(
    application: Application, imported: ImportedRegistry, there: Peer | None, *, skip_invalid: bool, dry_run: bool
) -> int:
    """Plan, write and compare; the exit code."""
    registry = application.registry
    deleted = sum(one.deleted for one in imported.versions)
    versions = counted(len(imported.versions), "version")
    subjects = counted(len({one.subject for one in imported.versions}), "subject")
    click.echo(f"read: {versions} of {subjects}, {deleted} of them soft-deleted")
    _list("left out", imported.left_out)
    plan = plan_import(registry.catch_up(), imported, registry.dependencies)
    _list("conflicts", plan.conflicts)
    _list("skipped, because this registry cannot store it" if skip_invalid else "not valid here", plan.refused)
    _list("kept as they are, although this registry cannot read them", plan.unreadable)
    if plan.conflicts or (plan.refused and not skip_invalid):
        hint = "" if plan.conflicts else "; --skip-invalid skips these"
        click.echo(f"nothing written{hint}", err=True)
        return REFUSED
    if dry_run:
        click.echo(f"to do: {_summary(plan)}")
        return 0
    for command in plan.commands:
        registry.execute(command, _CALLER)
    click.echo(f"done: {_summary(plan)}")
    return _compare(application, without_skipped(imported, plan), there)


def _compare(application: Application, imported: ImportedRegistry, there: Peer | None) -> int:
    """Ask this registry as any client would, and hold its answers against what was read."""
    here = Peer("http://localhost", transport=WsgiTransport(application.middleware))
    held = read_registry(here)
    same_guids = there is not None and there.is_ours()
    renamed = other_guids(imported, held)
    found = list(differences(imported if same_guids else without_guids(imported), held))
    found.extend(lost_guids(renamed, here))
    if there is not None:
        found.extend(different_answers(imported, there, here, same_guids=same_guids))
    if found:
        _list("differences", found)
        return REFUSED
    click.echo(f"verified: {counted(len(imported.versions), 'version')}, settings and modes are the same")
    if renamed:
        click.echo(f"guids: {len(renamed)} of the other registry mapped to their schemas here")
    return 0


def _summary(plan: ImportPlan) -> str:
    added = plan.count(ImportVersion) - plan.renamed
    renamed = f", guids of the other registry mapped: {plan.renamed}" if plan.renamed else ""
    return (
        f"versions added: {added}, soft-deleted: {plan.count(DeleteVersion)}, "
        f"settings: {plan.count(SetConfig)}, modes: {plan.count(SetMode)}{renamed}{_keys(plan)}"
    )


def _keys(plan: ImportPlan) -> str:
    keks, deks = plan.count(CreateKek), plan.count(CreateDek)
    return f", encryption keys: {keks} KEKs, {deks} DEKs" if keks or deks else ""


def _list(title: str, lines: Iterable[str]) -> None:
    told = list(lines)
    if not told:
        return
    click.echo(f"{title}: {len(told)}")
    for line in told[:SHOWN]:
        click.echo(f"  {line}")
    if len(told) > SHOWN:
        click.echo(f"  and {len(told) - SHOWN} more")
