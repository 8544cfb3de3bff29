"""Facts about those who read events, as sentences."""

from moorings_registry import facts
from moorings_registry.web.fact_descriptions.sentences import Phrase, Sentence, Tellers, brief
from moorings_registry.web.labels import counted, listed


def _consumer_declared(fact: facts.ConsumerDeclared, _position: int) -> Sentence:
    events = f"{counted(len(fact.reads), 'event')}"
    told = f" of team {brief(fact.team)} declares to read {events}."
    return Sentence(
        "calm", "people", (Phrase("Application "), Phrase(brief(fact.application), strong=True), Phrase(told))
    )


def _consumer_withdrawn(fact: facts.ConsumerWithdrawn, _position: int) -> Sentence:
    told = " declares to read nothing any more."
    return Sentence(
        "past", "people", (Phrase("Application "), Phrase(brief(fact.application), strong=True), Phrase(told))
    )


def _application_deployed(fact: facts.ApplicationDeployed, _position: int) -> Sentence:
    told = f" {brief(fact.version)} runs in {brief(fact.environment)}."
    return Sentence(
        "calm", "note", (Phrase("Application "), Phrase(brief(fact.application), strong=True), Phrase(told))
    )


def _application_held(fact: facts.ApplicationHeld, _position: int) -> Sentence:
    governing = f", or whoever governs {listed([brief(one) for one in fact.domains])}," if fact.domains else ""
    told = f" may be changed by {listed([brief(one) for one in fact.principals])}{governing} alone."
    return Sentence(
        "calm", "people", (Phrase("Application "), Phrase(brief(fact.application), strong=True), Phrase(told))
    )


TELLERS: Tellers = {
    facts.ConsumerDeclared: _consumer_declared,
    facts.ConsumerWithdrawn: _consumer_withdrawn,
    facts.ApplicationDeployed: _application_deployed,
    facts.ApplicationHeld: _application_held,
}
