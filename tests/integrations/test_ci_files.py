"""The files of `integrations/ci` and the jobs of `moorings init --ci`: their shell steps run in a real git repository.

Each step runs in a shell of its own, as the systems run them, with the variables that the system sets and with the
wheel of this source tree installed by the step itself, as from a package index; the action and the hook build it of the
source. Only what it depends on is there already, so that no network is needed.
"""

import json
import os
import re
import subprocess
import sys
import sysconfig
import venv
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from moorings.cli.commands import run
from tests.client.layout.test_lint import CLEAN, write

ROOT = Path(__file__).resolve().parents[2]
CI_FILES = ROOT / "integrations" / "ci"
TEMPLATES = ROOT / "clients" / "moorings" / "cli" / "ci_templates"
PLACED = Path("schemas/shop.orders/OrderPlaced.v1.avsc")
STEP_S = 240
Job = Mapping[str, str]


def git(folder: Path, *arguments: str) -> str:
    command = ["git", "-c", "user.name=t", "-c", "user.email=t@example.com", "-C", str(folder), *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A clone whose last commit breaks an event of origin/main."""
    upstream, clone = tmp_path / "upstream", tmp_path / "clone"
    write(upstream / "schemas", CLEAN)
    git(upstream, "init", "-q", "-b", "main")
    git(upstream, "add", ".")
    git(upstream, "commit", "-q", "-m", "as it was")
    git(tmp_path, "clone", "-q", str(upstream), str(clone))
    git(clone, "checkout", "-q", "-b", "change")
    placed = clone / PLACED
    placed.write_text(placed.read_text("utf-8").replace('"shop.types.Money"', '"string"'), "utf-8")
    git(clone, "commit", "-q", "-a", "-m", "break it")
    return clone


@pytest.fixture(scope="session")
def image(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The programs of an image with Python: an environment of its own, and nothing of ours in it."""
    folder = tmp_path_factory.mktemp("image") / "python"
    venv.create(folder, with_pip=True)
    return folder / "bin"


@pytest.fixture(scope="session")
def package(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The wheel with its extras, as pip is asked for it."""
    folder = tmp_path_factory.mktemp("wheel")
    pip = [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "--no-build-isolation"]
    subprocess.run([*pip, "-w", str(folder), str(ROOT)], check=True, timeout=STEP_S)
    (wheel,) = folder.glob("moorings-*.whl")
    return f"{wheel}[cli,protobuf,rules]"


def variables_of(image: Path, home: Path, package: str, **more: str) -> dict[str, str]:
    return {
        "PATH": f"{image}{os.pathsep}/usr/bin{os.pathsep}/bin",
        "HOME": str(home),
        "LANG": "C.UTF-8",
        # what a package index would give; our own package comes from the source tree
        "PYTHONPATH": sysconfig.get_path("purelib"),
        "PIP_NO_DEPS": "1",
        "PIP_NO_INDEX": "1",
        "PIP_NO_BUILD_ISOLATION": "false",
        "MOORINGS_PACKAGE": package,
        **more,
    }


def steps_run(scripts: list[str], checkout: Path, variables: Job) -> tuple[int, str]:
    """Run each script in a shell of its own until one fails; return its exit code, and what all of them wrote."""
    said = ""
    for script in scripts:
        command = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script]
        done = subprocess.run(
            command, cwd=checkout, env=variables, capture_output=True, text=True, timeout=STEP_S, check=False
        )
        said += done.stdout + done.stderr
        if done.returncode:
            return done.returncode, said
    return 0, said


def read_yaml(path: Path) -> Any:
    return yaml.safe_load(path.read_text("utf-8"))


def github_variables(tmp_path: Path, runner: Path, repository: str = "acme/shop") -> dict[str, str]:
    event = {"pull_request": {"head": {"repo": {"full_name": repository}}}}
    (tmp_path / "event.json").write_text(json.dumps(event))
    return {
        "CI": "true",
        "GITHUB_ACTIONS": "true",
        "GITHUB_ACTION_PATH": str(CI_FILES),
        "GITHUB_BASE_REF": "main",
        "GITHUB_EVENT_PATH": str(tmp_path / "event.json"),
        "GITHUB_OUTPUT": str(tmp_path / "output"),
        "GITHUB_REPOSITORY": "acme/shop",
        "GITHUB_STEP_SUMMARY": str(tmp_path / "summary.md"),
        "RUNNER_TEMP": str(runner),
    }


def with_inputs(value: str, inputs: Mapping[str, Mapping[str, str]], given: Mapping[str, str]) -> str:
    """Replace ``${{ inputs.x }}`` as the runner does."""
    return re.sub(
        r"\$\{\{ inputs\.([\w-]+) \}\}", lambda found: given.get(found[1], inputs[found[1]]["default"]), value
    )


def action_steps() -> Iterator[tuple[str, dict[str, str]]]:
    """The script of each step of the action, and its variables."""
    for step in read_yaml(CI_FILES / "action.yml")["runs"]["steps"]:
        assert "${{" not in step["run"], "an input in the text of a script would be run as a script"
        yield step["run"], step.get("env", {})


@pytest.fixture(scope="session")
def runner(image: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The temporary folder of a runner, after the first step of the action."""
    folder = tmp_path_factory.mktemp("runner")
    (install, _), *_ = action_steps()
    variables = variables_of(image, folder, "none", RUNNER_TEMP=str(folder), GITHUB_ACTION_PATH=str(CI_FILES))
    code, said = steps_run([install], folder, variables)
    assert code == 0, said
    assert (folder / "moorings/bin/moorings").is_file()
    return folder


def action_run(checkout: Path, variables: Job, given: Mapping[str, str]) -> tuple[int, str]:
    """Run the steps of the action after the first one; return the exit code, and what they wrote."""
    inputs = read_yaml(CI_FILES / "action.yml")["inputs"]
    (_, (script, env)) = action_steps()
    set_by_action = {name: with_inputs(value, inputs, given) for name, value in env.items()}
    return steps_run([script], checkout, {**variables, **set_by_action})


def test_the_github_action_annotates_a_fork_without_identity(
    checkout: Path, image: Path, runner: Path, tmp_path: Path
) -> None:
    variables = variables_of(image, tmp_path, "none", **github_variables(tmp_path, runner, "mallory/shop"))
    given = {"registry": "http://127.0.0.1:9", "sign-in": "github"}
    code, said = action_run(checkout, variables, given)
    assert (code, f"::error file={PLACED},line=" in said) == (1, True), said
    assert "the pull request is a fork's" in said
    assert (tmp_path / "summary.md").read_text("utf-8").startswith("<!-- moorings -->\n## ❌ Event contracts: 1 of 6")
    outputs = dict(line.split("=", 1) for line in (tmp_path / "output").read_text().splitlines())
    declared = read_yaml(CI_FILES / "action.yml")["outputs"]
    assert set(outputs) == set(declared)
    assert outputs.pop("page") == ""  # a fork's job keeps nothing
    assert all((checkout / path).is_file() for path in outputs.values())


def test_the_github_action_passes_what_breaks_nothing(
    checkout: Path, image: Path, runner: Path, tmp_path: Path
) -> None:
    variables = variables_of(image, tmp_path, "none", **github_variables(tmp_path, runner))
    code, said = action_run(checkout, variables, {"against": "git:HEAD", "reports": "out"})
    assert (code, "6 contracts pass" in said) == (0, True), said
    assert (checkout / "out/comment.md").is_file()


def test_the_gitlab_template_writes_the_reports_that_it_hands_on(
    checkout: Path, image: Path, package: str, tmp_path: Path
) -> None:
    job = read_yaml(CI_FILES / "gitlab.yml")["event-contracts"]
    system = {"GITLAB_CI": "true", "CI_MERGE_REQUEST_DIFF_BASE_SHA": git(checkout, "rev-parse", "origin/main")}
    code, said = steps_run(
        job["script"], checkout, variables_of(image, tmp_path, package, **job["variables"], **system)
    )
    assert (code, "✗ shop.orders.OrderPlaced" in said) == (1, True), said
    assert all((checkout / path).is_file() for path in job["artifacts"]["reports"].values())
    assert {path.name for path in (checkout / job["artifacts"]["paths"][0]).iterdir()} == {
        "comment.md",
        "gl-code-quality-report.json",
        "moorings-junit.xml",
    }


def test_a_shallow_clone_is_asked_for_its_base(checkout: Path, image: Path, package: str, tmp_path: Path) -> None:
    shallow = tmp_path / "shallow"
    git(tmp_path, "clone", "-q", "--depth", "1", "--branch", "change", f"file://{checkout}", str(shallow))
    job = read_yaml(CI_FILES / "gitlab.yml")["event-contracts"]
    base = git(checkout, "rev-parse", "origin/main")
    system = {"GITLAB_CI": "true", "CI_MERGE_REQUEST_DIFF_BASE_SHA": base}
    code, said = steps_run(job["script"], shallow, variables_of(image, tmp_path, package, **system))
    assert (code, f"git has no revision '{base}' here" in said) == (2, True), said
    assert "GIT_DEPTH: 0" in said
    assert "<error message=" in (shallow / "moorings-reports/moorings-junit.xml").read_text("utf-8")


def test_the_azure_template_logs_the_lines(checkout: Path, image: Path, package: str, tmp_path: Path) -> None:
    steps = read_yaml(CI_FILES / "azure.yml")["steps"]
    system = {"TF_BUILD": "True", "SYSTEM_PULLREQUEST_TARGETBRANCH": "refs/heads/main"}
    scripts = [step["bash"] for step in steps if "bash" in step]
    code, said = steps_run(scripts, checkout, variables_of(image, tmp_path, package, **system))
    assert (code, f"##vso[task.logissue type=error;sourcepath={PLACED};" in said) == (1, True), said
    (published,) = (step for step in steps if step.get("task", "").startswith("PublishTestResults"))
    assert (checkout / published["inputs"]["testResultsFiles"]).is_file()


def test_the_jenkinsfile_writes_junit(checkout: Path, image: Path, package: str, tmp_path: Path) -> None:
    text = (CI_FILES / "Jenkinsfile").read_text("utf-8")
    system = {"JENKINS_URL": "http://jenkins.example", "CHANGE_TARGET": "main", "CHANGE_ID": "7"}
    scripts = re.findall(r"^ *sh '(.*)'$", text, re.MULTILINE)
    code, said = steps_run(scripts, checkout, variables_of(image, tmp_path, package, **system))
    assert (code, "✗ shop.orders.OrderPlaced" in said) == (1, True), said
    (report,) = re.findall(r"^ *junit '(.*)'$", text, re.MULTILINE)
    assert (checkout / report).is_file()


def test_the_pre_commit_hook_refuses_what_is_about_to_be_committed(
    checkout: Path, image: Path, package: str, tmp_path: Path
) -> None:
    (hook,) = read_yaml(ROOT / ".pre-commit-hooks.yaml")
    assert re.search(hook["files"], str(PLACED))
    assert not re.search(hook["files"], "src/orders.py")
    variables = variables_of(image, tmp_path, package)
    # pre-commit installs the repository and what it depends on besides, inside the repository
    install = [f"cd '{ROOT}' && python -m pip install --quiet . {' '.join(hook['additional_dependencies'])}"]
    entry = " ".join([hook["entry"], *hook["args"]])
    assert steps_run([*install, entry], checkout, variables)[0] == 0
    placed = checkout / PLACED
    placed.write_text(placed.read_text("utf-8").replace('"fields": [', '"fields": [{"name": "n", "type": "int"},'))
    code, said = steps_run([entry], checkout, variables)
    assert (code, "AVRO_FIELD_MISSING_DEFAULT" in said) == (1, True), said
    assert not (checkout / "moorings-reports").exists()


@pytest.mark.parametrize("system", ["github", "gitlab"])
def test_the_job_that_init_writes_runs(system: str, checkout: Path, image: Path, package: str, tmp_path: Path) -> None:
    call = ["--schemas", str(checkout / "schemas"), "init", "--domain", "shop.orders", "--owner", "team-orders"]
    assert run([*call, "--ci", system]) == 0
    if system == "github":
        workflow = read_yaml(checkout / ".github/workflows/moorings.yml")
        job = workflow["jobs"]["contracts"]
        scripts, env = [step["run"] for step in job["steps"] if "run" in step], job["env"]
        variables = github_variables(tmp_path, tmp_path)
    else:
        job = read_yaml(checkout / ".gitlab-ci.yml")["event-contracts"]
        scripts, env = job["script"], job["variables"]
        variables = {"GITLAB_CI": "true", "CI_MERGE_REQUEST_DIFF_BASE_SHA": git(checkout, "rev-parse", "origin/main")}
    code, said = steps_run(scripts, checkout, variables_of(image, tmp_path, package, **env, **variables))
    assert (code, "Compared with" in said) == (1, True), said


def test_init_leaves_a_job_that_is_there(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    call = ["--schemas", str(tmp_path / "contracts"), "init", "--domain", "shop.orders", "--owner", "team-orders"]
    assert run([*call, "--ci", "gitlab"]) == 0
    written = (tmp_path / ".gitlab-ci.yml").read_text("utf-8")
    assert yaml.safe_load(written)["event-contracts"]["variables"]["MOORINGS_SCHEMAS"] == "contracts"
    (tmp_path / ".gitlab-ci.yml").write_text("build:\n  script: [make]\n")
    capsys.readouterr()
    assert run([*call, "--ci", "gitlab"]) == 0
    assert "add a job to it that runs moorings ci" in capsys.readouterr().out
    assert (tmp_path / ".gitlab-ci.yml").read_text("utf-8") == "build:\n  script: [make]\n"


def test_the_gitlab_template_is_the_one_that_init_writes() -> None:
    assert (CI_FILES / "gitlab.yml").read_bytes() == (TEMPLATES / "gitlab.yml").read_bytes()
