"""Dead letters: kept whole, read back, replayed; while registry unavailable, and under a storm of poison."""

import asyncio
import json
import stat
import sys
from pathlib import Path
from typing import Any

import httpx2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import moorings
from moorings.codecs.framing import guid_prefix, id_prefix
from moorings.errors import DeadLetterInvalid
from moorings.integrations.consuming import (
    Decoded,
    consume_or_set_aside,
    consume_or_set_aside_async,
    read_record,
    replay,
)
from moorings.integrations.dead_letters import (
    AsyncSetAside,
    DeadLetter,
    JsonLinesSink,
    dead_letter,
    in_thread,
    read_dead_letter,
    read_json_lines,
)
from moorings.integrations.records import TransportRecord
from moorings.integrations.unknown_schema_budget import UnknownSchemaBudget
from moorings_compat import Format
from tests.confluent.served import ServedRegistry
from tests.integrations.shop import CARRIED, PLACED
from tests.integrations.sinks import AsyncList, never

RECORD = TransportRecord(b"\x00\xff", b"k", (("trace", b"\xfe"), ("trace", b"2")), "orders", 3, "41")
UNREADABLE = moorings.EventUnreadable(PLACED.subject, "1.1", "1.0", "the branch is unknown", "/total/cents")

records = st.builds(
    TransportRecord,
    value=st.none() | st.binary(max_size=30),
    key=st.none() | st.binary(max_size=10),
    headers=st.lists(
        st.tuples(
            st.text(max_size=10).filter(lambda name: not name.startswith("moorings-dead-")), st.binary(max_size=9)
        )
    ).map(tuple),
    place=st.text(st.characters(exclude_categories=["Cs"]), max_size=10),
    partition=st.none() | st.integers(0, 99),
    position=st.text(st.characters(exclude_categories=["Cs"]), max_size=10),
)


@settings(derandomize=True, deadline=None, max_examples=60)
@given(records)
def test_a_letter_is_read_back_from_its_headers(record: TransportRecord) -> None:
    letter = dead_letter(record, UNREADABLE)
    stored = TransportRecord(record.value, record.key, tuple(letter.headers()), "dead", 0, "7")
    assert read_dead_letter(stored) == letter


def test_the_reason_is_in_headers() -> None:
    said = {name: value.decode() for name, value in dead_letter(RECORD, UNREADABLE).headers()[2:]}
    assert said.pop("moorings-dead-at").endswith("+00:00")
    assert said == {
        "moorings-dead-code": "EVENT_UNREADABLE",
        "moorings-dead-text": str(UNREADABLE),
        "moorings-dead-subject": PLACED.subject,
        "moorings-dead-writer": "1.1",
        "moorings-dead-reader": "1.0",
        "moorings-dead-path": "/total/cents",
        "moorings-dead-place": "orders",
        "moorings-dead-partition": "3",
        "moorings-dead-position": "41",
    }


def test_a_letter_that_dies_again_has_one_reason() -> None:
    letter = dead_letter(RECORD, UNREADABLE)
    again = dead_letter(TransportRecord(b"x", headers=tuple(letter.headers())), moorings.FramingInvalid("no"))
    assert [value for name, value in again.headers() if name == "moorings-dead-code"] == [b"FRAMING_INVALID"]


def test_a_message_that_is_not_a_dead_letter_is_refused() -> None:
    with pytest.raises(DeadLetterInvalid, match="moorings-dead-code"):
        read_dead_letter(RECORD)


@settings(derandomize=True, deadline=None, max_examples=30)
@given(st.lists(records, max_size=4))
def test_a_file_keeps_letters_as_they_are(
    tmp_path_factory: pytest.TempPathFactory, kept: list[TransportRecord]
) -> None:
    path = tmp_path_factory.mktemp("dead") / "dead.jsonl"
    path.touch()
    letters = [dead_letter(record, UNREADABLE) for record in kept]
    sink = JsonLinesSink(path)
    for letter in letters:
        sink(letter)
    assert list(read_json_lines(path)) == letters


@pytest.mark.skipif(sys.platform == "win32", reason="files have no owner's mode there")
def test_only_the_owner_can_read_the_file(tmp_path: Path) -> None:
    JsonLinesSink(tmp_path / "dead.jsonl")(dead_letter(RECORD, UNREADABLE))
    assert stat.S_IMODE((tmp_path / "dead.jsonl").stat().st_mode) == 0o600


def test_a_file_serves_asyncio_too(tmp_path: Path) -> None:
    letter = dead_letter(RECORD, UNREADABLE)
    asyncio.run(_set_aside(in_thread(JsonLinesSink(tmp_path / "dead.jsonl")), letter))
    assert list(read_json_lines(tmp_path / "dead.jsonl")) == [letter]


async def _set_aside(sink: AsyncSetAside, letter: DeadLetter) -> None:
    await sink(letter)


DAMAGED = [b"{", b"[]", b"7", b"{}", b'{"code":"X"}', b"[" * 50_000, b"\xff\xfe"]


@pytest.mark.parametrize("line", DAMAGED, ids=range(len(DAMAGED)))
def test_a_damaged_line_is_named(tmp_path: Path, line: bytes) -> None:
    sink = JsonLinesSink(tmp_path / "dead.jsonl")
    sink(dead_letter(RECORD, UNREADABLE))
    with (tmp_path / "dead.jsonl").open("ab") as file:
        file.write(b"\n" + line + b"\n")
    letters = read_json_lines(tmp_path / "dead.jsonl")
    assert next(letters).record == RECORD
    with pytest.raises(DeadLetterInvalid, match="line 3"):
        next(letters)


def test_letters_added_while_the_file_is_read_are_left_for_the_next_time(tmp_path: Path) -> None:
    path = tmp_path / "dead.jsonl"
    sink = JsonLinesSink(path)
    for _ in range(3):
        sink(dead_letter(RECORD, UNREADABLE))
    for letter in read_json_lines(path):
        sink(letter)
    assert len(list(read_json_lines(path))) == 6


def test_a_letter_after_a_truncated_one_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "dead.jsonl"
    sink, letter = JsonLinesSink(path), dead_letter(RECORD, UNREADABLE)
    sink(letter)
    path.write_bytes(path.read_bytes()[:-20])  # as a full disk leaves it
    sink(letter)
    damages: list[DeadLetterInvalid] = []
    assert list(read_json_lines(path, damages.append)) == [letter]
    assert "line 1" in str(damages[0])


@pytest.mark.parametrize("field", ["headers", "key", "value", "at", "partition"])
@pytest.mark.parametrize("damage", [7, {"a": 1}, "***"])
def test_a_line_with_another_type_is_refused(tmp_path: Path, field: str, damage: Any) -> None:
    path = tmp_path / "dead.jsonl"
    JsonLinesSink(path)(dead_letter(RECORD, UNREADABLE))
    facts = {**json.loads(path.read_bytes()), field: damage}
    path.write_text(json.dumps(facts))
    if (field, damage) in [("at", "***"), ("partition", 7)]:
        assert next(read_json_lines(path)).reason.code == "EVENT_UNREADABLE"
    else:
        with pytest.raises(DeadLetterInvalid):
            next(read_json_lines(path))


@settings(derandomize=True, deadline=None, max_examples=120)
@given(number=st.integers(0, 2), data=st.binary(max_size=60), cut=st.integers(0, 40))
def test_no_bytes_stop_a_consumer(shop: moorings.Registry, number: int, data: bytes, cut: int) -> None:
    contract = shop.event(CARRIED[number].subject)
    good = contract.encode(CARRIED[number].value)
    for value in (data, good[:5] + data, good[:-cut] + data, guid_prefix(contract.latest.guid) + data):
        outcome = read_record(contract, TransportRecord(value), patience_s=0)
        if isinstance(outcome, DeadLetter):
            assert outcome.reason.code in ("EVENT_UNREADABLE", "FRAMING_INVALID", "WRITER_UNKNOWN")


class Counting(httpx2.BaseTransport):
    """Passes requests on and counts those for schemas."""

    def __init__(self) -> None:
        self.requests = 0
        self._inner = httpx2.HTTPTransport()

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        self.requests += request.url.path.startswith("/v1/schemas/")
        return self._inner.handle_request(request)


def test_poison_that_comes_again_asks_the_registry_once(shop: moorings.Registry, served: ServedRegistry) -> None:
    http = Counting()
    with moorings.connect(served.url, http=http, refresh_s=None) as registry:
        contract = registry.event(PLACED.subject)
        letters: list[DeadLetter] = []
        for _ in range(500):
            assert not consume_or_set_aside(
                contract, TransportRecord(id_prefix(1_777_777) + b"x"), never, letters.append
            )
    assert len(letters) == 500
    assert http.requests <= 1


def test_a_flood_of_different_poison_does_not_become_a_flood_of_requests(
    shop: moorings.Registry, served: ServedRegistry
) -> None:
    http, clock, codes = Counting(), [0.0], list[str]()
    misses = UnknownSchemaBudget(20, refill_s=1.0, clock=lambda: clock[0])

    def read(registry_id: int) -> Any:
        outcome = read_record(contract, TransportRecord(id_prefix(registry_id) + b"x"), misses=misses)
        assert isinstance(outcome, DeadLetter)
        codes.append(outcome.reason.code)
        return outcome.reason

    with moorings.connect(served.url, http=http, refresh_s=None) as registry:
        contract = registry.event(PLACED.subject)
        for number in range(300):
            read(1_000_000 + number)
            read(1_000_000)  # one that is remembered costs nothing
        assert http.requests == 20
        assert (codes[0], codes[-2]) == ("WRITER_UNKNOWN", "WRITER_NOT_ASKED_FOR")
        assert read(1_000_299).writer == "1000299"
        good = read_record(contract, TransportRecord(contract.encode(PLACED.value)), misses=misses)
        assert good == Decoded(PLACED.value)
        clock[0] = 2.0
        assert [read(1_100_000 + number).code for number in range(3)] == [
            "WRITER_UNKNOWN",
            "WRITER_UNKNOWN",
            "WRITER_NOT_ASKED_FOR",
        ]


class Unplugged(httpx2.BaseTransport):
    """A way to the registry that can be cut."""

    def __init__(self) -> None:
        self.cut = False
        self._inner = httpx2.HTTPTransport()

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        if self.cut:
            raise httpx2.ConnectError("cut")
        return self._inner.handle_request(request)


@pytest.fixture
def writer_of_another_day(shop: moorings.Registry) -> tuple[str, bytes]:
    """An event's name, and bytes written with a revision that a handle made now has not met."""
    subject = "shop.orders.OrderCounted"
    if shop.api.event(subject) is None:
        older = {"type": "record", "name": "OrderCounted", "fields": [{"name": "n", "type": "int"}]}
        newer = {**older, "fields": [*older["fields"], {"name": "m", "type": "int", "default": 0}]}  # type: ignore[misc]
        for schema in (older, newer):
            shop.api.register(subject, json.dumps(schema), Format.AVRO)
    first = shop.api.version(subject, 1)
    return subject, id_prefix(first.id) + b"\x0e"


def test_while_the_registry_is_unavailable_a_message_waits_and_is_then_set_aside(
    served: ServedRegistry, writer_of_another_day: tuple[str, bytes]
) -> None:
    subject, data = writer_of_another_day
    http, slept = Unplugged(), list[float]()
    with moorings.connect(served.url, http=http, refresh_s=None, retries=0) as registry:
        contract = registry.event(subject)
        http.cut = True
        letters: list[DeadLetter] = []
        assert not consume_or_set_aside(
            contract, TransportRecord(data), never, letters.append, patience_s=2.0, sleep=slept.append
        )
    assert letters[0].reason.code == "REGISTRY_UNAVAILABLE"
    assert sum(slept) == 2.0
    assert slept == [0.25, 0.5, 1.0, 0.25]


def test_a_message_is_handled_when_the_registry_comes_back_in_time(
    served: ServedRegistry, writer_of_another_day: tuple[str, bytes]
) -> None:
    subject, data = writer_of_another_day
    http, handled = Unplugged(), list[Any]()

    def plug_in(_: float) -> None:
        http.cut = False

    with moorings.connect(served.url, http=http, refresh_s=None, retries=0) as registry:
        contract = registry.event(subject)
        http.cut = True
        assert consume_or_set_aside(contract, TransportRecord(data), handled.append, never, sleep=plug_in)
    assert handled == [{"n": 7, "m": 0}]


def test_letters_of_an_outage_are_replayed(
    served: ServedRegistry, writer_of_another_day: tuple[str, bytes], tmp_path: Path
) -> None:
    subject, data = writer_of_another_day
    http, handled = Unplugged(), list[Any]()
    with moorings.connect(served.url, http=http, refresh_s=None, retries=0) as registry:
        contract = registry.event(subject)
        http.cut = True
        sink = JsonLinesSink(tmp_path / "dead.jsonl")
        consume_or_set_aside(contract, TransportRecord(data), never, sink, patience_s=0)
        http.cut = False
        outcome = replay(read_json_lines(tmp_path / "dead.jsonl"), contract, handled.append, never)
    assert (outcome.handled, outcome.set_aside, handled) == (1, 0, [{"n": 7, "m": 0}])


def test_asyncio_waits_without_blocking(shop: moorings.Registry) -> None:
    aside, ticks = AsyncList(), list[int]()

    async def run() -> None:
        away = Away(shop.event(PLACED.subject))
        waiting = asyncio.create_task(consume_or_set_aside_async(away, RECORD, AsyncList(), aside, patience_s=0.3))
        while not waiting.done():
            ticks.append(1)
            await asyncio.sleep(0.01)
        assert waiting.result() is False

    asyncio.run(run())
    assert aside.codes == ["REGISTRY_UNAVAILABLE"]
    assert len(ticks) > 3


class Away:
    """A contract whose registry does not answer."""

    def __init__(self, contract: Any) -> None:
        self.latest = contract.latest

    def knows(self, data: bytes) -> bool:
        return False

    async def decode(self, data: bytes) -> Any:
        raise moorings.RegistryUnavailable("no connection", 1)


class Failing:
    """A contract that fails in one way."""

    def __init__(self, contract: Any, error: moorings.MooringsError) -> None:
        self.latest = contract.latest
        self._error = error

    def knows(self, data: bytes) -> bool:
        return True

    def decode(self, data: bytes) -> Any:
        raise self._error


REFUSED = moorings.NotAllowed(403, {"code": "FORBIDDEN", "detail": "not yours"})


@pytest.mark.parametrize(
    ("error", "waited"),
    [(REFUSED, 1.0), (moorings.AnswerInvalid("a portal"), 1.0), (UNREADABLE, 0.0)],
    ids=["refused", "no registry", "unreadable"],
)
def test_errors_of_the_registry_are_waited_for(
    shop: moorings.Registry, error: moorings.MooringsError, waited: float
) -> None:
    slept: list[float] = []
    failing = Failing(shop.event(PLACED.subject), error)
    outcome = read_record(failing, RECORD, patience_s=1.0, sleep=slept.append)
    assert isinstance(outcome, DeadLetter)
    assert (outcome.reason.code, sum(slept)) == (error.code, waited)


@pytest.mark.parametrize("error", [moorings.ExtraMissing("protobuf", "an event"), moorings.SettingInvalid("no URL")])
def test_errors_of_the_service_are_raised(shop: moorings.Registry, error: moorings.MooringsError) -> None:
    with pytest.raises(type(error)):
        consume_or_set_aside(Failing(shop.event(PLACED.subject), error), RECORD, never, never)


def test_errors_of_a_handler_reach_the_caller(shop: moorings.Registry) -> None:
    contract = shop.event(PLACED.subject)
    with pytest.raises(ZeroDivisionError):
        consume_or_set_aside(contract, TransportRecord(contract.encode(PLACED.value)), lambda _: 1 // 0, never)
