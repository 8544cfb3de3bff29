"""Facts about webhooks, as sentences."""

from urllib.parse import urlsplit

from moorings_registry import facts
from moorings_registry.web import links
from moorings_registry.web.fact_descriptions.sentences import Phrase, Sentence, Tellers, brief
from moorings_registry.web.labels import listed


def _webhook_created(fact: facts.WebhookCreated, position: int) -> Sentence:
    what = listed(fact.kinds, 3) if fact.kinds else "events"
    host = urlsplit(fact.url).hostname or ""
    told = f" was created: {what} of {brief(fact.node)} are sent to {brief(host)}."
    return Sentence("calm", "replay", (*_webhook(position), Phrase(told)))


def _webhook_replayed(fact: facts.WebhookReplayed, _position: int) -> Sentence:
    told = f" gets again what followed entry {fact.after:,}."
    return Sentence("calm", "replay", (*_webhook(fact.webhook), Phrase(told)))


def _dead_letters_replayed(fact: facts.DeadLettersReplayed, _position: int) -> Sentence:
    return Sentence("calm", "replay", (*_webhook(fact.webhook), Phrase(" gets its dead letters again.")))


def _webhook_advanced(fact: facts.WebhookAdvanced, _position: int) -> Sentence:
    told = f" has everything up to entry {fact.position:,}."
    return Sentence("calm", "note", (*_webhook(fact.webhook), Phrase(told)))


def _webhook_removed(fact: facts.WebhookRemoved, _position: int) -> Sentence:
    why = f": {brief(fact.because)}." if fact.because else "."
    return Sentence("past", "archive", (*_webhook(fact.webhook), Phrase(f" was removed{why}")))


def _webhook(id: int) -> tuple[Phrase, Phrase]:
    return Phrase("Webhook "), Phrase(str(id), links.webhook_href(id), strong=True)


TELLERS: Tellers = {
    facts.WebhookCreated: _webhook_created,
    facts.WebhookReplayed: _webhook_replayed,
    facts.DeadLettersReplayed: _dead_letters_replayed,
    facts.WebhookAdvanced: _webhook_advanced,
    facts.WebhookRemoved: _webhook_removed,
}
