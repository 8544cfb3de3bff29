"""The plugin as a user has it: a small project, its own pytest in a process of its own, found by its entry point."""

import json
import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import moorings

ROOT = Path(__file__).resolve().parents[3]
PROJECT = {
    "pytest.ini": "[pytest]\nmoorings_schemas = contracts\n",
    "contracts/shop.orders/domain.toml": 'owner = "team-orders"\n',
    "contracts/shop.orders/OrderPlaced.v1.avsc": """{
        "type": "record", "name": "OrderPlaced", "namespace": "shop.orders", "fields": [
            {"name": "order_id", "type": "string"}, {"name": "cents", "type": "long"}
        ]
    }""",
}
TESTS = """
from dataclasses import dataclass
from pathlib import Path

import httpx2
import pytest

import moorings
import moorings.testing
from moorings.testing import Answer, assert_fits, assert_refused, assert_valid, payloads


@dataclass
class OrderPlaced:
    order_id: str
    cents: int


@pytest.fixture
def placed(moorings_contracts):
    return moorings_contracts("shop.orders.OrderPlaced")


def test_the_contracts_fixture_validates_produced_events(placed):
    assert_valid(placed, {"order_id": "o-1", "cents": 1})
    assert_refused(placed, {"order_id": "o-1"}, rule="FIELD_MISSING", path="/cents")
    assert_fits(OrderPlaced, placed)


def test_a_handler_is_tested_with_edge_case_events(placed):
    for payload in payloads.adversarial(placed):
        OrderPlaced(**placed.decode(payload.data))


def test_what_a_handler_reads_is_recorded(placed, moorings_reads):
    for event in moorings_reads.events("shipping", placed):
        assert event["order_id"] is not None


def test_every_test_has_a_registry_of_its_own(moorings_registry):
    assert moorings_registry.api.domains() == ()


@pytest.fixture(scope="session")
def shared():
    transport = httpx2.WSGITransport(app=moorings.testing.registry_application())
    with moorings.connect(http=transport, refresh_s=None) as registry:
        yield moorings.testing.ProjectContracts(registry, Path("contracts"))


def test_one_registry_serves_a_whole_session(shared):
    assert shared("shop.orders.OrderPlaced").latest.label == "1.0"


def test_the_fault_proxy_fixture_makes_the_registry_fail(moorings_contracts, moorings_fault_proxy):
    moorings_fault_proxy.once(Answer(503, retry_after_s=0))
    with moorings.connect(moorings_fault_proxy.url, refresh_s=None) as registry:
        assert registry.event("shop.orders.OrderPlaced").latest.label == "1.0"
    assert moorings_fault_proxy.requests > 1
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    for name, text in {**PROJECT, "test_orders.py": TESTS}.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return tmp_path


def entry_points(folder: Path, *, server: bool = True) -> Path:
    """Install the project's entry points, as its metadata has them, where the process finds nothing else of it."""
    settings: dict[str, dict[str, str]] = {}
    for one in (ROOT / "pyproject.toml", ROOT / "registry" / "pyproject.toml"):
        if one.exists():  # the service's is not, where the client is tested alone
            settings |= tomllib.loads(one.read_text())["project"]["entry-points"]
    if not server:
        settings["moorings.registries"] = {"memory": "moorings_registry_that_is_not_installed:in_memory"}
    lines = [
        line for group, named in settings.items() for line in (f"[{group}]", *(f"{k} = {v}" for k, v in named.items()))
    ]
    place = folder / "site" / "moorings-0.dist-info"
    place.mkdir(parents=True)
    (place / "METADATA").write_text("Metadata-Version: 2.1\nName: moorings\nVersion: 0\n")
    (place / "entry_points.txt").write_text("\n".join(lines))
    return place.parent


def run(project: Path, site: Path, *arguments: str, alone: bool = True) -> subprocess.CompletedProcess[str]:
    """Run the project's tests; *alone*: without the other plugins that happen to be installed, which take seconds."""
    places = [site, Path(moorings.__file__).parents[1], ROOT / "compat", ROOT / "registry"]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, places))}
    environment.pop("PYTEST_XDIST_WORKER", None)  # that of these tests, not of the project's
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-rs", *arguments]
    if alone:
        environment["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
        command += ["-p", "moorings.testing.plugin"]
    return subprocess.run(command, cwd=project, env=environment, capture_output=True, text=True, check=False)


def test_a_project_uses_everything(project: Path) -> None:
    pytest.importorskip("moorings_registry.app")
    done = run(project, entry_points(project))
    assert "6 passed" in done.stdout, done.stdout
    assert done.returncode == 0
    recorded = json.loads((project / ".moorings/reads/shipping.main.json").read_text())
    assert [one["fields"] for one in recorded["reads"]] == [{"/order_id": "required"}]


def test_fixtures_and_the_setting_are_listed_by_pytest(project: Path) -> None:
    done = run(project, entry_points(project), "--fixtures", alone=False)
    for name in (
        "moorings_registry",
        "moorings_contracts",
        "moorings_fault_proxy",
        "moorings_application",
        "moorings_reads",
    ):
        assert f"\n{name} " in done.stdout


def test_without_the_service_tests_are_skipped_with_the_way_to_get_it(project: Path) -> None:
    done = run(project, entry_points(project, server=False))
    assert "5 skipped" in done.stdout, done.stdout
    assert "1 error" in done.stdout  # the fixture of its own, which does not skip
    assert "pip install moorings-registry" in done.stdout


def test_a_missing_folder_or_one_with_issues_fails_the_test(project: Path) -> None:
    pytest.importorskip("moorings_registry.app")
    site = entry_points(project)
    missing = run(project, site, "-k", "produced", "-o", "moorings_schemas=nowhere")
    assert "set moorings_schemas" in missing.stdout
    (project / "contracts/shop.orders/domain.toml").write_text("")
    unclean = run(project, site, "-k", "produced")
    assert "the folder of contracts has issues" in unclean.stdout
    assert "the domain has no owner" in unclean.stdout
