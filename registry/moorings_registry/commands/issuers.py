"""Which issuers a node is configured with, as its operator's file has them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from moorings_registry.commands.decision import Decision, Dependencies, Outcome
from moorings_registry.facts import IssuersConfigured
from moorings_registry.issuers import Issuers
from moorings_registry.state import State

NO_ISSUERS = Issuers((), "")
"""No sign-in: callers on the registry's own machine, who are all `local`."""


@dataclass(frozen=True, slots=True)
class ConfigureIssuers:
    """Record whom a node trusts from now on."""

    issuers: Issuers


def configure_issuers(state: State, command: ConfigureIssuers, _dependencies: Dependencies) -> Decision:
    """Decide what is recorded; the same file again is nothing new."""
    issuers = command.issuers
    if issuers.digest == state.issuers_digest:
        return Decision((), Outcome())
    listed: list[Mapping[str, Any]] = [
        {"alias": one.alias, "kind": one.kind, "issuer": one.url} for one in issuers.issuers
    ]
    return Decision((IssuersConfigured(issuers.digest, listed),), Outcome(created=True))
