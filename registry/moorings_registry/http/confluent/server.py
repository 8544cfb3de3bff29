"""What the server says of itself: health probes, and what clients ask before anything else."""

from importlib.metadata import version

from flask import Response

from moorings_registry.http.confluent.answers import answer
from moorings_registry.http.confluent.route import Route
from moorings_registry.http.requests import current_registry

CLUSTER = "moorings"


def show_root() -> Response:
    """Answer that the registry is there."""
    return answer({})


def show_cluster() -> Response:
    """Show the scope that role bindings of this registry would have."""
    return answer({"scope": {"path": [], "clusters": {"schema-registry-cluster": CLUSTER}}})


def show_version() -> Response:
    """Show the release that runs."""
    return answer({"version": version("moorings"), "commitId": ""})


def show_deployment() -> Response:
    """Show how the registry is run."""
    engine = type(current_registry().ledger).__name__
    return answer({"attributes": [f"ledger:{engine}"]})


ROUTES = (
    Route("GET", "/", show_root),
    Route("POST", "/", show_root),
    Route("GET", "/v1/metadata/id", show_cluster),
    Route("GET", "/v1/metadata/version", show_version),
    Route("GET", "/v1/metadata/deployment", show_deployment),
)
