"""Folders that are deeper than Python recurses."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def deep_folder(top: Path) -> Iterator[Path]:
    """The lowest folder of many below *top*; it is the working directory, since a path as long is refused elsewhere."""
    depth = sys.getrecursionlimit() + 200
    before = Path.cwd()
    os.chdir(top)
    try:
        for _ in range(depth):
            Path("d").mkdir()
            os.chdir("d")
        yield top.joinpath(*["d"] * depth)
    finally:
        os.chdir(before)
        subprocess.run(["rm", "-r", top / "d"], check=True)  # pytest removes folders by recursion
