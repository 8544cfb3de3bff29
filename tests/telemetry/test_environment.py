"""The standard variables: what they turn on, and what is refused at the start."""

import builtins
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from moorings_registry.cli.serve import serve
from moorings_registry.telemetry.environment import TelemetryRefused, Wanted, require_usable, wanted

ENDPOINT = {"OTEL_EXPORTER_OTLP_ENDPOINT": "https://collector.example:4318"}


@pytest.mark.parametrize(
    ("environment", "traces", "metrics"),
    [
        ({}, False, False),
        (ENDPOINT, True, True),
        ({**ENDPOINT, "OTEL_SDK_DISABLED": "true"}, False, False),
        ({**ENDPOINT, "OTEL_TRACES_EXPORTER": "none"}, False, True),
        ({**ENDPOINT, "OTEL_METRICS_EXPORTER": "none", "OTEL_TRACES_EXPORTER": "otlp"}, True, False),
        ({"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://localhost:4318/v1/traces"}, True, False),
        ({"OTEL_EXPORTER_OTLP_HEADERS": "authorization=x"}, False, False),  # nothing is sent, so no secret is
        (
            {**ENDPOINT, "OTEL_TRACES_SAMPLER": "parentbased_traceidratio", "OTEL_TRACES_SAMPLER_ARG": "0.01"},
            True,
            True,
        ),
    ],
)
def test_an_endpoint_turns_it_on(environment: dict[str, str], traces: bool, metrics: bool) -> None:
    assert wanted(environment) == Wanted(traces, metrics)


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("OTEL_EXPORTER_OTLP_HEADERS", "authorization=Bearer hunter2", "static secret"),
        ("OTEL_EXPORTER_OTLP_METRICS_HEADERS", "api-key=hunter2", "static secret"),
        ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "https://ann:hunter2@collector.example", "holds credentials"),
        (
            "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
            "https://collector.example/?key=hunter2",
            "holds credentials or a query",
        ),
        ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "collector:4318", "not an http or https URL"),
        ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "http://[", "not an http or https URL"),
        ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc", "only http/protobuf"),
        ("OTEL_TRACES_EXPORTER", "zipkin", "only otlp and none"),
        ("OTEL_TRACES_SAMPLER", "sometimes", "is 'sometimes': use always_on"),
        ("OTEL_METRIC_EXPORT_INTERVAL", "-1", "not a positive number"),
        ("OTEL_BSP_MAX_QUEUE_SIZE", "many", "not a positive number"),
    ],
)
def test_what_cannot_be_done_is_refused_with_its_name(name: str, value: str, told: str) -> None:
    with pytest.raises(TelemetryRefused, match=told) as refused:
        wanted({**ENDPOINT, name: value})
    assert name in str(refused.value)
    assert "hunter2" not in str(refused.value)


@pytest.mark.parametrize("share", ["2", "-0.1", "nan", "all"])
def test_a_share_is_from_0_to_1(share: str) -> None:
    with pytest.raises(TelemetryRefused, match="OTEL_TRACES_SAMPLER_ARG"):
        wanted({**ENDPOINT, "OTEL_TRACES_SAMPLER": "traceidratio", "OTEL_TRACES_SAMPLER_ARG": share})


def test_a_missing_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def without(name: str, *rest: Any, **more: Any) -> Any:
        if name.startswith("opentelemetry"):
            raise ModuleNotFoundError(f"No module named {name!r}")
        return real(name, *rest, **more)

    monkeypatch.setattr(builtins, "__import__", without)
    require_usable({})
    with pytest.raises(TelemetryRefused, match=r"pip install 'moorings-registry\[otlp\]'"):
        require_usable(ENDPOINT)


def test_the_command_refuses_before_it_opens_anything(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:4318")
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_HEADERS", "authorization=hunter2")
    ran = CliRunner().invoke(serve, ["--port", "0", "--ledger", f"sqlite:///{tmp_path}/ledger.db"])
    assert ran.exit_code == 2
    assert "OTEL_EXPORTER_OTLP_HEADERS is set" in ran.output
    assert "hunter2" not in ran.output
    assert not list(tmp_path.iterdir())
