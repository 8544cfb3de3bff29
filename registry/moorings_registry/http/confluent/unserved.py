"""Paths of the API that this registry knows and does not serve: they say so, in the shape that clients read."""

from flask import Response

from moorings_registry.errors import NotServed
from moorings_registry.http.confluent.route import Route


def refuse_keys(**_rest: str) -> Response:
    """Encryption keys are not kept here."""
    raise NotServed("The registry keeps no encryption keys: keep them in your key management service")


_METHODS = ("GET", "POST", "PUT", "DELETE")
_KEYS = "Out of scope for now."

ROUTES = tuple(
    Route(method, "/dek-registry/v1/<path:rest>", refuse_keys, (), (NotServed,), _KEYS) for method in _METHODS
)
