"""What the service notes about access by itself: denied writes, and the seals of hours of counts."""

from dataclasses import dataclass

from moorings_registry.commands.decision import Decision, Dependencies, Outcome
from moorings_registry.facts import AccessDenied, AccessSealed
from moorings_registry.state import State


@dataclass(frozen=True, slots=True)
class RecordAccess:
    """Keep evidence of access in the ledger."""

    evidence: tuple[AccessDenied | AccessSealed, ...]


def record_access(_state: State, command: RecordAccess, _dependencies: Dependencies) -> Decision:
    """Decide to keep it as it is."""
    return Decision(command.evidence, Outcome())
