"""Webhooks: events of the registry, sent as signed CloudEvents to whoever governs what they are about."""

import threading
from typing import Any
from uuid import uuid4

from flask import g

from moorings_compat import Problem
from moorings_registry.access import Access, Node, access_of, lasting_access, may_subscribe
from moorings_registry.commands import (
    CreateWebhook,
    RemoveWebhook,
    ReplayDeadLetters,
    ReplayWebhook,
    addresses_allowed,
    known_webhook,
)
from moorings_registry.commands.webhooks import normalised_url
from moorings_registry.errors import (
    BodyUnreadable,
    RequestInvalid,
    SigningNotSetUp,
    SigningUnavailable,
    TooManyWaiting,
    WebhookNotFound,
)
from moorings_registry.http.native.blueprint import WRITING, Answer, NativeBlueprint
from moorings_registry.http.native.webhook_shapes import (
    WebhookBody,
    WebhookRemoveQuery,
    WebhookReplayBody,
    WebhookShape,
    WebhooksShape,
    WebhookTestShape,
)
from moorings_registry.http.requests import consult, current_caller, current_registry, position_header
from moorings_registry.http.telling import current_telling
from moorings_registry.state import State, Webhook
from moorings_registry.webhooks.delivery import Surroundings, send_test

webhooks = NativeBlueprint(
    "webhooks", __name__, url_prefix="/v1/webhooks", description="Where events of the registry are sent."
)
_TESTS = threading.BoundedSemaphore(2)
"""Tests of receivers that a worker waits for at a time: each holds one of its threads."""


@webhooks.post("")
@webhooks.operation("createWebhook", *WRITING, BodyUnreadable, SigningNotSetUp)
@webhooks.arguments(WebhookBody)
@webhooks.response(201, WebhookShape)
def create(body: dict[str, Any]) -> Answer:
    """Send events to a URL: of a node that the caller governs, or audits and reads. It ends with that right."""
    _sending()
    kinds = tuple(body.pop("kinds"))
    command = CreateWebhook(kinds=kinds, **body)
    outcome, state = current_registry().execute(command, current_caller())
    made = (normalised_url(command.url), outcome.domain)
    newest = max(id for id, one in state.webhooks.items() if (one.url, one.node) == made)
    return webhook_value(state, state.webhooks[newest]), position_header(state)


@webhooks.get("")
@webhooks.operation("listWebhooks")
@webhooks.response(200, WebhooksShape)
def list_webhooks() -> Answer:
    """List the webhooks of nodes that the caller governs, or audits and reads, and how far they have come."""
    return consult(lambda state: {"webhooks": [webhook_value(state, one) for one in shown_webhooks(state)]})


@webhooks.get("/<int:id>")
@webhooks.operation("showWebhook", WebhookNotFound)
@webhooks.response(200, WebhookShape)
def show(id: int) -> Answer:
    """Show one webhook, how far it has come, and what its receiver did not take."""
    return consult(lambda state: webhook_value(state, known_webhook(state, id, _access(state))))


@webhooks.delete("/<int:id>")
@webhooks.operation("removeWebhook", *WRITING, WebhookNotFound)
@webhooks.arguments(WebhookRemoveQuery, location="query")
@webhooks.response(204)
def remove(query: dict[str, Any], id: int) -> Answer:
    """End a webhook: what was not sent yet is not sent."""
    _, state = current_registry().execute(RemoveWebhook(id, query["because"]), current_caller())
    return None, position_header(state)


@webhooks.post("/<int:id>/replay")
@webhooks.operation("replayWebhook", *WRITING, BodyUnreadable, WebhookNotFound)
@webhooks.arguments(WebhookReplayBody)
@webhooks.response(202, WebhookShape)
def replay(body: dict[str, Any], id: int) -> Answer:
    """Send events again: what followed a position, or what the receiver did not take."""
    after = body["after"]
    if (after is None) is not body["dead_letters"]:
        problems = [Problem("/after", "give either a position, or dead_letters true")]
        raise RequestInvalid("The request does not say what to send again", problems)
    command = ReplayDeadLetters(id) if after is None else ReplayWebhook(id, after)
    _, state = current_registry().execute(command, current_caller())
    return webhook_value(state, state.webhooks[id]), position_header(state)


@webhooks.post("/<int:id>/test")
@webhooks.operation("testWebhook", SigningNotSetUp, SigningUnavailable, TooManyWaiting, WebhookNotFound)
@webhooks.response(200, WebhookTestShape)
def test(id: int) -> Answer:
    """Send an event of kind `WebhookTested` now, once, and say what became of it; nothing is recorded."""
    settings = current_registry().settings
    known, addresses = consult(
        lambda state: (known_webhook(state, id, _access(state)), addresses_allowed(state, settings))
    )
    around = _sending()
    if not _TESTS.acquire(blocking=False):
        raise TooManyWaiting("tests of webhooks")
    try:
        return send_test(around, known, uuid4().hex, addresses)
    finally:
        _TESTS.release()


def _sending() -> Surroundings:
    """What it takes to send events.

    Raises:
        SigningNotSetUp
    """
    sending = current_telling().sending
    if sending is None:
        raise SigningNotSetUp
    return sending


def shown_webhooks(state: State) -> list[Webhook]:
    """The webhooks that the caller may see, the newest first."""
    access = _access(state)
    newest_first = (state.webhooks[id] for id in sorted(state.webhooks, reverse=True))
    return [one for one in newest_first if may_subscribe(access, Node.parse(one.node))]


def webhook_value(state: State, webhook: Webhook) -> dict[str, Any]:
    """A webhook, how far it has come, and in one word how it is."""
    registry = current_registry()
    progress = registry.webhooks.of(webhook)
    author = lasting_access(webhook.authority, state.grants, registry.dependencies.now())
    lag = max(0, state.position - progress.position)
    told = "current" if lag == 0 and not progress.again else "delivering"
    told = "failing" if progress.failures else told
    told = told if may_subscribe(author, Node.parse(webhook.node)) else "stopped"
    return {"webhook": webhook, "progress": progress, "lag": lag, "state": told}


def _access(state: State) -> Access:
    return access_of(state.grants, g.principal, current_registry().dependencies.now())
