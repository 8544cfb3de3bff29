"""The Helm chart: linted and rendered by Helm's own SDK, valid by Kubernetes' schemas, and what it promises."""

import copy
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import helm_python as helm
import kubernetes_validate
import pytest
import yaml
from click.testing import CliRunner

from moorings_registry.cli.main import main
from moorings_registry.cli.serve import serve
from moorings_registry.server.gunicorn_server import GRACE_S
from tests.registry.calling import Http

CHART = Path(__file__).resolve().parents[2] / "deploy" / "helm" / "moorings"
ALERTS = CHART.parents[1] / "prometheus" / "moorings.rules.yaml"
KUBERNETES = ("1.27", "1.32", "1.37")
"""The oldest that Chart.yaml allows, the newest that there are schemas of, and one between."""
OPERATOR = ("ServiceMonitor", "PrometheusRule")
"""Kinds of Prometheus' operator, of which Kubernetes has no schema."""
PLAIN: dict[str, Any] = {"tls": {"secret": "registry-tls"}, "issuers": '[ci]\nkind = "github"\n'}
SHARED: dict[str, Any] = {
    **PLAIN,
    "ledger": {
        "engine": "postgresql",
        "url": "postgresql://moorings@db.example/registry?password_command=cat%20/etc/moorings/ledger/password",
        "secret": "registry-database",
        "tokenAudience": "db.example",
    },
    "publicUrl": "https://registry.example",
    "tls": {"secret": "registry-tls", "clientCa": True},
    "settings": {"MOORINGS_DEFAULT_LEVEL": "FULL", "OTEL_EXPORTER_OTLP_ENDPOINT": "http://collector:4318"},
    "startSeconds": 120,
    "prometheusRule": {"enabled": True, "labels": {"release": "prometheus"}},
    "bases": {"gib": 8, "volume": {"persistentVolumeClaim": {"claimName": "bases"}}},
    "imagePullSecrets": [{"name": "pull"}],
    "serviceAccount": {"annotations": {"example.com/role": "registry"}},
    "service": {"annotations": {"example.com/internal": "true"}},
    "ingress": {"enabled": True, "host": "registry.example", "className": "nginx"},
    "networkPolicy": {"ingressFrom": [{"namespaceSelector": {"matchLabels": {"team": "shop"}}}], "ledgerPort": 6432,
                      "ledgerTo": [{"ipBlock": {"cidr": "10.1.2.0/24"}}], "egressPorts": [443, 4318]},
    "serviceMonitor": {"enabled": True, "labels": {"release": "prometheus"}, "authorization": {"type": "Bearer"},
                       "tlsConfig": {"serverName": "registry.example"}},
    "podLabels": {"team": "platform"}, "podAnnotations": {"example.com/note": "x"}, "nodeSelector": {"disk": "ssd"},
    "tolerations": [{"key": "dedicated", "operator": "Exists"}], "affinity": {"nodeAffinity": {}},
    "priorityClassName": "high",
}  # fmt: skip
REDIS = {**PLAIN, "ledger": {"engine": "redis", "url": "rediss://redis.example/0"}, "replicas": 1, "issuers": "",
         "issuersConfigMap": "trusted", "serviceAccount": {"create": False, "name": "own"},
         "image": {"digest": f"sha256:{'0' * 64}"}}  # fmt: skip
ALL = {"sqlite": PLAIN, "postgresql": SHARED, "redis": REDIS}


@pytest.fixture(scope="module")
def chart() -> Iterator[Any]:
    with helm.Chart.load(str(CHART)) as loaded:
        yield loaded


def rendered(chart: Any, values: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Every manifest by its kind."""
    found: dict[str, dict[str, Any]] = {}
    for name, text in chart.render(copy.deepcopy(values), name="eu", namespace="events").items():
        for one in yaml.safe_load_all(text) if name.endswith(".yaml") else ():
            if one is not None:
                assert one["kind"] not in found
                found[one["kind"]] = one
    return found


@pytest.mark.parametrize("engine", ALL)
def test_the_chart_lints(engine: str) -> None:
    told = helm.lint(str(CHART), ALL[engine], strict=True)
    assert told["total_charts_linted"] == 1
    assert [one for one in (*told["messages"], *told["errors"]) if "icon" not in str(one)] == []


@pytest.mark.parametrize("engine", ALL)
@pytest.mark.parametrize("version", KUBERNETES)
def test_every_manifest_is_valid(chart: Any, engine: str, version: str) -> None:
    manifests = rendered(chart, ALL[engine])
    for kind, one in manifests.items():
        if kind not in OPERATOR:
            kubernetes_validate.validate(one, version, strict=True)
    broken = copy.deepcopy(manifests["Service"])
    broken["spec"]["portz"] = []
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(broken, version, strict=True)


def test_each_engine_has_what_fits_it(chart: Any) -> None:
    one, many, redis = (rendered(chart, ALL[engine]) for engine in ALL)
    assert set(one) == {"StatefulSet", "Service", "ServiceAccount", "ConfigMap", "NetworkPolicy"}
    assert one["StatefulSet"]["spec"]["replicas"] == 1
    assert one["StatefulSet"]["spec"]["volumeClaimTemplates"][0]["metadata"]["name"] == "data"
    assert set(many) == {
        *set(one) - {"StatefulSet"},
        "Deployment",
        "PodDisruptionBudget",
        "Ingress",
        *OPERATOR,
        "Job",
    }
    assert many["Deployment"]["spec"]["strategy"]["rollingUpdate"] == {"maxUnavailable": 0, "maxSurge": 1}
    assert many["ServiceMonitor"]["metadata"]["labels"]["release"] == "prometheus"
    assert set(redis) == {"Deployment", "Service", "NetworkPolicy", "Job"}  # one pod needs no budget
    (ledger,) = [rule["ports"][0]["port"] for rule in redis["NetworkPolicy"]["spec"]["egress"][1:2]]
    assert ledger == 6379
    assert redis["Deployment"]["spec"]["template"]["spec"]["containers"][0]["image"] == f"moorings@sha256:{'0' * 64}"


@pytest.mark.parametrize("engine", ALL)
def test_pods_have_no_more_rights_than_they_need(chart: Any, engine: str) -> None:
    manifests = rendered(chart, ALL[engine])
    pods = [one["spec"]["template"]["spec"] for one in manifests.values() if "template" in one.get("spec", {})]
    assert pods
    for pod in pods:
        security = pod["securityContext"]
        assert (security["runAsNonRoot"], security["seccompProfile"]) == (True, {"type": "RuntimeDefault"})
        assert pod["automountServiceAccountToken"] is False
        for container in (*pod.get("initContainers", ()), *pod["containers"]):
            rights = container["securityContext"]
            assert rights == {"allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True,
                              "capabilities": {"drop": ["ALL"]}}  # fmt: skip
            assert set(container["resources"]) == {"requests", "limits"}
            assert all("valueFrom" not in variable for variable in container["env"])  # secrets are files alone
            mounted = {one["name"] for one in container["volumeMounts"]}
            claims = {one["metadata"]["name"] for one in _claims(manifests)}
            assert mounted <= {one["name"] for one in pod["volumes"]} | claims
            assert all("subPath" not in one for one in container["volumeMounts"])  # which would never be renewed


def test_probes_and_variables_are_those_of_the_registry(chart: Any) -> None:
    http = Http()
    known = {one.envvar for one in serve.params}
    for values in ALL.values():
        manifests = rendered(chart, values)
        (container,) = _pod(manifests)["containers"]
        assert {one["name"] for one in container["env"] if not one["name"].startswith("OTEL_")} <= known
        for probe in ("startupProbe", "readinessProbe", "livenessProbe"):
            assert http.get(container[probe]["httpGet"]["path"]).status == 200
            assert container[probe]["httpGet"]["scheme"] == "HTTPS"


def test_the_policy_lets_the_check_before_an_upgrade_reach_the_ledger(chart: Any) -> None:
    manifests = rendered(chart, SHARED)
    policy = manifests["NetworkPolicy"]["spec"]
    (names,) = policy["podSelector"]["matchExpressions"]
    for kind in ("Deployment", "Job"):
        labels = manifests[kind]["spec"]["template"]["metadata"]["labels"]
        assert labels[names["key"]] in names["values"]
        assert policy["podSelector"]["matchLabels"].items() <= labels.items()
    assert policy["egress"][1] == {"ports": [{"port": 6432}], "to": [{"ipBlock": {"cidr": "10.1.2.0/24"}}]}
    service = manifests["Service"]["spec"]["selector"]
    assert not service.items() <= manifests["Job"]["spec"]["template"]["metadata"]["labels"].items()


def test_a_pod_has_the_time_to_start_and_to_end(chart: Any) -> None:
    pod = rendered(chart, SHARED)["Deployment"]["spec"]["template"]["spec"]
    (container,) = pod["containers"]
    assert container["startupProbe"]["periodSeconds"] * container["startupProbe"]["failureThreshold"] == 120
    leaves_s = int(container["lifecycle"]["preStop"]["exec"]["command"][1])
    assert pod["terminationGracePeriodSeconds"] > leaves_s + GRACE_S
    assert {one["topologyKey"] for one in pod["topologySpreadConstraints"]} == {
        "kubernetes.io/hostname", "topology.kubernetes.io/zone",
    }  # fmt: skip


def test_the_alerts_are_those_of_the_rules_and_ask_for_this_release_alone(chart: Any) -> None:
    assert (CHART / "files" / ALERTS.name).read_text() == ALERTS.read_text(), f"copy {ALERTS} into the chart's files/"
    rules = rendered(chart, SHARED)["PrometheusRule"]["spec"]
    asked = 'job="eu-moorings", namespace="events"'
    assert rules == yaml.safe_load(ALERTS.read_text().replace('job="moorings"', asked))
    assert all(asked in rule["expr"] for group in rules["groups"] for rule in group["rules"])


def test_the_chart_runs_the_release_that_it_is_of(chart: Any) -> None:
    project = tomllib.loads((CHART.parents[2] / "pyproject.toml").read_text())["project"]
    assert yaml.safe_load((CHART / "Chart.yaml").read_text())["appVersion"] == project["version"]


def test_the_token_of_the_pod_has_the_audience_of_the_database(chart: Any) -> None:
    pod = rendered(chart, SHARED)["Deployment"]["spec"]["template"]["spec"]
    (tokens,) = (one for one in pod["volumes"] if one["name"] == "tokens")
    assert tokens["projected"]["sources"][0]["serviceAccountToken"]["audience"] == "db.example"


def test_bases_lie_where_a_pod_may_write_and_take_no_more_than_their_volume_has(chart: Any) -> None:
    one, many, redis = (_pod(rendered(chart, ALL[engine])) for engine in ALL)
    variables = [{item["name"]: item["value"] for item in pod["containers"][0]["env"]} for pod in (one, many, redis)]
    assert [item["MOORINGS_BASE_BYTES"] for item in variables] == [str(4 * 2**30), str(8 * 2**30), str(4 * 2**30)]
    assert "MOORINGS_BASE_FOLDER" not in variables[0]  # beside the ledger
    for pod, told in ((many, variables[1]), (redis, variables[2])):
        mounts = {mount["mountPath"]: mount["name"] for mount in pod["containers"][0]["volumeMounts"]}
        assert mounts[str(Path(told["MOORINGS_BASE_FOLDER"]).parent)] == "bases"
    volumes = [next(item for item in pod["volumes"] if item["name"] == "bases") for pod in (many, redis)]
    assert volumes[0]["persistentVolumeClaim"] == {"claimName": "bases"}
    assert volumes[1]["emptyDir"] == {"sizeLimit": "8Gi"}
    for pod in (one, many, redis):
        (before,) = pod["initContainers"]
        registry = pod["containers"][0]
        assert [item for item in before["env"] if item not in registry["env"]] == []
        assert [item for item in before["volumeMounts"] if item not in registry["volumeMounts"]] == []
        told = CliRunner().invoke(main, [*before["command"][2].split(" || ")[0].split()[1:], "--help"])
        assert told.exit_code == 0
    assert "initContainers" not in _pod(rendered(chart, {**PLAIN, "bases": {"before": False}}))
    stored = redis["containers"][0]["resources"]["limits"]["ephemeral-storage"]
    assert int(stored.removesuffix("Gi")) > 8  # or the pod would be evicted before the volume is full


BAD: list[tuple[str, dict[str, Any], str]] = [
    ("no TLS", {"issuers": "x"}, "tls.secret is empty"),
    ("nobody may sign in", {"tls": {"secret": "t"}}, "issuers is empty"),
    ("two issuers files", {**PLAIN, "issuersConfigMap": "x"}, "keep one"),
    ("a value that is not there", {**PLAIN, "replica": 3}, "replica"),
    ("a URL without its engine", {**PLAIN, "ledger": {"url": "redis://x/0"}}, "choose the engine"),
    ("an engine without a URL", {**PLAIN, "ledger": {"engine": "redis"}}, "does not name a ledger"),
    ("another URL", {**PLAIN, "ledger": {"engine": "redis", "url": "postgresql://x/y"}}, "does not name a ledger"),
    ("a password", {**PLAIN, "ledger": {"engine": "postgresql", "url": "postgresql://a:hunter2@x"}}, "a password"),
    ("a setting with its own value", {**PLAIN, "settings": {"MOORINGS_HOST": "x"}}, "value of its own"),
    ("bases of a setting", {**PLAIN, "settings": {"MOORINGS_BASE_BYTES": "1"}}, "value of its own"),
    ("bases beside the ledger", {**PLAIN, "bases": {"volume": {"emptyDir": {}}}}, "bases.volume is given"),
    ("no room for bases", {**PLAIN, "bases": {"gib": 0}}, "gib"),
    ("an ingress for every host", {**PLAIN, "ingress": {"enabled": True}}, "ingress.host is empty"),
    ("a static secret", {**PLAIN, "settings": {"OTEL_EXPORTER_OTLP_HEADERS": "x"}}, "static secret"),
    ("alerts on nothing", {**PLAIN, "prometheusRule": {"enabled": True}}, "serviceMonitor is not"),
    ("plain http", {**PLAIN, "publicUrl": "http://x"}, "publicUrl"),
]  # fmt: skip


@pytest.mark.parametrize("case", BAD, ids=[case[0] for case in BAD])
def test_values_that_do_not_fit_are_refused(chart: Any, case: tuple[str, dict[str, Any], str]) -> None:
    with pytest.raises(helm.HelmError, match=case[2]) as refused:
        chart.render(case[1], name="eu", namespace="events")
    assert "hunter2" not in str(refused.value)


def _pod(manifests: dict[str, dict[str, Any]]) -> dict[str, Any]:
    (workload,) = (manifests[kind] for kind in ("Deployment", "StatefulSet") if kind in manifests)
    pod: dict[str, Any] = workload["spec"]["template"]["spec"]
    return pod


def _claims(manifests: dict[str, dict[str, Any]]) -> list[dict[str, Any]]:
    return list(manifests.get("StatefulSet", {}).get("spec", {}).get("volumeClaimTemplates", []))
