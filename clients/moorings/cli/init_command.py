"""`moorings init`: the first files of a repository, or of another domain in it."""

import json
from importlib.resources import files
from pathlib import Path

import click
import tomlkit

from moorings.cli.exits import CLEAN, FINDINGS
from moorings.cli.screen import say, show_issue
from moorings.cli.session import Session
from moorings.layout import FILE_NAME, REPOSITORY_FILE, Weight, file_name, lint, read_folder, split_file_name
from moorings.layout.domain_file import is_domain_name
from moorings.layout.event_file import event_file_name
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

    What is there already stays as it is; the domain is added to what moorings.toml owns.
    """
    if not is_domain_name(domain):
        raise click.UsageError(f"--domain: {domain!r} is not the name of a domain, such as shop.orders")
    if event is not None and split_file_name(f"{event}.v1.avsc") is None:
        raise click.UsageError(f"--event: {event!r} is not the name of an event, such as OrderPlaced")
    root = session.schemas
    _own(root.absolute().parent / REPOSITORY_FILE, domain, registry)
    folder = root / domain
    _write(folder / FILE_NAME, f'owner = {_text(owner)}\ncontacts = []\ndescription = ""\n\n[policy]\n')
    if event is not None:
        _write(folder / event_file_name(event), _event_file())
        if not any(one.subject == f"{domain}.{event}" for one in read_folder(root).contracts):
            _write(folder / file_name(event, 1, Format.AVRO), _schema(domain, event))
    if ci is not None:
        _write_job(root, ci)
    _, issues = lint(root)
    errors = [one for one in issues if one.weight is Weight.ERROR and one.file.is_relative_to(folder)]
    for issue in errors:
        show_issue(issue)
    say("next: complete the files, then moorings lint, moorings check and moorings push", bold=True)
    return FINDINGS if errors else CLEAN


def _own(path: Path, domain: str, registry: str | None) -> None:
    """Add *domain* to what `moorings.toml` owns; comments and order stay."""
    before = path.read_text("utf-8") if path.is_file() else ""
    document = tomlkit.parse(before)
    owns = document.get("owns", [])
    if domain not in owns:
        document["owns"] = [*owns, domain]
    if registry is not None:
        document.setdefault("registry", tomlkit.table())["url"] = registry
    text = tomlkit.dumps(document)
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
