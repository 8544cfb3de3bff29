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
from moorings.transport.breaker import Circuit
from moorings_compat import Format

SUBJECT = "shop.orders.OrderPlaced"
SCHEMA = {"type": "record", "name": "OrderPlaced", "fields": [{"name": "order_id", "type": "string"}]}
WIDER = {**SCHEMA, "fields": [*SCHEMA["fields"], {"name": "n", "type": "int", "default": 0}]}
EVENT = {"order_id": "o-1"}
T = TypeVar("T")


class Line(httpx2.AsyncBaseTransport):
    """A line to a registry in this process that can be held, or cut."""

    def __init__(self, http: httpx2.BaseTransport) -> None:
        self.http = http
        self.held = False
        self.cut = False
        self.asked: list[str] = []
        self.threads: set[int] = set()

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        self.asked.append(request.url.path)
        self.threads.add(threading.get_ident())
        await asyncio.sleep(0)
        while self.held:
            await asyncio.sleep(0.005)
        if self.cut:
            raise httpx2.ConnectError("cut")
        response = self.http.handle_request(request)
        return httpx2.Response(response.status_code, headers=response.headers, content=response.read())


@pytest.fixture
def line(http: httpx2.BaseTransport) -> Line:
    moorings.connect(http=http).api.register(SUBJECT, json.dumps(SCHEMA), Format.AVRO)
    return Line(http)


def run(main: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """Run in a thread of its own: another test may have left a loop in this one."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(lambda: asyncio.run(main())).result(30)


def written_by_a_newer_service(http: httpx2.BaseTransport) -> bytes:
    other = moorings.connect(http=http)
    other.api.register(SUBJECT, json.dumps(WIDER), Format.AVRO)
    return other.event(SUBJECT).encode({**EVENT, "n": 5})


def test_an_event_is_written_and_read_in_one_thread(line: Line) -> None:
    async def main() -> Any:
        async with moorings.connect_async(http=line) as registry:
            contract = await registry.event(SUBJECT)
            assert (contract.latest.label, contract.subject, contract.major) == ("1.0", SUBJECT, 1)
            assert (contract.reads_as, contract.deprecated, contract.sunset) == ("1.0", False, None)
            assert contract.validate({}) != []
            assert threading.get_ident() in line.threads
            return await contract.decode(memoryview(contract.encode(EVENT)))  # type: ignore[arg-type]

    assert run(main) == EVENT
    assert len(line.threads) == 1


def test_the_event_loop_runs_while_the_registry_is_slow(line: Line) -> None:
    async def main() -> Any:
        registry = moorings.connect_async(http=line)
        line.held = True
        waiting = asyncio.create_task(registry.event(SUBJECT))
        await asyncio.sleep(0.05)
        assert not waiting.done()
        line.held = False
        return (await waiting).encode(EVENT)

    assert run(main)[5:] == b"\x06o-1"


def test_an_unknown_writer_is_awaited(line: Line, http: httpx2.BaseTransport) -> None:
    async def main() -> Any:
        contract = await moorings.connect_async(http=line).event(SUBJECT)
        data = written_by_a_newer_service(http)
        line.held = True
        waiting = asyncio.create_task(contract.decode(data))
        await asyncio.sleep(0.05)
        assert (waiting.done(), contract.knows(data)) == (False, False)
        assert await contract.decode(contract.encode(EVENT)) == EVENT
        line.held = False
        return await waiting

    assert run(main) == EVENT


def test_many_tasks_share_one_fetch(line: Line, http: httpx2.BaseTransport) -> None:
    async def main() -> Any:
        registry = moorings.connect_async(http=line)
        contracts = await asyncio.gather(*(registry.event(SUBJECT) for _ in range(50)))
        assert len({id(one.contract) for one in contracts}) == 1
        data = written_by_a_newer_service(http)
        return await asyncio.gather(*(one.decode(data) for one in contracts))

    assert run(main) == [EVENT] * 50
    assert line.asked.count(f"/v1/events/{SUBJECT}/versions/v1") == 1
    assert line.asked.count("/v1/schemas/ids/2") == 1


def test_a_cancelled_task_does_not_cancel_the_others(line: Line) -> None:
    async def main() -> Any:
        registry = moorings.connect_async(http=line)
        line.held = True
        first = asyncio.create_task(registry.event(SUBJECT))
        await asyncio.sleep(0.02)
        second = asyncio.create_task(registry.event(SUBJECT))
        await asyncio.sleep(0.02)
        first.cancel()
        line.held = False
        assert isinstance((await asyncio.gather(first, return_exceptions=True))[0], asyncio.CancelledError)
        return (await second).encode(EVENT)

    assert run(main)[5:] == b"\x06o-1"


def test_errors_are_those_of_the_blocking_client(line: Line) -> None:
    async def main() -> None:
        registry = moorings.connect_async(http=line)
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


def test_the_whole_api_can_be_awaited(line: Line) -> None:
    async def main() -> None:
        api = moorings.connect_async(http=line).api
        assert (await api.put_domain("shop.orders", {"owner": "team"})).owner == "team"
        assert [one.domain for one in await api.domains()] == ["shop.orders"]
        assert [one.subject async for one in api.events()] == [SUBJECT]
        assert (await api.version(SUBJECT, "latest")).label == "1.0"
        assert await api.domain("shop.nowhere") is None
        assert not (await api.register(SUBJECT, json.dumps(SCHEMA), Format.AVRO)).created

    run(main)


def test_waiting_tasks_share_a_failure(line: Line) -> None:
    line.cut = True

    async def main() -> list[Any]:
        registry = moorings.connect_async(http=line, retries=0)
        return await asyncio.gather(*(registry.event(SUBJECT) for _ in range(20)), return_exceptions=True)

    assert {type(one) for one in run(main)} == {moorings.RegistryUnavailable}
    assert len(line.asked) == 1


def test_breaker_and_handles_are_shared_with_the_blocking_client(line: Line) -> None:
    dead = httpx2.MockTransport(lambda request: httpx2.Response(503))
    blocking = moorings.connect(http=dead, retries=0)
    for _ in range(5):
        with pytest.raises(moorings.RegistryUnavailable):
            blocking.event(SUBJECT)

    async def main() -> None:
        with pytest.raises(moorings.RegistryUnavailable, match="circuit open"):
            await AsyncRegistry(blocking, line).event(SUBJECT)

    run(main)
    assert line.asked == []
    assert [place.breaker.circuit for place in blocking.client_state.transport.endpoints] == [Circuit.OPEN]


def test_a_handle_is_refreshed_by_a_task(line: Line, http: httpx2.BaseTransport) -> None:
    async def main() -> Any:
        async with moorings.connect_async(http=line, refresh_s=0.02) as registry:
            contract = await registry.event(SUBJECT)
            written_by_a_newer_service(http)
            for _ in range(500):
                if contract.latest.label == "1.1":
                    break
                await asyncio.sleep(0.01)
            moved = contract.latest.label
        assert [task.get_name() for task in asyncio.all_tasks()].count("moorings-refresh") == 0
        return moved

    assert run(main) == "1.1"
    assert len(line.threads) == 1


def test_a_registry_may_be_used_from_one_loop_after_the_other(line: Line) -> None:
    registry = moorings.connect_async(http=line, refresh_s=None)

    async def main() -> bytes:
        return (await registry.event(SUBJECT)).encode(EVENT)

    assert run(main) == run(main)
