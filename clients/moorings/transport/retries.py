"""When to try again, and how long to wait first: decisions only, no clock and no network.

Waits grow exponentially with full jitter, so that a thousand clients do not return at the same moment. A `Retry-After`
of the registry is a lower bound, within reason.
"""

import random
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

_LONGEST_S = 86_400
RETRYABLE_STATUS = frozenset((408, 425, 429, 500, 502, 503, 504))


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How often and when to retry; `retries` is the number of attempts after the first."""

    retries: int = 3
    first_wait_s: float = 0.1
    longest_wait_s: float = 5.0
    jitter: Callable[[], float] = field(default=random.random, compare=False)
    """A number in [0, 1)."""

    def wait_s(self, attempt: int, retry_after_s: float | None = None) -> float | None:
        """Say how long to wait after *attempt* (counted from 1) failed; None: give up.

        A registry that asks for a longer wait than `longest_wait_s` is not waited for.
        """
        if attempt > self.retries:
            return None
        if retry_after_s is not None and retry_after_s > self.longest_wait_s:
            return None
        ceiling = min(self.longest_wait_s, self.first_wait_s * 2.0 ** (attempt - 1))
        return max(retry_after_s or 0.0, ceiling * self.jitter())


DEFAULT_RETRIES = RetryPolicy()


def retry_after_s(header: str | None, date: str | None = None) -> float | None:
    """Read a `Retry-After` (RFC 9110 §10.2.3) in seconds; anything unreadable counts as absent.

    Its other form is a date, which means as many seconds as it lies after *date*, the answer's own `Date`: so no two
    clocks are compared.
    """
    if header is None:
        return None
    if header.strip().isdecimal():
        return float(min(int(header.strip()[:9]), _LONGEST_S))
    later, now = _instant(header), _instant(date)
    return None if later is None or now is None else min(max(0.0, (later - now).total_seconds()), _LONGEST_S)


def _instant(date: str | None) -> "datetime | None":
    from email.utils import parsedate_to_datetime  # start-up cost, for a header that is rare

    try:
        found = parsedate_to_datetime(date or "")
    except (ValueError, TypeError, OverflowError):
        return None
    return found if found.tzinfo is not None else None


class RetryBudget:
    """Bounds the retries of a whole process: a registry in trouble gets 20 % more requests, not four times as many.

    Every call adds a fifth of a retry to the budget, up to *most*, its initial value.
    """

    def __init__(self, most: float = 20.0, per_call: float = 0.2) -> None:
        self._most = most
        self._per_call = per_call
        self._left = most
        self._lock = threading.Lock()

    def called(self) -> None:
        """Note a first attempt."""
        with self._lock:
            self._left = min(self._most, self._left + self._per_call)

    def spend(self) -> bool:
        """Take one retry out of the budget; False if none is left."""
        with self._lock:
            if self._left < 1.0:
                return False
            self._left -= 1.0
            return True
