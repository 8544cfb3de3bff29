"""Folders that are deeper than Python recurses."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_LIMIT = 1_000
_DEPTH = _LIMIT + 200


@contextmanager
def deep_folder(top: Path) -> Iterator[Path]:
    """The lowest folder of many below *top*; it is the working directory, since a path as long is refused elsewhere.

    Meanwhile Python recurses no deeper than it does by itself: hypothesis lets it, and a folder deeper than that would
    have a longer path than systems take.
    """
    before, limit = Path.cwd(), sys.getrecursionlimit()
    sys.setrecursionlimit(_LIMIT)
    os.chdir(top)
    try:
        for _ in range(_DEPTH):
            Path("d").mkdir()
            os.chdir("d")
        yield top.joinpath(*["d"] * _DEPTH)
    finally:
        os.chdir(before)
        sys.setrecursionlimit(limit)
        subprocess.run(["rm", "-r", top / "d"], check=True)  # pytest removes folders by recursion
