"""Spans, with the real library: what is asked of the registry, under the span of whoever asked."""

import asyncio
import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx2
import pytest

import moorings
from moorings.asynchronous import AsyncRegistry
from moorings_compat import Format

pytest.importorskip("opentelemetry.sdk")

from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, StatusCode

from moorings.observing.otel import AsyncSpannedContract, RegistrySpans, SpannedContract, route_of, trace_headers

SUBJECT = "shop.orders.OrderPlaced"
SCHEMA = json.dumps({"type": "record", "name": "OrderPlaced", "fields": [{"name": "order_id", "type": "string"}]})


@pytest.fixture
def spans() -> InMemorySpanExporter:
    return InMemorySpanExporter()


@pytest.fixture
def provider(spans: InMemorySpanExporter) -> TracerProvider:
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(spans))
    return provider


def test_every_request_is_a_span_under_the_callers_span(http: Any, provider: Any, spans: Any) -> None:
    moorings.connect(http=http).api.register(SUBJECT, SCHEMA, Format.AVRO)
    seen: list[str] = []

    def forward(request: httpx2.Request) -> httpx2.Response:
        seen.append(request.headers.get("traceparent", ""))
        response: httpx2.Response = http.handle_request(request)
        return response

    registry = moorings.connect(
        http=httpx2.MockTransport(forward), notices=RegistrySpans(provider), headers=trace_headers
    )
    with provider.get_tracer("test").start_as_current_span("handling") as caller:
        registry.event(SUBJECT)
    first, second, last = spans.get_finished_spans()
    assert (first.name, second.name) == ("GET /v1/events/{}", "GET /v1/events/{}/versions/{}")
    assert {one.parent.span_id for one in (first, second)} == {last.context.span_id}
    assert (first.kind, first.attributes["http.response.status_code"]) == (SpanKind.CLIENT, 200)
    assert first.end_time > first.start_time
    assert all(f"{caller.get_span_context().trace_id:032x}" in one for one in seen)


def test_a_failed_request_marks_its_span_as_an_error(provider: Any, spans: Any) -> None:
    answers = iter([httpx2.Response(404), httpx2.ConnectError("no")])

    def answer(request: httpx2.Request) -> httpx2.Response:
        found = next(answers)
        if isinstance(found, Exception):
            raise found
        return found

    registry = moorings.connect(http=httpx2.MockTransport(answer), retries=0, notices=RegistrySpans(provider))
    assert registry.api.domain("shop") is None
    with pytest.raises(moorings.RegistryUnavailable):
        registry.api.domain("shop")
    assert [one.status.status_code for one in spans.get_finished_spans()] == [StatusCode.ERROR] * 2
    assert [one.attributes["error.type"] for one in spans.get_finished_spans()] == ["404", "ConnectError"]


def test_spans_of_events_hold_no_values(http: Any, provider: Any, spans: Any) -> None:
    registry = moorings.connect(http=http, notices=RegistrySpans(provider))
    registry.api.register(SUBJECT, SCHEMA, Format.AVRO)
    contract = SpannedContract(registry.event(SUBJECT), provider)
    spans.clear()
    assert contract.decode(contract.encode({"order_id": "hunter2"})) == {"order_id": "hunter2"}
    with pytest.raises(moorings.EventInvalid):
        contract.encode({"order_id": 5, "hunter2": 1})
    written, read, refused = spans.get_finished_spans()
    assert (written.name, read.name) == (f"encode {SUBJECT}", f"decode {SUBJECT}")
    assert written.attributes == {"moorings.subject": SUBJECT, "moorings.major": 1, "moorings.bytes": 13}
    assert refused.events[0].name == "moorings.EventRefused"
    assert "hunter2" not in str([one.to_json() for one in (written, read)])


def test_spans_of_awaited_events_end_when_the_event_was_read(http: Any, provider: Any, spans: Any) -> None:
    registry = moorings.connect(http=http)
    registry.api.register(SUBJECT, SCHEMA, Format.AVRO)
    data = registry.event(SUBJECT).encode({"order_id": "o-1"})

    async def main() -> Any:
        contract = AsyncSpannedContract(await AsyncRegistry(registry).event(SUBJECT), provider)
        with pytest.raises(moorings.FramingInvalid):
            await contract.decode(b"")
        assert contract.encode({"order_id": "o-1"}) == data
        return await contract.decode(data)

    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(lambda: asyncio.run(main())).result(30) == {"order_id": "o-1"}
    refused, written, read = spans.get_finished_spans()
    assert (refused.status.status_code, written.name, read.name) == (
        StatusCode.ERROR,
        f"encode {SUBJECT}",
        f"decode {SUBJECT}",
    )


ROUTES = [
    ("/v1/events/shop.orders.OrderPlaced/versions/1.0", "/v1/events/{}/versions/{}"),
    ("/v1/schemas/ids/7", "/v1/schemas/ids/{}"),
    ("/v1/domains", "/v1/domains"),
    ("/v1/checks", "/v1/checks"),
]


@pytest.mark.parametrize(("path", "route"), ROUTES)
def test_span_names_hold_no_subjects_or_ids(path: str, route: str) -> None:
    assert route_of(path) == route
