"""Backups: an export of a ledger with a first line that says where it ends, so that one that was cut off is known.

    {"moorings_backup":1,"release":"0.1.0","made_at":"2026-11-30T10:00:00.000000Z","position":1204,"digest":"6f0c…"}

The lines behind it are what `ledger export` writes. A backup is consistent while the registry serves: it ends at the
entry that was the last one when it began. A file whose name ends in `.gz` is compressed.
"""

import gzip
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

import orjson

from moorings_registry.entries import Head
from moorings_registry.known_facts import require_known
from moorings_registry.ledger import (
    ImportedEntries,
    ImportRefused,
    Ledger,
    LedgerCorrupt,
    LedgerError,
    export,
    exported_entries,
    import_,
)
from moorings_registry.whole_files import written_whole

FORMAT = 1
_LONGEST_FIRST_LINE = 4_096


class BackupRefused(LedgerError):
    """The file cannot be restored; nothing of it was written."""

    code = "BACKUP_REFUSED"


class NotAFile(LedgerError):
    """A backup cannot be written there; nothing was."""

    code = "BACKUP_NOT_A_FILE"


@dataclass(frozen=True, slots=True)
class Backup:
    """What the first line of a backup says."""

    release: str
    """The release that made it."""
    made_at: str
    head: Head
    """Where it ends."""


def write_backup(ledger: Ledger, path: Path, release: str, made_at: str) -> Backup:
    """Write what *ledger* holds now to *path*, which is there with all of it or as it was before.

    Raises:
        LedgerCorrupt: the chain does not verify; names the first bad position.
        NotAFile: something else has that name, or its folder is not there.
        LedgerError, OSError
    """
    path = _file_to_write(path)
    backup = Backup(release, made_at, ledger.head())
    try:
        # A ledger is read by the registry's user alone, and so is a copy of it.
        with written_whole(path, mode=0o600) as file:
            with _writing(file, compressed=path.suffix == ".gz") as stream:
                stream.write(_first_line(backup))
                written = export(ledger, stream, backup.head.position)
            if Head(written.position, written.digest) != backup.head:
                raise LedgerCorrupt(written.position, "the ledger was restored to an earlier state while it was read")
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(path)) from None  # a full disk names no file
    return backup


def _file_to_write(path: Path) -> Path:
    """The file that *path* leads to, through symbolic links: it is replaced, which a device or a pipe must not be.

    Raises:
        NotAFile
    """
    path = path.resolve()
    if path.exists() and not path.is_file():
        raise NotAFile(
            f"{path} is not a file: a backup is written to a file, which is replaced when all of it is there"
        )
    if not path.parent.is_dir():
        raise NotAFile(f"there is no folder {path.parent}: make it first")
    return path


def check_backup(path: Path) -> Backup:
    """Read the whole backup at *path*: its chain verifies, it ends where it says, and this release knows every fact.

    Raises:
        BackupRefused: it is cut off, changed, or of another kind.
        LedgerTooNew: a newer release wrote to the ledger that it is of.
        OSError
    """
    with _opened(path) as (backup, stream):
        head = Head(0, "0" * 64)
        for _, entry in exported_entries(stream):
            require_known(entry)
            head = entry.head
    if head != backup.head:
        raise BackupRefused(f"the backup is cut off: it ends at position {head.position} of {backup.head.position}")
    return backup


def restore_backup(ledger: Ledger, path: Path) -> ImportedEntries:
    """Check the backup at *path*, and bring it into *ledger*, as `restore_checked` does.

    Raises:
        BackupRefused: it is not a whole backup, or the ledger holds something else. Nothing was written.
        LedgerTooNew: this release cannot read it. Nothing was written.
        HeadMoved: somebody writes to the ledger.
        LedgerError, OSError
    """
    return restore_checked(ledger, path, check_backup(path))


def restore_checked(ledger: Ledger, path: Path, backup: Backup) -> ImportedEntries:
    """Bring the file *path* into *ledger*, which is empty, or holds a beginning of it: a restore that was cut off.

    *backup* is what `check_backup` said of the file, so that no ledger has to be made for one that is refused.

    Raises:
        BackupRefused: the ledger holds something else. Nothing was written.
        HeadMoved: somebody writes to the ledger.
        LedgerError, OSError
    """
    there = ledger.head()
    if there.position > backup.head.position:
        raise BackupRefused(
            f"the ledger has {there.position} entries, more than the backup, which has {backup.head.position}: "
            "restore into an empty one"
        )
    _require_beginning(there, path)
    with _opened(path) as (_, stream):
        return import_(ledger, stream)


def _require_beginning(there: Head, path: Path) -> None:
    """Pass where the entry of the backup at the position of *there* is that one: then all before it are, too."""
    if not there.position:
        return
    with _opened(path) as (_, stream):
        for _, entry in exported_entries(stream):
            if entry.position == there.position:
                if entry.head != there:
                    break
                return
    raise BackupRefused("the ledger holds another history: restore into an empty one")


@contextmanager
def _opened(path: Path) -> Iterator[tuple[Backup, BinaryIO]]:
    """The first line of a backup, and its entries."""
    try:
        with path.open("rb") as file:
            packed = file.read(2) == b"\x1f\x8b"
            file.seek(0)
            stream = cast("BinaryIO", gzip.GzipFile(fileobj=file)) if packed else file
            yield _read_first_line(stream.readline(_LONGEST_FIRST_LINE)), stream
    except ImportRefused as refused:
        raise BackupRefused(f"line {refused.line + 1}: {refused.why}") from None
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise BackupRefused(f"the compressed file is cut off or changed: {error}") from None


@contextmanager
def _writing(file: BinaryIO, *, compressed: bool) -> Iterator[BinaryIO]:
    if not compressed:
        yield file
        return
    with gzip.GzipFile(filename="", mode="wb", compresslevel=6, fileobj=file, mtime=0) as packed:
        yield cast("BinaryIO", packed)


def _first_line(backup: Backup) -> bytes:
    told = {
        "moorings_backup": FORMAT,
        "release": backup.release,
        "made_at": backup.made_at,
        "position": backup.head.position,
        "digest": backup.head.digest,
    }
    return orjson.dumps(told) + b"\n"


def _read_first_line(line: bytes) -> Backup:
    try:
        told = orjson.loads(line)
        if told["moorings_backup"] != FORMAT:
            raise BackupRefused("the backup has another format than this release knows: restore it with a newer one")
        return Backup(str(told["release"]), str(told["made_at"]), Head(int(told["position"]), str(told["digest"])))
    except (orjson.JSONDecodeError, KeyError, TypeError, ValueError):
        raise BackupRefused(
            "the file is not a backup: its first line does not say so. "
            "What `ledger export` wrote is read by `ledger import`"
        ) from None
