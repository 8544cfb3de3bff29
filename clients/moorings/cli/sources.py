"""Schemas to compare: files, what git has at a revision, and what they refer to."""

import io
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from moorings.layout import ContractFile, Folder, Parsed, read_folder, split_file_name
from moorings.layout.contract_file import format_of
from moorings_compat import Reference, ReferenceMissing, ResolvedReference, Schema, parse

_GIT_S = 60.0


class SourceInvalid(ValueError):
    """A file or revision cannot be used; the message says why and what to do."""


def contract_at(path: Path) -> tuple[Folder, ContractFile] | None:
    """Find the contract that *path* is in the folder around it; None for a file outside the layout."""
    if split_file_name(path.name) is None or not (path.parent / "domain.toml").is_file():
        return None
    folder = read_folder(path.parent.parent)
    found = next(
        (one for one in folder.contracts if one.path.name == path.name and one.domain == path.parent.name), None
    )
    return (folder, found) if found is not None else None


def read_schema(path: Path, references: Sequence[tuple[str, Path]] = ()) -> Schema:
    """Parse the schema in a file, with *references* by name, or those of the folder of contracts it lies in.

    Raises:
        SourceInvalid: not readable, or of no known format.
        SchemaError: not a schema.
    """
    if not references:
        found = contract_at(path.resolve())
        if found is not None and Parsed(found[0]).uses(found[1]):
            return _in_folder(*found)
    format = format_of(path)
    if format is None:
        raise SourceInvalid(f"{path}: the ending tells the format: .avsc, .schema.json or .proto")
    return parse(read_text(path), format, _resolved(references))


def _resolved(references: Sequence[tuple[str, Path]]) -> tuple[ResolvedReference, ...]:
    """Read what names stand for, in whatever order they were given: each may use all that could be read before it.

    Raises:
        ReferenceMissing: one uses a name that none of them stands for, or they use one another in a circle.
    """
    waiting = list(references)
    resolved: list[ResolvedReference] = []
    while waiting:
        later: list[tuple[str, Path]] = []
        for name, target in waiting:
            try:
                schema = _referenced(target, tuple(resolved))
            except ReferenceMissing:
                if len(later) + 1 == len(waiting):
                    raise
                later.append((name, target))
            else:
                resolved.append(ResolvedReference(Reference(name, name, 1), schema))
        waiting = later
    return tuple(resolved)


def _referenced(path: Path, others: tuple[ResolvedReference, ...]) -> Schema:
    """Read a schema by itself; with the *others*, if it cannot do without."""
    try:
        return read_schema(path)
    except ReferenceMissing:
        format = format_of(path)
        if not others or format is None:
            raise
    return parse(read_text(path), format, others)


def read_text(path: Path) -> str:
    """Read a file of text.

    Raises:
        SourceInvalid: it is not there, or not UTF-8.
    """
    try:
        return path.read_text("utf-8")
    except OSError as error:
        raise SourceInvalid(f"{path}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise SourceInvalid(f"{path}: it is not UTF-8") from None


@contextmanager
def at_revision(revision: str, path: Path, asked: str) -> Iterator[Path | None]:
    """Give the file that git has at *revision*, in a folder of its own with its neighbours; None where git has none.

    *asked* is the path within the repository; empty: the same place as *path*.

    Raises:
        SourceInvalid: no git, no repository, or no such revision.
    """
    top = Path(_git(path.resolve().parent, "rev-parse", "--show-toplevel").decode().strip())
    _git(top, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
    within = Path(asked) if asked else path.resolve().relative_to(top.resolve())
    root = within.parent.parent if split_file_name(within.name) is not None else within.parent
    with tempfile.TemporaryDirectory(prefix="moorings-") as folder:
        _unpack(top, revision, root, Path(folder))
        found = Path(folder) / within
        yield found if found.is_file() else None


def _unpack(top: Path, revision: str, root: Path, into: Path) -> None:
    pathspec = [] if root == Path() else [root.as_posix()]
    known = _git(top, "ls-tree", "-d", "--name-only", revision, *pathspec) if pathspec else b"."
    if not known.strip():
        return
    archive = _git(top, "archive", "--format=tar", revision, "--", *pathspec)
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        tar.extractall(into, filter="data")


def _git(folder: Path, *arguments: str) -> bytes:
    try:
        done = subprocess.run(["git", "-C", str(folder), *arguments], capture_output=True, timeout=_GIT_S, check=False)
    except FileNotFoundError:
        raise SourceInvalid("git is not installed") from None
    except subprocess.TimeoutExpired:
        raise SourceInvalid(f"git did not answer within {_GIT_S:.0f} seconds") from None
    if done.returncode:
        said = done.stderr.decode("utf-8", "replace").strip() or f"git {arguments[0]} found nothing"
        raise SourceInvalid(said)
    return done.stdout


def _in_folder(folder: Folder, contract: ContractFile) -> Schema:
    parsed = Parsed(folder)
    schema = parsed.schema(contract)
    if schema is None:
        reasons = "; ".join(f"{one.file.name}: {one.message}" for one in parsed.issues)
        raise SourceInvalid(reasons)
    return schema
