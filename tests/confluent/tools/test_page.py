"""The page about tools: its settings have their form and name one registry, and what it lists exists."""

import re
from pathlib import Path

import pytest
import yaml

from moorings_registry.http.confluent.blueprint import ROUTES
from tests.confluent.tools.calling import PAGE, calls_on_the_page

URL = "https://registry.example.com:8081"
TOOLS = {
    "Kafbat UI": "test_kafbat_ui.py",
    "AKHQ": "test_akhq.py",
    "Redpanda Console": "test_redpanda_console.py",
    "Kafka Connect": "test_kafka_connect.py",
    "ksqlDB": "test_ksqldb.py",
    "Flink": "test_flink.py",
    "Terraform, Confluent's provider": "test_terraform_confluent.py",
    "Terraform, community providers": "test_terraform_community.py",
}
"""Each section of the page, and the sequence that it goes by."""
AT = {
    "Kafbat UI": ("kafka", "clusters", 0, "schemaRegistry"),
    "AKHQ": ("akhq", "connections", "shop", "schema-registry", "url"),
    "Redpanda Console": ("schemaRegistry", "urls", 0),
}
"""Where each configuration in YAML has the address of the registry."""


def section(tool: str) -> str:
    return PAGE.read_text().partition(f"\n## {tool}\n")[2].partition("\n## ")[0]


def snippet(tool: str, language: str) -> str:
    return re.findall(rf"```{language}\n(.*?)```", section(tool), re.DOTALL)[0]


def test_every_sequence_has_a_section_and_every_section_a_sequence() -> None:
    headings = re.findall(r"^## (.*)$", PAGE.read_text(), re.MULTILINE)
    assert headings == [*TOOLS, "Calls"]
    files = {one.name for one in Path(__file__).parent.glob("test_*.py")} - {Path(__file__).name}
    assert files == set(TOOLS.values())


def test_the_calls_of_each_tool_are_operations_of_the_registry() -> None:
    listed = calls_on_the_page()
    assert list(listed) == list(TOOLS)
    known = {one.operation for one in ROUTES} | {"POST /security/acls"}
    assert set().union(*listed.values()) <= known


@pytest.mark.parametrize("tool", AT)
def test_settings_in_yaml_have_the_address_where_the_tool_looks_for_it(tool: str) -> None:
    found = yaml.safe_load(snippet(tool, "yaml"))
    for step in AT[tool]:
        found = found[step]
    assert found == URL
    assert "token" in str(yaml.safe_load(snippet(tool, "yaml")))


@pytest.mark.parametrize(("tool", "prefix"), [("Kafka Connect", "value.converter."), ("ksqlDB", "ksql.")])
def test_properties_name_the_class_of_the_page_about_signing_in(tool: str, prefix: str) -> None:
    lines = snippet(tool, "properties").splitlines()
    settings = dict(line.removeprefix(prefix).split("=", 1) for line in lines)
    assert settings["schema.registry.url"] == URL
    own = {name.removeprefix("schema.registry."): value for name, value in settings.items()}
    sign_in = (PAGE.parent / "sign-in.md").read_text()
    for name in ("bearer.auth.credentials.source", "bearer.auth.custom.provider.class"):
        assert f"{name}={own[name]}" in sign_in


def test_the_options_of_flink_belong_to_its_format() -> None:
    options = dict(re.findall(r"'([^']+)' = '([^']+)'", snippet("Flink", "sql")))
    assert options["value.format"] == "avro-confluent"
    own = {name: value for name, value in options.items() if name.startswith("value.avro-confluent.")}
    assert len(own) == 3
    assert own["value.avro-confluent.url"] == URL


@pytest.mark.parametrize("tool", [one for one in TOOLS if one.startswith("Terraform")])
def test_providers_of_terraform_get_the_address_and_the_token_as_a_password(tool: str) -> None:
    provider = snippet(tool, "hcl").partition("\nresource ")[0]
    values = [one.strip() for one in re.findall(r"= ([^#\n]+)", provider)]
    assert {f'"{URL}"', '"token"', "var.registry_token"} <= set(values)
