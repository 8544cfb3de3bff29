"""What an event is besides its schemas, as it was declared."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any

from moorings_compat.event_names import EventKind


class Classification(StrEnum):
    """How far the content of an event may travel."""

    UNSAID = ""
    PUBLIC = "public"
    INTERNAL = "internal"
    CONFIDENTIAL = "confidential"
    RESTRICTED = "restricted"


@dataclass(frozen=True, slots=True)
class Replay:
    """Whether and from where an event can be read again."""

    source: str = ""
    retention_days: int | None = None
    ordering_key: str = ""
    """The JSON Pointer of the field within which order is kept; empty where nobody said."""
    replayable: bool = True
    reason: str = ""
    """Why it is not replayable."""


@dataclass(frozen=True, slots=True)
class Idempotency:
    """The fields that identify an event: whoever has seen their values has seen it."""

    key: tuple[str, ...]
    """JSON Pointers."""


@dataclass(frozen=True, slots=True)
class Expectations:
    """What an event is planned for."""

    peak_per_second: Decimal | None = None
    largest_bytes: int | None = None
    delivery_p99_ms: Decimal | None = None


@dataclass(frozen=True, slots=True, weakref_slot=True)
class Declaration:
    """What an event is, besides its schemas; `facts.EventDeclared` describes its members."""

    kind: EventKind = EventKind.FACT
    description: str = ""
    classification: Classification = Classification.UNSAID
    topics: tuple[str, ...] = ()
    handler: str = ""
    name_reviewed: str = ""
    replay: Replay | None = None
    idempotency: Idempotency | None = None
    expectations: Expectations | None = None

    @property
    def pointers(self) -> tuple[tuple[str, str], ...]:
        """Each JSON Pointer to a field, with the place in the declaration that has it."""
        keys = self.idempotency.key if self.idempotency else ()
        named = [(f"/idempotency/key/{at}", one) for at, one in enumerate(keys)]
        ordering = [("/replay/ordering_key", self.replay.ordering_key)] if self.replay else []
        return tuple((place, pointer) for place, pointer in (*named, *ordering) if pointer)

    def record(self) -> dict[str, Any]:
        """The members as the ledger keeps them: numbers that may have a fraction are texts there."""
        return {
            "kind": str(self.kind),
            "description": self.description,
            "classification": str(self.classification),
            "topics": list(self.topics),
            "handler": self.handler,
            "name_reviewed": self.name_reviewed,
            "replay": asdict(self.replay) if self.replay else None,
            "idempotency": {"key": list(self.idempotency.key)} if self.idempotency else None,
            "expectations": _texts(self.expectations) if self.expectations else None,
        }


def _texts(expectations: Expectations) -> dict[str, Any]:
    return {
        "peak_per_second": _text(expectations.peak_per_second),
        "largest_bytes": expectations.largest_bytes,
        "delivery_p99_ms": _text(expectations.delivery_p99_ms),
    }


def _text(number: Decimal | None) -> str | None:
    return None if number is None else f"{number.normalize():f}"


def read_expectations(record: Mapping[str, Any]) -> Expectations:
    """Read what `Declaration.record` has of expectations."""
    peak, delivery = (record[name] for name in ("peak_per_second", "delivery_p99_ms"))
    return Expectations(
        None if peak is None else Decimal(peak),
        record["largest_bytes"],
        None if delivery is None else Decimal(delivery),
    )
