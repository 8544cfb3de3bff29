"""What is reported: to callbacks as frozen values, to the log as structured records. Never a value of an event."""

import json
import logging
from dataclasses import FrozenInstanceError
from pathlib import Path
from typing import Any

import httpx2
import pytest

import moorings
from moorings.notices import (
    CacheAnswered,
    CircuitChanged,
    ContractMoved,
    ContractStayed,
    EventNotRead,
    EventRefused,
    Notice,
    RequestEnded,
    RequestRetried,
    StaleAnswerServed,
    WriterMissing,
)
from moorings_compat import Format

SUBJECT = "shop.orders.OrderPlaced"
SCHEMA = {"type": "record", "name": "OrderPlaced", "fields": [{"name": "order_id", "type": "string"}]}
WIDER = {**SCHEMA, "fields": [*SCHEMA["fields"], {"name": "n", "type": "int", "default": 0}]}


class Line(httpx2.BaseTransport):
    """A line that can be cut, or answer once with something else."""

    def __init__(self, http: httpx2.BaseTransport) -> None:
        self.http = http
        self.cut = False
        self.instead: list[httpx2.Response] = []

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        if self.cut:
            raise httpx2.ConnectError("cut")
        return self.instead.pop() if self.instead else self.http.handle_request(request)


@pytest.fixture
def line(http: httpx2.BaseTransport) -> Line:
    moorings.connect(http=http).api.register(SUBJECT, json.dumps(SCHEMA), Format.AVRO)
    return Line(http)


def kinds(told: list[Notice], *wanted: type[Notice]) -> list[Notice]:
    return [one for one in told if isinstance(one, wanted)]


def test_a_retry_is_a_notice_with_its_reason(line: Line) -> None:
    told: list[Notice] = []
    line.instead = [httpx2.Response(503, headers={"Retry-After": "0"})]
    moorings.connect(http=line, notices=told.append).api.domains()
    (retried,) = kinds(told, RequestRetried)
    assert isinstance(retried, RequestRetried)
    assert (retried.method, retried.path, retried.attempt) == ("GET", "/v1/domains", 1)
    assert "status 503" in retried.reason
    assert [one.status for one in told if isinstance(one, RequestEnded)] == [503, 200]


def test_breaker_changes_and_cached_responses_are_notices(line: Line, tmp_path: Path) -> None:
    told: list[Notice] = []
    registry = moorings.connect(http=line, cache=tmp_path, retries=0, notices=told.append)
    registry.event(SUBJECT)
    line.cut = True
    for _ in range(5):
        registry.api.event(SUBJECT)
    assert kinds(told, CircuitChanged) == [CircuitChanged("http://127.0.0.1:8081", "closed", "open")]
    assert len(kinds(told, StaleAnswerServed)) == 5


def test_moves_refusals_and_unreadable_events_of_a_handle_are_notices(line: Line) -> None:
    told: list[Notice] = []
    registry = moorings.connect(http=line, refresh_s=None, retries=0, notices=[told.append, told.append])
    contract = registry.event(SUBJECT)
    data = contract.encode({"order_id": "o-1"})
    registry.api.register(SUBJECT, json.dumps(WIDER), Format.AVRO)
    registry.refresh()
    line.cut = True
    registry.refresh()
    with pytest.raises(moorings.EventUnreadable):
        contract.decode(data[:6] + b"\xff" * 3)
    line.cut = False
    with pytest.raises(moorings.WriterUnknown):
        contract.decode(b"\x00\x00\x00\x00\x63")
    with pytest.raises(moorings.EventInvalid):
        contract.encode({"order_id": 17, "hunter2": "hunter3"})
    assert kinds(told, ContractMoved) == [ContractMoved(SUBJECT, 1, "1.0", "1.1")] * 2
    assert [one.label for one in told if isinstance(one, ContractStayed)] == ["1.1"] * 2
    assert [one.path for one in told if isinstance(one, EventNotRead)] == ["/order_id"] * 2
    assert kinds(told, WriterMissing) == [WriterMissing(SUBJECT, 1, "99")] * 2
    refused = next(one for one in told if isinstance(one, EventRefused))
    assert [one.pointer for one in refused.violations] == ["/order_id", "/hunter2"]
    assert "hunter3" not in repr(told)


def test_the_cache_counts_hits_and_misses(line: Line, tmp_path: Path) -> None:
    told: list[Notice] = []
    registry = moorings.connect(http=line, cache=tmp_path, notices=told.append)
    contract = registry.event(SUBJECT)
    for _ in range(3):
        with pytest.raises(moorings.WriterUnknown):
            contract.decode(b"\x00\x00\x00\x00\x63")
    assert (registry.cache["memory"].hits, registry.cache["memory"].misses) == (2, 1)
    assert round(registry.cache["memory"].ratio, 2) == 0.67
    assert kinds(told, CacheAnswered)[-1] == CacheAnswered("memory", True, 2, 1)
    assert moorings.connect().cache["memory"].ratio == 1.0


def test_log_records_have_the_fields_of_their_notice(line: Line, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, logger="moorings")
    line.instead = [httpx2.Response(503)]
    moorings.connect(http=line).api.domains()
    record = next(one for one in caplog.records if vars(one).get("notice") == "RequestRetried")
    assert (record.levelno, record.name, vars(record)["moorings.attempt"]) == (logging.INFO, "moorings", 1)
    assert record.getMessage() == "retrying: /v1/domains"


def test_a_listener_that_raises_does_not_break_the_call(line: Line, caplog: pytest.LogCaptureFixture) -> None:
    def failing(notice: Notice) -> None:
        raise RuntimeError("not my day")

    told: list[Notice] = []
    assert moorings.connect(http=line, notices=[failing, told.append]).event(SUBJECT).latest.label == "1.0"
    assert told
    assert "a listener failed" in caplog.text


def test_notices_are_immutable() -> None:
    one: Any = ContractMoved(SUBJECT, 1, "1.0", "1.1")
    with pytest.raises(FrozenInstanceError):
        one.after = "2.0"
    assert str(one) == f"moved to 1.1: {SUBJECT}"
