"""How facts about webhooks change the state."""

from dataclasses import replace

from moorings_registry import facts
from moorings_registry.state.fold.draft import Appliers, Draft
from moorings_registry.state.webhooks import Webhook


def _webhook_created(draft: Draft, fact: facts.WebhookCreated) -> None:
    position = draft.entry.position
    draft.webhooks[position] = Webhook(
        id=position,
        url=fact.url,
        node=fact.node,
        kinds=tuple(fact.kinds),
        mode=fact.mode,
        authority=tuple(draft.grants[id] for id in fact.grants),
        created_by=fact.created_by,
        created_at=draft.entry.recorded_at,
        after=fact.after,
        begun=position,
        advanced=fact.after,
    )


def _webhook_replayed(draft: Draft, fact: facts.WebhookReplayed) -> None:
    known = draft.webhooks[fact.webhook]
    begun = draft.entry.position
    draft.webhooks[fact.webhook] = replace(known, after=fact.after, begun=begun, advanced=fact.after)


def _dead_letters_replayed(draft: Draft, fact: facts.DeadLettersReplayed) -> None:
    draft.webhooks[fact.webhook] = replace(draft.webhooks[fact.webhook], retried=draft.entry.position)


def _webhook_advanced(draft: Draft, fact: facts.WebhookAdvanced) -> None:
    draft.webhooks[fact.webhook] = replace(draft.webhooks[fact.webhook], advanced=fact.position)


def _webhook_removed(draft: Draft, fact: facts.WebhookRemoved) -> None:
    draft.webhooks.pop(fact.webhook, None)


APPLY: Appliers = {
    facts.WebhookCreated: _webhook_created,
    facts.WebhookReplayed: _webhook_replayed,
    facts.DeadLettersReplayed: _dead_letters_replayed,
    facts.WebhookAdvanced: _webhook_advanced,
    facts.WebhookRemoved: _webhook_removed,
}
