"""The dashboard, the alerts and the documentation name metrics that the registry has, with labels that these have."""

import json
import re
from pathlib import Path

import pytest
import yaml
from prometheus_client import REGISTRY
from prometheus_client.parser import text_string_to_metric_families

import moorings_registry.http.certificate_metrics
import moorings_registry.http.log_metrics
import moorings_registry.telemetry.outcomes  # noqa: F401
from moorings_registry.engines import open_ledger
from tests.registry.calling import Http

ROOT = Path(__file__).resolve().parents[2]
ALERTS = ROOT / "deploy" / "prometheus" / "moorings.rules.yaml"
DASHBOARD = ROOT / "deploy" / "grafana" / "moorings.json"
_USED = re.compile(r"(moorings_[a-z_]+)(?:\{([^}]*)\})?")
_LABEL = re.compile(r'([a-z_]+)\s*=~?\s*"')
_BY = re.compile(r"by \(([a-z_, ]+)\)")
ADDED = {"job", "instance", "le"}
"""Labels that a scrape adds, and those of histograms."""


def expressions() -> list[str]:
    alerts = yaml.safe_load(ALERTS.read_text())
    found = [rule["expr"] for group in alerts["groups"] for rule in group["rules"]]
    panels = json.loads(DASHBOARD.read_text())["panels"]
    return found + [target["expr"] for panel in panels for target in panel.get("targets", ())]


@pytest.fixture
def http() -> Http:
    return Http(open_ledger("memory:"))


@pytest.fixture
def samples(http: Http) -> dict[str, set[str]]:
    """The names of all samples that the registry can have, with their labels."""
    names: dict[str, set[str]] = {}
    for family in REGISTRY.collect():  # families without samples yet have their labels in the collector
        labels = set(getattr(REGISTRY._names_to_collectors.get(family.name), "_labelnames", ()))
        for suffix in ("", "_total", "_bucket", "_sum", "_count"):
            names[family.name + suffix] = labels
    for family in text_string_to_metric_families(http.get("/metrics").body.decode()):
        for sample in family.samples:
            names[sample.name] = names.get(sample.name, set()) | set(sample.labels)
    for name in ("moorings_exporter_lag_entries", "moorings_exporter_failing"):
        names[name] = {"exporter"}  # none without an exporter
    names["moorings_issuer_away_seconds"] = {"issuer"}
    names["moorings_base_position"] = set()  # none without a folder for bases
    return names


def test_every_expression_names_what_there_is(samples: dict[str, set[str]]) -> None:
    found = expressions()
    assert len(found) > 20
    for expression in found:
        used = _USED.findall(expression)
        assert used or expression.startswith("up{")
        known = ADDED.union(*(samples[name] for name, _ in used))
        asked = {label for _, chosen in used for label in _LABEL.findall(chosen)}
        asked |= {label.strip() for labels in _BY.findall(expression) for label in labels.split(",")}
        assert asked <= known, expression


def test_the_documentation_names_every_metric(samples: dict[str, set[str]]) -> None:
    documented = "".join(path.read_text() for path in (ROOT / "docs").glob("*.md"))
    ours = {name for name in samples if name.startswith("moorings_")}
    families = {re.sub(r"_(total|bucket|sum|count|created)$", "", name) for name in ours}
    assert not sorted(one for one in families if one not in documented)


def test_alerts_say_what_is_wrong_and_how_urgent_it_is() -> None:
    for group in yaml.safe_load(ALERTS.read_text())["groups"]:
        for rule in group["rules"]:
            assert rule["alert"].startswith("Moorings")
            assert rule["labels"]["severity"] in ("page", "ticket")
            assert set(rule["annotations"]) == {"summary", "description"}


def test_panels_do_not_overlap() -> None:
    taken: set[tuple[int, int]] = set()
    for panel in json.loads(DASHBOARD.read_text())["panels"]:
        at = panel["gridPos"]
        cells = {(x, y) for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])}
        assert not cells & taken
        assert max(x for x, _ in cells) < 24
        taken |= cells
