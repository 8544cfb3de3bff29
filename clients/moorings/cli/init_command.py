"""`moorings init`: the first files of a repository, or of another domain in it."""

import json
import os
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from importlib.resources import files
from pathlib import Path

import click
import tomlkit

from moorings.cli.exits import CLEAN, FINDINGS
from moorings.cli.screen import say, show_issue
from moorings.cli.session import Session
from moorings.layout import FILE_NAME, REPOSITORY_FILE, Issue, Weight, file_name, lint, read_folder, split_file_name
from moorings.layout.domain_file import is_domain_name
from moorings.layout.event_file import event_file_name
from moorings.transport.endpoints import is_registry_url
from moorings_compat import Format

_CI_FILES = {"github": Path(".github/workflows/moorings.yml"), "gitlab": Path(".gitlab-ci.yml")}
"""Where each system looks for its jobs."""


@click.command("init", short_help="Write the first files: moorings.toml, a domain, an event.")
@click.option("--domain", metavar="NAME", required=True, help="The producing domain, such as shop.orders.")
@click.option("--owner", metavar="TEAM", required=True, help="The team that answers for it.")
@click.option("--event", metavar="NAME", help="A first event, such as OrderPlaced; in Avro, with one field to change.")
@click.option("--registry", metavar="URL", help="The registry's address, for moorings.toml.")
@click.option(
    "--ci", type=click.Choice(sorted(_CI_FILES)), help="Write the job of this CI system, which runs moorings ci."
)
@click.pass_obj
def init_command(
    session: Session, domain: str, owner: str, event: str | None, registry: str | None, ci: str | None
) -> int:
    """Write the first files of a repository, or of one more domain: moorings.toml, domain.toml, and an event's.

    What is there already stays as it is; the domain is added to what moorings.toml owns. Where lint would refuse one of
    the new files, nothing is written.
    """
    if not is_domain_name(domain):
        raise click.UsageError(f"--domain: {domain!r} is not the name of a domain, such as shop.orders")
    if not owner.strip():
        raise click.UsageError("--owner: the name of the team is blank")
    if event is not None and split_file_name(f"{event}.v1.avsc") is None:
        raise click.UsageError(f"--event: {event!r} is not the name of an event, such as OrderPlaced")
    if registry is not None and not all(is_registry_url(one.strip()) for one in registry.split(",")):
        shown = registry.rpartition("@")[2]  # without a password
        raise click.UsageError(f"--registry: {shown!r} does not begin with http:// or https:// and a host")
    root, repository = session.schemas, session.repository.path
    planned = {repository: _owning(repository, domain, registry), **_domain_files(root, domain, owner, event)}
    errors = _errors_in(root, planned)
    for issue in errors:
        show_issue(issue)
    if any(issue.code != "NAME_ASKED" for issue in errors):  # what is asked is answered in the file
        say("nothing was written: correct these first", colour="red", bold=True)
        return FINDINGS
    for path, text in planned.items():
        if path == repository:
            _write_repository(path, text, domain)
        else:
            _write(path, text)
    if ci is not None:
        _write_job(root, ci)
    say("next: complete the files, then moorings lint, moorings check and moorings push", bold=True)
    return FINDINGS if errors else CLEAN


def _domain_files(root: Path, domain: str, owner: str, event: str | None) -> dict[Path, str]:
    """Return the files of the domain and of its first event, by path, whether or not they are there."""
    folder = root / domain
    files = {folder / FILE_NAME: f'owner = {_text(owner)}\ncontacts = []\ndescription = ""\n\n[policy]\n'}
    if event is not None:
        files[folder / event_file_name(event)] = _event_file()
        has_schema = root.is_dir() and any(one.subject == f"{domain}.{event}" for one in read_folder(root).contracts)
        if not has_schema:
            files[folder / file_name(event, 1, Format.AVRO)] = _schema(domain, event)
    return files


def _errors_in(root: Path, planned: Mapping[Path, str]) -> list[Issue]:
    """Return what lint would refuse of the files that are not there yet, and of `moorings.toml`; nothing is written.

    A copy of the folder is checked, since names depend on the policies that are there.
    """
    repository = root.absolute().parent / REPOSITORY_FILE
    with tempfile.TemporaryDirectory(prefix="moorings-") as scratch:
        copy = Path(scratch) / root.absolute().name
        if root.is_dir():
            shutil.copytree(root, copy, symlinks=True, ignore=partial(_unread, root))
        places = {
            path: copy.parent / path.name if path == repository else copy / path.relative_to(root) for path in planned
        }
        new = {place: path for path, place in places.items() if path == repository or not path.exists()}
        for place, path in new.items():
            try:
                place.parent.mkdir(parents=True, exist_ok=True)
                place.write_text(planned[path], "utf-8")
            except OSError as error:
                there = str(error.filename).replace(scratch, str(root.parent))
                raise OSError(error.errno, error.strerror, there) from None
        folder, issues = lint(copy)
        errors = [one for one in issues if one.weight is Weight.ERROR and one.file in new]
        # A domain that is owned and has no folder yet is not a fault of what is written now.
        wrong = [one for one in errors if new[one.file] != repository or one in folder.repository.issues]
        return [
            replace(one, file=new[one.file], message=one.message.replace(scratch, str(root.parent))) for one in wrong
        ]


def _unread(root: Path, folder: str, names: list[str]) -> list[str]:
    """Return those of *names* that lint does not read: what is hidden, pipes and devices, what it may not read, and
    folders in those of domains, which may be deeper than `shutil` recurses."""
    in_domain = Path(folder) != root
    return [one for one in names if one.startswith(".") or not _is_read(Path(folder) / one, in_domain=in_domain)]


def _is_read(path: Path, *, in_domain: bool) -> bool:
    if path.is_symlink():
        return True
    return (path.is_file() or (path.is_dir() and not in_domain)) and os.access(path, os.R_OK)


def _owning(path: Path, domain: str, registry: str | None) -> str:
    """Return the text of `moorings.toml` with *domain* among what it owns; comments and order stay."""
    document = tomlkit.parse(path.read_text("utf-8") if path.is_file() else "")
    owns = document.get("owns", [])
    if domain not in owns:
        document["owns"] = [*owns, domain]
    if registry is not None:
        document.setdefault("registry", tomlkit.table())["url"] = registry
    return tomlkit.dumps(document)


def _write_repository(path: Path, text: str, domain: str) -> None:
    before = path.read_text("utf-8") if path.is_file() else ""
    if text != before:
        path.write_text(text, "utf-8")
        say(f"{path.name} {'changed' if before else 'written'}: owns {domain}", colour="green")


def _write(path: Path, text: str) -> None:
    if path.exists():
        say(f"{path} unchanged: it is there already")
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
    say(f"{path} written", colour="green")


def _write_job(root: Path, system: str) -> None:
    path = root.absolute().parent / _CI_FILES[system]
    if path.exists() and "moorings ci" not in path.read_text("utf-8"):
        say(f"{path} unchanged: add a job to it that runs moorings ci", colour="yellow")
        return
    text = files("moorings.cli").joinpath("ci_templates", f"{system}.yml").read_text("utf-8")
    _write(path, text.replace("MOORINGS_SCHEMAS: schemas", f"MOORINGS_SCHEMAS: {_text(root.absolute().name)}"))


def _event_file() -> str:
    return (
        'kind = "fact" # or "type", "command"\n'
        'description = ""\n'
        "topics = []\n\n"
        "[replay]\nreplayable = false\n"
        'reason = "Nobody has decided yet where it can be read again."\n\n'
        '[idempotency]\nkey = ["/id"]\n\n'
        "[expectations] # peak_per_second, largest_bytes, delivery_p99_ms\n"
    )


def _schema(domain: str, event: str) -> str:
    field = {"name": "id", "type": "string", "doc": "Identifies what happened."}
    record = {"type": "record", "name": event, "namespace": domain, "doc": "", "fields": [field]}
    return json.dumps(record, indent=2) + "\n"


def _text(value: str) -> str:
    return json.dumps(value, ensure_ascii=False)
