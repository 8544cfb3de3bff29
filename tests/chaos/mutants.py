"""Registries that break a promise on purpose, to see that a run finds it: `python -m tests.chaos --mutant NAME redis`.

As a program it is `moorings-registry` with one mutation: `python -m tests.chaos.mutants NAME serve ...`.
"""

import contextlib
import sys
from collections.abc import Callable
from typing import Any

from moorings_registry.cli.main import main
from moorings_registry.entries import Entry, Head
from moorings_registry.ledger import LedgerUnavailable
from moorings_registry.ledger.postgres import PostgresLedger
from moorings_registry.ledger.redis import RedisLedger
from moorings_registry.node_position import NodePosition
from moorings_registry.service import Registry
from moorings_registry.state import State


def ignores_positions() -> None:
    """Answers a read that names a position from whatever this worker knows."""

    def known(registry: Registry, position: int) -> State:
        return registry.known

    Registry.state_at_least = known  # type: ignore[assignment, method-assign]


def believes_in_luck() -> None:
    """Acknowledges what may have been stored as if it had been."""
    for engine in (RedisLedger, PostgresLedger):
        engine.append = _lucky(engine.append)  # type: ignore[method-assign]


def forgets_other_workers() -> None:
    """Announces nothing to the other workers of its node."""

    def nothing(node: NodePosition, position: int) -> None:
        """Keep it to itself."""

    NodePosition.announce = nothing  # type: ignore[assignment, method-assign]


MUTANTS: dict[str, Callable[[], None]] = {
    one.__name__: one for one in (ignores_positions, believes_in_luck, forgets_other_workers)
}


def _lucky(append: Callable[..., None]) -> Callable[..., None]:
    def appended(ledger: Any, *entries: Entry, after: Head) -> None:
        with contextlib.suppress(LedgerUnavailable):
            append(ledger, *entries, after=after)

    return appended


if __name__ == "__main__":
    MUTANTS[sys.argv.pop(1)]()
    main()
