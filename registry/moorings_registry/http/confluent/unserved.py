"""Paths of the API that this registry knows and does not serve: they say so, in the shape that clients read."""

from flask import Response

from moorings_registry.errors import NotServed
from moorings_registry.http.confluent.route import Route


def refuse_keys(**_rest: str) -> Response:
    """Encryption keys are not kept here."""
    raise NotServed("The registry keeps no encryption keys: keep them in your key management service")


def refuse_exporters(**_rest: str) -> Response:
    """Schemas are not exported from here."""
    raise NotServed("The registry does not export schemas on its own yet")


_METHODS = ("GET", "POST", "PUT", "DELETE")
_KEYS = "Out of scope for now."

ROUTES = tuple(
    Route(method, path, view, (), (NotServed,), note)
    for path, view, note in (
        ("/dek-registry/v1/<path:rest>", refuse_keys, _KEYS),
        ("/exporters", refuse_exporters, ""),
        ("/exporters/<path:rest>", refuse_exporters, ""),
    )
    for method in _METHODS
)
