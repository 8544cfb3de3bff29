"""Facts about settings of the Confluent API, as sentences."""

from moorings_registry import facts
from moorings_registry.names import Subject
from moorings_registry.web.fact_descriptions.sentences import Phrase, Sentence, Tellers, brief, event_phrase


def _scope(scope: str) -> tuple[Phrase, ...]:
    if not scope:
        return (Phrase("the whole registry"),)
    if scope.startswith(":") and scope.endswith(":"):
        return (Phrase(f"context {scope.strip(':')}"),)
    return (event_phrase(str(Subject.parse(scope))),)


def _config_changed(fact: facts.ConfigChanged, _position: int) -> Sentence:
    if not fact.config:
        return Sentence("calm", "note", (*_scope(fact.scope), Phrase(" no longer has settings of its own.")))
    settings = ", ".join(f"{key} {brief(value)}" for key, value in sorted(fact.config.items()))
    return Sentence("calm", "note", (Phrase("The settings of "), *_scope(fact.scope), Phrase(f" are now: {settings}.")))


def _mode_changed(fact: facts.ModeChanged, _position: int) -> Sentence:
    told = f" is now {fact.mode}." if fact.mode else " no longer has a mode of its own."
    return Sentence("calm", "note", (Phrase("Mode: "), *_scope(fact.scope), Phrase(told)))


TELLERS: Tellers = {
    facts.ConfigChanged: _config_changed,
    facts.ModeChanged: _mode_changed,
}
