"""Handles that read earlier majors, against a real registry."""

import asyncio
import json
from pathlib import Path
from typing import Any

import httpx2
import pytest

import moorings
from moorings.asynchronous import AsyncRegistry
from moorings.upcasting import MappingInvalid, Upcasts, read_mapping
from moorings_compat import Format

SUBJECT = "shop.orders.OrderPlaced"


def schema(**fields: Any) -> str:
    listed = [{"name": name, "type": type} for name, type in fields.items()]
    return json.dumps({"type": "record", "name": "OrderPlaced", "namespace": "shop.orders", "fields": listed})


MAJORS = (
    schema(customer="string", cents="long"),
    schema(customer_id="string", total="string"),
    schema(customer_id="string", total="string", currency="string"),
)
TO_2 = """
[[step]]
rename = "/customer"
to = "customer_id"

[[step]]
convert = "/cents"
with = "integer_to_text"

[[step]]
rename = "/cents"
to = "total"
"""
TO_3 = '[[step]]\ndefault = "/currency"\nvalue = "EUR"\n'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    domain = tmp_path / "shop.orders"
    domain.mkdir()
    (domain / "OrderPlaced.v1-to-v2.toml").write_text(TO_2)
    (domain / "OrderPlaced.v2-to-v3.toml").write_text(TO_3)
    return tmp_path


@pytest.fixture
def written(registry: moorings.Registry) -> list[bytes]:
    """An event of each major."""
    events = (
        {"customer": "c", "cents": 5},
        {"customer_id": "c", "total": "5"},
        {"customer_id": "c", "total": "5", "currency": "CHF"},
    )
    for number, text in enumerate(MAJORS):
        registry.api.register(SUBJECT, text, Format.AVRO, major="next" if number else None)
    return [registry.event(SUBJECT, major).encode(event) for major, event in enumerate(events, start=1)]


def test_earlier_majors_are_read_by_their_mappings(
    registry: moorings.Registry, written: list[bytes], folder: Path
) -> None:
    latest = registry.event(SUBJECT, 3, upcasts=folder)
    in_euro = {"customer_id": "c", "total": "5", "currency": "EUR"}
    assert [latest.decode(one) for one in written] == [in_euro, in_euro, {**in_euro, "currency": "CHF"}]
    second = registry.event(SUBJECT, 2, upcasts=[folder / "shop.orders" / "OrderPlaced.v1-to-v2.toml"])
    assert second.decode(written[0]) == {"customer_id": "c", "total": "5"}
    assert registry.event(SUBJECT, 3, upcasts=str(folder)) is latest


def test_without_mappings_an_earlier_major_is_not_readable(registry: moorings.Registry, written: list[bytes]) -> None:
    with pytest.raises(moorings.EventUnreadable):
        registry.event(SUBJECT, 3).decode(written[0])


def test_a_later_major_is_not_mapped_back(registry: moorings.Registry, written: list[bytes], folder: Path) -> None:
    with pytest.raises(moorings.EventUnreadable):
        registry.event(SUBJECT, 1, upcasts=folder).decode(written[1])


def test_an_event_that_cannot_be_mapped_is_unreadable_at_its_path(
    registry: moorings.Registry, written: list[bytes]
) -> None:
    mapping = read_mapping('[[step]]\nconvert = "/customer"\nwith = "text_to_integer"\n', about=(SUBJECT, 1, 2))
    placed = registry.event(SUBJECT, 2, upcasts=mapping)
    data = registry.event(SUBJECT).encode({"customer": "secret", "cents": 1})
    with pytest.raises(moorings.EventUnreadable) as caught:
        placed.decode(data)
    assert (caught.value.path, caught.value.writer_version, caught.value.reader_version) == ("/customer", "1.0", "2.0")
    assert "secret" not in str(caught.value)


def test_an_invalid_upcast_event_is_unreadable_with_its_violations(
    registry: moorings.Registry, written: list[bytes]
) -> None:
    placed = registry.event(SUBJECT, 2, upcasts=Upcasts([read_mapping("", about=(SUBJECT, 1, 2))]))
    with pytest.raises(moorings.EventUnreadable) as caught:
        placed.decode(written[0])
    assert {one.pointer for one in caught.value.violations} == {"/customer", "/cents", "/customer_id", "/total"}
    assert caught.value.reason == "upcast, it does not keep to 2.0"


def test_an_invalid_mapping_is_refused_when_the_handle_is_made(
    registry: moorings.Registry, written: list[bytes], tmp_path: Path
) -> None:
    (tmp_path / "OrderPlaced.v1-to-v2.toml").write_text("steps = 1")
    with pytest.raises(MappingInvalid):
        registry.event(SUBJECT, 2, upcasts=tmp_path)


class Line(httpx2.AsyncBaseTransport):
    """A line for asyncio to the registry in this process."""

    def __init__(self, http: httpx2.BaseTransport) -> None:
        self._http = http

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        response = self._http.handle_request(request)
        return httpx2.Response(response.status_code, content=response.read())


def test_asyncio_reads_earlier_majors_too(
    http: httpx2.BaseTransport, registry: moorings.Registry, written: list[bytes], folder: Path
) -> None:
    async def read() -> Any:
        async with AsyncRegistry(registry, Line(http)) as runner:
            placed = await runner.event(SUBJECT, 3, upcasts=folder)
            return await placed.decode(written[0])

    assert asyncio.run(read())["currency"] == "EUR"
