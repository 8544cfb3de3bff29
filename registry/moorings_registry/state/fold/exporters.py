"""How facts about exporters change the state."""

from dataclasses import replace

from moorings_registry import facts
from moorings_registry.state.fold.draft import Appliers, Draft
from moorings_registry.state.values import Exporter


def _exporter_created(draft: Draft, fact: facts.ExporterCreated) -> None:
    draft.exporters[fact.name] = _exporter(draft, fact, paused=False)


def _exporter_changed(draft: Draft, fact: facts.ExporterChanged) -> None:
    draft.exporters[fact.name] = _exporter(draft, fact, paused=draft.exporters[fact.name].paused)


def _exporter(draft: Draft, fact: facts.ExporterCreated | facts.ExporterChanged, *, paused: bool) -> Exporter:
    return Exporter(
        name=fact.name,
        context_type=fact.context_type,
        context=fact.context,
        subjects=tuple(fact.subjects),
        rename_format=fact.rename_format,
        config=fact.config,
        paused=paused,
        begun=draft.entry.position,
        advanced=0,
    )


def _exporter_paused(draft: Draft, fact: facts.ExporterPaused) -> None:
    draft.exporters[fact.name] = replace(draft.exporters[fact.name], paused=True)


def _exporter_resumed(draft: Draft, fact: facts.ExporterResumed) -> None:
    draft.exporters[fact.name] = replace(draft.exporters[fact.name], paused=False)


def _exporter_reset(draft: Draft, fact: facts.ExporterReset) -> None:
    draft.exporters[fact.name] = replace(draft.exporters[fact.name], begun=draft.entry.position, advanced=0)


def _exporter_advanced(draft: Draft, fact: facts.ExporterAdvanced) -> None:
    draft.exporters[fact.name] = replace(draft.exporters[fact.name], advanced=fact.position)


def _exporter_deleted(draft: Draft, fact: facts.ExporterDeleted) -> None:
    draft.exporters.pop(fact.name, None)


APPLY: Appliers = {
    facts.ExporterCreated: _exporter_created,
    facts.ExporterChanged: _exporter_changed,
    facts.ExporterPaused: _exporter_paused,
    facts.ExporterResumed: _exporter_resumed,
    facts.ExporterReset: _exporter_reset,
    facts.ExporterAdvanced: _exporter_advanced,
    facts.ExporterDeleted: _exporter_deleted,
}
