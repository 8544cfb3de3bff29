"""How long a law looks: a fixed number of seeds in every test run, fresh ones for a given time when it is fuzzed.

`tools/fuzz.py` sets the environment: ``MOORINGS_FUZZ_SECONDS`` is the time that the verdicts of one format get, and
``MOORINGS_FUZZ_REPORT`` names a file to which each format appends what it counted, as one line of JSON. Laws that take
long look at fewer examples in a test run than ``MOORINGS_LAWS=full`` makes them look at.
"""

import json
import os
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

SECONDS = float(os.environ.get("MOORINGS_FUZZ_SECONDS", "0"))
FULL = bool(SECONDS) or os.environ.get("MOORINGS_LAWS") == "full"


def wide(count: int, full: int) -> int:
    """How many examples a law looks at: *count* in every test run, *full* when it is fuzzed or asked for in full."""
    return full if FULL else count


def seeds(count: int) -> Iterator[int]:
    """Yield *count* seeds, the same every time; or, when fuzzing, new ones for as long as there is time."""
    if not SECONDS:
        yield from range(count)
        return
    until = time.monotonic() + SECONDS
    seed = time.time_ns()
    while time.monotonic() < until:
        yield seed
        seed += 1


def few(count: int) -> range:
    """Return *count* seeds for a law that takes no time of its own: the same every time, and new ones when fuzzing."""
    start = time.time_ns() if SECONDS else 0
    return range(start, start + count)


class Tally:
    """What one format's law counted. A pair that breaks it is kept, and the next one is looked at nevertheless."""

    def __init__(self, format: str) -> None:
        self.format = format
        self.counts: Counter[str] = Counter(pairs=0, undecided=0, unconfirmed=0, unsound=0)
        self.failures: list[str] = []

    @contextmanager
    def pair(self) -> Iterator[None]:
        """Count one pair; what is asserted inside is noted rather than raised."""
        self.counts["pairs"] += 1
        try:
            yield
        except AssertionError as error:
            said = str(error)
            self.counts["unsound" if said.startswith("unsound") else "unconfirmed"] += 1
            self.failures.append(said)

    def told(self) -> str:
        """Say what was counted in one line, and hand it on to whoever fuzzes."""
        tell(self.format, self.counts)
        return f"{self.format}: {', '.join(f'{count} {word}' for word, count in sorted(self.counts.items()))}"


def require_held(tally: Tally, capsys: pytest.CaptureFixture[str]) -> None:
    """Print what was counted, and pass if no pair broke the law and there were verdicts of both kinds alone."""
    with capsys.disabled():
        print(f"\n{tally.told()}")
    assert not tally.failures, tally.failures[0]
    assert tally.counts["compatible"]
    assert tally.counts["breaking"]
    assert not tally.counts["undecided"]


def tell(format: str, counts: Mapping[str, int]) -> None:
    """Append what a format counted to the report, if one is kept."""
    report = os.environ.get("MOORINGS_FUZZ_REPORT")
    if report:
        with Path(report).open("a", encoding="utf-8") as lines:
            lines.write(json.dumps({"format": format, "counts": counts}) + "\n")
