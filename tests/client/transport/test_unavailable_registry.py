"""When registry unavailable, lies, or changes: the breaker, the store, the pinned folder, the refresh."""

import json
import threading
from pathlib import Path
from typing import Any

import httpx2
import pytest

import moorings
from moorings.api.requests import Requests
from moorings.cli.commands import run
from moorings.cli.session import Session
from moorings.contracts.refresher import Refresher
from moorings.contracts.schema_cache import SchemaCache
from moorings.transport.breaker import Breaker, Circuit
from moorings.transport.disk_cache import DiskCache, is_lasting
from moorings.transport.retries import RetryPolicy
from moorings.transport.sync_runner import SyncRunner
from moorings.transport.transport import Settings, Transport
from moorings_compat import Format
from tests.client.layout.test_lint import CLEAN, write

SUBJECT = "shop.orders.OrderPlaced"
FIELDS = [{"name": "order_id", "type": "string"}]
SCHEMA = {"type": "record", "name": "OrderPlaced", "namespace": "shop.orders", "fields": FIELDS}
NEXT = {**SCHEMA, "fields": [*FIELDS, {"name": "note", "type": "string", "default": ""}]}


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


class Line(httpx2.BaseTransport):
    """A line to a registry that can be cut, and that can have its answers changed."""

    def __init__(self, http: httpx2.BaseTransport) -> None:
        self.http = http
        self.cut = False
        self.asked: list[str] = []
        self.lie = ("", "")

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        self.asked.append(request.url.path)
        if self.cut:
            raise httpx2.ConnectError("cut")
        response = self.http.handle_request(request)
        if not self.lie[0]:
            return response
        text = response.read().decode().replace(*self.lie)
        return httpx2.Response(response.status_code, content=text.encode())


@pytest.fixture
def line(http: httpx2.BaseTransport) -> Line:
    moorings.connect(http=http).api.register(SUBJECT, json.dumps(SCHEMA), Format.AVRO)
    return Line(http)


def breaker() -> tuple[Breaker, Clock]:
    clock = Clock()
    return Breaker(failures=3, open_s=10.0, clock=clock), clock


def test_a_breaker_opens_after_failures_in_a_row() -> None:
    one, _ = breaker()
    for _ in range(2):
        one.failed()
    one.succeeded()
    for _ in range(2):
        one.failed()
    assert one.allows()
    one.failed()
    assert (one.circuit, one.allows()) == (Circuit.OPEN, False)


def test_a_half_open_breaker_lets_one_try() -> None:
    one, clock = breaker()
    for _ in range(3):
        one.failed()
    clock.now = 10.0
    passed: list[bool] = []
    threads = [threading.Thread(target=lambda: passed.append(one.allows())) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert passed.count(True) == 1
    assert one.circuit is Circuit.HALF_OPEN


def test_the_outcome_of_the_probe_decides_the_state() -> None:
    one, clock = breaker()
    for _ in range(3):
        one.failed()
    clock.now = 10.0
    assert one.allows()
    one.failed()
    assert (one.circuit, one.allows()) == (Circuit.OPEN, False)
    clock.now = 20.0
    assert one.allows()
    one.succeeded()
    assert (one.circuit, one.allows()) == (Circuit.CLOSED, True)


def test_a_probe_without_an_outcome_does_not_block_others_forever() -> None:
    one, clock = breaker()
    for _ in range(3):
        one.failed()
    clock.now = 10.0
    assert one.allows()
    clock.now = 20.0
    assert one.allows()


def test_an_open_circuit_sends_no_request(line: Line) -> None:
    line.cut = True
    one, clock = breaker()
    settings = Settings(("http://127.0.0.1:8081",), retries=RetryPolicy(retries=2))
    transport, runner = Transport(settings, breaker=lambda: one), SyncRunner(line, lambda seconds: None)
    for _ in range(3):
        with pytest.raises(moorings.RegistryUnavailable):
            runner.run(transport.get("/v1/domains"))
    assert len(line.asked) == 3
    line.cut = False
    clock.now = 10.0
    assert "domains" in runner.run(transport.get("/v1/domains"))
    assert one.circuit is Circuit.CLOSED


LASTING = [
    ("/v1/schemas/ids/7", True),
    ("/v1/schemas/eafecf7a-975e-8097-910b-f0bc4be23b72", True),
    ("/v1/events/shop.orders.OrderPlaced/versions/3", True),
    ("/v1/events/shop.orders.OrderPlaced/versions/v1", False),
    ("/v1/events/shop.orders.OrderPlaced/versions/latest", False),
    ("/v1/events/shop.orders.OrderPlaced", False),
    ("/v1/events", False),
]


@pytest.mark.parametrize(("path", "lasts"), LASTING)
def test_only_schemas_and_numbered_versions_never_change(path: str, lasts: bool) -> None:
    assert is_lasting(path) is lasts


def test_the_disk_cache_returns_what_was_put(tmp_path: Path) -> None:
    store = DiskCache(tmp_path / "new" / "folder")
    store.put("/v1/a", {"b": ["ü"]})
    assert store.get("/v1/a") == {"b": ["ü"]}
    assert store.get("/v1/b") is None
    assert [path.name for path in (tmp_path / "new" / "folder").iterdir() if path.name.startswith(".")] == []


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"path": "/other", "body": 1}', b"\xff", b"[" * 100_000])
def test_a_damaged_cache_file_counts_as_absent(tmp_path: Path, content: bytes) -> None:
    store = DiskCache(tmp_path)
    store.put("/v1/a", {})
    (file,) = tmp_path.iterdir()
    file.write_bytes(content)
    assert store.get("/v1/a") is None


def test_an_unwritable_cache_folder_is_ignored(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    store = DiskCache(tmp_path / "file")
    store.put("/v1/a", {})
    assert store.get("/v1/a") is None


def test_a_service_starts_from_its_cache(line: Line, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    data = moorings.connect(http=line, cache=tmp_path, retries=0).event(SUBJECT).encode({"order_id": "o-1"})
    line.cut = True
    contract = moorings.connect(http=line, cache=tmp_path, retries=0).event(SUBJECT)
    assert contract.encode({"order_id": "o-1"}) == data
    assert contract.decode(data) == {"order_id": "o-1"}
    assert "registry unavailable" in caplog.text


def test_an_unknown_schema_cannot_be_read_without_the_registry(line: Line, tmp_path: Path) -> None:
    contract = moorings.connect(http=line, cache=tmp_path, retries=0).event(SUBJECT)
    line.cut = True
    with pytest.raises(moorings.RegistryUnavailable):
        contract.decode(b"\x00\x00\x00\x00\x63x")
    assert contract.decode(contract.encode({"order_id": "o-1"})) == {"order_id": "o-1"}


def test_responses_that_never_change_are_requested_once(line: Line, tmp_path: Path) -> None:
    writer = moorings.connect(http=line).event(SUBJECT).encode({"order_id": "o-1"})
    moorings.connect(http=line).api.register(SUBJECT, json.dumps(NEXT), Format.AVRO)
    for _ in range(2):
        moorings.connect(http=line, cache=tmp_path).event(SUBJECT).decode(writer)
    assert line.asked.count("/v1/schemas/ids/1") == 1


def test_a_pinned_folder_starts_a_service_without_any_registry(http: httpx2.BaseTransport, tmp_path: Path) -> None:
    """All three formats, references among them, and a revision that is not the latest."""
    folder = write(tmp_path / "schemas", CLEAN)
    events: dict[str, Any] = {
        SUBJECT: {"m": {"a": 1}},
        "shop.orders.OrderShipped": {"to": {"city": "Bremen"}},
        "shop.orders.OrderPaid": {"card": {"brand": "x"}},
    }
    assert run(["--schemas", str(folder), "push"], Session(http=http)) == 0
    online = moorings.connect(http=http)
    framed = {subject: online.event(subject).encode(event) for subject, event in events.items()}
    widened = CLEAN["shop.orders/OrderPlaced.v1.avsc"].replace(
        '"fields": [', '"fields": [{"name": "n", "type": "int", "default": 5},'
    )
    write(folder, {"shop.orders/OrderPlaced.v1.avsc": widened})
    assert run(["--schemas", str(folder), "push"], Session(http=http)) == 0
    assert run(["--schemas", str(folder), "pull"], Session(http=http)) == 0
    dead = httpx2.MockTransport(lambda request: httpx2.Response(503))
    offline = moorings.connect(http=dead, cache=folder / ".moorings", retries=0)
    assert offline.event(SUBJECT).decode(framed[SUBJECT]) == {"n": 5, "m": {"a": 1}}
    for subject in ("shop.orders.OrderShipped", "shop.orders.OrderPaid"):
        contract = offline.event(subject)
        assert contract.decode(framed[subject]) == events[subject]
        assert contract.encode(events[subject]) == framed[subject]


def test_content_that_does_not_match_its_guid_is_refused(line: Line) -> None:
    line.lie = ("order_id", "user_id")
    with pytest.raises(moorings.AnswerInvalid, match="guid"):
        moorings.connect(http=line).event(SUBJECT)


@pytest.mark.parametrize(("lie", "says"), [("circle", "form a circle"), ("missing", "does not have")])
def test_invalid_references_of_the_registry_are_refused(lie: str, says: str) -> None:
    """A registry whose schema refers to itself, or to what is not there."""

    def answer(request: httpx2.Request) -> httpx2.Response:
        if "/versions/" not in request.url.path or (lie == "missing" and request.url.path.endswith("/7")):
            return httpx2.Response(404)
        version = {"subject": "a.B", "version": 7, "major": 1, "revision": 0, "label": "1.0", "id": 7, "format": "AVRO"}
        references = [{"name": "a.B", "subject": "a.B", "version": 7}]
        facts = {"guid": "00000000-0000-0000-0000-000000000000", "schema": '"string"', "references": references}
        return httpx2.Response(200, json={**version, **facts})

    transport = Transport(Settings(("http://127.0.0.1:8081",)))
    source = SchemaCache(Requests(transport))
    with pytest.raises(moorings.AnswerInvalid, match=says):
        SyncRunner(httpx2.MockTransport(answer)).run(source.version("a.B", "v1"))


def test_a_handle_moves_to_the_newest_revision(line: Line) -> None:
    registry = moorings.connect(http=line, refresh_s=None)
    contract = registry.event(SUBJECT)
    before = contract.encode({"order_id": "o-1"})
    registry.api.register(SUBJECT, json.dumps(NEXT), Format.AVRO)
    registry.refresh()
    assert contract.latest.label == "1.1"
    assert contract.decode(before) == {"order_id": "o-1", "note": ""}
    assert contract.decode(contract.encode({"order_id": "o-1", "note": "x"})) == {"order_id": "o-1", "note": "x"}
    assert contract.refresh() is False


def test_a_handle_keeps_its_revision_while_the_registry_is_unavailable(line: Line) -> None:
    registry = moorings.connect(http=line, refresh_s=None, retries=0)
    contract = registry.event(SUBJECT)
    line.cut = True
    registry.refresh()
    assert contract.latest.label == "1.0"
    assert contract.decode(contract.encode({"order_id": "o-1"})) == {"order_id": "o-1"}


def test_a_major_that_is_retired_refuses_to_produce_after_a_refresh(line: Line) -> None:
    registry = moorings.connect(http=line, refresh_s=None)
    contract = registry.event(SUBJECT)
    data = contract.encode({"order_id": "o-1"})
    line.lie = ('"state":"active"', '"state":"retired"')
    registry.refresh()
    with pytest.raises(moorings.ContractRetired):
        contract.encode({"order_id": "o-1"})
    assert contract.decode(data) == {"order_id": "o-1"}


class Counter:
    def __init__(self) -> None:
        self.calls = 0
        self.reached = threading.Event()

    def refresh(self) -> None:
        self.calls += 1
        if self.calls == 3:
            self.reached.set()
        raise RuntimeError("this does not end the thread")


def test_the_refresh_runs_by_itself_until_it_is_stopped() -> None:
    counter = Counter()
    refresher = Refresher(counter.refresh, 0.01)
    refresher.start()
    refresher.start()
    assert counter.reached.wait(20)
    refresher.stop()
    assert [one.name for one in threading.enumerate()].count("moorings-refresh") <= 1


@pytest.mark.parametrize("settings", [{"refresh_s": 0}, {"retries": -1}, {"url": "nowhere"}, {"timeout_s": -1}])
def test_invalid_settings_are_refused(settings: dict[str, Any]) -> None:
    with pytest.raises(moorings.SettingInvalid):
        moorings.connect(**settings)
