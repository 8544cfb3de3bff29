"""The impact of a change on those who read an event: decided by the fields that each of them reads."""

from moorings_compat.impact.change import Change
from moorings_compat.impact.evidence import Evidence, EvidenceKind, Impact, ImpactStatus, worst
from moorings_compat.impact.reads import OPAQUE, FieldUse, Reads, Use, overlapping

__all__ = [
    "OPAQUE",
    "Change",
    "Evidence",
    "EvidenceKind",
    "FieldUse",
    "Impact",
    "ImpactStatus",
    "Reads",
    "Use",
    "overlapping",
    "worst",
]
