"""What a change does to one consumer, and the evidence for it."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class ImpactStatus(StrEnum):
    """What a change does to a consumer; the worst first."""

    BROKEN = "broken"
    """A payload shows that it cannot read, or reads wrongly, what it declares to read."""
    UNKNOWN = "unknown"
    """Something changes, and nobody knows whether it reads that, or nothing was proven."""
    AFFECTED = "affected"
    """Something changes that it reads or has to take up, and no payload breaks it."""
    UNAFFECTED = "unaffected"
    """All that it reads stays the same, in every payload."""


class EvidenceKind(StrEnum):
    """Why a consumer is broken, affected or unknown."""

    FIELD_REMOVED = "field_removed"
    CANNOT_READ = "cannot_read"
    """Its schema of today does not read its fields of new events."""
    CANNOT_REPLAY = "cannot_replay"
    """The new schema does not read its fields of stored events."""
    SYMBOL_ADDED = "symbol_added"
    FIELD_CHANGED = "field_changed"
    READER_REFUSES = "reader_refuses"
    """It reads none of what breaks, and its reader refuses the event nevertheless."""
    UNDECIDED = "undecided"
    FIELD_UNKNOWN = "field_unknown"
    """It declares a field that neither schema has."""
    FIELDS_NOT_DECLARED = "fields_not_declared"
    TEST_FAILED = "test_failed"
    """A contract test that it published fails."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """One reason; `payload` is an event made of the consumer's fields, as JSON text, where one shows it."""

    kind: EvidenceKind
    path: str
    """A pointer such as ``/items/*/sku``; empty for the event as a whole."""
    message: str
    rule: str = ""
    """The rule that found it, of the catalogue; empty where none did."""
    payload: str = ""
    error: str = ""
    """What the reader answered to the payload."""
    encoded: str = ""
    """The bytes of the payload in hex, for binary formats."""
    engine: str = ""
    """The codec or validator that ran the payload, with its version; empty where none had to."""


@dataclass(frozen=True, slots=True)
class Impact:
    """What a change does to one consumer."""

    status: ImpactStatus
    evidence: tuple[Evidence, ...] = ()

    @property
    def holds(self) -> bool:
        """Whether the change is held back for it: something that it reads, or may read, goes away or breaks."""
        removed = any(one.kind is EvidenceKind.FIELD_REMOVED for one in self.evidence)
        return removed or self.status is ImpactStatus.BROKEN

    @property
    def payload(self) -> str:
        """The first payload among the evidence; empty where none shows anything."""
        return next((one.payload for one in self.evidence if one.payload), "")


_ORDER = tuple(ImpactStatus)


def worst(statuses: Iterable[ImpactStatus]) -> ImpactStatus:
    """Return the worst of *statuses*; unaffected for none."""
    return min(statuses, key=_ORDER.index, default=ImpactStatus.UNAFFECTED)
