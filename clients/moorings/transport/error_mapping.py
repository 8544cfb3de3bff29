"""Maps responses that are not a success to the errors of the catalogue."""

import json
from collections.abc import Mapping
from typing import Any

from moorings.errors import NotAllowed, NotFound, RegistryRefused, SchemaIncompatible
from moorings.transport.effects import Received

_REFUSALS: dict[int, type[RegistryRefused]] = {401: NotAllowed, 403: NotAllowed, 404: NotFound}


def error_of(received: Received) -> RegistryRefused:
    """Make the error for a status and its problem details."""
    problem = json_of(received)
    facts: Mapping[str, Any] = problem if isinstance(problem, Mapping) else {}
    kind = _REFUSALS.get(received.status, RegistryRefused)
    if facts.get("code") == SchemaIncompatible.code or "report" in facts:
        kind = SchemaIncompatible
    return kind(received.status, facts)


def json_of(received: Received) -> Any:
    """Read the body; None if it is not JSON."""
    try:
        return json.loads(received.content)
    except (ValueError, RecursionError):
        return None
