"""The proxy over real TCP: what a client sees for each fault, and that it changes while it runs."""

import time
from collections.abc import Iterator
from wsgiref.types import StartResponse, WSGIEnvironment

import httpx2
import pytest

from moorings.testing import Answer, BlackHole, FaultProxy, Latency, Pass, Reset, Truncate, served

BODY = b"0123456789" * 100


def application(environ: WSGIEnvironment, start: StartResponse) -> Iterator[bytes]:
    """Answer with a long body, or with what was sent."""
    sent = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    start("200 OK", [("Content-Type", "text/plain"), ("Content-Length", str(len(sent or BODY)))])
    yield sent or BODY


@pytest.fixture
def proxy() -> Iterator[FaultProxy]:
    with served(application) as url, FaultProxy(url) as standing:
        yield standing


@pytest.fixture
def client(proxy: FaultProxy) -> Iterator[httpx2.Client]:
    with httpx2.Client(base_url=proxy.url, timeout=5) as connected:
        yield connected


def test_without_a_fault_everything_passes(client: httpx2.Client, proxy: FaultProxy) -> None:
    assert client.get("/a").content == BODY
    assert client.post("/a", content=b"x" * 100_000).content == b"x" * 100_000
    assert client.post("/a", content=iter([b"in ", b"chunks"])).status_code == 200
    assert proxy.requests == 3


def test_latency_delays_the_response(client: httpx2.Client, proxy: FaultProxy) -> None:
    proxy.fault = Latency(0.2)
    before = time.monotonic()
    assert client.get("/a").content == BODY
    assert time.monotonic() - before >= 0.2
    with pytest.raises(httpx2.ReadTimeout):
        client.get("/a", timeout=0.05)


def test_a_reset_cuts_the_connection(client: httpx2.Client, proxy: FaultProxy) -> None:
    proxy.fault = Reset()
    with pytest.raises((httpx2.ReadError, httpx2.RemoteProtocolError)):
        client.get("/a")


def test_a_black_hole_never_responds_and_is_closed_by_stop(client: httpx2.Client, proxy: FaultProxy) -> None:
    proxy.fault = BlackHole()
    with pytest.raises(httpx2.ReadTimeout):
        client.get("/a", timeout=0.1)


@pytest.mark.parametrize("after_bytes", [None, 0, 10])
def test_truncation_in_the_middle_of_a_body(client: httpx2.Client, proxy: FaultProxy, after_bytes: int | None) -> None:
    proxy.fault = Truncate(after_bytes)
    with pytest.raises(httpx2.RemoteProtocolError, match=r"(?i)incomplete|without sending complete"):
        client.get("/a")


def test_the_proxy_responds_in_place_of_the_server(client: httpx2.Client, proxy: FaultProxy) -> None:
    proxy.fault = Answer(429, retry_after_s=7, body=b"later", headers=(("X-Told", "yes"),))
    answer = client.get("/a")
    assert (answer.status_code, answer.headers["Retry-After"], answer.content) == (429, "7", b"later")
    assert answer.headers["X-Told"] == "yes"
    proxy.fault = Answer(503)
    assert client.get("/a").status_code == 503


def test_faults_change_while_it_runs(client: httpx2.Client, proxy: FaultProxy) -> None:
    proxy.once(Answer(500), times=2)
    assert [client.get("/a").status_code for _ in range(3)] == [500, 500, 200]
    with proxy.during(Answer(502)):
        assert client.get("/a").status_code == 502
        assert proxy.fault == Answer(502)
    assert proxy.fault == Pass()
    assert client.get("/a").status_code == 200


def test_an_unreachable_server_is_a_reset() -> None:
    with served(application) as url:
        pass
    with FaultProxy(url) as proxy, pytest.raises((httpx2.ReadError, httpx2.RemoteProtocolError)):
        httpx2.get(proxy.url, timeout=5)


def test_only_http_urls_are_accepted() -> None:
    with pytest.raises(ValueError, match="http://"):
        FaultProxy("https://registry.example")
