"""A state that is being written, and what several families of facts do to it."""

from collections.abc import Callable, Mapping
from typing import Any

from moorings_registry import facts
from moorings_registry.entries import Entry
from moorings_registry.state.consumers import HeldReader
from moorings_registry.state.state import Keyed, State
from moorings_registry.state.values import CheckRecord, Version, report_id

DAY = len("2027-01-31")
"""Characters of a moment that are its day."""

MAPS = frozenset((
    "domains", "declarations", "topics", "subjects", "definitions", "aliases", "known_as", "ids", "id_of", "last_id",
    "uses", "referrers", "departed", "waivers", "waived_policies", "held_policies", "configs", "modes", "resources",
    "named", "leading", "exporters", "keks", "deks", "consumers", "readers", "deployments", "holders", "grants",
    "reminders", "issuers", "refused", "reviews", "keys", "key_order", "webhooks",
))  # fmt: skip


class Draft:
    """A state being written: the maps it touches as mutations, so that many entries cost one copy of each."""

    def __init__(self, state: State) -> None:
        self.base = state
        self.checks = state.checks
        self.keys_seen = state.keys_seen
        self.purged = state.purged
        self.issuers_digest = state.issuers_digest
        self.position = state.position
        self.digest = state.digest
        self.waived: facts.WaiverUsed | None = None
        """What let a registration that follows in the same entry break the revisions before it."""
        self.recorded = 0
        """Checks that the entry has recorded so far."""
        self.held: tuple[HeldReader, ...] = ()
        """For whom the refusal that follows in the same entry was held back."""
        self.entry: Entry = None  # type: ignore[assignment]  # begin() sets it before any fact is applied

    def __getattr__(self, name: str) -> Any:
        """Begin to change one of `MAPS`; from then on it is an attribute like any other."""
        if name not in MAPS:
            raise AttributeError(name)
        mutation = getattr(self.base, name).mutate()
        setattr(self, name, mutation)
        return mutation

    def peek(self, name: str) -> Any:
        """One of `MAPS` to look into: one that is not changed stays the very map that it was."""
        begun = vars(self).get(name)
        return getattr(self.base, name) if begun is None else begun

    def begin(self, entry: Entry) -> None:
        """Go to the next entry; its facts are applied between this and `end`."""
        self.entry = entry
        self.waived = None
        self.held = ()
        self.recorded = 0

    def record(self, check: CheckRecord) -> None:
        """Add the check that the entry records; its report gets the id that `report` had before."""
        self.checks = self.checks.and_then(check)
        self.recorded += 1

    @property
    def report(self) -> int:
        """The id of the report of the check that is recorded next."""
        return report_id(self.entry.position, self.recorded)

    def end(self) -> None:
        """Count the entry as applied: its position, its digest, and its idempotency key in the ring of those kept."""
        entry = self.entry
        self.position, self.digest = entry.position, entry.digest
        if entry.idempotency_key:
            key, _, request = entry.idempotency_key.rpartition("#")
            slot = self.keys_seen % self.base.keys_kept
            dropped = self.key_order.get(slot)
            if dropped is not None:
                self.keys.pop(dropped, None)
            self.key_order[slot] = key
            self.keys[key] = Keyed(request, entry.position)
            self.keys_seen += 1

    def finish(self) -> State:
        """Return the state with all that was applied; maps that nothing touched are those of the state before."""
        changed = {name: value.finish() for name, value in vars(self).items() if name in MAPS}
        return self.base.changed(
            {
                "position": self.position,
                "digest": self.digest,
                "checks": self.checks,
                "keys_seen": self.keys_seen,
                "purged": self.purged,
                "issuers_digest": self.issuers_digest,
                **changed,
            }
        )


Appliers = Mapping[type[facts.Fact], Callable[[Draft, Any], None]]
"""By the fact: what it does to a state that is being written."""


def set_or_drop(mutation: Any, scope: Any, value: Any) -> None:
    """Set *value* for *scope*, or remove what is there when it is empty."""
    if value:
        mutation[scope] = value
    else:
        mutation.pop(scope, None)


def reindex(index: Any, name: str, before: set[Any], after: set[Any]) -> None:
    """Make the keys *after* lead to *name*, and remove those that were only *before*."""
    for key in before ^ after:
        others = tuple(one for one in index.get(key, ()) if one != name)
        set_or_drop(index, key, (*others, name) if key in after else others)


def touch_uses(draft: Draft, version: Version) -> None:
    """Make the uses of a definition an equal tuple, but another one: whoever remembers an answer by it notices."""
    key = (version.subject.context, version.guid)
    draft.uses[key] = (*draft.uses[key],)
