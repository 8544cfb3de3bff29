"""Files that are there with all of what is in them, or as they were before."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO


@contextmanager
def written_whole(path: Path, *, mode: int = 0o666, durable: bool = True) -> Iterator[BinaryIO]:
    """Write a file beside *path* in a block, with the permissions *mode* less the umask; it gets its name at the end.

    If it is to be *durable*, it is on the disk by then. An error in the block leaves *path* as it was, and nothing
    beside it.
    """
    half = path.with_name(f".{path.name}.{os.getpid()}.half")
    half.unlink(missing_ok=True)  # of a process that was killed: in a container the next one has its number
    try:
        with open(half, "xb", opener=lambda name, flags: os.open(name, flags, mode)) as file:
            yield file
            if durable:
                file.flush()
                os.fsync(file.fileno())
        half.replace(path)
    finally:
        half.unlink(missing_ok=True)
