"""Rules of contracts in a registry: they run however a schema was found, and without any there is no cost."""

import asyncio
import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx2
import pytest

import moorings
from moorings import EventInvalid, EventUnreadable, ExtraMissing
from moorings.asynchronous import AsyncRegistry
from moorings.codecs.avro import AvroReader, AvroWriter
from moorings.notices import EventRefused
from moorings.rules import RuleBook
from moorings.rules.ruled import RuledReader, RuledWriter
from moorings_compat import Format
from tests.client.rules.samples import PLACED, SCHEMAS, domain, field_rule, rule

SUBJECT = "shop.OrderPlaced"
DEAR = rule("dear", "message.cents > 5000", doc="orders of fifty and more", mode="WRITEREAD")
FORMATS = [Format.AVRO, Format.JSON, Format.PROTOBUF]


def register(http: httpx2.BaseTransport, format: Format, rule_set: Any, **more: Any) -> int:
    """Register over the Confluent API, as tools do; returns the id."""
    body = {"schema": SCHEMAS[format], "schemaType": str(format), "ruleSet": rule_set, **more}
    with httpx2.Client(transport=http, base_url="http://127.0.0.1:8081") as client:
        answer = client.post(f"/subjects/{SUBJECT}/versions", json=body)
        assert answer.status_code == 200, answer.text
        return int(answer.json()["id"])


@pytest.mark.parametrize("format", FORMATS)
def test_rules_run_on_produce_and_on_consume(http: httpx2.BaseTransport, format: Format) -> None:
    register(http, format, None)
    with moorings.connect(http=http) as registry:
        before = registry.event(SUBJECT).encode(PLACED)
    register(http, format, domain(DEAR))
    with moorings.connect(http=http) as registry:
        placed = registry.event(SUBJECT)
        with pytest.raises(EventInvalid, match="dear, expected orders of fifty and more"):
            placed.encode(PLACED)
        assert [one.pointer for one in placed.validate(PLACED)] == [""]
        with pytest.raises(EventUnreadable, match="it breaks the contract's rules"):
            placed.decode(before)
        dear = placed.encode({**PLACED, "cents": 6000})
        assert placed.decode(dear)["cents"] == 6000
        by_guid = registry.event(SUBJECT, framing="guid")
        assert by_guid.decode(by_guid.encode({**PLACED, "cents": 6000}))["cents"] == 6000
        with pytest.raises(EventInvalid):
            by_guid.encode(PLACED)
        if format is Format.PROTOBUF:
            assert placed.decode_message(dear).cents == 6000
            with pytest.raises(EventUnreadable):
                placed.decode_message(before)


def test_rules_run_from_the_cache_without_a_registry(http: httpx2.BaseTransport, tmp_path: Path) -> None:
    register(http, Format.AVRO, domain(DEAR))
    with moorings.connect(http=http, cache=tmp_path) as registry:
        registry.event(SUBJECT).validate(PLACED)

    def away(request: httpx2.Request) -> httpx2.Response:
        raise httpx2.ConnectError("away", request=request)

    with moorings.connect(http=httpx2.MockTransport(away), cache=tmp_path, retries=0) as registry:
        placed = registry.event(SUBJECT)
        with pytest.raises(EventInvalid, match="dear"):
            placed.encode(PLACED)


def test_a_handle_runs_new_rules_after_a_refresh(http: httpx2.BaseTransport) -> None:
    register(http, Format.AVRO, None)
    with moorings.connect(http=http, refresh_s=None) as registry:
        placed = registry.event(SUBJECT)
        data = placed.encode(PLACED)
        register(http, Format.AVRO, domain(DEAR))
        registry.refresh()
        with pytest.raises(EventInvalid):
            placed.encode(PLACED)
        with pytest.raises(EventUnreadable):
            placed.decode(data)


def test_rules_run_with_asyncio(http: httpx2.BaseTransport) -> None:
    register(http, Format.AVRO, domain(DEAR))

    class Line(httpx2.AsyncBaseTransport):
        async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
            response = http.handle_request(request)
            return httpx2.Response(response.status_code, headers=response.headers, content=response.read())

    async def run() -> None:
        async with AsyncRegistry(moorings.connect(http=http), Line()) as registry:
            placed = await registry.event(SUBJECT)
            with pytest.raises(EventInvalid):
                placed.encode(PLACED)
            assert (await placed.decode(placed.encode({**PLACED, "cents": 6000})))["cents"] == 6000

    with ThreadPoolExecutor(1) as pool:  # a thread of its own: another test may have left a loop in this one
        pool.submit(lambda: asyncio.run(run())).result(30)


def test_tags_of_the_metadata_choose_fields(http: httpx2.BaseTransport) -> None:
    rules = domain(field_rule("short", "value.size() < 3", tags=["KEY"]))
    register(http, Format.AVRO, rules, metadata={"tags": {"shop.Line.sku": ["KEY"]}})
    with moorings.connect(http=http) as registry:
        found = registry.event(SUBJECT).validate(PLACED)
    assert [one.pointer for one in found] == ["/lines/0/sku", "/lines/1/sku"]


def test_a_rule_book_applies_to_all_contracts(http: httpx2.BaseTransport) -> None:
    register(http, Format.AVRO, domain(rule("known", "", "KNOWN_CUSTOMER")))
    notices: list[Any] = []
    book = RuleBook({"KNOWN_CUSTOMER": lambda rule, scope: lambda event: event["id"] == "o-1"})
    with moorings.connect(http=http, rules=book, notices=notices.append) as registry:
        placed = registry.event(SUBJECT)
        assert placed.decode(placed.encode(PLACED)) == PLACED
        with pytest.raises(EventInvalid):
            placed.encode({**PLACED, "id": "o-2"})
    assert [type(one) for one in notices if isinstance(one, EventRefused)] == [EventRefused]


@pytest.mark.parametrize("rule_set", [None, domain(rule("off", "false", disabled=True))])
def test_without_a_rule_that_runs_codecs_are_not_wrapped(http: httpx2.BaseTransport, rule_set: Any) -> None:
    register(http, Format.AVRO, rule_set)
    with moorings.connect(http=http) as registry:
        placed = registry.event(SUBJECT)
        placed.decode(placed.encode(PLACED))
        assert isinstance(placed._writer, AvroWriter)
        assert all(isinstance(one, AvroReader) for one in placed._readers.values())
    register(http, Format.AVRO, domain(DEAR))
    with moorings.connect(http=http) as registry:
        placed = registry.event(SUBJECT)
        placed.decode(placed.encode({**PLACED, "cents": 6000}))
        assert isinstance(placed._writer, RuledWriter)
        assert all(isinstance(one, RuledReader) for one in placed._readers.values())


def test_without_the_extra_no_event_passes_unchecked(
    http: httpx2.BaseTransport, monkeypatch: pytest.MonkeyPatch
) -> None:
    register(http, Format.AVRO, domain(DEAR))
    for name in [one for one in sys.modules if one.startswith(("moorings.rules.cel", "moorings_compat.cel"))]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "cel_expr_python", None)
    with moorings.connect(http=http) as registry:
        placed = registry.event(SUBJECT)
        for call in (placed.encode, placed.validate):
            with pytest.raises(ExtraMissing, match=r"moorings\[rules\]"):
                call(PLACED)


def test_the_client_imports_nothing_of_rules_by_itself() -> None:
    code = (
        "import moorings, sys; print(json.dumps([m for m in sys.modules if m.startswith(('moorings.rules', 'cel'))]))"
    )
    done = subprocess.run([sys.executable, "-c", f"import json; {code}"], capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == []


@pytest.mark.parametrize(("mode", "refuses"), [("UPGRADE", True), ("UPDOWN", True), ("DOWNGRADE", False)])
def test_an_event_of_another_major_is_refused_where_migration_rules_would_have_to_run(
    http: httpx2.BaseTransport, mode: str, *, refuses: bool
) -> None:
    register(http, Format.AVRO, None, metadata={"properties": {"major": "1"}})
    migration = {"migrationRules": [rule("renames", "$", "JSONATA", "TRANSFORM", mode)]}
    register(http, Format.AVRO, migration, metadata={"properties": {"major": "2"}})
    with moorings.connect(http=http) as registry:
        old = registry.event(SUBJECT, 1).encode(PLACED)
        newer = registry.event(SUBJECT, 2)
        assert newer.decode(newer.encode(PLACED)) == PLACED
        if refuses:
            with pytest.raises(EventUnreadable, match=r"migration rules \(renames\) would have to run"):
                newer.decode(old)
        else:
            assert newer.decode(old) == PLACED
