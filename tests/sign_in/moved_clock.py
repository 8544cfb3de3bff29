"""`moorings-registry` with clocks that a test moves, by writing seconds into a file.

Only the clocks that keys and tokens are judged by are moved: those of the server itself would end its workers.
"""

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

from moorings_registry.cli.main import main
from moorings_registry.issuers.issuer_keys import IssuerKeys
from moorings_registry.issuers.trust import Trust
from tests.sign_in.exchanging import Node

VARIABLE = "TEST_CLOCK_AHEAD"


def ahead_s() -> float:
    """By how much the clocks are ahead now."""
    path = Path(os.environ[VARIABLE])
    return float(path.read_text()) if path.exists() else 0.0


def move(clock: Callable[[], float]) -> Callable[[], float]:
    return lambda: clock() + ahead_s()


class MovedNode(Node):
    """A node with such clocks."""

    def _program(self) -> list[str]:
        return [sys.executable, "-m", "tests.sign_in.moved_clock"]


if __name__ == "__main__":
    for owner, clock in ((IssuerKeys, time.monotonic), (Trust, time.time)):
        owner.__init__.__kwdefaults__["clock"] = move(clock)  # type: ignore[attr-defined, misc]
    main()
