"""The client while its registry fails: nothing on the way of a known message, and no harm that outlasts the fault."""

import asyncio
import gc
import json
import logging
import time
import tracemalloc
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx2
import pytest

import moorings
from moorings.api.requests import Requests
from moorings.asynchronous import AsyncRegistry
from moorings.client_state import ClientState
from moorings.contracts.schema_cache import SchemaCache
from moorings.notices import CircuitChanged, Notice, Notices
from moorings.transport.breaker import Breaker, Circuit
from moorings.transport.retries import RetryPolicy
from moorings.transport.sync_runner import SyncRunner
from moorings.transport.transport import Settings, Transport
from moorings_compat import Format
from tests.faults.proxy import Cut, CuttingProxy
from tests.faults.stand_in import Fault, StandIn

SUBJECT = "shop.orders.OrderPlaced"
FIELDS: list[dict[str, Any]] = [{"name": "order_id", "type": "string"}]
SCHEMA = {"type": "record", "name": "OrderPlaced", "fields": FIELDS}
WIDER = {**SCHEMA, "fields": [*FIELDS, {"name": "note", "type": "string", "default": ""}]}
EVENT = {"order_id": "o-1"}
FAULTS = [fault for fault in Fault if fault is not Fault.NONE]
DOCUMENTED = (moorings.RegistryUnavailable, moorings.AnswerInvalid, moorings.RegistryRefused)


@pytest.fixture
def registry() -> Iterator[StandIn]:
    stand_in = StandIn()
    moorings.connect(stand_in.url).api.register(SUBJECT, json.dumps(SCHEMA), Format.AVRO)
    yield stand_in
    stand_in.close()


def of_a_newer_service(registry: StandIn) -> bytes:
    """Return an event whose schema nobody has met yet."""
    with moorings.connect(registry.url) as newer:
        newer.api.register(SUBJECT, json.dumps(WIDER), Format.AVRO)
        return newer.event(SUBJECT).encode({**EVENT, "note": "n"})


@pytest.mark.parametrize("fault", [*FAULTS, None], ids=lambda fault: fault.name if fault else "KILLED")
def test_a_passing_fault_is_survived_by_retries(registry: StandIn, fault: Fault | None) -> None:
    with moorings.connect(registry.url, timeout_s=0.15, retries=1, refresh_s=None) as client:
        contract = client.event(SUBJECT)
        data, unmet = contract.encode(EVENT), of_a_newer_service(registry)
        contract.decode(data)
        if fault is None:
            registry.kill()
        else:
            registry.fault = fault
        asked = len(registry.asked)
        for _ in range(100):
            assert contract.decode(contract.encode(EVENT)) == EVENT
        assert len(registry.asked) == asked
        began = time.monotonic()
        with pytest.raises(DOCUMENTED):
            contract.decode(unmet)
        assert time.monotonic() - began < 10
        client.refresh()
        assert contract.decode(contract.encode(EVENT)) == EVENT
        if fault is None:
            registry.start()
        registry.fault = Fault.NONE
        assert contract.decode(unmet)["order_id"] == "o-1"


@pytest.mark.parametrize("fault", [one for one in FAULTS if one is not Fault.SLOW], ids=lambda fault: fault.name)
def test_a_service_starts_from_its_cache_whatever_the_fault(registry: StandIn, tmp_path: Path, fault: Fault) -> None:
    with moorings.connect(registry.url, cache=tmp_path) as client:
        data = client.event(SUBJECT).encode(EVENT)
    for _ in range(2):  # what was wrong is not kept, to be met again the next time
        registry.fault = fault
        with moorings.connect(registry.url, cache=tmp_path, timeout_s=0.15, retries=0) as client:
            assert client.event(SUBJECT).decode(data) == EVENT


@pytest.mark.parametrize("fault", [Fault.HUNG, Fault.BEHIND, Fault.LYING])
def test_a_passing_fault_is_survived_under_asyncio(registry: StandIn, fault: Fault) -> None:
    async def main() -> None:
        async with moorings.connect_async(registry.url, timeout_s=0.15, retries=1, refresh_s=None) as client:
            contract = await client.event(SUBJECT)
            data, unmet = contract.encode(EVENT), of_a_newer_service(registry)
            registry.fault = fault
            waiting = [asyncio.create_task(contract.decode(unmet)) for _ in range(10)]
            for _ in range(100):
                assert await contract.decode(data) == EVENT
            found = await asyncio.gather(*waiting, return_exceptions=True)
            assert all(isinstance(one, DOCUMENTED) for one in found)
            await client.refresh()
            registry.fault = Fault.NONE
            assert await contract.decode(unmet) == EVENT

    with ThreadPoolExecutor(1) as pool:
        pool.submit(lambda: asyncio.run(main())).result(60)


@pytest.mark.parametrize("cut", list(Cut))
def test_a_write_whose_response_is_cut_registers_once(registry: StandIn, cut: Cut) -> None:
    proxy = CuttingProxy(registry.port)
    with moorings.connect(f"http://127.0.0.1:{proxy.port}", retries=2, timeout_s=2.0) as client:
        proxy.cut_next(cut, b"POST /v1/events")
        registered = client.api.register(SUBJECT, json.dumps(WIDER), Format.AVRO)
        assert (registered.version.label, proxy.cuts) == ("1.1", 1)
        assert [one.label for one in client.api.versions(SUBJECT)] == ["1.0", "1.1"]
    proxy.close()


@pytest.mark.parametrize("cut", list(Cut))
def test_a_truncated_response_is_requested_again(registry: StandIn, cut: Cut) -> None:
    proxy = CuttingProxy(registry.port)
    with moorings.connect(f"http://127.0.0.1:{proxy.port}", retries=2, timeout_s=2.0) as client:
        proxy.cut_next(cut, b"GET /v1/events")
        assert client.event(SUBJECT).encode(EVENT)[5:] == b"\x06o-1"
        assert proxy.cuts == 1
    proxy.close()


def client_state(
    registry: StandIn, told: Callable[[Notice], object], open_s: float, clock: Callable[[], float] = time.monotonic
) -> ClientState:
    """Make a client whose breaker is quick."""
    notices = Notices([told])
    settings = Settings((registry.url,), timeout_s=0.3, retries=RetryPolicy(retries=0))
    transport = Transport(settings, notices=notices, breaker=lambda: Breaker(3, open_s, clock))
    return ClientState(transport, SyncRunner(), notices=notices)


def test_the_breaker_opens_and_closes(registry: StandIn) -> None:
    told: list[Notice] = []
    now = 0.0
    client = moorings.Registry(client_state(registry, told.append, open_s=10.0, clock=lambda: now))
    client.event(SUBJECT)
    registry.kill()
    for _ in range(10):
        with pytest.raises(moorings.RegistryUnavailable):
            client.api.domains()
    registry.start()
    asked = len(registry.asked)
    with pytest.raises(moorings.RegistryUnavailable, match="circuit open"):
        client.api.domains()
    assert len(registry.asked) == asked
    now = 10.1
    assert client.api.domains() == ()
    circuits = [(one.before, one.after) for one in told if isinstance(one, CircuitChanged)]
    assert circuits == [("closed", "open"), ("half_open", "closed")]
    client.close()


def test_blocking_and_asyncio_clients_share_their_breaker(registry: StandIn) -> None:
    client = moorings.Registry(client_state(registry, lambda notice: None, open_s=60.0))
    registry.fault = Fault.BEHIND
    for _ in range(3):
        with pytest.raises(moorings.RegistryUnavailable):
            client.api.domains()
    asked = len(registry.asked)

    async def main() -> None:
        async with AsyncRegistry(client) as beside:
            with pytest.raises(moorings.RegistryUnavailable, match="circuit open"):
                await beside.api.domains()

    with ThreadPoolExecutor(1) as pool:
        pool.submit(lambda: asyncio.run(main())).result(30)
    assert len(registry.asked) == asked
    assert [one.breaker.circuit for one in client.client_state.transport.endpoints] == [Circuit.OPEN]


def test_another_node_takes_over(registry: StandIn) -> None:
    other = StandIn()
    with moorings.connect([other.url, registry.url], timeout_s=1.0, retries=0) as client:
        other.close()
        assert client.event(SUBJECT).latest.label == "1.0"
        assert client.client_state.transport.endpoints.preferred.url == registry.url


def test_memory_stays_flat_over_bad_ids() -> None:
    """A million of them: `python -m bench.soak --ids 1000000`."""
    missing = httpx2.MockTransport(lambda request: httpx2.Response(404, content=b'{"code": "SCHEMA_NOT_FOUND"}'))
    transport = Transport(Settings(("http://127.0.0.1:8081",)))
    source, runner = SchemaCache(Requests(transport), most=200), SyncRunner(missing)

    def ask(first: int, last: int) -> int:
        assert [runner.run(source.get(number)) for number in range(first, last)] == [None] * (last - first)
        gc.collect()
        return tracemalloc.get_traced_memory()[0]

    logging.disable()  # what keeps the lines of a test's log is not the client
    tracemalloc.start()
    try:
        before, after = ask(0, 300), ask(300, 900)
    finally:
        tracemalloc.stop()
        logging.disable(logging.NOTSET)
    assert after - before < 50_000
