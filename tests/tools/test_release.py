"""What a release consists of: two distributions, the same bytes twice, each with what it is for alone."""

import hashlib
import json
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.append(str(ROOT / "tools"))

from release import FORMS, changed_forms, problems  # noqa: E402 - a tool, found by the line above


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("release") / "dist"
    assert list(problems(folder)) == []
    return folder


def test_the_client_comes_without_the_service(built: Path) -> None:
    with zipfile.ZipFile(next(built.glob("moorings-*.whl"))) as wheel:
        names = wheel.namelist()
        points = next(wheel.read(name).decode() for name in names if name.endswith("entry_points.txt"))
    assert not [name for name in names if name.startswith("moorings_registry")]
    assert "moorings.cli.main:main" in points
    assert "moorings_registry" not in points


def test_every_file_has_its_sum_and_every_distribution_its_bill(built: Path) -> None:
    sums = dict(reversed(line.split("  ")) for line in (built / "SHA256SUMS").read_text().splitlines())
    assert sums == {
        one.name: hashlib.sha256(one.read_bytes()).hexdigest() for one in built.iterdir() if one.name != "SHA256SUMS"
    }
    assert len(sums) == 6
    bill = json.loads((built / "moorings-registry.cdx.json").read_text())
    assert (bill["bomFormat"], bill["metadata"]["component"]["version"]) == ("CycloneDX", "0.1.0")
    assert {"flask", "psycopg"} <= {one["name"] for one in bill["components"]}
    assert "flask" not in {one["name"] for one in json.loads((built / "moorings.cdx.json").read_text())["components"]}


def test_a_form_that_was_released_stays() -> None:
    now = json.loads((ROOT / FORMS).read_text())
    assert list(changed_forms(now, {**now, "ShipSailed.v1": {}})) == []
    gone, changed = {name: form for name, form in now.items() if name != "ModeChanged.v1"}, dict(now)
    changed["ModeChanged.v1"] = {**now["ModeChanged.v1"], "required": []}
    assert [len(list(changed_forms(now, other))) for other in (gone, changed)] == [1, 1]
