"""How often one receiver is tried: again while it fails, ever more slowly, and not for ever with one event."""

import random
from collections.abc import Callable
from dataclasses import dataclass

from moorings_registry.webhooks.sending import Answer, Fate


@dataclass(frozen=True, slots=True)
class Pace:
    """How long to wait between attempts, and after how many an event is given up."""

    first_pause_s: float = 1.0
    longest_pause_s: float = 300.0
    opens_after: int = 5
    """Failures in a row after which the receiver counts as out of order: one attempt each pause tells whether it is
    back."""
    attempts: int = 15
    """At one event while the receiver cannot take it now, an hour or so; one that is not reached is tried for ever."""
    attempts_refused: int = 5
    """At one event that the receiver says it does not take: it may be about to start, or wrongly set up."""

    def pause_s(self, failures: int, answer: Answer, draw: Callable[[], float] = random.random) -> float:
        """Seconds until the next attempt after *failures* in a row: doubled each time, with full jitter.

        A receiver that asks for more time gets that, within the longest pause.
        """
        longest: float = min(self.longest_pause_s, self.first_pause_s * 2 ** min(failures - 1, 20))
        drawn = longest * (0.5 + draw() / 2)
        return min(self.longest_pause_s, max(drawn, answer.retry_after_s))

    def gives_up(self, attempts: int, answer: Answer) -> bool:
        """Whether an event is not tried again after *attempts*, of which *answer* is the last."""
        if answer.fate is Fate.UNREACHED:
            return False
        return attempts >= (self.attempts_refused if answer.fate is Fate.REFUSED else self.attempts)
