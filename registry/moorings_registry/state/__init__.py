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
    HeldPolicy,
    Lifecycle,
    MajorState,
    SubjectState,
    Version,
    Waiver,
    WaiverKind,
    report_id,
)

__all__ = [
    "STRONG", "WEAK", "Association", "CheckRecord", "Classification", "Declaration", "Definition", "Departed", "Domain",
    "Expectations", "Exporter", "HeldPolicy", "Idempotency", "Keyed", "Lifecycle", "MajorState", "Place", "Replay",
    "State", "SubjectState", "Version", "Waiver", "WaiverKind", "apply", "refusal_key", "report_id",
]  # fmt: skip
