"""Spans and metrics of a served registry at a real receiver: under both servers, of two workers."""

import json
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

pytest.importorskip("opentelemetry.exporter.otlp.proto.http", reason="the extra otlp is not installed")

from opentelemetry.sdk.trace import TracerProvider

import moorings
from moorings.observing.otel import RegistrySpans, trace_headers
from moorings_compat import Format
from tests.ports import free_port
from tests.registry.asking import record
from tests.registry.serving import Serving
from tests.telemetry.collector import Collector, collecting
from tests.waiting import eventually
from tests.webhooks.receivers import Receiver, listening

SERVER, CLIENT = 2, 3  # kinds of spans, as OTLP numbers them
SUBJECT = "shop.orders.OrderPlaced"


@dataclass
class World:
    served: Serving
    collector: Collector
    receiver: Receiver


@pytest.fixture(scope="module", params=["gunicorn", "granian"])
def world(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    if request.param == "granian":
        pytest.importorskip("granian", reason="the granian extra is not installed")
    with collecting() as collector, listening() as receiver, pytest.MonkeyPatch.context() as environment:
        environment.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", collector.url)
        environment.setenv("OTEL_METRIC_EXPORT_INTERVAL", "500")
        environment.setenv("OTEL_BSP_SCHEDULE_DELAY", "100")
        environment.setenv("OTEL_RESOURCE_ATTRIBUTES", "deployment.environment.name=test")
        served = Serving(
            tmp_path_factory.mktemp(request.param), "--workers", "2", "--server", request.param,
            "--public-url", f"http://127.0.0.1:{free_port()}",
        )  # fmt: skip
        try:
            assert served.call("POST", "/v1/webhooks", {"url": receiver.url, "node": "*"}).status == 201
            yield World(served, collector, receiver)
        finally:
            served.stop()


def test_a_trace_leads_from_the_client_through_the_registry_to_a_webhook(world: World) -> None:
    provider = TracerProvider(shutdown_on_exit=False)
    with provider.get_tracer("test").start_as_current_span("placing") as caller:
        registry = moorings.connect(
            f"http://127.0.0.1:{world.served.port}", notices=RegistrySpans(provider), headers=trace_headers
        )
        registry.api.register(SUBJECT, record("a"), Format.AVRO)
        registry.api.register(SUBJECT, record("a", b=1), Format.AVRO)
    trace = f"{caller.get_span_context().trace_id:032x}"

    def of_trace() -> list[dict[str, object]]:
        return [one for one in world.collector.spans() if one["trace"] == trace]

    def are_there(kind: int) -> bool:
        return sum(one["kind"] == kind for one in of_trace()) == 2

    eventually(lambda: are_there(SERVER) and are_there(CLIENT))  # of several workers, each sends its own
    spans = of_trace()
    first, second = [one for one in spans if one["kind"] == SERVER]
    assert first["name"] == "POST /v1/events/<path:subject>/versions"
    assert first["parent"] == f"{caller.get_span_context().span_id:016x}"
    assert (first["http.route"], first["url.path"]) == (
        "/v1/events/<path:subject>/versions",
        f"/v1/events/{SUBJECT}/versions",
    )
    assert (first["http.request.method"], first["http.response.status_code"], first["moorings.subject"]) == (
        "POST", 201, SUBJECT,
    )  # fmt: skip
    below = {one["name"]: one for one in spans if one["parent"] == second["id"]}
    assert set(below) == {"parse", "check", "ledger append", "webhook delivery"}
    assert (below["parse"]["moorings.schema.format"], below["parse"]["moorings.schema.references"]) == ("AVRO", 0)
    assert below["check"]["moorings.check.verdict"] == "compatible"
    assert below["check"]["moorings.check.format"] == "AVRO"
    appended = below["ledger append"]
    assert (appended["moorings.ledger.engine"], appended["moorings.ledger.group"]) == ("SqliteLedger", 1)
    assert 0 < appended["seconds"] < second["seconds"]
    delivered = below["webhook delivery"]
    assert (delivered["kind"], delivered["http.response.status_code"]) == (CLIENT, 204)
    sent = {one.headers.get("traceparent") for one in world.receiver.received}
    assert f"00-{trace}-{delivered['id']}-01" in sent


def test_kept_answers_refusals_and_unknown_paths_have_spans(world: World) -> None:
    ids = [f"{number:032x}" for number in range(0xA1, 0xA5)]
    headers = [{"traceparent": f"00-{one}-00f067aa0ba902b7-01"} for one in ids]
    for _ in range(20):  # both workers have it by then
        world.served.call("GET", "/v1/rules")
    world.served.call("GET", "/v1/rules", **headers[0])
    world.served.call("GET", "/v1/events/nothing.of.That", **headers[1])
    world.served.call("GET", "/nothing/here", **headers[2])
    world.served.call("GET", "/v1/rules", Authorization="Bearer x", **headers[3])

    def found() -> dict[str, dict[str, object]]:
        return {one["trace"]: one for one in world.collector.spans() if one["trace"] in ids}

    eventually(lambda: len(found()) == 4)
    kept, missing, unknown, refused = (found()[one] for one in ids)
    assert (kept["name"], kept["http.response.status_code"], kept["parent"]) == (
        "GET /v1/rules", 200, "00f067aa0ba902b7",
    )  # fmt: skip
    assert (missing["moorings.error.code"], missing["status"]) == ("SUBJECT_NOT_FOUND", 0)
    assert (unknown["name"], "url.path" in unknown, unknown["http.response.status_code"]) == ("GET", False, 404)
    assert refused["moorings.error.code"] == "CREDENTIAL_REFUSED"


def test_parents_decide_and_invalid_ones_are_ignored(world: World) -> None:
    def told(traceparent: str) -> str:
        sent = f"/v1/domains/shop.t{time.monotonic_ns()}"
        world.served.call("GET", sent, traceparent=traceparent)
        eventually(lambda: sent in world.served.log())  # an answer is logged when it is on its way
        line = next(one for one in world.served.log().splitlines() if sent in one)
        return str(json.loads(line).get("trace_id", ""))

    trace = "4bf92f3577b34da6a3ce929d0e0e4736"
    assert told(f"00-{trace}-00f067aa0ba902b7-01") == trace
    assert told(f"00-{trace}-00f067aa0ba902b7-00") == ""  # its caller does not collect this trace
    for invalid in (
        f"00-{'0' * 32}-00f067aa0ba902b7-01", f"00-{trace}-{'0' * 16}-01", f"ff-{trace}-00f067aa0ba902b7-01",
        f"00-{trace.upper()}-00f067aa0ba902b7-01", f"00-{trace}", "x" * 4_000,
        f"00-{trace}-00f067aa0ba902b7-01,00-{trace}-00f067aa0ba902b7-01",
    ):  # fmt: skip
        new = told(invalid)
        assert re.fullmatch("[0-9a-f]{32}", new), invalid
        assert new != trace


def test_metrics_are_those_of_the_scrape(world: World) -> None:
    for number in range(12):
        world.served.call("PUT", f"/v1/domains/counted{number}", {"owner": "team"})
    labels = ("route", "method", "status")
    key = ("/v1/domains/<domain>", "PUT", "200")
    eventually(lambda: world.collector.counts("moorings_http_requests", *labels)[key] == 12)
    text = world.served.call("GET", "/metrics").body.decode()
    line = next(one for one in text.splitlines() if all(value in one for value in key) and "requests_total" in one)
    assert float(line.rpartition(" ")[2]) == 12

    def domains() -> list[float]:
        return [one["moorings_domains"].gauge.data_points[0].as_double for one in instances().values()]

    instances = world.collector.newest_metrics
    eventually(lambda: len(domains()) == 2 and min(domains()) >= 12)
    assert {name.rpartition(":")[2] for name in instances()} <= {str(one) for one in world.served.workers()}
    for metrics in instances().values():
        assert all(name.startswith("moorings_") for name in metrics)
        for point in metrics["moorings_http_request_seconds"].histogram.data_points:
            assert point.count == sum(point.bucket_counts)
            assert len(point.bucket_counts) == len(point.explicit_bounds) + 1


def test_what_waits_is_sent_at_the_end_and_no_secret_ever(world: World) -> None:
    token = "eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJzZWNyZXQifQ.c2lnbmF0dXJlc2lnbmF0dXJl"
    opaque = "hunter2hunter2hunter2"
    for secret in (token, opaque):
        for name in ("Authorization", "Cookie", "User_Agent", "If_None_Match", "tracestate", "X_Api_Key", "Referer"):
            world.served.call("GET", "/v1/rules", **{name: f"Bearer a={secret}"})
        world.served.call("GET", f"/v1/search?q={secret}&access_token={secret}")
        world.served.call("GET", f"/{secret}/nothing/{secret}")
        world.served.call("GET", f"/admin/callback?code={secret}&state={secret}")
        world.served.call("PUT", f"/v1/domains/held{len(secret)}", {"owner": secret}, Idempotency_Key=secret)
        body = {"schema": json.dumps({"type": "record", "name": "R", "doc": secret, "fields": []})}
        world.served.call("POST", "/v1/events/shop.Held/versions", body)
        world.served.call("POST", "/v1/token", f"grant_type=client_credentials&client_assertion={secret}".encode())
    world.served.call("GET", f"/v1/events/{token}/versions")
    mark = "c3" * 16
    world.served.call("GET", "/v1/rules", traceparent=f"00-{mark}-00f067aa0ba902b7-01")
    world.served.terminate()
    assert mark in {one["trace"] for one in world.collector.spans()}
    assert len(world.collector.spans()) > 30
    sent = world.collector.everything
    assert token.encode() not in sent
    assert opaque.encode() not in sent
    assert not {name.lower() for one in world.collector.headers for name in one} & {"authorization", "cookie"}


def test_a_collector_that_is_away_delays_nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with collecting() as collector:
        collector.status = 503
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", collector.url)
        monkeypatch.setenv("OTEL_METRIC_EXPORT_INTERVAL", "200")
        monkeypatch.setenv("OTEL_BSP_SCHEDULE_DELAY", "50")
        monkeypatch.setenv("OTEL_BSP_MAX_QUEUE_SIZE", "8")
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_TIMEOUT", "1")
        served = Serving(tmp_path, "--workers", "1")
        try:

            def is_away() -> bool:
                """Both signals are, and spans were made faster than attempts to send them failed."""
                assert all(served.call("GET", "/healthz").status == 200 for _ in range(60))
                log = served.log()
                return log.count("telemetry_away") == 2 and "telemetry_spans_dropped" in log

            eventually(is_away)
            time.sleep(0.5)
            log = served.log()
            assert log.count("telemetry_spans_dropped") == 1
            assert log.count("telemetry_away") == 2  # one for each signal, however many attempts failed
            assert "Transient error" not in log
            collector.status = 200
            # Metrics are sent again and again, while no more spans are made here.
            eventually(lambda: "telemetry_back" in served.log())
            eventually(lambda: collector.counts("moorings_telemetry_spans_dropped")[()] > 0)
            collector.delay_s = 20
            began = time.monotonic()
            served.terminate()
            assert time.monotonic() - began < 19  # it does not wait for an answer
        finally:
            served.stop()
