"""Files that are there with all of what is in them, or as they were before."""

import os
import threading
from pathlib import Path


def write_whole(path: Path, text: str, *, mode: int = 0o666) -> None:
    """Write *text* to a file beside *path*, with the permissions *mode* less the umask, and move it there.

    Another process or thread that does the same has a file of its own. After a failure nothing is left beside *path*.

    Raises:
        OSError: *path* is as it was.
    """
    half = path.with_name(f".{path.name}.{os.getpid()}.{threading.get_ident()}")
    half.unlink(missing_ok=True)  # of a process that was killed: in a container the next one has its number
    try:
        with open(half, "x", encoding="utf-8", opener=lambda name, flags: os.open(name, flags, mode)) as file:
            file.write(text)
        half.replace(path)
    finally:
        half.unlink(missing_ok=True)
