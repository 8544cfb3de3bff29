"""Programs of the distribution that tests need, installed where that is allowed: by root, with apt."""

import fcntl
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

TIMEOUT_S = 600


def install_packages(*packages: str) -> None:
    """Install packages, their services left alone; whether it helped is seen by looking for their programs.

    Tests run in several processes, and apt in one at a time.
    """
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        return
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive", "RUNLEVEL": "1"}
    with (Path(tempfile.gettempdir()) / "moorings-apt.lock").open("w") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        for command in (["update", "-q"], ["install", "-y", "-q", "--no-install-recommends", *packages]):
            try:
                subprocess.run(
                    ["apt-get", *command], check=False, capture_output=True, timeout=TIMEOUT_S, env=environment
                )
            except subprocess.TimeoutExpired:
                print(f"apt-get {' '.join(command)} took longer than {TIMEOUT_S} s")
