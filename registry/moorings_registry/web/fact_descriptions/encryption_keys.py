"""Facts about encryption keys, as sentences."""

from typing import Any

from moorings_registry import facts
from moorings_registry.names import DEFAULT_CONTEXT
from moorings_registry.web.fact_descriptions.sentences import Phrase, Sentence, Tellers, brief, event_phrase
from moorings_registry.web.labels import listed


def _kek_registered(fact: facts.KekRegistered, _position: int) -> Sentence:
    told = f" was made known: {fact.kms_type} key {brief(fact.kms_key_id)}."
    return Sentence("calm", "note", (*_kek(fact), Phrase(told)))


def _kek_changed(fact: facts.KekChanged, _position: int) -> Sentence:
    return Sentence("calm", "note", (*_kek(fact), Phrase(" has other properties or documentation.")))


def _kek_soft_deleted(fact: facts.KekSoftDeleted, _position: int) -> Sentence:
    return Sentence("past", "archive", (*_kek(fact), Phrase(" was soft-deleted.")))


def _kek_restored(fact: facts.KekRestored, _position: int) -> Sentence:
    return Sentence("calm", "replay", (*_kek(fact), Phrase(" was restored.")))


def _kek_permanently_deleted(fact: facts.KekPermanentlyDeleted, _position: int) -> Sentence:
    return Sentence("warn", "archive", (*_kek(fact), Phrase(" was permanently deleted.")))


def _dek_registered(fact: facts.DekRegistered, _position: int) -> Sentence:
    which = Phrase(f"Version {fact.version} of the {fact.algorithm} key of ")
    return Sentence(
        "calm", "note", (which, event_phrase(fact.subject), Phrase(f" was stored, wrapped by KEK {fact.kek}."))
    )


def _dek_soft_deleted(fact: facts.DekVersionsSoftDeleted, _position: int) -> Sentence:
    return Sentence("past", "archive", _dek_versions(fact, "soft-deleted"))


def _dek_restored(fact: facts.DekVersionsRestored, _position: int) -> Sentence:
    return Sentence("calm", "replay", _dek_versions(fact, "restored"))


def _dek_permanently_deleted(fact: facts.DekVersionsPermanentlyDeleted, _position: int) -> Sentence:
    return Sentence("warn", "archive", _dek_versions(fact, "permanently deleted"))


def _kek(fact: Any) -> tuple[Phrase, ...]:
    within = "" if fact.context == DEFAULT_CONTEXT else f" of context {fact.context}"
    return Phrase("KEK "), Phrase(fact.kek, strong=True), Phrase(within)


def _dek_versions(fact: Any, what: str) -> tuple[Phrase, ...]:
    numbers = listed([str(one) for one in fact.versions], 5)
    which = f"Version{'s' * (len(fact.versions) != 1)} {numbers} of the {fact.algorithm} key of "
    was = "was" if len(fact.versions) == 1 else "were"
    return Phrase(which), event_phrase(fact.subject), Phrase(f" under KEK {fact.kek} {was} {what}.")


TELLERS: Tellers = {
    facts.KekRegistered: _kek_registered,
    facts.KekChanged: _kek_changed,
    facts.KekSoftDeleted: _kek_soft_deleted,
    facts.KekRestored: _kek_restored,
    facts.KekPermanentlyDeleted: _kek_permanently_deleted,
    facts.DekRegistered: _dek_registered,
    facts.DekVersionsSoftDeleted: _dek_soft_deleted,
    facts.DekVersionsRestored: _dek_restored,
    facts.DekVersionsPermanentlyDeleted: _dek_permanently_deleted,
}
