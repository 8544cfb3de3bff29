"""All that is true at one position of the ledger, and how entries lead from one position to the next."""

from moorings_registry.state.fold import apply, refusal_key
from moorings_registry.state.state import Keyed, Place, State
from moorings_registry.state.values import (
    STRONG,
    WEAK,
    Association,
    CheckRecord,
    Definition,
    Domain,
    Exporter,
    Lifecycle,
    MajorState,
    SubjectState,
    Version,
)

__all__ = [
    "STRONG", "WEAK", "Association", "CheckRecord", "Definition", "Domain", "Exporter", "Keyed", "Lifecycle",
    "MajorState", "Place", "State", "SubjectState", "Version", "apply", "refusal_key",
]  # fmt: skip
