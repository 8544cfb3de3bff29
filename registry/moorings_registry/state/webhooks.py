"""Webhooks as values: where events of the registry are sent, and by what right."""

from dataclasses import dataclass

from moorings_registry.state.values import Grant


@dataclass(frozen=True, slots=True)
class Webhook:
    """A subscription to events of the registry; its members are described at `facts.WebhookCreated`."""

    id: int
    """The position of the entry that created it."""
    url: str
    node: str
    kinds: tuple[str, ...]
    mode: str
    authority: tuple[Grant, ...]
    """The grants that allowed its author to subscribe, as they were; empty for the registry's operator."""
    created_by: str
    created_at: str
    after: int
    """The position after which it was to begin, in its present run."""
    begun: int
    """The entry that created it, or replayed it last: what is known of an earlier run is void."""
    retried: int = 0
    """The entry that last asked for its dead letters; 0: none did."""
    advanced: int = 0
    """It is known to have everything up to this position."""
