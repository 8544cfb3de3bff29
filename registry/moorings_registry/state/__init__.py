"""All that is true at one position of the ledger, and how entries lead from one position to the next."""

from moorings_registry.state.declarations import Classification, Declaration, Expectations, Idempotency, Replay
from moorings_registry.state.fold import apply, refusal_key
from moorings_registry.state.state import Keyed, Place, State
from moorings_registry.state.values import (
    STRONG,
    WEAK,
    Association,
    CheckRecord,
    Definition,
    Departed,
    Domain,
    Exporter,
    Grant,
    HeldPolicy,
    Lifecycle,
    MajorState,
    OwnerOffer,
    PastOwner,
    SubjectState,
    Version,
    Waiver,
    WaiverKind,
)

__all__ = [
    "STRONG", "WEAK", "Association", "CheckRecord", "Classification", "Declaration", "Definition", "Departed", "Domain",
    "Expectations", "Exporter", "Grant", "HeldPolicy", "Idempotency", "Keyed", "Lifecycle", "MajorState", "OwnerOffer",
    "PastOwner", "Place", "Replay", "State", "SubjectState", "Version", "Waiver", "WaiverKind", "apply", "refusal_key",
]  # fmt: skip
