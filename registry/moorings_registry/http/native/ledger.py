"""The ledger, to be read: entries page by page, and its head."""

from itertools import islice
from typing import Any

from flask import Response, jsonify

from moorings_registry.http.native.blueprint import NativeBlueprint
from moorings_registry.http.native.shapes import HeadShape, LedgerQuery, LedgerShape
from moorings_registry.http.requests import current_registry, current_state
from moorings_registry.http.views import entry_view

ledger = NativeBlueprint("ledger", __name__, url_prefix="/v1/ledger", description="What happened, and its proof.")


@ledger.get("")
@ledger.arguments(LedgerQuery, location="query")
@ledger.response(200, LedgerShape)
def list_entries(query: dict[str, Any]) -> Response:
    """List entries after a position, oldest first."""
    state = current_state()
    entries = islice(current_registry().entries(query["after"]), query["limit"])
    return jsonify(
        entries=[entry_view(one) for one in entries], head={"position": state.position, "digest": state.digest}
    )


@ledger.get("/head")
@ledger.response(200, HeadShape)
def head() -> Response:
    """Show the position and the digest that the ledger has come to."""
    state = current_state()
    return jsonify(position=state.position, digest=state.digest)
