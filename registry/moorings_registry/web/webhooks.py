"""The webhooks of what the caller governs: where events are sent, and how far each receiver has come."""

from flask import Response

from moorings_registry.http.native.webhooks import shown_webhooks, webhook_value
from moorings_registry.http.requests import consult
from moorings_registry.registry_events import EVENT_KINDS
from moorings_registry.state import State
from moorings_registry.web.rendering import page

MOST_LETTERS = 20
"""Dead letters of a webhook that are listed."""


def list_webhooks() -> Response:
    """Show the webhooks, the newest first."""
    return consult(_list)


def _list(state: State) -> Response:
    return page(
        "webhooks.html",
        title="Webhooks",
        section="Webhooks",
        state=state,
        webhooks=[webhook_value(state, one) for one in shown_webhooks(state)],
        most_letters=MOST_LETTERS,
        kinds=EVENT_KINDS,
    )
