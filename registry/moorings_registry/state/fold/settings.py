"""How facts about settings of the Confluent API change the state."""

from moorings_registry import facts
from moorings_registry.state.fold.draft import Appliers, Draft, set_or_drop


def _config_changed(draft: Draft, fact: facts.ConfigChanged) -> None:
    set_or_drop(draft.configs, fact.scope, fact.config)
    draft.waived_policies.pop(fact.scope, None)


def _mode_changed(draft: Draft, fact: facts.ModeChanged) -> None:
    set_or_drop(draft.modes, fact.scope, fact.mode)


APPLY: Appliers = {
    facts.ConfigChanged: _config_changed,
    facts.ModeChanged: _mode_changed,
}
