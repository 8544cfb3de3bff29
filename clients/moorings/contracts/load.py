"""The load of a contract: how many events were written in a sampled second, and how large events were; never a value.

Counting each event would cost each event. So a second in each interval is counted whole, and besides it the size of the
first event that is written and read in each interval.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from time import monotonic
from typing import Any

from moorings_compat.load_buckets import SIZES, bucket_of

SAMPLED_S = 1.0
"""Seconds of each interval in which every event that is written counts."""

Encode = Callable[[Any], bytes]


@dataclass(slots=True)
class Load:
    """What was counted since it was last taken, by direction."""

    in_a_second: int = 0
    """Events that were written in the sampled second."""
    sizes: dict[str, Counter[int]] = field(default_factory=lambda: {"produce": Counter(), "consume": Counter()})
    """How many events had which size, by `load_buckets.SIZES`: with their framing, as they travel."""


class LoadSampler:
    """Samples the load of one contract; the counts may miss an event where threads meet, as no event takes a lock."""

    def __init__(self) -> None:
        self._load = Load()
        self._ends = 0.0

    def begin(self) -> None:
        """Begin the sampled second of an interval; one that is not over yet does not become longer."""
        now = monotonic()
        if now >= self._ends:
            self._ends = now + SAMPLED_S

    def take(self) -> Load:
        """Return what was counted, and begin again."""
        load, self._load = self._load, Load()
        return load

    def read(self, data: bytes) -> None:
        """Note the size of an event that is read."""
        self._load.sizes["consume"][bucket_of(SIZES, len(data))] += 1

    def sampled(self, encode: Encode, restore: Callable[[Encode], None]) -> Encode:
        """Return an encoder that counts until the sampled second is over, and then asks *restore* to take it away."""

        def counted(value: Any) -> bytes:
            data = encode(value)
            load = self._load
            load.sizes["produce"][bucket_of(SIZES, len(data))] += 1
            if monotonic() < self._ends:
                load.in_a_second += 1
            else:
                restore(counted)
            return data

        return counted
