"""The client under asyncio: the same answers, and an event loop that is never kept waiting."""

import asyncio
import json
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import httpx2
import pytest

import moorings
from moorings.asynchronous import AsyncRegistry
from moorings_compat import Format

SUBJECT = "shop.orders.OrderPlaced"
SCHEMA = {"type": "record", "name": "OrderPlaced", "fields": [{"name": "order_id", "type": "string"}]}
EVENT = {"order_id": "o-1"}
T = TypeVar("T")


class Gate(httpx2.BaseTransport):
    """Keeps every answer back until it is opened."""

    def __init__(self, http: httpx2.BaseTransport) -> None:
        self.http = http
        self.opened = threading.Event()

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        assert self.opened.wait(20)
        return self.http.handle_request(request)


@pytest.fixture
def gate(http: httpx2.BaseTransport) -> Gate:
    moorings.connect(http=http).api.register(SUBJECT, json.dumps(SCHEMA), Format.AVRO)
    return Gate(http)


def run(main: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """Run in a thread of its own: another test may have left a loop in this one."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(lambda: asyncio.run(main())).result(30)


def test_an_event_goes_round(gate: Gate) -> None:
    gate.opened.set()

    async def main() -> Any:
        async with AsyncRegistry(moorings.connect(http=gate)) as registry:
            contract = await registry.event(SUBJECT)
            assert contract.latest.label == "1.0"
            assert contract.validate({}) != []
            return await contract.decode(contract.encode(EVENT))

    assert run(main) == EVENT


def test_the_loop_goes_on_while_the_registry_takes_its_time(gate: Gate) -> None:
    async def main() -> Any:
        registry = AsyncRegistry(moorings.connect(http=gate))
        waiting = asyncio.create_task(registry.event(SUBJECT))
        for _ in range(5):
            await asyncio.sleep(0.01)
        assert not waiting.done()
        gate.opened.set()
        return (await waiting).encode(EVENT)

    assert run(main)[5:] == b"\x06o-1"


def test_a_writer_that_was_never_met_is_waited_for_elsewhere(gate: Gate, http: httpx2.BaseTransport) -> None:
    gate.opened.set()
    wider = {**SCHEMA, "fields": [*SCHEMA["fields"], {"name": "n", "type": "int", "default": 0}]}

    async def main() -> Any:
        contract = await AsyncRegistry(moorings.connect(http=gate)).event(SUBJECT)
        await contract.decode(contract.encode(EVENT))
        other = moorings.connect(http=http)
        other.api.register(SUBJECT, json.dumps(wider), Format.AVRO)
        data = other.event(SUBJECT).encode({**EVENT, "n": 5})
        gate.opened.clear()
        waiting = asyncio.create_task(contract.decode(data))
        await asyncio.sleep(0.05)
        assert not waiting.done()
        assert await contract.decode(contract.encode(EVENT)) == EVENT
        gate.opened.set()
        return await waiting

    assert run(main) == EVENT


def test_errors_are_the_same(gate: Gate) -> None:
    gate.opened.set()

    async def main() -> None:
        registry = AsyncRegistry(moorings.connect(http=gate))
        with pytest.raises(moorings.ContractUnknown):
            await registry.event("shop.orders.OrderLost")
        contract = await registry.event(SUBJECT)
        with pytest.raises(moorings.EventInvalid):
            contract.encode({})
        with pytest.raises(moorings.FramingInvalid):
            await contract.decode(b"")
        with pytest.raises(moorings.WriterUnknown):
            await contract.decode(b"\x00\x00\x00\x00\x63")
        with pytest.raises(TypeError):
            await contract.decode_message(contract.encode(EVENT))

    run(main)
