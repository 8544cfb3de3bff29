"""What happened in a run: every request of every client, every fault, and how it ended; kept as one JSON line each."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any


class Kind(StrEnum):
    """What a request is for."""

    REGISTER = "register"
    READ_LATEST = "read_latest"
    READ_VERSION = "read_version"
    READ_ID = "read_id"
    SET_STATE = "set_state"
    READ_STATE = "read_state"


WRITES = frozenset((Kind.REGISTER, Kind.SET_STATE))


class Outcome(StrEnum):
    """What a client knows after a request."""

    DONE = "done"
    MISSING = "missing"
    """There is no such thing: 404."""
    REFUSED = "refused"
    """Another status from 400 to 499: it was not carried out."""
    NOT_STORED = "not_stored"
    """503, and the answer says that nothing was stored."""
    UNAVAILABLE = "unavailable"
    """503; a write may have been stored."""
    FAILED = "failed"
    """Any other status: none is documented."""
    UNANSWERED = "unanswered"
    """The connection ended, or the client had waited long enough; a write may have been stored."""
    UNSENT = "unsent"
    """Nobody listened."""


HARMLESS = frozenset((Outcome.MISSING, Outcome.REFUSED, Outcome.NOT_STORED, Outcome.UNSENT))
"""After these, a write has left nothing behind."""


@dataclass(frozen=True)
class Operation:
    """One request, and what came back. Times are seconds on one clock, which no fault touches."""

    client: str
    node: str
    kind: Kind
    begun: float
    ended: float
    outcome: Outcome
    subject: str = ""
    content: str = ""
    """The mark of a schema, or the value of a state: what was sent by a write, what a read has shown."""
    key: str = ""
    """The idempotency key of a write."""
    minimum: int = 0
    """The `Moorings-Position` that a read asked for."""
    expected: str = ""
    """The value that a write of state was decided on (`If-Match`)."""
    version: int = 0
    id: int = 0
    position: int = 0
    """What the answer to a write said in `Moorings-Position`."""
    status: int = 0
    code: str = ""
    api: str = "native"

    @property
    def is_write(self) -> bool:
        return self.kind in WRITES


@dataclass(frozen=True)
class Fault:
    """Something that was done to the service, and undone."""

    name: str
    targets: tuple[str, ...]
    begun: float
    ended: float


@dataclass(frozen=True)
class Ending:
    """What there is once all faults have ended and every client has stopped."""

    entries: Sequence[Mapping[str, Any]] = ()
    """The ledger as `moorings-registry ledger export` writes it."""
    heads: Mapping[str, str] = field(default_factory=dict)
    """What `moorings-registry ledger verify` says on each node."""
    ready_s: Mapping[str, float] = field(default_factory=dict)
    """Seconds from the end of the last fault until each node was ready; infinite where it was not in time."""


@dataclass(frozen=True)
class Bounds:
    """What was promised about times."""

    answered_s: float
    """The longest that an answer may take."""
    ready_s: float
    """The longest that a node may take to be ready again."""


@dataclass(frozen=True)
class History:
    """A whole run."""

    operations: Sequence[Operation]
    ending: Ending
    bounds: Bounds
    faults: Sequence[Fault] = ()
    quiet: Sequence[tuple[float, float]] = ()
    """The times at which nothing was wrong, and the effects of earlier faults had passed."""


def write_lines(path: Path, values: Iterable[Operation | Fault]) -> None:
    """Write one JSON object a line."""
    with path.open("w") as file:
        for one in values:
            file.write(json.dumps(asdict(one), separators=(",", ":")) + "\n")
