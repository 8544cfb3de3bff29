"""Entries to append: small, with facts that look like the registry's, each one distinct."""

from collections.abc import Mapping
from typing import Any

from moorings_registry.entries import START, Entry, Head
from moorings_registry.ledger import HeadMoved, Ledger

RECORDED_AT = "2026-11-22T10:00:00.000000Z"


def entry(head: Head, name: str = "", **fact: Any) -> Entry:
    """Build the entry that follows *head*, distinguished from others by *name*."""
    return Entry.following(
        head,
        recorded_at=RECORDED_AT,
        actor="anonymous",
        correlation_id=f"c-{name}",
        facts=[{"fact": "SchemaRegistered", "subject": "shop.orders.OrderPlaced", **fact}],
    )


def chain(length: int, after: Head = START, name: str = "", fact: Mapping[str, Any] | None = None) -> list[Entry]:
    """Build *length* entries that follow *after* and each other."""
    entries = []
    for number in range(length):
        entries.append(entry(after, f"{name}{number}", **(fact or {})))
        after = entries[-1].head
    return entries


def append_all(ledger: Ledger, entries: list[Entry]) -> None:
    """Append *entries*, which were built to follow the head and each other."""
    for one in entries:
        ledger.append(one, after=Head(one.position - 1, one.previous))


def append_next(ledger: Ledger, name: str) -> Entry:
    """Append one entry named *name* where the history ends, the way a service does: losing a race is not an error."""
    while True:
        head = ledger.head()
        try:
            one = entry(head, name)
            ledger.append(one, after=head)
        except HeadMoved:
            continue
        return one
