"""Buckets for what is counted of the load of events, their sizes and rates: few, and the same for clients and registry.

A bucket is named by the largest number in it. Sizes have four buckets for each power of two, rates one.
"""

from bisect import bisect_left
from collections.abc import Sequence

SIZES = tuple(power * quarter // 4 for power in (2**exponent for exponent in range(6, 30)) for quarter in (4, 5, 6, 7))
"""Bytes of an event, with its framing: 64, 80, 96, 112, 128, 160, ... to almost a gigabyte."""
RATES = tuple(2**exponent for exponent in range(21))
"""Events in one second: 1, 2, 4, ... to a million."""


def bucket_of(buckets: Sequence[int], number: int) -> int:
    """Return the bucket that *number* is in; the last one for what is larger."""
    return buckets[min(bisect_left(buckets, number), len(buckets) - 1)]


def least_in(buckets: Sequence[int], bucket: int) -> int:
    """Return the smallest number in a bucket."""
    place = bisect_left(buckets, bucket)
    return buckets[place - 1] + 1 if place else 0
