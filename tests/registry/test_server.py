"""The service as it runs: both servers, several workers, over real sockets."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from moorings_registry.engines import open_ledger
from moorings_registry.ledger import verify
from moorings_registry.server.asgi_worker import ConnectionCounts
from tests.ports import free_port
from tests.registry.asking import record
from tests.registry.calling import EVENT, require_problem
from tests.registry.serving import Serving
from tests.waiting import eventually

VERSIONS = f"{EVENT}/versions"


_WEBSOCKET_KEY = b"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA=="


@pytest.fixture(scope="module", params=["gunicorn", "granian"])
def server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    """Two workers on one SQLite file."""
    if request.param == "granian":
        pytest.importorskip("granian", reason="the granian extra is not installed")
    serving = Serving(tmp_path_factory.mktemp(request.param), "--workers", "2", "--server", request.param)
    yield serving
    serving.stop()


def test_an_acknowledged_write_is_in_the_next_answer_of_any_worker(server: Serving) -> None:
    for number in range(40):
        subject = f"/v1/events/seen{number}"
        written = server.call("POST", f"{subject}/versions", {"schema": record("a")})
        assert written.status == 201
        assert server.call("GET", f"{subject}/versions/latest").json == written.json
        assert server.call("DELETE", subject).status == 200
        assert server.call("GET", f"{subject}/versions/latest").status == 404


def test_kept_answers_follow_the_writes_of_the_other_worker(server: Serving) -> None:
    for number in range(20):
        server.call(
            "POST", "/v1/events/grown/versions", {"schema": record("a", **{f"f{each}": 0 for each in range(number)})}
        )
        told = {server.call("GET", "/v1/events/grown/versions/latest").json["version"] for _ in range(4)}
        assert told == {number + 1}


def test_a_position_is_carried_from_answer_to_question(server: Serving) -> None:
    written = server.call("PUT", "/v1/domains/shop.types", {"owner": "team"})
    position = written.headers["moorings-position"]
    assert server.call("GET", "/v1/domains/shop.types", Moorings_Position=position).status == 200
    ahead = server.call("GET", "/v1/domains/shop.types", Moorings_Position=str(int(position) + 10_000))
    assert (ahead.status, require_problem(ahead)["code"]) == (503, "POSITION_AHEAD")


def test_everybody_at_once_registers_once(server: Serving) -> None:
    def register(number: int) -> tuple[int, int]:
        schema = record("a", **{f"g{number % 4}": 0})
        version = server.call("POST", "/v1/events/crowded/versions", {"schema": schema}).json
        return number % 4, version["version"]

    with ThreadPoolExecutor(8) as threads:
        told = set(threads.map(register, range(32)))
    assert sorted(version for _, version in told) == [1, 2, 3, 4]
    assert len(told) == 4


def _counted_rules(server: Serving) -> float:
    text = server.call("GET", "/metrics").body.decode()
    counted = [line for line in text.splitlines() if 'route="/v1/rules"' in line and "requests_total" in line]
    return sum(float(line.rpartition(" ")[2]) for line in counted)


def test_health_and_metrics_are_of_the_node(server: Serving) -> None:
    assert server.call("GET", "/healthz").body == b"ok\n"
    assert server.call("GET", "/readyz").body.startswith(b"ready at position ")
    for _ in range(10):
        server.call("GET", "/v1/rules")
    deadline = time.monotonic() + 10
    while _counted_rules(server) < 10 and time.monotonic() < deadline:
        time.sleep(0.05)  # a request is counted when its answer is on its way, and another worker may tell first
    assert _counted_rules(server) >= 10


def test_a_body_in_chunks_and_one_that_is_too_large(server: Serving) -> None:
    body = json.dumps({"schema": record("c")}).encode()
    chunks = b"".join(b"%x\r\n%s\r\n" % (len(one), one) for one in (body[:9], body[9:])) + b"0\r\n\r\n"
    assert _raw(server, b"Transfer-Encoding: chunked\r\n\r\n" + chunks).startswith(b"HTTP/1.1 201")
    endless = (b"%x\r\n" % (1 << 20) + b" " * (1 << 20) + b"\r\n") * 12 + b"0\r\n\r\n"
    assert b"BODY_TOO_LARGE" in _raw(server, b"Transfer-Encoding: chunked\r\n\r\n" + endless)
    assert server.answers()


@pytest.mark.parametrize("mib", [9, 40])
def test_a_client_that_sends_all_of_a_body_that_is_too_large_learns_why(mib: int, server: Serving) -> None:
    """Its connection is not closed while it sends: http.client would report a broken pipe, and not the answer."""
    for _ in range(3):
        refused = server.call("POST", VERSIONS, b" " * (mib << 20), Content_Type="application/json")
        assert (refused.status, require_problem(refused)["code"]) == (413, "BODY_TOO_LARGE")


def test_a_client_that_asks_before_it_sends_too_much_is_answered_and_let_go(server: Serving) -> None:
    began = time.monotonic()
    answer = _raw(server, b"Content-Length: 99999999\r\nExpect: 100-continue\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 413")
    assert b"BODY_TOO_LARGE" in answer
    assert time.monotonic() - began < 4


@pytest.mark.parametrize(
    "request_bytes",
    [
        b"\x00\x01\x02\x03\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"GET /" + b"a" * 20_000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"POST /v1/level HTTP/1.1\r\nHost: localhost\r\nContent-Length: -5\r\n\r\n",
        b"POST /v1/level HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: localhost\r\n" + b"X: y\r\n" * 5_000 + b"\r\n",
    ],
    ids=["noise", "a version", "a long line", "a negative length", "two lengths", "many headers"],
)
def test_what_is_no_http_stops_no_worker(request_bytes: bytes, server: Serving) -> None:
    answer = _send(server, request_bytes, says_no_more=True)
    assert not answer.startswith(b"HTTP/1.1 5")
    assert b"Traceback" not in answer
    assert all(server.answers() for _ in range(4))


def test_a_target_that_names_its_host_is_that_path_of_the_registry(server: Serving) -> None:
    """As callers behind a forward proxy may send it (RFC 9112 §3.2.2)."""
    server.call("POST", "/v1/events/a%2Fb/versions", {"schema": record("a")})

    def asked(target: bytes, host: bytes = b"localhost") -> bytes:
        return _send(server, b"GET " + target + b" HTTP/1.1\r\nHost: " + host + b"\r\nConnection: close\r\n\r\n")

    for scheme in (b"http", b"HTTP", b"https"):
        origin = scheme + b"://localhost:%d" % server.port
        assert asked(origin + b"/subjects/a%2Fb/versions?deleted=true").endswith(b"\r\n\r\n[1]")
        assert asked(origin).startswith(b"HTTP/1.1 200")  # without a path, the root
    assert not asked(b"http://localhost@elsewhere.example/subjects", b"elsewhere.example").startswith(b"HTTP/1.1 200")


def test_the_host_in_a_target_holds_and_not_that_of_the_header(tmp_path: Path) -> None:
    serving = Serving(tmp_path, "--workers", "1")
    try:
        rest = b" HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
        assert b"CALLER_REFUSED" in _send(serving, b"GET http://elsewhere.example/v1/rules" + rest)
        assert _send(serving, b"GET http://localhost/v1/rules" + rest).startswith(b"HTTP/1.1 200")
    finally:
        serving.stop()


def test_callers_that_say_nothing_more_keep_nobody_waiting(server: Serving) -> None:
    head = b"POST /v1/level HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n{"
    idle = []
    for _ in range(40):
        one = socket.create_connection(("127.0.0.1", server.port), timeout=10)
        one.sendall(head)
        idle.append(one)
    assert all(server.answers() for _ in range(4))
    for one in idle:
        one.close()
    assert all(server.answers() for _ in range(4))


def test_kept_answers_one_behind_the_other_on_one_connection(server: Serving) -> None:
    """What is kept is sent past the framework: in order, whole, logged, and the connection ends when it should."""
    written = server.call("POST", "/v1/events/kept/versions", {"schema": record("kept")})
    path = f"/schemas/ids/{written.json['id']}".encode()
    first = server.call("GET", path.decode())
    for _ in range(8):  # in the memory of every worker
        assert server.call("GET", path.decode()).body == first.body

    def asked(*headers: bytes, method: bytes = b"GET", version: bytes = b"1.1") -> bytes:
        lines = (method + b" " + path + b" HTTP/" + version, b"Host: localhost", *headers)
        return b"\r\n".join(lines) + b"\r\n\r\n"

    told = _send(
        server,
        asked()
        + asked(b"If-None-Match: " + first.headers["etag"].encode())
        + asked(method=b"HEAD")
        + asked(b"Upgrade: websocket", b"Connection: Upgrade", b"Sec-WebSocket-Version: 13", _WEBSOCKET_KEY)
        + asked(b"X-Correlation-ID: kept-and-last", b"Connection: close")
        + asked(),
    )
    assert [int(one[:3]) for one in told.split(b"HTTP/1.1 ")[1:]] == [200, 304, 200, 200, 200]
    assert told.count(first.body) == 3
    assert told.endswith(first.body)
    assert b"kept-and-last" in told.rpartition(b"HTTP/1.1 ")[2]
    assert _send(server, asked(version=b"1.0")).endswith(first.body)  # which closes by itself
    eventually(lambda: "kept-and-last" in server.log())
    (line,) = [json.loads(one) for one in server.log().splitlines() if "kept-and-last" in one]
    assert (line["target"], line["status"], line["bytes"]) == (path.decode(), 200, len(first.body))


def test_the_log_is_lines_of_json(server: Serving) -> None:
    server.call("GET", "/v1/rules", X_Correlation_ID="looked-for")
    eventually(lambda: "looked-for" in server.log())
    lines = [json.loads(line) for line in server.log().splitlines()]
    assert any(line.get("correlation_id") == "looked-for" for line in lines)
    assert not any("Traceback" in str(line) or line.get("event") == "unforeseen" for line in lines)


def test_a_service_that_is_stopped_while_its_workers_begin_ends_immediately(tmp_path: Path) -> None:
    """A worker that missed the signal would be waited for until the time of a graceful stop is over: 20 s."""
    command = [Path(sys.executable).with_name("moorings-registry"), "serve", "--port", str(free_port()), "--workers=2"]
    with subprocess.Popen(
        [*command, "--ledger", f"sqlite:///{tmp_path / 'ledger.db'}"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    ) as starting:
        assert starting.stdout is not None
        begun = (line for line in starting.stdout if b"Booting worker" in line)
        assert next(begun, None)
        assert next(begun, None)
        starting.terminate()
        assert starting.wait(15) == 0


@pytest.mark.parametrize("name", ["gunicorn", "granian"])
def test_a_graceful_end_answers_what_was_asked(name: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Requests under way when SIGTERM comes are answered; those acknowledged are in the ledger."""
    serving = Serving(tmp_path_factory.mktemp("end"), "--workers", "2", "--server", name)
    try:
        acknowledged: list[str] = []
        cut_off: list[str] = []
        ending = threading.Event()

        def write(hand: int) -> None:
            for number in range(10_000):
                if ending.is_set():
                    return
                subject = f"s{hand}-{number}"
                try:
                    status = serving.call("POST", f"/v1/events/{subject}/versions", {"schema": record("a")}).status
                except ConnectionRefusedError:
                    return
                except OSError:
                    cut_off.append(subject)
                    return
                assert status == 201
                acknowledged.append(subject)

        with ThreadPoolExecutor(4) as threads:
            hands = [threads.submit(write, hand) for hand in range(4)]
            eventually(lambda: len(acknowledged) >= 8)
            code = serving.terminate()
            ending.set()
            for hand in hands:
                hand.result()
        assert code == 0
        ledger = open_ledger(serving.ledger_url)
        stored = {fact["subject"] for one in ledger.read(0) for fact in one.facts if fact["fact"] == "SchemaRegistered"}
        assert acknowledged
        assert set(acknowledged) <= stored
        assert stored - set(acknowledged) <= set(cut_off)
        assert verify(ledger.read(0)).position == len(stored)
    finally:
        serving.stop()


def _raw(server: Serving, rest: bytes) -> bytes:
    return _send(server, b"POST " + VERSIONS.encode() + b" HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n" + rest)


def _send(server: Serving, data: bytes, *, says_no_more: bool = False) -> bytes:
    """What comes back for raw bytes until the server closes, or has said nothing for five seconds."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=5) as connection:
        received = b""
        try:
            connection.sendall(data)
            if says_no_more:
                connection.shutdown(socket.SHUT_WR)
            while chunk := connection.recv(65_536):
                received += chunk
        except OSError:
            return received
        return received


def test_a_worker_that_is_stuck_keeps_no_connection_from_the_other(tmp_path: Path) -> None:
    """Workers leave connections to those that have fewer, but not for long."""
    serving = Serving(tmp_path, "--workers", "2")
    held = []
    try:
        deadline = time.monotonic() + 60
        while serving.log().count('"Listening on ') < 2:
            assert time.monotonic() < deadline
            time.sleep(0.05)
        first, second = serving.workers()
        os.kill(first, signal.SIGSTOP)
        for _ in range(6):  # which make the other one the busier
            held.append(socket.create_connection(("127.0.0.1", serving.port), timeout=10))
            assert serving.answers()
        os.kill(first, signal.SIGCONT)
        os.kill(second, signal.SIGSTOP)
        assert serving.answers()
        os.kill(second, signal.SIGCONT)
    finally:
        for one in held:
            one.close()
        serving.stop()


@pytest.mark.parametrize(
    ("counts", "leaves"), [({}, False), ({1: 0}, False), ({1: 3}, False), ({1: 2}, True), ({1: 0, 2: 9}, True)]
)
def test_connections_are_left_to_workers_with_fewer(counts: dict[int, int], leaves: bool) -> None:
    of_workers = ConnectionCounts()
    of_workers.note(7, 3 if leaves else 0)
    for worker, connections in counts.items():
        of_workers.note(worker, connections)
    assert of_workers.another_has_fewer(7) == leaves
    for worker in counts:
        of_workers.forget(worker)
    assert not of_workers.another_has_fewer(7)


def test_what_the_operator_decides_holds(tmp_path: Path) -> None:
    options = ("--workers", "1", "--lock-modes", "--require-domain", "--default-level", "FORWARD")
    serving = Serving(tmp_path, *options)
    try:
        assert serving.call("PUT", "/mode", {"mode": "READONLY"}).json["error_code"] == 42205
        assert serving.call("GET", "/config").json["compatibilityLevel"] == "FORWARD"
        refused = serving.call("POST", "/v1/events/nobody.owns.OrderPlaced/versions", {"schema": record("a")})
        assert require_problem(refused)["code"] == "NAME_REFUSED"
    finally:
        serving.stop()
