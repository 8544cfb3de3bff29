"""`moorings ci` in a real git repository, with the variables that each CI system sets."""

import json
import subprocess
from pathlib import Path
from xml.etree import ElementTree as ET

import httpx2
import pytest

from moorings.cli.ci_job import ci_job
from moorings.cli.ci_source import ci_source
from moorings.cli.commands import run
from moorings.cli.session import Session
from tests.client.layout.test_lint import CLEAN, write

URL = "http://127.0.0.1:8081"
PLACED = Path("schemas/shop.orders/OrderPlaced.v1.avsc")
VARIABLES = (
    *("GITHUB_ACTIONS", "GITLAB_CI", "TF_BUILD", "BUILDKITE", "CIRCLECI", "JENKINS_URL", "GITHUB_STEP_SUMMARY"),
    *("MOORINGS_URL", "MOORINGS_AGAINST", "MOORINGS_REPORTS", "MOORINGS_SCHEMAS", "MOORINGS_SIGN_IN"),
)
ZEROS = "0" * 40


def git(*arguments: str) -> str:
    command = ["git", "-c", "user.name=t", "-c", "user.email=t@example.com", *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A clone whose branch breaks an event, with origin/main as it was; the working directory is in it."""
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    upstream = tmp_path / "upstream"
    write(upstream / "schemas", CLEAN)
    monkeypatch.chdir(upstream)
    git("init", "-q", "-b", "main")
    git("add", ".")
    git("commit", "-q", "-m", "as it was")
    monkeypatch.chdir(tmp_path)
    git("clone", "-q", str(upstream), "clone")
    monkeypatch.chdir(tmp_path / "clone")
    git("checkout", "-q", "-b", "change")
    return tmp_path / "clone"


def break_it() -> None:
    PLACED.write_text(PLACED.read_text("utf-8").replace('"shop.types.Money"', '"string"'), "utf-8")
    git("commit", "-q", "-a", "-m", "break it")


def in_github(monkeypatch: pytest.MonkeyPatch, folder: Path, event: object = None, **variables: str) -> Path:
    """Set what a job for a pull request has, and return the file of its summary."""
    (folder.parent / "event.json").write_text(json.dumps(event or {}))
    summary = folder.parent / "summary.md"
    known = {
        "GITHUB_ACTIONS": "true",
        "GITHUB_BASE_REF": "main",
        "GITHUB_REPOSITORY": "acme/shop",
        "GITHUB_EVENT_PATH": str(folder.parent / "event.json"),
        "GITHUB_STEP_SUMMARY": str(summary),
    }
    for name, value in (known | variables).items():
        monkeypatch.setenv(name, value)
    return summary


LOST = {"title": "OrderLost", "type": "object", "properties": {"id": {"type": "string", "description": "An order."}}}


def pull_request_of(repository: str | None) -> object:
    return {"pull_request": {"head": {"repo": {"full_name": repository} if repository else None}}}


def test_github_gets_annotations_a_summary_sarif_and_a_comment(
    checkout: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    summary = in_github(monkeypatch, checkout)
    break_it()
    assert run(["ci"]) == 1
    out = capsys.readouterr().out
    assert out.startswith(f"::error file={PLACED},line=")
    assert "Compared with origin/main.\n" in out
    assert "comment: moorings-reports/comment.md\n" in out
    comment = (checkout / "moorings-reports/comment.md").read_text("utf-8")
    assert comment.startswith("<!-- moorings -->\n## ❌ Event contracts: 1 of 6 contracts fails")
    assert comment.endswith("\n\nCompared with origin/main.\n")
    assert comment.index("AVRO_TYPE_MISMATCH") < comment.index("DOC_MISSING")
    assert summary.read_text("utf-8").strip() == comment.strip()
    document = json.loads((checkout / "moorings-reports/moorings.sarif").read_text("utf-8"))
    found = [one["ruleId"] for one in document["runs"][0]["results"]]
    assert found == ["AVRO_TYPE_MISMATCH", "DOC_MISSING"]  # of check, and of lint


def test_what_passes_is_one_line_and_a_comment_that_says_so(
    checkout: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    in_github(monkeypatch, checkout)
    assert run(["ci"]) == 0
    out = capsys.readouterr().out
    assert out.startswith("6 contracts pass\nCompared with origin/main.\n")
    assert "::" not in out
    comment = (checkout / "moorings-reports/comment.md").read_text("utf-8")
    assert comment.startswith("<!-- moorings -->\n## ✅ Event contracts: 6 contracts pass")


def test_issues_of_lint_are_entries_too(
    checkout: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    in_github(monkeypatch, checkout)
    field = '{"name": "note", "type": ["null", "string"], "default": null}'
    PLACED.write_text(PLACED.read_text("utf-8").replace('"fields": [', f'"fields": [{field},'), "utf-8")
    assert run(["ci"]) == 0
    assert "::warning" in (warned := capsys.readouterr().out)
    assert "DOC_MISSING" in warned
    (checkout / "schemas/shop.orders/PlaceOrder.v1.schema.json").write_text("{}")
    assert run(["ci"]) == 1
    out = capsys.readouterr().out
    assert out.count("NAME_REFUSED") == 2  # the title and the message of one annotation
    assert "DOC_MISSING" in out


def test_later_commits_of_the_target_branch_do_not_count(
    checkout: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    in_github(monkeypatch, checkout)
    git("checkout", "-q", "-b", "other", "main")
    write(checkout / "schemas", {"shop.orders/OrderLost.v1.schema.json": '{"type": "object"}'})
    git("add", ".")
    git("commit", "-q", "-m", "another event")
    git("push", "-q", "origin", "other")
    git("update-ref", "refs/remotes/origin/main", "other")
    git("checkout", "-q", "change")
    assert run(["ci"]) == 0
    out = capsys.readouterr().out
    assert "CONTRACT_DELETED" not in out
    assert f"Compared with {git('rev-parse', 'main')[:12]}, where the branch left origin/main.\n" in out


def test_a_missing_base_says_which_and_what_to_set(
    checkout: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    summary = in_github(monkeypatch, checkout, GITHUB_BASE_REF="release/2")
    assert run(["ci"]) == 2
    said = capsys.readouterr()
    for text in (said.err, said.out, summary.read_text("utf-8")):
        assert "'origin/release/2'" in text
        assert "fetch-depth: 0" in text
    assert said.out.startswith("::error title=moorings::git has no revision")
    (run_of_sarif,) = json.loads((checkout / "moorings-reports/moorings.sarif").read_text("utf-8"))["runs"]
    assert run_of_sarif["invocations"][0]["executionSuccessful"] is False
    assert (checkout / "moorings-reports/comment.md").read_text("utf-8").startswith("<!-- moorings -->\n## ❓")


class Unavailable(httpx2.BaseTransport):
    """A registry that refuses connections, and counts them."""

    def __init__(self) -> None:
        self.asked = 0

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        self.asked += 1
        raise httpx2.ConnectError("refused")


def test_a_registry_that_is_configured_is_compared_with(
    checkout: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], http: httpx2.BaseTransport
) -> None:
    in_github(monkeypatch, checkout, pull_request_of("acme/shop"), GITHUB_BASE_REF="nowhere")
    monkeypatch.setenv("MOORINGS_URL", URL)
    assert run(["push"], Session(http=http)) == 0
    break_it()
    capsys.readouterr()
    assert run(["ci"], Session(http=http)) == 1
    assert "Compared with the registry. " in capsys.readouterr().out


def test_the_registry_keeps_what_a_job_found_and_every_report_has_the_link(
    checkout: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], http: httpx2.BaseTransport
) -> None:
    request = {"number": 7, "html_url": "https://forge.example/acme/shop/pull/7", "user": {"login": "ann"}}
    head = {"repo": {"full_name": "acme/shop"}, "sha": "c" * 40}
    in_github(
        monkeypatch, checkout, {"pull_request": {**request, "head": head}}, GITHUB_HEAD_REF="change", GITHUB_RUN_ID="9"
    )
    monkeypatch.setenv("GITHUB_SERVER_URL", "https://forge.example")
    monkeypatch.setenv("MOORINGS_URL", URL)
    assert run(["push"], Session(http=http)) == 0
    break_it()
    capsys.readouterr()
    for _ in range(2):
        assert run(["ci"], Session(http=http)) == 1
    with httpx2.Client(transport=http, base_url=URL) as client:
        listed = client.get("/v1/kept-checks").json()
        [kept] = listed["checks"]
        source = kept["source"]
        assert client.get(kept["page"]).status_code == 200
    page = f"{URL}{kept['page']}"
    assert (kept["subject"], kept["verdict"]) == ("shop.orders.OrderPlaced", "breaking")
    assert (source["repository"], source["branch"], source["pull_request"]) == ("acme/shop", "change", "7")
    assert (source["commit"], source["author"], source["job_url"]) == (
        "c" * 40, "ann", "https://forge.example/acme/shop/actions/runs/9",
    )  # fmt: skip
    branch = f"{URL}/admin/checks?repository=acme%2Fshop&branch=change"
    assert f"Compared with the registry. The registry keeps what it found: {branch}\n" in capsys.readouterr().out
    comment = (checkout / "moorings-reports/comment.md").read_text("utf-8")
    assert f"[The report]({page})" in comment
    assert branch in comment
    address = checkout / "moorings-reports/page.txt"
    assert address.read_text("utf-8") == f"{branch}\n"
    write(checkout / "schemas", {"shop.orders/OrderLost.v1.schema.json": json.dumps(LOST)})
    assert run(["ci"], Session(http=http)) == 1
    with httpx2.Client(transport=http, base_url=URL) as client:
        listed = client.get("/v1/kept-checks").json()["checks"]
    assert {one["subject"]: one["verdict"] for one in listed} == {
        "shop.orders.OrderPlaced": "breaking", "shop.orders.OrderLost": "compatible",
    }  # fmt: skip
    assert run(["ci", "--against", "git:HEAD"], Session(http=http)) == 0
    assert not address.exists()


def test_outside_of_ci_the_registry_keeps_nothing(
    checkout: Path, monkeypatch: pytest.MonkeyPatch, http: httpx2.BaseTransport
) -> None:
    monkeypatch.setenv("MOORINGS_URL", URL)
    assert run(["push"], Session(http=http)) == 0
    break_it()
    assert run(["ci"], Session(http=http)) == 1
    with httpx2.Client(transport=http, base_url=URL) as client:
        assert client.get("/v1/kept-checks").json()["total"] == 0


@pytest.mark.parametrize(
    ("system", "variables", "branch", "pull_request", "author"),
    [
        (
            "GitLab CI",
            {"CI_MERGE_REQUEST_SOURCE_BRANCH_NAME": "change", "CI_MERGE_REQUEST_IID": "7", "GITLAB_USER_LOGIN": "ann"},
            *("change", "7", "ann"),
        ),
        (
            "Azure Pipelines",
            {
                "SYSTEM_PULLREQUEST_SOURCEBRANCH": "refs/heads/change",
                "SYSTEM_PULLREQUEST_PULLREQUESTID": "7",
                "BUILD_REQUESTEDFOR": "Ann",
            },
            *("change", "7", "Ann"),
        ),
        ("Jenkins", {"CHANGE_BRANCH": "change", "CHANGE_ID": "7", "CHANGE_AUTHOR": "ann"}, "change", "7", "ann"),
        ("Buildkite", {"BUILDKITE_BRANCH": "change", "BUILDKITE_PULL_REQUEST": "false"}, "change", "", ""),
        (
            "CircleCI",
            {"CIRCLE_BRANCH": "change", "CIRCLE_PULL_REQUEST": "https://forge.example/acme/shop/pull/7"},
            *("change", "7", ""),
        ),
    ],
)
def test_each_system_says_where_a_check_comes_from(
    system: str, variables: dict[str, str], branch: str, pull_request: str, author: str
) -> None:
    source = ci_source(system, variables)
    assert source is not None
    assert (source.system, source.branch, source.pull_request, source.author) == (system, branch, pull_request, author)


def test_what_a_registry_would_refuse_is_left_out_of_a_source() -> None:
    hostile = {
        "GIT_COMMIT": "HEAD", "BUILD_URL": "javascript:alert(1)", "CHANGE_URL": "http://[", "BRANCH_NAME": "a\nb" * 200,
        "GIT_URL": "https://user:secret@forge.example/acme/shop.git",
    }  # fmt: skip
    source = ci_source("Jenkins", hostile)
    assert source is not None
    assert (source.commit, source.job_url, source.pull_request_url, len(source.branch)) == ("", "", "", 300)
    assert source.repository == "acme/shop"


@pytest.mark.parametrize("owner", ["mallory/shop", None])
def test_a_fork_never_asks_the_registry(
    checkout: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], owner: str | None
) -> None:
    in_github(monkeypatch, checkout, pull_request_of(owner))
    monkeypatch.setenv("MOORINGS_URL", URL)
    monkeypatch.setenv("MOORINGS_SIGN_IN", "github")
    break_it()
    registry = Unavailable()
    assert run(["ci"], Session(http=registry)) == 1
    assert registry.asked == 0
    assert (
        "Compared with origin/main. The registry was not used: the pull request is a fork's, which has no identity of "
        "its own.\n" in capsys.readouterr().out
    )


def test_an_unavailable_registry_gives_way_to_the_base_and_both_are_named(
    checkout: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    in_github(monkeypatch, checkout, pull_request_of("acme/shop"))
    monkeypatch.setenv("MOORINGS_URL", URL)
    assert run(["ci"], Session(http=Unavailable())) == 0
    said = capsys.readouterr()
    assert "The registry was not used: it did not answer.\n" in said.out
    assert "registry unavailable" in said.err
    assert URL not in (checkout / "moorings-reports/comment.md").read_text("utf-8")
    assert run(["ci", "--against", "registry"], Session(http=Unavailable())) == 3
    monkeypatch.delenv("GITHUB_BASE_REF")
    assert run(["ci"], Session(http=Unavailable())) == 3


@pytest.mark.parametrize(("status", "code"), [(401, 0), (403, 4)])
def test_a_missing_identity_gives_way_to_the_base_and_a_missing_grant_does_not(
    checkout: Path, monkeypatch: pytest.MonkeyPatch, status: int, code: int
) -> None:
    in_github(monkeypatch, checkout, pull_request_of("acme/shop"))
    monkeypatch.setenv("MOORINGS_URL", URL)
    http = httpx2.MockTransport(lambda request: httpx2.Response(status, json={"code": "NOT_ALLOWED", "detail": "no"}))
    assert run(["ci"], Session(http=http)) == code


def test_without_a_registry_and_a_base_it_says_what_to_give(
    checkout: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["ci"]) == 2
    assert "nothing to compare with" in capsys.readouterr().err
    assert run(["ci", "--against", "main"]) == 2
    assert run(["ci", "--against", "git:HEAD"]) == 0
    assert not (checkout / "moorings-reports").exists()
    assert run(["ci", "--against", "git:HEAD", "--reports", "out"]) == 0
    assert [one.name for one in (checkout / "out").iterdir()] == ["comment.md"]
    monkeypatch.setenv("CIRCLECI", "true")
    assert run(["ci"]) == 2
    assert "<error message=" in (checkout / "moorings-reports/moorings-junit.xml").read_text()


def test_gitlab_gets_code_quality_and_junit(
    checkout: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("GITLAB_CI", "true")
    monkeypatch.setenv("CI_MERGE_REQUEST_DIFF_BASE_SHA", git("rev-parse", "main"))
    break_it()
    assert run(["ci"]) == 1
    out = capsys.readouterr().out
    assert "✗ shop.orders.OrderPlaced" in out
    assert out.index("AVRO_TYPE_MISMATCH") < out.index("DOC_MISSING")
    assert f"Compared with {git('rev-parse', 'main')[:12]}.\n" in out
    entry, _ = json.loads((checkout / "moorings-reports/gl-code-quality-report.json").read_text("utf-8"))
    assert entry["location"]["path"] == str(PLACED)
    suite = ET.fromstring((checkout / "moorings-reports/moorings-junit.xml").read_text("utf-8"))
    assert suite.attrib["failures"] == "1"


def test_azure_gets_logging_commands_and_a_summary(
    checkout: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TF_BUILD", "True")
    monkeypatch.setenv("SYSTEM_PULLREQUEST_TARGETBRANCH", "refs/heads/main")
    break_it()
    assert run(["ci"]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith(f"##vso[task.logissue type=error;sourcepath={PLACED};linenumber=")
    assert f"##vso[task.uploadsummary]{checkout}/moorings-reports/comment.md" in lines
    assert run(["ci", "--against", "git:nowhere"]) == 2
    assert "##vso[task.logissue type=error]git has no revision" in capsys.readouterr().out


def test_texts_of_a_contract_do_not_become_logging_commands(
    checkout: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TF_BUILD", "True")
    evil = "##vso[task.setvariable variable=PATH]x\n##vso[task.setvariable variable=PATH]y;]%"
    write(checkout / "schemas", {f"shop.orders/{evil.splitlines()[0]}.v1.schema.json": "{}"})
    (checkout / "schemas/shop.orders/domain.toml").write_text(
        f"owner = {json.dumps(evil)}\nkinds = {json.dumps(evil)}\n"
    )
    assert run(["ci", "--against", "git:HEAD"]) == 1
    for line in capsys.readouterr().out.splitlines():
        assert line.find("##vso[task.") == line.find("##vso[")
        assert not line.startswith("##vso[task.setvariable")
        assert "##" not in line or line.startswith(("##vso[task.logissue", "##vso[task.uploadsummary"))


BASES = [  # the system, its variables, what is compared with, whether a fork asks
    ("GITHUB_ACTIONS", {"GITHUB_BASE_REF": "main"}, "origin/main", False),
    ("GITLAB_CI", {"CI_MERGE_REQUEST_DIFF_BASE_SHA": "abc"}, "abc", False),
    ("GITLAB_CI", {"CI_COMMIT_BEFORE_SHA": ZEROS}, "", False),
    ("GITLAB_CI", {"CI_COMMIT_BEFORE_SHA": "abc"}, "abc", False),
    (
        "GITLAB_CI",
        {"CI_MERGE_REQUEST_SOURCE_PROJECT_ID": "7", "CI_MERGE_REQUEST_PROJECT_ID": "3"},
        "",
        True,
    ),
    ("TF_BUILD", {"SYSTEM_PULLREQUEST_TARGETBRANCH": "refs/heads/main"}, "origin/main", False),
    ("TF_BUILD", {"SYSTEM_PULLREQUEST_ISFORK": "True"}, "", True),
    ("JENKINS_URL", {"CHANGE_TARGET": "main", "CHANGE_FORK": "mallory"}, "origin/main", True),
    ("JENKINS_URL", {"GIT_PREVIOUS_SUCCESSFUL_COMMIT": "abc"}, "abc", False),
    (
        "BUILDKITE",
        {
            "BUILDKITE_PULL_REQUEST_BASE_BRANCH": "main",
            "BUILDKITE_PULL_REQUEST_REPO": "https://github.com/Acme/shop.git",
            "BUILDKITE_REPO": "git@github.com:acme/shop.git",
        },
        "origin/main",
        False,
    ),
    (
        "BUILDKITE",
        {
            "BUILDKITE_PULL_REQUEST_REPO": "https://github.com/mallory/shop.git",
            "BUILDKITE_REPO": "git@github.com:acme/shop.git",
        },
        "",
        True,
    ),
    ("CIRCLECI", {"CIRCLE_PR_REPONAME": "shop"}, "", True),
]


@pytest.mark.parametrize(("system", "variables", "base", "is_fork"), BASES)
def test_the_variables_of_each_system_say_the_base(
    system: str, variables: dict[str, str], base: str, is_fork: bool
) -> None:
    job = ci_job({system: "true", **variables})
    assert (job.base, job.is_fork) == (base, is_fork)


@pytest.mark.parametrize(
    ("event", "base"),
    [
        ({"before": "abc"}, "abc"),
        ({"before": ZEROS}, ""),
        ({"merge_group": {"base_sha": "def"}}, "def"),
        ([], ""),
        ({"before": 5, "merge_group": []}, ""),
    ],
)
def test_github_says_the_base_of_a_push_and_a_merge_queue_in_its_event(
    tmp_path: Path, event: object, base: str
) -> None:
    file = tmp_path / "event.json"
    file.write_text(json.dumps(event))
    assert ci_job({"GITHUB_ACTIONS": "true", "GITHUB_EVENT_PATH": str(file)}).base == base


def test_a_comment_stays_within_the_limit_of_forges(
    checkout: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    in_github(monkeypatch, checkout)
    for kind in ("int", "string"):
        fields = [{"name": f"field_{number}", "type": kind, "doc": "x"} for number in range(60)]
        for number in range(12):
            record = {
                "type": "record",
                "name": f"Part{number}",
                "namespace": "shop.types",
                "doc": "x",
                "fields": fields,
            }
            write(checkout / "schemas", {f"shop.types/Part{number}.v1.avsc": json.dumps(record, indent=1)})
        git("add", ".")
        git("commit", "-q", "-m", kind)
    assert run(["ci", "--against", "git:HEAD^"]) == 1
    comment = (checkout / "moorings-reports/comment.md").read_text("utf-8")
    assert len(comment.encode()) <= 65_536
    assert comment.startswith("<!-- moorings -->\n## ❌ Event contracts: 12 of 18 contracts fail")
    assert "Shortened: " in comment
    assert comment.count(": breaking") == 12


def test_reports_that_cannot_be_written_are_a_sentence(checkout: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (checkout / "file").write_text("")
    assert run(["ci", "--against", "git:HEAD", "--reports", "file/inside"]) == 2
    assert "cannot write the report file/inside/comment.md" in capsys.readouterr().err
