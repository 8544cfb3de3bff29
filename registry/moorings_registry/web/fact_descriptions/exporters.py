"""Facts about exporters, as sentences."""

from moorings_registry import facts
from moorings_registry.web.fact_descriptions.sentences import Phrase, Sentence, Tellers
from moorings_registry.web.labels import listed


def _exporter_created(fact: facts.ExporterCreated, _position: int) -> Sentence:
    told = f" keeps {fact.config['schema.registry.url']} in step with {listed(fact.subjects, 3)}."
    return Sentence("calm", "replay", (*_exporter(fact.name), Phrase(told)))


def _exporter_changed(fact: facts.ExporterChanged, _position: int) -> Sentence:
    told = f" was changed: it keeps {fact.config['schema.registry.url']} in step with {listed(fact.subjects, 3)}."
    return Sentence("calm", "note", (*_exporter(fact.name), Phrase(told)))


def _exporter_paused(fact: facts.ExporterPaused, _position: int) -> Sentence:
    return Sentence("past", "clock", (*_exporter(fact.name), Phrase(" was paused.")))


def _exporter_resumed(fact: facts.ExporterResumed, _position: int) -> Sentence:
    return Sentence("calm", "replay", (*_exporter(fact.name), Phrase(" was resumed.")))


def _exporter_reset(fact: facts.ExporterReset, _position: int) -> Sentence:
    return Sentence("calm", "replay", (*_exporter(fact.name), Phrase(" was restarted.")))


def _exporter_advanced(fact: facts.ExporterAdvanced, _position: int) -> Sentence:
    told = f" has brought its target up to entry {fact.position:,}."
    return Sentence("calm", "note", (*_exporter(fact.name), Phrase(told)))


def _exporter_deleted(fact: facts.ExporterDeleted, _position: int) -> Sentence:
    return Sentence("past", "archive", (*_exporter(fact.name), Phrase(" was deleted; its exports remain.")))


def _exporter(name: str) -> tuple[Phrase, Phrase]:
    return Phrase("Exporter "), Phrase(name, strong=True)


TELLERS: Tellers = {
    facts.ExporterCreated: _exporter_created,
    facts.ExporterChanged: _exporter_changed,
    facts.ExporterPaused: _exporter_paused,
    facts.ExporterResumed: _exporter_resumed,
    facts.ExporterReset: _exporter_reset,
    facts.ExporterAdvanced: _exporter_advanced,
    facts.ExporterDeleted: _exporter_deleted,
}
