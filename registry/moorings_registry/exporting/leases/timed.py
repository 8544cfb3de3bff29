"""A lease that ends by itself, beside a ledger that several machines share: all but where it is kept.

By the clock of this process the right is over a little earlier than by that of the server, so that two never have it.
"""

import time
from collections.abc import Callable
from uuid import uuid4

import structlog

LASTS_S = 30
ASKED_EVERY_S = 5.0
_MARGIN_S = 5.0

log = structlog.get_logger("moorings.exporting")


class TimedLease:
    """Held by the node whose name the server has; a subclass takes it there, keeps it, and gives it back."""

    failures: tuple[type[Exception], ...]
    """What `take` and `give_back` raise while the server cannot be asked."""

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self.name = uuid4().hex
        self._clock = clock
        self._asked = self._until = float("-inf")
        self._away = False

    def take(self) -> bool:
        """Take the right for `LASTS_S` seconds, or keep it as long; False while somebody else has it."""
        raise NotImplementedError

    def give_back(self) -> None:
        """Let somebody else have it, if it is ours."""
        raise NotImplementedError

    def held(self) -> bool:
        now = self._clock()
        if now < min(self._until, self._asked + ASKED_EVERY_S):
            return True
        try:
            taken = self.take()
        except self.failures as error:
            if not self._away:
                log.warning("export_lease_unavailable", cause=type(error).__name__)
            self._away = True
            return now < self._until  # what was given stays given as long as it was
        self._asked, self._away = now, False
        self._until = now + LASTS_S - _MARGIN_S if taken else float("-inf")
        return taken

    def release(self) -> None:
        self._asked = self._until = float("-inf")
        try:
            self.give_back()
        except self.failures:
            return  # it ends by itself
