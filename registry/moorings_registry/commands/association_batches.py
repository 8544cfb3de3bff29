"""Several changes to the associations of one resource, which happen together or not at all."""

from dataclasses import dataclass

from moorings_registry.commands.associations import Associate, Dissociate, associate, dissociate, refused
from moorings_registry.commands.decision import Decision, Dependencies, Outcome
from moorings_registry.commands.simulation import foresee
from moorings_registry.facts import Fact
from moorings_registry.state import State


@dataclass(frozen=True, slots=True)
class ChangeAssociations:
    """Create, change and end associations of a resource, in this order."""

    resource_id: str
    steps: tuple[Associate | Dissociate, ...]


def change_associations(state: State, command: ChangeAssociations, dependencies: Dependencies) -> Decision:
    """Decide all steps, each on what those before it lead to.

    Raises:
        As `associate` and `dissociate`.
    """
    facts: tuple[Fact, ...] = ()
    for step in command.steps:
        foreseen = foresee(state, facts)
        if isinstance(step, Associate):
            decision = associate(foreseen, step, dependencies)
        else:
            decision = dissociate(foreseen, step, dependencies)
        if decision.refusal is not None:
            return refused(state, decision, facts)
        facts += decision.facts
    return Decision(facts, Outcome(subject=command.resource_id, created=bool(facts)))
