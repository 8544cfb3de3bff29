"""A budget for look-ups of schemas that the registry does not know.

The client remembers one poisoned id that is delivered again and again. A flood of different ones, such as another
binary format in the topic, would still cause a request per message: the budget stops that after a few dozen.
"""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable

from moorings.codecs.framing import split_prefix
from moorings.errors import FramingInvalid

_REMEMBERED = 1000


class UnknownSchemaBudget:
    """How many unknown schemas may be looked up: a burst of *most*, then one every *refill_s*; safe from any thread.

    A schema that the registry knows costs nothing, and neither does an unknown one that was counted recently.
    """

    def __init__(self, most: int = 60, *, refill_s: float = 1.0, clock: Callable[[], float] = time.monotonic) -> None:
        self._most = most
        self._refill_s = refill_s
        self._clock = clock
        self._lock = threading.Lock()
        self._counted: OrderedDict[bytes, None] = OrderedDict()
        self._left = float(most)
        self._since = clock()

    @property
    def is_spent(self) -> bool:
        """Whether no unknown schema should be looked up now."""
        if self._left >= 1:
            return False
        with self._lock:
            self._refill()
            return self._left < 1

    def note_miss(self, data: bytes) -> None:
        """Count a framed message whose writer the registry does not know."""
        try:
            prefix, _ = split_prefix(data)
        except FramingInvalid:
            prefix = data[:10]  # Avro's single-object encoding
        with self._lock:
            if prefix in self._counted:
                self._counted.move_to_end(prefix)
                return
            self._counted[prefix] = None
            while len(self._counted) > _REMEMBERED:
                self._counted.popitem(last=False)
            self._refill()
            self._left = max(0.0, self._left - 1)

    def _refill(self) -> None:
        now = self._clock()
        self._left = min(float(self._most), self._left + (now - self._since) / self._refill_s)
        self._since = now
