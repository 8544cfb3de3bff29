"""Counting and telling: against a real registry in this process, and against one that is away."""

import asyncio
import gc
import json
import os
import subprocess
import sys
import threading
import weakref
from collections.abc import Iterator, Mapping
from typing import Any

import httpx2
import pytest

import moorings
from moorings.asynchronous import AsyncRegistry
from moorings.codecs.formats import make_writer
from moorings.codecs.framing import id_prefix
from moorings.drift import Counts, Drift, Observation, drift_is_wanted, service_name
from moorings.errors import NotFound, RegistryUnavailable
from moorings.notices import EventUnframed
from moorings.upcasting import read_mapping
from moorings_compat import Format

SUBJECT = "shop.orders.OrderPlaced"
FIELDS = [{"name": "id", "type": "string"}, {"name": "lines", "type": {"type": "array", "items": "int"}}]
AVRO_1 = {"type": "record", "name": "OrderPlaced", "namespace": "shop.orders", "fields": FIELDS}
AVRO_2 = {**AVRO_1, "fields": [*FIELDS, {"name": "note", "type": "string", "default": ""}]}
JSON_TEXT = {"type": "object", "properties": {"id": {"type": "string"}}, "required": ["id"]}
PROTO_1 = 'syntax = "proto3";\npackage shop.orders;\nmessage OrderPlaced { string id = 1; }\n'
PROTO_2 = 'syntax = "proto3";\npackage shop.orders;\nmessage OrderPlaced { string id = 1; string note = 2; }\n'


def told(registry: moorings.Registry, subject: str = SUBJECT) -> dict[tuple[str, ...], int]:
    """What the registry shows, after everything counted was sent."""
    drift = registry.client_state.drift
    assert drift is not None
    assert drift.flush()
    shown = registry.api.answer(f"/v1/events/{subject}/drift")
    names = ("direction", "revision", "writer", "path", "rule")
    return {tuple(str(one[name] or "") for name in names): one["count"] for one in shown["drift"]}


def refuse(contract: moorings.EventContract, event: Any) -> None:
    with pytest.raises(moorings.EventInvalid):
        contract.encode(event)


def test_a_failure_is_reported_with_its_pointer(registry: moorings.Registry) -> None:
    registry.api.register(SUBJECT, json.dumps(AVRO_1), Format.AVRO)
    placed = registry.event(SUBJECT)
    refuse(placed, {"id": 1, "lines": [1, "secret", "secret"]})
    refuse(placed, {"id": "a", "lines": [], "secret": 1})
    good = placed.encode({"id": "a", "lines": [1]})
    for data, error in (
        (good[:-1], moorings.EventUnreadable),
        (b"\x00\x00\x00\xff\xff" + good[5:], moorings.WriterUnknown),
        (b"secret", moorings.FramingInvalid),
    ):
        with pytest.raises(error):
            placed.decode(data)
    assert placed.validate({"id": 1}) != []  # validating is not an event: nothing to report
    assert told(registry) == {
        ("produce", "1.0", "", "/id", "TYPE_WRONG"): 1,
        ("produce", "1.0", "", "/lines/*", "TYPE_WRONG"): 1,
        ("produce", "1.0", "", "", "FIELD_UNDECLARED"): 1,
        ("consume", "1.0", "1.0", "/lines", "UNREADABLE"): 1,
        ("consume", "", "", "", "WRITER_UNKNOWN"): 1,
        ("consume", "1.0", "", "", "FRAMING_INVALID"): 1,
    }


def test_writing_a_retired_major_is_reported(registry: moorings.Registry) -> None:
    registry.api.register(SUBJECT, json.dumps(AVRO_1), Format.AVRO)
    registry.client_state.runner.run(
        registry.client_state.requests.send(
            "PUT", f"/v1/events/{SUBJECT}/majors/1", {"state": "retired", "sunset": None}
        )
    )
    with pytest.raises(moorings.ContractRetired):
        registry.event(SUBJECT).encode({"id": "a", "lines": []})
    assert told(registry) == {("produce", "1.0", "", "", "CONTRACT_RETIRED"): 1}


def sampled(registry: moorings.Registry, contract: moorings.EventContract, data: list[bytes]) -> None:
    """Read *data*, then let the thread's turn come and read it again."""
    drift = registry.client_state.drift
    assert drift is not None
    for one in data:
        contract.decode(one)
    drift.turn()
    for _ in range(3):
        for one in data:
            contract.decode(one)


def test_undeclared_fields_of_avro_are_sampled(registry: moorings.Registry) -> None:
    registry.api.register(SUBJECT, json.dumps(AVRO_2), Format.AVRO)
    registry.api.register(SUBJECT, json.dumps(AVRO_1), Format.AVRO)
    writer, reader = registry.event(SUBJECT, reader="1.0"), registry.event(SUBJECT, reader="1.1")
    newer = [placed_with(registry, 1, {"id": "a", "lines": [], "note": "x"})]
    sampled(registry, reader, newer)
    assert told(registry) == {("consume", "1.1", "1.0", "", "FIELD_UNDECLARED"): 1}
    assert writer.decode(newer[0])["note"] == "x"


def placed_with(registry: moorings.Registry, version: int, event: Any) -> bytes:
    """An event as the revision with that version number writes it."""
    found = registry.api.version(SUBJECT, version)
    written = registry.client_state.runner.run(registry.client_state.schemas.get(found.id))
    assert written is not None
    return make_writer(written, "OrderPlaced", id_prefix(found.id)).encode(event)


def test_undeclared_fields_of_json_are_sampled(registry: moorings.Registry) -> None:
    registry.api.register(SUBJECT, json.dumps(JSON_TEXT), Format.JSON)
    placed = registry.event(SUBJECT)
    good = placed.encode({"id": "a"})
    odd = good[:-1] + b',"secret":"4711"}'
    sampled(registry, placed, [odd])
    assert told(registry) == {("consume", "1.0", "1.0", "", "FIELD_UNDECLARED"): 1}


def test_events_by_guid_are_sampled_too(registry: moorings.Registry) -> None:
    registry.api.register(SUBJECT, json.dumps(JSON_TEXT), Format.JSON)
    placed = registry.event(SUBJECT, framing="guid")
    odd = placed.encode({"id": "a"})[:-1] + b',"secret":"4711"}'
    assert len(odd) > 17
    sampled(registry, placed, [odd])
    assert told(registry) == {("consume", "1.0", "1.0", "", "FIELD_UNDECLARED"): 1}


def test_fields_of_an_earlier_major_are_not_drift(registry: moorings.Registry) -> None:
    registry.api.register(SUBJECT, json.dumps(JSON_TEXT), Format.JSON)
    old = registry.event(SUBJECT).encode({"id": "a"})
    renamed = {"type": "object", "properties": {"name": {"type": "string"}}, "required": ["name"]}
    registry.api.register(SUBJECT, json.dumps(renamed), Format.JSON, major="next")
    mapping = read_mapping('[[step]]\nrename = "/id"\nto = "name"\n', about=(SUBJECT, 1, 2))
    placed = registry.event(SUBJECT, 2, upcasts=mapping)
    assert placed.decode(old) == {"name": "a"}
    sampled(registry, placed, [old])
    assert told(registry) == {}


def test_undeclared_fields_of_protobuf_are_sampled(registry: moorings.Registry) -> None:
    registry.api.register(SUBJECT, PROTO_1, Format.PROTOBUF)
    registry.api.register(SUBJECT, PROTO_2, Format.PROTOBUF)
    data = registry.event(SUBJECT).encode({"id": "a", "note": "secret"})
    sampled(registry, registry.event(SUBJECT, reader="1.0"), [data])
    assert told(registry) == {("consume", "1.0", "1.1", "", "FIELD_UNDECLARED"): 1}


def test_one_sample_is_taken_per_turn_and_the_short_path_is_restored(registry: moorings.Registry) -> None:
    registry.api.register(SUBJECT, json.dumps(AVRO_1), Format.AVRO)
    placed = registry.event(SUBJECT)
    data = placed.encode({"id": "a", "lines": []})
    placed.decode(data)
    before = dict(placed._decoders)
    taken: list[Any] = []
    for _ in range(3):
        placed.sample(taken.append)
    assert placed._decoders != before
    assert placed.decode(data) == placed.decode(data) == {"id": "a", "lines": []}
    assert len(taken) == 1
    assert placed._decoders == before
    assert taken[0][5] == data[5:]


def test_drift_can_be_turned_off(http: httpx2.BaseTransport, monkeypatch: pytest.MonkeyPatch) -> None:
    assert moorings.connect(http=http, drift=False).client_state.drift is None
    for word in ("off", "OFF", "0", "false", "no"):
        monkeypatch.setenv("MOORINGS_DRIFT", word)
        assert moorings.connect(http=http).client_state.drift is None
        assert moorings.connect(http=http, drift=True).client_state.drift is not None
    monkeypatch.setenv("MOORINGS_DRIFT", "on")
    assert drift_is_wanted(None)
    assert not drift_is_wanted(asked=False)


def test_the_service_name_comes_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MOORINGS_SERVICE", raising=False)
    monkeypatch.setenv("OTEL_SERVICE_NAME", "bill\ning")
    assert service_name() == "billing"
    assert service_name("invoices") == "invoices"  # as it is called in its reports of use
    monkeypatch.setenv("MOORINGS_SERVICE", "c" * 300)
    assert service_name("invoices") == "c" * 100


class Sender:
    """Takes batches, or refuses them."""

    def __init__(self) -> None:
        self.error: Exception | None = None
        self.sent: list[tuple[str, Mapping[str, Any]]] = []
        self.tried: list[str] = []

    def __call__(self, body: Mapping[str, Any], key: str) -> None:
        self.tried.append(key)
        if self.error is not None:
            raise self.error
        self.sent.append((key, body))


UNFRAMED = EventUnframed("s", 1, "1.0")


@pytest.fixture
def sender() -> Sender:
    return Sender()


@pytest.fixture
def drift(sender: Sender) -> Iterator[Drift]:
    made = Drift(sender, service="billing", interval_s=1000.0)
    yield made
    sender.error = None
    made.close()


def test_a_batch_that_may_have_arrived_is_sent_again_unchanged(drift: Drift, sender: Sender) -> None:
    drift.note(UNFRAMED)
    sender.error = RegistryUnavailable("away", 1)
    assert drift.turn()
    drift.note(UNFRAMED)
    drift.turn()
    sender.error = None
    assert drift.flush()
    assert len(set(sender.tried[:3])) == 1
    assert [body["observations"][0]["count"] for _, body in sender.sent] == [1, 1]
    assert sender.sent[0][1]["reporter"]["service"] == "billing"
    assert sender.sent[0][1]["reporter"]["client"].startswith("moorings-python")


def test_failed_drift_reports_do_not_move_the_breaker(http: httpx2.BaseTransport) -> None:
    asked: list[str] = []

    def handle(request: httpx2.Request) -> httpx2.Response:
        asked.append(request.url.path)
        if request.url.path == "/v1/drift":
            return httpx2.Response(503, json={"code": "DRIFT_UNAVAILABLE", "retryable": True})
        return http.handle_request(request)

    with moorings.connect(http=httpx2.MockTransport(handle)) as registry:
        registry.api.register(SUBJECT, json.dumps(AVRO_1), Format.AVRO)
        placed = registry.event(SUBJECT)
        for _ in range(12):
            refuse(placed, {})
            assert registry.client_state.drift is not None
            assert not registry.client_state.drift.flush()
        assert asked.count("/v1/drift") == 12
        assert [str(place.breaker.circuit) for place in registry.client_state.transport.endpoints] == ["closed"]
        assert registry.api.event(SUBJECT) is not None


def test_no_drift_is_sent_while_the_circuit_is_open(http: httpx2.BaseTransport) -> None:
    asked: list[str] = []
    away = False

    def handle(request: httpx2.Request) -> httpx2.Response:
        asked.append(request.url.path)
        if away:
            raise httpx2.ConnectError("cut")
        return http.handle_request(request)

    with moorings.connect(http=httpx2.MockTransport(handle), retries=0) as registry:
        registry.api.register(SUBJECT, json.dumps(AVRO_1), Format.AVRO)
        placed = registry.event(SUBJECT)
        away = True
        for _ in range(6):
            with pytest.raises(moorings.RegistryUnavailable):
                registry.api.event(SUBJECT)
        before = len(asked)
        refuse(placed, {})
        assert registry.client_state.drift is not None
        assert not registry.client_state.drift.flush()
        assert len(asked) == before


def test_reports_pause_after_the_registry_refuses_drift(drift: Drift, sender: Sender) -> None:
    drift.note(UNFRAMED)
    sender.error = NotFound(404, {})
    for _ in range(50):
        drift.turn()
        drift.note(UNFRAMED)
    assert len(sender.tried) == 1


def test_counting_drift_never_raises(drift: Drift, sender: Sender) -> None:
    sender.error = RuntimeError("no such luck")
    drift.note(UNFRAMED)
    assert drift.turn()
    assert not drift.flush()
    drift.note(EventUnframed(None, "x", 1.0))  # type: ignore[arg-type]
    drift.note(object())  # type: ignore[arg-type]


def test_the_table_of_counts_is_bounded() -> None:
    counts = Counts(most=10)

    def seen(path: str, subject: str = "s") -> Observation:
        return Observation(subject, "produce", "1.0", "", path, "TYPE_WRONG")

    for number in range(1000):
        counts.add([seen(f"/{number}")])
    assert len(counts) == 11
    rows, lost = counts.take(100)
    assert {one.observation.rule: one.count for one in rows}["OTHER"] == 990
    assert lost == 0
    for number in range(1000):
        counts.add([seen("/a", subject=str(number))])
    assert len(counts) == 20
    assert sum(one.count for one in counts.take(100)[0]) == 20
    assert counts.take(100) == ([], 0)


def test_counts_from_many_threads_are_complete(drift: Drift, sender: Sender) -> None:
    def work() -> None:
        for _ in range(500):
            drift.note(UNFRAMED)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    drift.flush()
    assert sum(row["count"] for _, body in sender.sent for row in body["observations"]) == 2000


def test_the_thread_reports_by_itself_and_ends_with_its_owner(sender: Sender) -> None:
    arrived = threading.Event()

    def send(body: Mapping[str, Any], key: str) -> None:
        arrived.set()

    drift = Drift(send, interval_s=0.01)
    drift.note(UNFRAMED)
    assert arrived.wait(10)
    thread = drift._thread
    assert thread is not None
    drift.close()
    thread.join(10)
    assert not thread.is_alive()
    drift.close()
    drift.note(UNFRAMED)
    assert drift._thread is thread


def test_the_thread_does_not_keep_the_counter_alive(sender: Sender) -> None:
    drift = Drift(sender, interval_s=0.01)
    drift.start()
    thread, gone = drift._thread, weakref.ref(drift)
    assert thread is not None
    del drift
    for _ in range(200):
        gc.collect()
        thread.join(0.05)
        if not thread.is_alive():
            break
    assert gone() is None
    assert not thread.is_alive()


def test_closing_sends_the_rest(sender: Sender) -> None:
    drift = Drift(sender, interval_s=1000.0)
    drift.note(UNFRAMED)
    drift.close()
    assert len(sender.sent) == 1


def test_closing_does_not_wait_for_a_registry_that_hangs() -> None:
    hanging = threading.Event()
    drift = Drift(lambda body, key: hanging.wait(30) and None, interval_s=1000.0, last_wait_s=0.05)
    drift.note(UNFRAMED)
    drift.close()
    assert drift._thread is not None
    assert drift._thread.is_alive()
    hanging.set()


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_forked_child_counts_for_itself(drift: Drift, sender: Sender) -> None:
    drift.note(UNFRAMED)
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        drift.note(UNFRAMED)
        drift.note(UNFRAMED)
        drift.flush()
        counts = [row["count"] for _, body in sender.sent for row in body["observations"]]
        os.write(write, json.dumps(counts).encode())
        os._exit(0)
    os.waitpid(child, 0)
    assert json.loads(os.read(read, 100)) == [2]
    drift.flush()
    assert [row["count"] for _, body in sender.sent for row in body["observations"]] == [1]


def test_an_ending_process_sends_its_counts(tmp_path: Any) -> None:
    code = f"""
from moorings.drift import Drift
from moorings.codecs.framing import id_prefix
from moorings.notices import EventUnframed
def send(body, key):
    open({str(tmp_path / "told")!r}, "w").write(str(body["observations"][0]["count"]))
drift = Drift(send)
drift.note(EventUnframed("s", 1, "1.0"))
"""
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
    assert (tmp_path / "told").read_text() == "1"


async def _async_story(client_state: Any, data: bytes) -> None:
    async with AsyncRegistry(client_state) as registry:
        placed = await registry.event(SUBJECT)
        with pytest.raises(moorings.EventUnreadable):
            await placed.decode(data[:-1])


def test_the_asyncio_client_counts_drift(registry: moorings.Registry) -> None:
    registry.api.register(SUBJECT, json.dumps(AVRO_1), Format.AVRO)
    data = registry.event(SUBJECT).encode({"id": "a", "lines": [1]})
    asyncio.run(_async_story(registry, data))
    assert told(registry) == {("consume", "1.0", "1.0", "/lines", "UNREADABLE"): 1}
