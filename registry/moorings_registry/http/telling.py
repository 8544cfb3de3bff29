"""What views need to tell of events: sentences, the name of this registry, and where there are keys, sending."""

from dataclasses import dataclass
from typing import cast

from flask import current_app

from moorings_registry.http.requests import current_registry
from moorings_registry.registry_events import Describe
from moorings_registry.webhooks.delivery import Surroundings


@dataclass(frozen=True, slots=True)
class Telling:
    """How this registry tells of what happened to it."""

    describe: Describe
    public_url: str
    """The address by which callers know it; empty where it has none."""
    sending: Surroundings | None
    """What it takes to send events; None where there is nothing to sign them with."""

    @property
    def source(self) -> str:
        """A URI that names this registry: its address, or one that is made of its first entry."""
        return self.public_url or f"urn:moorings:registry:{current_registry().identity()}"


def current_telling() -> Telling:
    """That of the application which answers the current request."""
    return cast(Telling, current_app.extensions["moorings.telling"])
