"""The ledger, to be read: entries page by page, and its head."""

from dataclasses import dataclass
from typing import Any

from flask import request

from moorings_registry.access import UNLIMITED
from moorings_registry.entries import Entry
from moorings_registry.errors import TooManyWaiting
from moorings_registry.http.native.blueprint import NativeBlueprint
from moorings_registry.http.native.ledger_shapes import HeadShape, LedgerQuery, LedgerShape
from moorings_registry.http.requests import consult, current_registry, require_ledger
from moorings_registry.http.waiting import wait_beyond, waited_until
from moorings_registry.names import is_within
from moorings_registry.registry_events import events_of, kinds_asked_for, reader_of_access
from moorings_registry.state import State

MOST_LOOKED_AT = 5_000
"""Entries that one request looks at; `next` says where to go on."""
PAGE_CHARACTERS = 4 * 1024 * 1024
"""Of schema texts in one answer, after which it ends."""

ledger = NativeBlueprint("ledger", __name__, url_prefix="/v1/ledger", description="What happened, and its proof.")


@ledger.get("")
@ledger.operation("listEntries", TooManyWaiting)
@ledger.arguments(LedgerQuery, location="query")
@ledger.response(200, LedgerShape)
def list_entries(query: dict[str, Any]) -> dict[str, Any]:
    """List entries after a position, oldest first; fewer than `limit` where they are large.

    It takes `read` on everything besides `audit`, since entries hold what was registered. With `wait`, the answer comes
    when there is something, or after so many seconds without; `next` is where to go on.
    """
    require_ledger()
    kinds = kinds_asked_for(query["kind"], "kind")
    after = max(query["after"], waited_until(request.environ))

    def find(state: State) -> dict[str, Any]:
        page = _page(state, after, query["limit"], query["domain"], kinds)
        if not page.entries and query["wait"]:
            wait_beyond(request.environ, page.next, query["wait"])
        return {"entries": page.entries, "next": page.next, "head": state}

    return consult(find)


@dataclass(frozen=True, slots=True)
class _Page:
    entries: list[Entry]
    next: int
    """The position up to which entries were looked at."""


def _page(state: State, after: int, limit: int, domain: str, kinds: tuple[str, ...]) -> _Page:
    characters, looked_at = 0, 0
    found: list[Entry] = []
    for entry in current_registry().entries(after):
        if entry.position > state.position:
            break  # what the state does not have yet is on the next page
        after, looked_at = entry.position, looked_at + 1
        if _matches(entry, state, domain, kinds):
            found.append(entry)
            characters += sum(len(fact.get("text", "")) for fact in entry.facts)
        if len(found) == limit or characters > PAGE_CHARACTERS or looked_at == MOST_LOOKED_AT:
            break
    return _Page(found, after)


def _matches(entry: Entry, state: State, domain: str, kinds: tuple[str, ...]) -> bool:
    """Whether an entry holds an event of one of *kinds* in *domain*; any entry does, where neither is asked for."""
    if not domain and not kinds:
        return True
    events = events_of(entry, state, _EVERYBODY, lambda _fact, _number: ("", ""), kinds)
    return any(not domain or is_within(one.domain, domain) for one in events)


_EVERYBODY = reader_of_access(UNLIMITED)


@ledger.get("/head")
@ledger.operation("showHead")
@ledger.response(200, HeadShape)
def head() -> State:
    """Show the position and the digest of the ledger's last entry."""
    return consult(lambda state: state)
