"""A service that may open few files: it refuses to start with too few, and leaves some to itself otherwise."""

import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path

from tests.registry.asking import record
from tests.registry.calling import Reply
from tests.registry.serving import Serving

FILES = 128


class Limited(Serving):
    """One whose processes may have few files open."""

    def _program(self) -> list[str]:
        return ["prlimit", f"--nofile={FILES}:{FILES}", *super()._program()]


def test_a_service_with_too_few_files_does_not_start(tmp_path: Path) -> None:
    program = [Path(sys.executable).parent / "moorings-registry", "serve", "--ledger", f"sqlite:///{tmp_path}/l.db"]
    done = subprocess.run(
        ["prlimit", "--nofile=64:64", *map(str, program)], capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 3
    assert "a process may have 64 files open here, and a worker with 8 threads needs 88" in done.stderr
    assert "LimitNOFILE" in done.stderr
    assert "Traceback" not in done.stderr


@contextmanager
def held(serving: Serving, connections: int) -> Iterator[None]:
    """Callers that connect and say nothing whole."""
    callers = [socket.create_connection(("127.0.0.1", serving.port), timeout=10) for _ in range(connections)]
    try:
        for one in callers:
            one.sendall(b"GET /healthz HTTP/1.1\r\n")
        yield
    finally:
        for one in callers:
            one.close()


def asked(connection: HTTPConnection, method: str, path: str, body: bytes | None = None) -> Reply:
    connection.request(method, path, body, {"Content-Type": "application/json"})
    answer = connection.getresponse()
    return Reply.of(answer.status, answer.getheaders(), answer.read())


def test_callers_that_take_every_connection_leave_the_service_its_files(tmp_path: Path) -> None:
    serving = Limited(tmp_path, "--workers", "1", "--no-access-log")
    try:
        (worker,) = serving.workers()
        kept = HTTPConnection("127.0.0.1", serving.port, timeout=30)
        assert asked(kept, "GET", "/healthz").status == 200
        with held(serving, FILES):
            _await(lambda: "connections_not_accepted" in serving.log())
            for path in ("/admin/", "/readyz", "/metrics", "/v1/events/unknown/usage"):
                assert asked(kept, "GET", path).status in (200, 404), path  # each opens files of its own
            body = b'{"schema": "{\\"type\\": \\"string\\"}"}'
            assert asked(kept, "POST", "/v1/events/while.Full/versions", body).status == 201
            assert len(list(Path(f"/proc/{worker}/fd").iterdir())) < FILES
        assert serving.call("POST", "/v1/events/after/versions", {"schema": record("a")}).status == 201
        assert serving.call("GET", "/v1/events/while.Full/versions/latest").status == 200
        assert serving.workers() == [worker]
        assert serving.log().count("connections_not_accepted") == 1
        assert "Too many open files" not in serving.log()
    finally:
        serving.stop()


def _await(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not holds():
        assert time.monotonic() < deadline, "waited for nothing"
        time.sleep(0.02)
