"""The ledger, to be read: entries page by page, and its head."""

from collections.abc import Iterator
from typing import Any

from moorings_registry.entries import Entry
from moorings_registry.http.native.blueprint import NativeBlueprint
from moorings_registry.http.native.shapes import HeadShape, LedgerQuery, LedgerShape
from moorings_registry.http.requests import consult, current_registry, require_ledger
from moorings_registry.state import State

PAGE_CHARACTERS = 4 * 1024 * 1024
"""Of schema texts in one answer, after which it ends."""

ledger = NativeBlueprint("ledger", __name__, url_prefix="/v1/ledger", description="What happened, and its proof.")


@ledger.get("")
@ledger.operation("listEntries")
@ledger.arguments(LedgerQuery, location="query")
@ledger.response(200, LedgerShape)
def list_entries(query: dict[str, Any]) -> dict[str, Any]:
    """List entries after a position, oldest first; fewer than `limit` where they are large.

    It takes `read` on everything besides `audit`, since entries hold what was registered.
    """
    require_ledger()
    return consult(lambda state: {"entries": list(_page(query["after"], query["limit"])), "head": state})


def _page(after: int, limit: int) -> Iterator[Entry]:
    characters = 0
    for count, entry in enumerate(current_registry().entries(after), start=1):
        yield entry
        characters += sum(len(fact.get("text", "")) for fact in entry.facts)
        if count == limit or characters > PAGE_CHARACTERS:
            return


@ledger.get("/head")
@ledger.operation("showHead")
@ledger.response(200, HeadShape)
def head() -> State:
    """Show the position and the digest of the ledger's last entry."""
    return consult(lambda state: state)
