"""`moorings check`: the folder against the registry, two files, a file against git or the registry, or line by line."""

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import wraps
from pathlib import Path
from typing import IO, Any

import click

from moorings.cli.batch import LONGEST_LINE, answers
from moorings.cli.earlier_contracts import git_revision
from moorings.cli.exits import CLEAN
from moorings.cli.folder_against_git import check_folder_against_git
from moorings.cli.folder_against_registry import check_folder_against_registry
from moorings.cli.git_revisions import at_revision
from moorings.cli.options import output_format, reporting, write
from moorings.cli.results import Checked, exit_code, from_report
from moorings.cli.session import Session
from moorings.cli.verify import check_contract
from moorings.contracts.schema_cache import BlockingSchemaCache
from moorings.layout import FILE_NAME as DOMAIN_FILE
from moorings.layout import Issue, Parsed, json_fields_in, read_folder
from moorings.layout.lock_file import Lock
from moorings.layout.positions import position_of
from moorings.layout.schema_files import SourceInvalid, contract_at, read_schema, read_text
from moorings.sync import Matching
from moorings_compat import (
    Dialect,
    JsonFields,
    Level,
    Policy,
    Positions,
    ProtobufLevel,
    Report,
    Schema,
    SchemaError,
    check,
)

_LEVELS = [level.value for level in Level]


@dataclass(frozen=True, slots=True)
class FileCheck:
    """How to compare what is asked: the registry decides about a policy that it keeps."""

    level: str | None
    policy: Policy
    references: list[tuple[str, Path]]
    old_references: list[tuple[str, Path]]
    dialect: Dialect | None = None
    """How to read dialects of other parties; None: as the folder of contracts says."""
    root: Path | None = None
    """The folder whose files the new file may refer to; None: its own."""
    old_root: Path | None = None
    """The same for the old file."""

    @property
    def level_between_files(self) -> Level:
        return Level((self.level or "FULL").upper())


_OPTIONS = (
    click.argument("files", nargs=-1, type=click.Path(path_type=Path)),
    click.option(
        "--level",
        type=click.Choice(_LEVELS, case_sensitive=False),
        help="The compatibility level. [default: FULL, or the registry's]",
    ),
    click.option("--against", metavar="git:REV[:PATH] | registry", help="What to compare a file, or the folder, with."),
    click.option(
        "--reference",
        "references",
        metavar="NAME=FILE",
        multiple=True,
        help="The file of a name that the new file uses.",
    ),
    click.option(
        "--old-reference",
        "old_references",
        metavar="NAME=FILE",
        multiple=True,
        help="The same for the old file. [default: as for the new file]",
    ),
    click.option(
        "--root",
        type=click.Path(path_type=Path, file_okay=False),
        help="Between files: the folder whose files the new file may refer to. [default: its own folder]",
    ),
    click.option(
        "--old-root",
        type=click.Path(path_type=Path, file_okay=False),
        help="The same for the old file. [default: as for the new file]",
    ),
    click.option(
        "--protobuf-level",
        type=click.Choice([one.value for one in ProtobufLevel]),
        default="wire",
        show_default=True,
        help="Between files: which encodings of Protobuf must stay compatible; each includes the one before.",
    ),
    click.option(
        "--json-fields",
        type=click.Choice([one.value for one in JsonFields]),
        help="Between files: which JSON fields count. [default: as domain.toml beside the file says, else open]",
    ),
    click.option(
        "--json-dialect",
        type=click.Choice([one.value for one in Dialect]),
        help="Between files: the draft for a $schema of another party. [default: as domain.toml says, else draft-07]",
    ),
    click.option(
        "--formats-are-annotations",
        is_flag=True,
        help="Between files: format in JSON Schema is an annotation and refuses nothing.",
    ),
    click.option(
        "--lenient",
        is_flag=True,
        help="Between files: tolerate what Confluent's LENIENT tolerates; it is still listed.",
    ),
)
"""What `check` and `fix` compare, and how."""


def check_options(function: Callable[..., int]) -> Callable[..., int]:
    """Add the options that say what to compare; the function gets ``files``, ``against`` and a `FileCheck`."""

    @wraps(function)
    def asked(
        *context: Any,
        files: tuple[Path, ...],
        level: str | None,
        references: tuple[str, ...],
        old_references: tuple[str, ...],
        root: Path | None,
        old_root: Path | None,
        protobuf_level: str,
        json_fields: str | None,
        json_dialect: str | None,
        formats_are_annotations: bool,
        lenient: bool,
        **others: Any,
    ) -> int:
        policy = Policy(
            lenient=lenient,
            formats_asserted=not formats_are_annotations,
            protobuf_level=ProtobufLevel(protobuf_level),
            json_fields=JsonFields(json_fields) if json_fields else _json_fields_of(files),
        )
        known, before = _named_files(references), _named_files(old_references or references)
        named = Dialect(json_dialect) if json_dialect else None
        question = FileCheck(level, policy, known, before, named, root, old_root or root)
        return function(*context, files=files, question=question, **others)

    decorated: Callable[..., int] = asked
    for option in reversed(_OPTIONS):
        decorated = option(decorated)
    return decorated


@click.command("check", short_help="Check whether new contracts break old ones, with a payload as proof.")
@check_options
@click.option("--batch", is_flag=True, help="Answer one JSON object a line from standard input.")
@output_format
@click.pass_obj
def check_command(
    session: Session,
    files: tuple[Path, ...],
    against: str | None,
    question: FileCheck,
    batch: bool,
    output: str,
) -> int:
    """Check whether new contracts break old ones, and prove it with a payload. Nothing is registered.

    \b
    moorings check                              the folder against the registry
    moorings check --against git:main           the folder against another branch; no registry is asked
    moorings check OLD NEW [--level FULL]       two files; no registry is asked
    moorings check NEW --against git:main       the same file on another branch, or git:v1.2:path/in/repository
    moorings check NEW --against registry       one file of the folder against the registry
    moorings check --batch                      one question a line, one answer a line

    \b
    A question of --batch: {"format": "AVRO|JSON|PROTOBUF", "old": text, "new": text, "mode": level,
    "older": [texts], "old_refs": ..., "new_refs": ...}; references are a list of {"name", "schema", ...} or an
    object from name to text.
    """
    if batch:
        return _batch(files)
    with reporting(output):
        results = results_of(session, files, against, question)
    write(results, output)
    return exit_code(results)


def results_of(session: Session, files: tuple[Path, ...], against: str | None, question: FileCheck) -> list[Checked]:
    """Compare what the arguments name."""
    if len(files) == 2 and against is None:
        return [_files(files[0], files[1], question)]
    if len(files) == 1 and against is not None and against.startswith("git:"):
        return [_against_git(files[0], against, question)]
    if len(files) == 1 and against == "registry":
        return [_against_registry(session, files[0], question.level)]
    if not files and against is not None and against.startswith("git:"):
        own = read_folder(session.schemas).own_domains
        return check_folder_against_git(session.schemas, git_revision(against), question.level, own)
    if not files and against in (None, "registry"):
        return check_folder_against_registry(session.registry.api, session.schemas, question.level)
    raise click.UsageError("give two files, or one file and --against, or no file; see moorings check --help")


def _json_fields_of(files: tuple[Path, ...]) -> JsonFields:
    """Return what the domain says in whose folder the last file lies; open outside of one."""
    folder = files[-1].resolve().parent if files else Path()
    if not files or not (folder / DOMAIN_FILE).is_file():
        return JsonFields.OPEN
    return json_fields_in(folder.parent, folder.name)


def _batch(files: tuple[Path, ...]) -> int:
    if files:
        raise click.UsageError("--batch reads standard input; it takes no files")
    for answer in answers(_lines(sys.stdin.buffer)):
        sys.stdout.write(answer + "\n")
        sys.stdout.flush()
    return CLEAN


def _lines(stream: IO[bytes]) -> Iterator[bytes]:
    """Yield lines; of one that is too long, only the beginning."""
    while line := stream.readline(LONGEST_LINE + 1):
        rest = line
        while len(rest) > LONGEST_LINE and not rest.endswith(b"\n"):
            rest = stream.readline(LONGEST_LINE + 1)
        yield line


def _named_files(references: tuple[str, ...]) -> list[tuple[str, Path]]:
    pairs = []
    for one in references:
        name, sign, path = one.rpartition("=")
        if not sign:
            raise click.UsageError(f"not NAME=FILE: {one!r}")
        pairs.append((name, Path(path)))
    return pairs


def _files(old: Path, new: Path, question: FileCheck, called: str = "") -> Checked:
    """Compare two files; *called* is what the older version is called in answers, its file name by default."""
    read: list[Schema] = []
    sides = (old, question.old_references, question.old_root), (new, question.references, question.root)
    for path, references, root in sides:
        try:
            read.append(read_schema(path, references, dialect=question.dialect, root=root))
        except SchemaError as error:
            return _unusable(path, error)

    def checked(candidate: Schema) -> Report:
        return check(candidate, [(1, read[0])], question.level_between_files, question.policy)

    positions = Positions(read[1], {1: read[0]}, read_text(new), {1: read_text(old)})
    return from_report(str(new), checked(read[1]), {1: called or old.name}, positions, checked, file=new)


def _against_git(new: Path, against: str, question: FileCheck) -> Checked:
    revision, _, path = against.removeprefix("git:").partition(":")
    if not revision or revision.startswith("-"):
        raise click.UsageError("the revision is missing, as in --against git:main")
    with at_revision(revision, new, path, question.root) as (old, root):
        if old is None:
            return Checked(str(new), "compatible", str(question.level_between_files), new, note=f"not in {revision}")
        return _files(old, new, replace(question, old_root=root), revision)


def _against_registry(session: Session, path: Path, level: str | None) -> Checked:
    found = contract_at(path)
    if found is None:
        raise SourceInvalid(f"{path} is not in the folder of a domain, so its subject is unknown")
    folder, contract = found
    matching = Matching(session.registry.api, Parsed(folder), Lock.read(folder.root))
    return check_contract(matching, BlockingSchemaCache(session.registry.api), contract, level)


def _unusable(path: Path, error: SchemaError) -> Checked:
    text = read_text(path)
    problems = []
    for problem in error.problems:
        line, column = position_of(text, problem.where)
        problems.append(Issue(path, error.code, problem.message, place=problem.where, line=line, column=column))
    return Checked(str(path), "invalid", "", path, text, problems=tuple(problems))
