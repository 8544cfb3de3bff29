"""What a job says of itself to the registry that keeps its checks: repository, branch, commit, pull request, author."""

import re
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, fields, replace
from urllib.parse import urlsplit

from moorings.cli.ci_job import Variables, github_event, inside

_LONGEST = 300
_LONGEST_URL = 1_000
_COMMIT = re.compile(r"[0-9a-f]{40}([0-9a-f]{24})?")
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class CiSource:
    """Where a check comes from; empty where the system does not say it."""

    repository: str = ""
    branch: str = ""
    commit: str = ""
    pull_request: str = ""
    pull_request_url: str = ""
    system: str = ""
    job: str = ""
    job_url: str = ""
    author: str = ""

    def as_json(self) -> dict[str, str]:
        return asdict(self)


def ci_source(system: str, variables: Variables) -> CiSource | None:
    """Read what the variables of the CI system called *system* say; None outside of one.

    What a registry would refuse, such as a URL that is none, is left out: nothing depends on it.
    """
    read = _SOURCES.get(system)
    if read is None:
        return None
    found = replace(read(variables), system=system)
    return CiSource(**{one.name: _acceptable(one.name, getattr(found, one.name)) for one in fields(found)})


def _acceptable(name: str, value: str) -> str:
    if name == "commit":
        return value if _COMMIT.fullmatch(value) else ""
    if name.endswith("_url"):
        return value if _is_url(value) else ""
    return _UNPRINTABLE.sub("", value)[:_LONGEST]


def _is_url(value: str) -> bool:
    try:
        parts = urlsplit(value)
    except ValueError:
        return False
    plain = not re.search(r'[\s<>"]', value) and not _UNPRINTABLE.search(value)
    return parts.scheme in ("http", "https") and bool(parts.netloc) and plain and len(value) <= _LONGEST_URL


def _first(variables: Variables, *names: str) -> str:
    return next((value for name in names if (value := variables.get(name, ""))), "")


def _branch(name: str) -> str:
    return name.removeprefix("refs/heads/")


def _github(variables: Variables) -> CiSource:
    event = github_event(variables)
    server, repository = variables.get("GITHUB_SERVER_URL", ""), variables.get("GITHUB_REPOSITORY", "")
    run = variables.get("GITHUB_RUN_ID", "")
    return CiSource(
        repository=repository,
        branch=_first(variables, "GITHUB_HEAD_REF", "GITHUB_REF_NAME"),
        commit=_text(inside(event, "pull_request", "head", "sha")) or variables.get("GITHUB_SHA", ""),
        pull_request=_text(inside(event, "pull_request", "number")),
        pull_request_url=_text(inside(event, "pull_request", "html_url")),
        job=_first(variables, "GITHUB_WORKFLOW", "GITHUB_JOB"),
        job_url=f"{server}/{repository}/actions/runs/{run}" if server and run else "",
        author=_text(inside(event, "pull_request", "user", "login")) or variables.get("GITHUB_ACTOR", ""),
    )


def _text(value: object) -> str:
    return str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""


def _gitlab(variables: Variables) -> CiSource:
    project, number = variables.get("CI_PROJECT_URL", ""), variables.get("CI_MERGE_REQUEST_IID", "")
    return CiSource(
        repository=variables.get("CI_PROJECT_PATH", ""),
        branch=_first(variables, "CI_MERGE_REQUEST_SOURCE_BRANCH_NAME", "CI_COMMIT_REF_NAME"),
        commit=variables.get("CI_COMMIT_SHA", ""),
        pull_request=number,
        pull_request_url=f"{project}/-/merge_requests/{number}" if project and number else "",
        job=variables.get("CI_JOB_NAME", ""),
        job_url=variables.get("CI_JOB_URL", ""),
        author=variables.get("GITLAB_USER_LOGIN", ""),
    )


def _azure(variables: Variables) -> CiSource:
    collection, project = variables.get("SYSTEM_COLLECTIONURI", ""), variables.get("SYSTEM_TEAMPROJECT", "")
    build = variables.get("BUILD_BUILDID", "")
    return CiSource(
        repository=variables.get("BUILD_REPOSITORY_NAME", ""),
        branch=_branch(_first(variables, "SYSTEM_PULLREQUEST_SOURCEBRANCH", "BUILD_SOURCEBRANCH")),
        commit=_first(variables, "SYSTEM_PULLREQUEST_SOURCECOMMITID", "BUILD_SOURCEVERSION"),
        pull_request=_first(variables, "SYSTEM_PULLREQUEST_PULLREQUESTNUMBER", "SYSTEM_PULLREQUEST_PULLREQUESTID"),
        job=variables.get("BUILD_DEFINITIONNAME", ""),
        job_url=f"{collection}{project}/_build/results?buildId={build}" if collection and project and build else "",
        author=variables.get("BUILD_REQUESTEDFOR", ""),
    )


def _jenkins(variables: Variables) -> CiSource:
    return CiSource(
        repository=_repository(variables.get("GIT_URL", "")),
        branch=_first(variables, "CHANGE_BRANCH", "BRANCH_NAME"),
        commit=variables.get("GIT_COMMIT", ""),
        pull_request=variables.get("CHANGE_ID", ""),
        pull_request_url=variables.get("CHANGE_URL", ""),
        job=variables.get("JOB_NAME", ""),
        job_url=variables.get("BUILD_URL", ""),
        author=variables.get("CHANGE_AUTHOR", ""),
    )


def _buildkite(variables: Variables) -> CiSource:
    number = variables.get("BUILDKITE_PULL_REQUEST", "")
    return CiSource(
        repository=_repository(variables.get("BUILDKITE_REPO", "")),
        branch=variables.get("BUILDKITE_BRANCH", ""),
        commit=variables.get("BUILDKITE_COMMIT", ""),
        pull_request="" if number == "false" else number,
        job=variables.get("BUILDKITE_PIPELINE_SLUG", ""),
        job_url=variables.get("BUILDKITE_BUILD_URL", ""),
        author=variables.get("BUILDKITE_BUILD_AUTHOR", ""),
    )


def _circle(variables: Variables) -> CiSource:
    request = variables.get("CIRCLE_PULL_REQUEST", "")
    owner, name = variables.get("CIRCLE_PROJECT_USERNAME", ""), variables.get("CIRCLE_PROJECT_REPONAME", "")
    return CiSource(
        repository=f"{owner}/{name}" if owner and name else name,
        branch=variables.get("CIRCLE_BRANCH", ""),
        commit=variables.get("CIRCLE_SHA1", ""),
        pull_request=request.rstrip("/").rpartition("/")[2],
        pull_request_url=request,
        job=variables.get("CIRCLE_JOB", ""),
        job_url=variables.get("CIRCLE_BUILD_URL", ""),
        author=variables.get("CIRCLE_USERNAME", ""),
    )


def _repository(address: str) -> str:
    """Read ``acme/shop`` from an address; the part before it may be a credential."""
    return "/".join(address.removesuffix("/").removesuffix(".git").replace(":", "/").split("/")[-2:])


_SOURCES: Mapping[str, Callable[[Variables], CiSource]] = {
    "GitHub Actions": _github,
    "GitLab CI": _gitlab,
    "Azure Pipelines": _azure,
    "Jenkins": _jenkins,
    "Buildkite": _buildkite,
    "CircleCI": _circle,
}
"""By the name of the system, as `ci_job` has it."""
