"""Names of files as CI systems want them: from the folder that the command runs in, with forward slashes."""

from pathlib import Path
from urllib.parse import quote


def shown_path(file: Path) -> str:
    """Return *file* from the working folder on, where it lies in it; whole where it does not."""
    if file.is_absolute() and file.is_relative_to(Path.cwd()):
        file = file.relative_to(Path.cwd())
    return file.as_posix()


def file_uri(file: Path) -> str:
    """Return a reference as RFC 3986 has it, relative where the file lies in the working folder."""
    path = shown_path(file)
    return file.as_uri() if Path(path).is_absolute() else quote(path)
