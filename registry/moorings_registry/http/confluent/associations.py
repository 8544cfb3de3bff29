"""Associations: which subject a topic's keys and values are described by. Serializers ask before they fall back."""

from flask import Response

from moorings_registry.http.confluent.answers import ASK_AGAIN, answer
from moorings_registry.http.confluent.parameters import LIMIT, OFFSET
from moorings_registry.http.confluent.route import Route


def list_of_resource(**_resource: str) -> Response:
    """List the associations of a resource, by the namespace it lies in and its name."""
    return answer([], cache=ASK_AGAIN)


ROUTES = (Route("GET", "/associations/resources/<namespace>/<name>", list_of_resource, (OFFSET, LIMIT)),)
