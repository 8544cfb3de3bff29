"""Paths that texts refer to, kept within one folder: nothing outside of it is ever read."""

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
