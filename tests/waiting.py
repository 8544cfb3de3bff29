"""How tests wait for what comes to be."""

import time
from collections.abc import Callable

WITHIN_S = 120.0
"""Longer than a slow machine needs: nothing depends on it where a test passes."""


def eventually(is_so: Callable[[], bool], within_s: float = WITHIN_S) -> None:
    """Wait until something is so, or fail."""
    deadline = time.monotonic() + within_s
    while not is_so():
        assert time.monotonic() < deadline, "it did not come to be so"
        time.sleep(0.05)
