"""Paths within one folder: those that texts refer to, and all of its files. Nothing outside of it is ever read."""

import os
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from urllib.parse import unquote


def path_within(start: PurePosixPath, written: str, *, is_uri: bool = False) -> PurePosixPath | None:
    """Follow *written* from the folder *start*; both are relative to the root. None where it leaves the root.

    With *is_uri*, percent-encoded characters are decoded (RFC 3986, section 2.1), and a query is left out.
    """
    path = unquote(written.partition("?")[0]) if is_uri else written
    if path.startswith(("/", "\\")) or "\0" in path:
        return None
    parts: list[str] = []
    for part in (start / path).parts:
        if part == "..":
            if not parts:
                return None
            parts.pop()
        elif part != ".":
            parts.append(part)
    return PurePosixPath(*parts)


def is_within(path: Path, root: Path) -> bool:
    """Say whether *path* is in *root* once symbolic links are followed, those of the root too."""
    try:
        return path.resolve().is_relative_to(root.resolve())
    except (OSError, RuntimeError):  # a circle of links, or a name that the system refuses
        return False


def files_below(root: Path) -> Iterator[Path]:
    """Yield the files of *root*, then those of each folder in it, both sorted by name.

    However deep the folders are: `os.walk` and `rglob` recurse. Folders that are hidden, begin with _, hold
    installed packages or cannot be read are left out, and links to folders are not followed.
    """
    waiting = [root]
    while waiting:
        try:
            with os.scandir(waiting.pop()) as found:
                entries = sorted(found, key=lambda one: one.name)
        except OSError:
            continue
        folders = [one for one in entries if one.is_dir(follow_symlinks=False) and not _is_left_out(one.name)]
        yield from (Path(one.path) for one in entries if not one.is_dir())
        waiting += (Path(one.path) for one in reversed(folders))


def _is_left_out(folder: str) -> bool:
    return folder.startswith((".", "_")) or folder == "node_modules"
