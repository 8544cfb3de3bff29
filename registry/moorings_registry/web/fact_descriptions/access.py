"""Facts about who may do what, as sentences."""

from moorings_registry import facts
from moorings_registry.web.fact_descriptions.sentences import Phrase, Sentence, Tellers, brief
from moorings_registry.web.labels import counted, listed


def _issuers_configured(fact: facts.IssuersConfigured, _position: int) -> Sentence:
    if not fact.issuers:
        return Sentence("warn", "people", (Phrase("Sign-in was turned off: no issuers are configured."),))
    aliases = listed([one["alias"] for one in fact.issuers], 5)
    return Sentence("calm", "people", (Phrase(f"Sign-in accepts tokens of {aliases}."),))


def _access_granted(fact: facts.AccessGranted, position: int) -> Sentence:
    whom = fact.principal or listed([*(f"{name} {value}" for name, value in sorted(fact.claims.items()))], 3)
    whom = whom or f"group {fact.group}"
    told = f"Grant {position}: {brief(whom)} may {listed(fact.verbs)} {brief(fact.node)}"
    until = f" until {fact.expires[:10]}" if fact.expires else ""
    return Sentence("calm", "people", (Phrase(f"{told}{until}: {brief(fact.because)}"),))


def _access_revoked(fact: facts.AccessRevoked, _position: int) -> Sentence:
    why = f": {brief(fact.because)}" if fact.because else "."
    return Sentence("calm", "people", (Phrase(f"Grant {fact.grant} was revoked{why}"),))


def _access_denied(fact: facts.AccessDenied, _position: int) -> Sentence:
    told = f"{brief(fact.principal)} was denied {fact.verb} on {brief(fact.node or 'the whole registry')}."
    return Sentence("warn", "people", (Phrase(told),))


def _access_sealed(fact: facts.AccessSealed, _position: int) -> Sentence:
    told = f"{counted(fact.rows, 'row')} of reads in the hour {fact.hour} were sealed by {brief(fact.kept_by)}."
    return Sentence("calm", "note", (Phrase(told),))


TELLERS: Tellers = {
    facts.AccessGranted: _access_granted,
    facts.AccessRevoked: _access_revoked,
    facts.AccessDenied: _access_denied,
    facts.AccessSealed: _access_sealed,
    facts.IssuersConfigured: _issuers_configured,
}
