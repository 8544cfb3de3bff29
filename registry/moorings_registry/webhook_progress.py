"""How far each webhook has come: one worker delivers, and every other one has to answer for it.

What a receiver has is not history, so the ledger does not hold it: it is a small record beside it. A record that is
lost, or older than another, means that events are sent again, never that one is left out: what a receiver did not take
is in the same record as the position, so the one is never stored without the other.
"""

from dataclasses import asdict, dataclass, field, replace
from typing import Any

import orjson

from moorings_registry.export_statuses import MemoryStatuses, StatusStore
from moorings_registry.state import Webhook

MOST_DEAD_LETTERS = 100
"""Of one webhook; beyond that the oldest go, and are counted."""


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """An event that a receiver did not take: where it is in the ledger, and why."""

    position: int
    index: int
    kind: str
    reason: str
    attempts: int
    at: str
    """The moment at which it was given up, as entries have them."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a webhook has come."""

    position: int
    """The last entry of which nothing is left to send."""
    index: int = 0
    """How many facts of the next entry are processed, too."""
    begun: int = 0
    """The run that this is the record of: `Webhook.begun`."""
    retried: int = 0
    """The last wish for its dead letters that was granted: `Webhook.retried`."""
    dead: tuple[DeadLetter, ...] = ()
    """What it did not take, oldest first."""
    again: tuple[DeadLetter, ...] = ()
    """What of that is to be sent again, before anything else."""
    dropped: int = 0
    """Dead letters that there was no room for any more."""
    delivered: int = 0
    delivered_at: str = ""
    """When it last took an event; empty for never."""
    failures: int = 0
    """Attempts in a row that failed."""
    error: str = ""
    """Why the last attempt failed; empty where it did not."""
    failed_at: str = ""
    stopped: str = ""
    """Why nothing is sent to it; empty where something is."""
    version: int = field(default=1)

    def with_dead(self, letter: DeadLetter) -> "Progress":
        """With one more event that it did not take."""
        dead = (*self.dead, letter)
        over = max(0, len(dead) - MOST_DEAD_LETTERS)
        return replace(self, dead=dead[over:], dropped=self.dropped + over)


class WebhookProgress:
    """The records of webhooks; safe from any thread and process."""

    def __init__(self, store: StatusStore | None = None) -> None:
        """Keep them in *store*; without one, in this process."""
        self._store = store or MemoryStatuses()

    def put(self, webhook: Webhook, progress: Progress) -> None:
        """Publish how far a webhook has come; only the worker that delivers does. It may be lost."""
        self._store.put(_key(webhook.id), orjson.dumps(asdict(progress)))

    def of(self, webhook: Webhook) -> Progress:
        """How far *webhook* has come in its present run."""
        stored = _read(self._store.get(_key(webhook.id)))
        start = max(webhook.after, webhook.advanced)
        if stored is None:
            return Progress(start, begun=webhook.begun, retried=webhook.retried)
        if stored.begun != webhook.begun:  # replayed since: what it did not take before is still known
            return replace(stored, position=start, index=0, begun=webhook.begun)
        return stored if stored.position >= start else replace(stored, position=start, index=0)


def _key(id: int) -> str:
    return f"webhook/{id}"  # exporters, which may share the store, have no slash in their names


def _read(stored: bytes | None) -> Progress | None:
    """A record as it was stored; None for none, and for what a crash left of one."""
    try:
        content: dict[str, Any] = orjson.loads(stored or b"")
        dead, again = (tuple(DeadLetter(**one) for one in content[name]) for name in ("dead", "again"))
        return Progress(**{**content, "dead": dead, "again": again})
    except (ValueError, TypeError, KeyError):
        return None
