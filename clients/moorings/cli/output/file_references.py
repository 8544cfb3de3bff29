"""File names for CI systems: relative to the working directory, with forward slashes."""

from pathlib import Path
from urllib.parse import quote


def shown_path(file: Path) -> str:
    """Return *file* relative to the working directory if it is inside; else as it is."""
    if file.is_absolute() and file.is_relative_to(Path.cwd()):
        file = file.relative_to(Path.cwd())
    return file.as_posix()


def file_uri(file: Path) -> str:
    """Return a URI reference (RFC 3986), relative if the file is inside the working directory."""
    path = shown_path(file)
    return file.as_uri() if Path(path).is_absolute() else quote(path)
