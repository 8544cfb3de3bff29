"""Wall clocks that can be set for one process and its children: `clock.c`, compiled and preloaded.

Debian's libfaketime was tried first: told to leave the monotonic clock alone, it makes every sleep of Python fail
(EINVAL, 0.9.10), and with the monotonic clock changed as well, time-outs would end at random.
"""

import shutil
import struct
import subprocess
from pathlib import Path

from tests.distribution import install_packages

_SOURCE = Path(__file__).with_name("clock.c")


def clock_library(folder: Path) -> Path | None:
    """Compile the library into *folder*; None where there is no compiler."""
    if shutil.which("cc") is None:
        install_packages("gcc", "libc6-dev")
    if shutil.which("cc") is None:
        return None
    library = folder / "clock.so"
    subprocess.run(["cc", "-shared", "-fPIC", "-O2", "-Wall", "-o", str(library), str(_SOURCE)], check=True)
    return library


class Clock:
    """The wall clock of some processes."""

    def __init__(self, library: Path, file: Path) -> None:
        self.environment = {"LD_PRELOAD": str(library), "CHAOS_CLOCK": str(file)}
        """What those processes are started with."""
        self._file = file
        file.write_bytes(bytes(8))

    def set(self, seconds: float) -> None:
        """Let it be so many seconds ahead of the true time, from now on."""
        with self._file.open("r+b") as file:
            file.write(struct.pack("=q", int(seconds * 1e9)))
