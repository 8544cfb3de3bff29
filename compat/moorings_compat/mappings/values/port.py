"""What trying a mapping asks of a format."""

from typing import Any, Protocol

from moorings_compat.conditions.events.port import Event


class Invalid(ValueError):
    """A value that does not keep to a schema; `path` is a JSON Pointer to where, as far as that is known."""

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(reason)
        self.path = path


class Values(Protocol):
    """The events of one schema, as Python values."""

    def read(self, event: Event) -> Any:
        """Return a made-up event the way that clients hand it over."""

    def require_valid(self, value: Any) -> None:
        """Pass, or say where a value does not keep to the schema.

        Raises:
            Invalid
        """
