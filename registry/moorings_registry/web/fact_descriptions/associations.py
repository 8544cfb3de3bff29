"""Facts about resources and their subjects, as sentences."""

from moorings_registry import facts
from moorings_registry.web.fact_descriptions.sentences import Phrase, Sentence, Tellers, event_phrase


def _resource_associated(fact: facts.ResourceAssociated, _position: int) -> Sentence:
    frozen = ", frozen" if fact.frozen else ""
    told = f" describes the {fact.association_type}s of {fact.resource_type} {fact.resource_name}"
    return Sentence("calm", "note", (event_phrase(fact.subject), Phrase(f"{told} ({fact.lifecycle.lower()}{frozen}).")))


def _resource_dissociated(fact: facts.ResourceDissociated, _position: int) -> Sentence:
    told = f"The {fact.association_type}s of {fact.resource_type} {fact.resource_name} are no longer described."
    return Sentence("past", "archive", (Phrase(told),))


TELLERS: Tellers = {
    facts.ResourceAssociated: _resource_associated,
    facts.ResourceDissociated: _resource_dissociated,
}
