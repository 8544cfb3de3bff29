"""Applying entries: the only place where a state comes from."""

from collections.abc import Iterable

from moorings_registry import facts
from moorings_registry.entries import Entry
from moorings_registry.ledger import LedgerTooNew
from moorings_registry.state.fold import (
    access,
    associations,
    checks,
    consumers,
    domains,
    encryption_keys,
    exporters,
    lifecycle,
    schemas,
    settings,
    waivers,
    webhooks,
)
from moorings_registry.state.fold.draft import Appliers, Draft
from moorings_registry.state.state import State


def apply(state: State, entries: Iterable[Entry]) -> State:
    """Return the state after *entries*, which follow *state* in order.

    Raises:
        LedgerTooNew: one of them holds a fact of a newer release. Nothing of it is applied, for what follows may
            depend on what this release would leave out.
    """
    draft: Draft | None = None
    for entry in entries:
        draft = draft or Draft(state)
        draft.begin(entry)
        try:
            for stored in entry.facts:
                fact = facts.from_json(stored)
                APPLY[type(fact)](draft, fact)
        except facts.FactUnknown as unknown:
            raise LedgerTooNew(entry.position, str(unknown)) from None
        draft.end()
    return draft.finish() if draft else state


APPLY: Appliers = {
    **access.APPLY,
    **associations.APPLY,
    **checks.APPLY,
    **consumers.APPLY,
    **domains.APPLY,
    **encryption_keys.APPLY,
    **exporters.APPLY,
    **lifecycle.APPLY,
    **schemas.APPLY,
    **settings.APPLY,
    **waivers.APPLY,
    **webhooks.APPLY,
}
