"""All that is true at one position of the ledger, and how entries lead from one position to the next."""

from moorings_registry.state.consumers import (
    RENEWAL,
    Consumer,
    ContractTest,
    DeclaredRead,
    Deployment,
    HeldReader,
)
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
)

__all__ = [
    "RENEWAL", "STRONG", "WEAK", "Association", "CheckRecord", "Classification", "Consumer", "ContractTest",
    "Declaration", "DeclaredRead", "Definition", "Departed", "Deployment", "Domain", "Expectations", "Exporter",
    "HeldPolicy", "HeldReader", "Idempotency", "Keyed", "Lifecycle", "MajorState", "Place", "Replay", "State",
    "SubjectState", "Version", "Waiver", "WaiverKind", "apply", "refusal_key",
]  # fmt: skip
