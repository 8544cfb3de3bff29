"""Which entries this release can read: those whose facts all have forms that it knows."""

from collections.abc import Iterable, Iterator

from moorings_registry import facts
from moorings_registry.entries import Entry
from moorings_registry.ledger import LedgerTooNew


def require_known(entry: Entry) -> None:
    """Pass where this release knows every fact of *entry*.

    Raises:
        LedgerTooNew
    """
    try:
        for stored in entry.facts:
            facts.from_json(stored)
    except facts.FactUnknown as unknown:
        raise LedgerTooNew(entry.position, str(unknown)) from None


def noting_unknown(entries: Iterable[Entry], first: list[LedgerTooNew]) -> Iterator[Entry]:
    """Pass *entries* on, known or not; the first that is not known is noted as the only item of *first*."""
    for entry in entries:
        if not first:
            try:
                require_known(entry)
            except LedgerTooNew as unknown:
                first.append(unknown)
        yield entry
