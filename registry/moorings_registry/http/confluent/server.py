"""What the server says of itself: health probes, and what clients ask before anything else."""

from importlib.metadata import version

from moorings_registry.http.confluent.answer import Answer
from moorings_registry.http.confluent.answer_shapes import ClusterShape, DeploymentShape, EmptyShape, ReleaseShape
from moorings_registry.http.confluent.route import Route
from moorings_registry.http.requests import current_registry

CLUSTER = "moorings"


def show_root() -> Answer:
    """Answer that the registry is up."""
    return Answer({})


def show_cluster() -> Answer:
    """Show the cluster id, as the scope of role bindings."""
    return Answer({"scope": {"path": [], "clusters": {"schema-registry-cluster": CLUSTER}}})


def show_version() -> Answer:
    """Show the release that runs."""
    return Answer({"version": version("moorings"), "commit_id": ""})


def show_deployment() -> Answer:
    """Show how the registry is run."""
    engine = type(current_registry().ledger).__name__
    return Answer({"attributes": [f"ledger:{engine}"]})


ROUTES = (
    Route("GET", "/", "probe", show_root, EmptyShape()),
    Route("POST", "/", "probeByPost", show_root, EmptyShape()),
    Route("GET", "/v1/metadata/id", "getClusterId", show_cluster, ClusterShape()),
    Route("GET", "/v1/metadata/version", "getServerVersion", show_version, ReleaseShape()),
    Route("GET", "/v1/metadata/deployment", "getDeployment", show_deployment, DeploymentShape()),
)
