"""The facts that make a definition a version of a subject."""

from moorings_registry.commands.assessment import Assessment
from moorings_registry.commands.candidate import Candidate
from moorings_registry.commands.decision import Decision, Outcome
from moorings_registry.facts import Fact, SchemaRegistered
from moorings_registry.names import Subject
from moorings_registry.policy import policy_record
from moorings_registry.state import State


def registered(
    state: State, subject: Subject, candidate: Candidate, assessed: Assessment, *, id: int, number: int
) -> Decision:
    """Decide that *candidate* becomes version *number* of *subject*, under *id*."""
    fact = SchemaRegistered(
        subject=str(subject),
        version=number,
        id=id,
        guid=candidate.guid,
        major=assessed.place.major,
        revision=assessed.place.revision,
        group=assessed.place.group,
        level=str(assessed.level),
        compared=assessed.compared,
        policy=policy_record(assessed.policy),
    )
    outcome = Outcome(subject=str(subject), versions=(number,), created=True)
    return Decision((*definition(state, candidate), fact), outcome)


def definition(state: State, candidate: Candidate) -> tuple[Fact, ...]:
    """The facts that record a definition, where it is new."""
    return () if candidate.guid in state.definitions else candidate.defined()
