"""Schema files, and whole folders of contracts, as git has them at a revision."""

import io
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from moorings.layout import REPOSITORY_FILE, split_file_name
from moorings.layout.paths_within import is_within
from moorings.layout.schema_files import SourceInvalid

_GIT_S = 60.0


@contextmanager
def at_revision(
    revision: str, path: Path, asked: str, around: Path | None = None
) -> Iterator[tuple[Path | None, Path | None]]:
    """Give the file that git has at *revision*, in a folder of its own with its neighbours; None where git has none.

    *asked* is the path within the repository; empty: the same place as *path*. The neighbours are those of its folder,
    or of *around*, which comes back as it was then.

    Raises:
        SourceInvalid: no git, no repository, or no such revision.
    """
    top = _top_of(path.resolve().parent, revision)
    within = Path(asked) if asked else path.resolve().relative_to(top.resolve())
    root = within.parent.parent if split_file_name(within.name) is not None else within.parent
    if around is not None:
        if not is_within(around, top):
            raise SourceInvalid(f"{around} is not in the repository {top}")
        root = around.resolve().relative_to(top.resolve())
    with tempfile.TemporaryDirectory(prefix="moorings-") as folder:
        _unpack(top, revision, root, Path(folder))
        found = Path(folder) / within
        yield found if found.is_file() else None, Path(folder) / root if around is not None else None


@contextmanager
def folder_at_revision(revision: str, root: Path) -> Iterator[Path | None]:
    """Give the folder of contracts *root* as git has it at *revision*, in a folder of its own; None where git has none.

    Raises:
        SourceInvalid: no git, no repository, or no such revision.
    """
    top = _top_of(root.resolve(), revision)
    within = root.resolve().relative_to(top.resolve())
    with tempfile.TemporaryDirectory(prefix="moorings-") as folder:
        _unpack(top, revision, within, Path(folder))
        found = Path(folder) / within
        yield found if found.is_dir() else None


def branch_point(root: Path, revision: str) -> str:
    """Return the commit where the branch that is checked out left *revision*, so that later commits there do not count.

    It is *revision* itself where the branch contains it, or where the history here is too short to say.

    Raises:
        SourceInvalid: no git, no repository, or no such revision.
    """
    top = _top_of(root.resolve(), revision)
    try:
        common = _git(top, "merge-base", revision, "HEAD").decode().strip()
    except SourceInvalid:
        return revision
    tip = _git(top, "rev-parse", "--verify", f"{revision}^{{commit}}").decode().strip()
    return revision if common == tip else common


def _top_of(folder: Path, revision: str) -> Path:
    """Return the root of the repository around *folder*, which has to have *revision*."""
    top = Path(_git(folder, "rev-parse", "--show-toplevel").decode().strip())
    try:
        _git(top, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
    except SourceInvalid:
        raise SourceInvalid(
            f"git has no revision {revision!r} here; a CI job that fetches the last commit alone needs more of the "
            "history (actions/checkout: fetch-depth: 0; GitLab: GIT_DEPTH: 0; Azure: fetchDepth: 0)"
        ) from None
    return top


def _unpack(top: Path, revision: str, root: Path, into: Path) -> None:
    """Write the folder *root* as it was, and the `moorings.toml` beside it."""
    pathspec = [] if root == Path() else [root.as_posix()]
    known = _git(top, "ls-tree", "-d", "--name-only", revision, *pathspec) if pathspec else b"."
    if not known.strip():
        return
    beside = (root.parent / REPOSITORY_FILE).as_posix()
    if pathspec and _git(top, "ls-tree", "--name-only", revision, beside).strip():
        pathspec.append(beside)
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
