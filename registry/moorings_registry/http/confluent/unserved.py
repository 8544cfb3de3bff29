"""Paths of the API that this registry knows and does not serve: they say so, in the shape that clients read."""

from moorings_registry.errors import NotServed
from moorings_registry.http.confluent.answer import Answer
from moorings_registry.http.confluent.route import Route


def refuse_keys(**_rest: str) -> Answer:
    """Refuse: the registry keeps no encryption keys."""
    raise NotServed("The registry keeps no encryption keys: keep them in your key management service")


_OPERATIONS = {"GET": "getKeys", "POST": "createKeys", "PUT": "changeKeys", "DELETE": "deleteKeys"}

_KEYS = "/dek-registry/v1/<path:rest>"

ROUTES = tuple(
    Route(method, _KEYS, operation, refuse_keys, status=501, errors=(NotServed,), note="Out of scope for now.")
    for method, operation in _OPERATIONS.items()
)
