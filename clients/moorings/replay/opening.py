"""Opens an archive: of a given kind, or of the kind that its beginning shows."""

from collections.abc import Callable

from moorings.replay.archive_files import ArchiveFile
from moorings.replay.containers import MAGIC, AvroContainer
from moorings.replay.frames import Frames
from moorings.replay.items import Archive, ArchiveUnreadable
from moorings.replay.lines import JsonLines
from moorings.replay.streams import RedisStream

_FILES: dict[str, Callable[[ArchiveFile], Archive]] = {
    "lines": JsonLines,
    "avro": AvroContainer,
    "frames": lambda file: Frames(file, varints=False),
    "varints": lambda file: Frames(file, varints=True),
}
KINDS = (*_FILES, "redis")
_ANY_SPACE = b" \t\r\n\xef\xbb\xbf"


def open_archive(name: str, kind: str = "auto") -> Archive:
    """Open the archive called *name*: a path, ``-`` for standard input, or the URL of a Redis stream.

    *kind* is one of `KINDS`; ``auto`` recognises everything except frames by its beginning.

    Raises:
        ArchiveUnreadable: it cannot be opened, or its kind is not recognised.
        ExtraMissing: a library that its kind needs is not installed.
    """
    if kind == "redis" or (kind == "auto" and name.startswith(("redis://", "rediss://"))):
        return RedisStream(name)
    file = ArchiveFile(name)
    try:
        return _FILES[_archive_kind(file) if kind == "auto" else kind](file)
    except BaseException:
        file.close()
        raise


def _archive_kind(file: ArchiveFile) -> str:
    head = file.peek()
    if head.startswith(MAGIC):
        return "avro"
    if head.lstrip(_ANY_SPACE)[:1] == b"{":
        return "lines"
    raise ArchiveUnreadable(f"unknown kind of archive: {file.name}; name it with --kind")
