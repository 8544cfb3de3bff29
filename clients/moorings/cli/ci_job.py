"""The job that `moorings ci` runs in: which CI system, what its branch is compared with, and whether a fork asks.

Everything comes from the variables that the system sets; GitHub says some of it in a file alone.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

Variables = Mapping[str, str]
_LARGEST_EVENT_BYTES = 25_000_000
"""What GitHub allows for a payload of its webhooks."""


@dataclass(frozen=True, slots=True)
class CiSystem:
    """A system that runs jobs, and what it shows of reports."""

    name: str
    console: str
    """The format of standard output."""
    files: tuple[tuple[str, str], ...]
    """Formats that it reads from files, each with the file's name."""
    base: Callable[[Variables], str]
    """What the job's commits are compared with, as git knows it; empty where nothing says so."""
    is_fork: Callable[[Variables], bool]


@dataclass(frozen=True, slots=True)
class CiJob:
    """One run of `moorings ci`; *system* is None outside of CI."""

    system: CiSystem | None = None
    base: str = ""
    is_fork: bool = False
    summary: Path | None = None
    """The file whose Markdown the system shows beside the job."""


def ci_job(variables: Variables) -> CiJob:
    """Read what the system's variables say of the job."""
    system = next((one for variable, one in _SYSTEMS if variables.get(variable)), None)
    if system is None:
        return CiJob()
    summary = variables.get("GITHUB_STEP_SUMMARY") if system is GITHUB else None
    return CiJob(system, system.base(variables), system.is_fork(variables), Path(summary) if summary else None)


def _on_origin(branch: str) -> str:
    """Name a branch as a clone knows it; ``refs/heads/main`` and ``main`` are the same."""
    name = branch.removeprefix("refs/heads/")
    return f"origin/{name}" if name else ""


def _known(commit: object) -> str:
    """Return a commit's id; nothing for the zeros that mean "no commit" to git."""
    return commit if isinstance(commit, str) and commit.strip("0") else ""


def github_event(variables: Variables) -> Mapping[str, Any]:
    """Return the payload that started the workflow; nothing where its file is missing or unreadable."""
    try:
        with Path(variables.get("GITHUB_EVENT_PATH", "")).open("rb") as file:
            event = json.loads(file.read(_LARGEST_EVENT_BYTES))
    except (OSError, ValueError):
        return {}
    return event if isinstance(event, dict) else {}


def inside(event: object, *names: str) -> Any:
    for name in names:
        event = event.get(name) if isinstance(event, Mapping) else None
    return event


def _github_base(variables: Variables) -> str:
    if branch := variables.get("GITHUB_BASE_REF"):
        return _on_origin(branch)
    event = github_event(variables)
    return _known(inside(event, "merge_group", "base_sha")) or _known(inside(event, "before"))


def _github_fork(variables: Variables) -> bool:
    event = github_event(variables)
    if not isinstance(event.get("pull_request"), Mapping):
        return False
    return bool(inside(event, "pull_request", "head", "repo", "full_name") != variables.get("GITHUB_REPOSITORY"))


def _gitlab_base(variables: Variables) -> str:
    return _known(variables.get("CI_MERGE_REQUEST_DIFF_BASE_SHA")) or _known(variables.get("CI_COMMIT_BEFORE_SHA"))


def _gitlab_fork(variables: Variables) -> bool:
    return variables.get("CI_MERGE_REQUEST_SOURCE_PROJECT_ID") != variables.get("CI_MERGE_REQUEST_PROJECT_ID")


def _azure_base(variables: Variables) -> str:
    return _on_origin(variables.get("SYSTEM_PULLREQUEST_TARGETBRANCH", ""))


def _azure_fork(variables: Variables) -> bool:
    return variables.get("SYSTEM_PULLREQUEST_ISFORK", "").lower() == "true"


def _jenkins_base(variables: Variables) -> str:
    branch = _on_origin(variables.get("CHANGE_TARGET", ""))
    return branch or _known(variables.get("GIT_PREVIOUS_SUCCESSFUL_COMMIT"))


def _jenkins_fork(variables: Variables) -> bool:
    return bool(variables.get("CHANGE_FORK"))


def _buildkite_base(variables: Variables) -> str:
    return _on_origin(variables.get("BUILDKITE_PULL_REQUEST_BASE_BRANCH", ""))


def _buildkite_fork(variables: Variables) -> bool:
    asking, own = variables.get("BUILDKITE_PULL_REQUEST_REPO", ""), variables.get("BUILDKITE_REPO", "")
    return bool(asking) and _owner_and_name(asking) != _owner_and_name(own)


def _owner_and_name(address: str) -> list[str]:
    """Read ``acme/shop`` from any address of a repository: ``git@host:acme/shop.git``, ``https://host/acme/shop``."""
    return address.removesuffix("/").removesuffix(".git").replace(":", "/").lower().split("/")[-2:]


def _circle_base(_: Variables) -> str:
    return ""  # no variable names the branch that a pull request is for


def _circle_fork(variables: Variables) -> bool:
    return bool(variables.get("CIRCLE_PR_REPONAME"))


_JUNIT = ("junit", "moorings-junit.xml")
_CODE_QUALITY = ("gitlab", "gl-code-quality-report.json")
GITHUB = CiSystem("GitHub Actions", "github", (("sarif", "moorings.sarif"),), _github_base, _github_fork)
_SYSTEMS = (  # the variable that tells where a job runs
    ("GITHUB_ACTIONS", GITHUB),
    ("GITLAB_CI", CiSystem("GitLab CI", "text", (_CODE_QUALITY, _JUNIT), _gitlab_base, _gitlab_fork)),
    ("TF_BUILD", CiSystem("Azure Pipelines", "azure", (_JUNIT,), _azure_base, _azure_fork)),
    ("BUILDKITE", CiSystem("Buildkite", "text", (_JUNIT,), _buildkite_base, _buildkite_fork)),
    ("CIRCLECI", CiSystem("CircleCI", "text", (_JUNIT,), _circle_base, _circle_fork)),
    ("JENKINS_URL", CiSystem("Jenkins", "text", (_JUNIT,), _jenkins_base, _jenkins_fork)),
)
