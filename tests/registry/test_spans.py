"""What a request does has spans below its own, where its trace is collected; nothing is made where it is not."""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from moorings_registry import tracing
from moorings_registry.commands import comparison_spans
from tests.registry.asking import record
from tests.registry.calling import EVENT, Http


class Spans:
    """A tracer that keeps the names of spans, with those that they are below, and what they say."""

    def __init__(self) -> None:
        self.ended: list[tuple[str, dict[str, Any]]] = []

    def begin(self, name: str, traceparent: str, *, is_server: bool, seconds_ago: float = 0.0) -> "Kept":
        return Kept(self, "request")

    def wrote(self, position: int, span: tracing.Span) -> None:
        """Nobody asks."""

    def traceparent_of(self, position: int) -> str:
        return ""


class Kept:
    def __init__(self, spans: Spans, path: str) -> None:
        self._spans, self._path, self._told = spans, path, dict[str, Any]()

    trace_id = "0" * 32
    traceparent = ""

    def set(self, name: str, value: tracing.Value) -> None:
        self._told[name] = value

    def rename(self, name: str) -> None:
        """It keeps its own."""

    def failed(self, kind: str) -> None:
        self._told["failed"] = kind

    def child(self, name: str, *, is_client: bool = False) -> "Kept":
        return Kept(self._spans, f"{self._path}/{name}")

    def past_child(self, name: str, seconds: float, attributes: Mapping[str, tracing.Value]) -> None:
        self._spans.ended.append((f"{self._path}/{name}", dict(attributes)))

    def end(self) -> None:
        self._spans.ended.append((self._path, self._told))


@pytest.fixture
def spans(monkeypatch: pytest.MonkeyPatch) -> Iterator[Spans]:
    monkeypatch.setattr(comparison_spans, "LEAST_SPAN_S", 0.0)
    made = Spans()
    tracing.use(made)
    yield made
    tracing.use(None)


def test_a_registration_has_spans_of_its_steps(spans: Spans) -> None:
    http = Http()
    http.register()
    spans.ended.clear()
    assert http.post(f"{EVENT}/versions", {"schema": record("a", "z")}).status == 409
    assert [name for name, _ in spans.ended] == [
        "request/parse", "request/check/compare", "request/check", "request/ledger append", "request",
    ]  # fmt: skip
    told = dict(reversed(spans.ended))
    assert told["request/check"]["moorings.check.verdict"] == "breaking"
    compared = told["request/check/compare"]
    assert compared["moorings.check.findings"] == compared["moorings.check.payloads"] == 1
    assert told["request/ledger append"]["moorings.ledger.waited_ms"] >= 0


def test_what_is_referred_to_is_parsed_below_and_a_text_that_is_wrong_is_told(spans: Spans) -> None:
    http = Http()
    assert http.post("/subjects/money/versions", {"schema": record("a").replace("OrderPlaced", "Money")}).status == 200
    http = Http(http.ledger)  # nothing is parsed there yet
    spans.ended.clear()
    reference = {"name": "Money", "subject": "money", "version": 1}
    assert http.post("/subjects/other/versions", {"schema": record("b"), "references": [reference]}).status == 200
    assert [name for name, _ in spans.ended][:2] == ["request/parse/parse", "request/parse"]
    spans.ended.clear()
    assert http.post("/subjects/other/versions", {"schema": "{"}).status == 422
    assert ("request/parse", "SchemaInvalid") in [(name, told.get("failed")) for name, told in spans.ended]


def test_the_comparisons_of_one_check_have_a_bounded_number_of_spans(
    spans: Spans, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(comparison_spans, "MOST_SPANS", 3)
    http = Http()
    http.put("/config/many", {"compatibility": "FULL_TRANSITIVE"})
    for number in range(5):
        schema = record("a", **{f"n{one}": 1 for one in range(number)})
        spans.ended.clear()
        assert http.post("/subjects/many/versions", {"schema": schema}).status == 200
    assert [name for name, _ in spans.ended].count("request/check/compare") == 3


def test_nothing_is_made_where_nobody_collects() -> None:
    with tracing.step("parse") as span:
        assert span is None
        assert tracing.current() is None
